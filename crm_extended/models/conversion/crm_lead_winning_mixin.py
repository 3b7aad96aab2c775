from odoo import models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL

from .crm_conversion_policy_mixin import NEUTRAL_POLICIES, POLICY_FEATURES
from .order_states import OPEN_STATES, ORDERED_STATE

# Context key with the ids of the opportunities whose win is under way: a win confirms quotations and a confirmation
# wins opportunities, so each side must know what the other has begun.
WINNING_KEY = "crm_winning_opportunity_ids"


class CrmLeadWinningMixin(models.AbstractModel):
    """Winning an opportunity confirms its quotation (policy ``crm_win_policy``)."""

    _name = "crm.lead.winning.mixin"
    _description = "Opportunity That Wins with Its Quotation"

    # ------------------------------------------------------------
    # Policies
    # ------------------------------------------------------------

    def _get_conversion_company(self):
        """Company whose policies hold for this opportunity."""
        self.ensure_one()
        return self.company_id or self.team_id.company_id or self.env.company

    def _get_conversion_policy(self, name, company=None):
        """Value of policy `name` in force here: the team's own, else the company's.

        :param str name: one of the fields of ``crm.conversion.policy.mixin``
        :param company: company of the document that asks, when the opportunity belongs to all companies
        """
        self.ensure_one()
        company = self.company_id or company or self._get_conversion_company()
        if not company._has_feature(POLICY_FEATURES[name]):
            return NEUTRAL_POLICIES[name]
        return self.team_id[name] or company[name]

    # ------------------------------------------------------------
    # Winning
    # ------------------------------------------------------------

    def _with_winning(self):
        """Same records, marked as being won: what follows must not win or convert them a second time."""
        winning = set(self.env.context.get(WINNING_KEY, ())) | set(self.ids)
        return self.with_context(**{WINNING_KEY: tuple(winning)})

    def _filter_to_convert(self):
        """Opportunities among `self` whose quotations are to be confirmed when they are won."""
        winning = self.env.context.get(WINNING_KEY, ())
        return self.filtered(
            lambda lead: (
                lead.type == "opportunity"
                and lead.won_status != "won"
                and lead.id not in winning
                and lead._get_conversion_policy("crm_win_policy") == "confirm"
            )
        )

    def _filter_entering_won(self, vals):
        """Opportunities among `self` that writing `vals` wins and whose quotations must be converted with it."""
        stage = self.env["crm.stage"].browse(vals.get("stage_id") or [])
        return self._filter_to_convert() if stage.is_won else self.browse()

    def _check_created_won(self):
        """An opportunity that is created as won, by an import for example, has no quotation yet."""
        to_check = self.filtered(
            lambda lead: lead.type == "opportunity" and lead._get_conversion_policy("crm_win_policy") == "confirm"
        )
        if to_check:
            to_check._check_has_quotation(to_check._get_quotations_by_lead())

    def _lock_for_conversion(self):
        """Make concurrent wins of the same opportunity wait for each other.

        The one that comes second fails to serialize; Odoo runs its request again, and it then finds the opportunity
        won. `lock_for_update` will not do: it refuses at once, and a double click would show an error.
        """
        self.env.execute_query(
            SQL(
                "SELECT id FROM crm_lead WHERE id IN %(ids)s ORDER BY id FOR NO KEY UPDATE",
                ids=tuple(self.ids),
            )
        )

    def _get_quotations_by_lead(self, states=OPEN_STATES):
        """Orders of each opportunity in one of `states`, as ``{lead: orders}``.

        All of them, also those that the user may not see: a quotation of a colleague decides as well whether there
        is one to confirm or a choice to make. Nothing of them is shown; confirming checks the user's own rights.
        """
        orders_by_lead = dict.fromkeys(self, self.env["sale.order"])
        groups = (
            # sudo: see the docstring
            self.env["sale.order"]
            .sudo()
            ._read_group(
                [("opportunity_id", "in", self.ids), ("state", "in", states)],
                ["opportunity_id"],
                ["id:recordset"],
            )
        )
        for lead, orders in groups:
            orders_by_lead[self.browse(lead.id)] = orders.sudo(False)
        return orders_by_lead

    def _convert_quotations(self, stage_id=None):
        """Confirm the one open quotation of each of these opportunities, which are about to be won.

        :param int stage_id: the won stage they are to enter, kept for the dialog
        :raise RedirectWarning: one of them has several open quotations; the warning opens the dialog that asks
        :raise UserError: one of them has none where the policy wants one, or its quotation cannot be converted
        """
        self._lock_for_conversion()
        quotations_by_lead = self._get_quotations_by_lead()
        self._check_choice_made(quotations_by_lead, stage_id)
        self._check_has_quotation(quotations_by_lead)
        quotations = self.env["sale.order"].union(*quotations_by_lead.values())
        if quotations:
            quotations._confirm_for_won_opportunity(self)

    def _check_choice_made(self, quotations_by_lead, stage_id):
        undecided = self.filtered(lambda lead: len(quotations_by_lead[lead]) > 1)
        if not undecided:
            return
        raise RedirectWarning(
            self.env._(
                "%(opportunities)s cannot be won yet: several quotations are open. Choose which of them are won.",
                opportunities=", ".join(undecided.mapped("name")),
            ),
            self.env.ref("crm_extended.crm_conversion_decision_action").id,
            self.env._("Choose quotations"),
            {"default_lead_ids": undecided.ids, "default_stage_id": stage_id},
        )

    def _check_has_quotation(self, quotations_by_lead):
        without = self.filtered(
            lambda lead: (
                not quotations_by_lead[lead] and lead._get_conversion_policy("crm_win_without_quotation") == "refuse"
            )
        )
        if not without:
            return
        ordered = without._get_quotations_by_lead((ORDERED_STATE,))
        without = without.filtered(lambda lead: not ordered[lead])
        if without:
            raise UserError(
                self.env._(
                    "%(opportunities)s cannot be won without a quotation. Make a quotation first, or mark the "
                    "opportunity as lost.",
                    opportunities=", ".join(without.mapped("name")),
                )
            )

    def _serialize_decision(self):
        """Make two quotations that are confirmed at once see each other where it takes both to win.

        Neither sees the other's confirmation in its own snapshot; that both touch the opportunity makes the second
        fail to serialize, and Odoo runs it again.
        """
        deciding = self.filtered(
            lambda lead: (
                lead.won_status != "won"
                and lead._get_conversion_policy("crm_confirm_policy", lead.order_ids.company_id[:1]) in ("last", "all")
            )
        )
        if deciding:
            self.env.execute_query(
                SQL("UPDATE crm_lead SET id = id WHERE id IN %(ids)s RETURNING id", ids=tuple(deciding.ids))
            )

    def _is_won_by_orders(self, company):
        """Whether the quotations of this opportunity, of which one was just confirmed, win it by its policy.

        :param company: company of the confirmed order
        """
        self.ensure_one()
        policy = self._get_conversion_policy("crm_confirm_policy", company)
        if policy == "all":
            return all(order.state == ORDERED_STATE for order in self.order_ids)
        if policy == "last":
            return not any(order.state in OPEN_STATES and not order.is_expired for order in self.order_ids)
        return policy == "first"

    def _get_decision_action(self):
        """Dialog that asks which quotations of this opportunity are won, or False when there is nothing to ask."""
        self.ensure_one()
        if not self._filter_to_convert() or len(self._get_quotations_by_lead()[self]) < 2:
            return False
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended.crm_conversion_decision_action")
        return {**action, "context": {"default_lead_ids": self.ids}}
