from odoo import api, fields, models

from ..conversion.crm_lead_amount_mixin import COMPUTED_KEY


class CrmLead(models.Model):
    """Opportunity of Odoo; what the mixins add is called from here, and only here."""

    _name = "crm.lead"
    _inherit = [
        "crm.lead",
        "crm.lead.winning.mixin",
        "crm.lead.lost.proposal.mixin",
        "crm.lead.amount.mixin",
        "crm.lead.tier.mixin",
        "crm.roadmap.features.mixin",
    ]

    # the default of Odoo, 0, would stand in the way of the compute
    expected_revenue = fields.Monetary(
        compute="_compute_opportunity_amount",
        store=True,
        readonly=False,
        default=None,
        help="Value of the deal in company currency. From quotations: each untaxed total at the rate of its own date. "
        "Typed in another currency: converted at today's rate while the deal is open.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = self._prepare_tier_owners([self._prepare_created_amount(vals) for vals in vals_list])
        leads = super().create(vals_list)
        for lead, vals in zip(leads, vals_list, strict=True):
            lead._align_amounts([name for name, value in vals.items() if value])
        leads.filtered(lambda lead: lead.won_status == "won")._check_created_won()
        return leads

    def write(self, vals):
        entering_won = self._filter_entering_won(vals)
        if entering_won:
            entering_won._convert_quotations(vals["stage_id"])
        typed = self._flag_typed_amount(vals)
        if typed is not vals and all(lead._is_in_company_currency() for lead in self):
            typed = self._mirror_typed_amount(typed)
        result = super(CrmLead, self._with_winning() if entering_won else self).write(typed)
        self._align_amounts(vals)
        if "stage_id" in vals or "active" in vals:
            closed = self.filtered(lambda lead: lead.lost_proposal and lead.won_status != "pending")
            closed._withdraw_lost_proposal()
        return result

    def _prepare_created_amount(self, vals):
        """`vals` of create with the amount flagged as typed, and given to both fields where they are the same."""
        if not (vals.get("expected_revenue") or vals.get("opportunity_amount")):
            # a form sends a zero that nobody typed
            return vals
        vals = self._flag_typed_amount(vals)
        return vals if vals.get("opportunity_currency_id") else self._mirror_typed_amount(vals)

    def action_set_won(self):
        """Convert the quotations where the policy says so; an opportunity that was won meanwhile is left alone."""
        leads = self - self.filtered(
            lambda lead: lead.won_status == "won" and lead._get_conversion_policy("crm_win_policy") == "confirm"
        )
        return super(CrmLead, leads).action_set_won() if leads else True

    def action_set_won_rainbowman(self):
        return self._get_decision_action() or super().action_set_won_rainbowman()

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "opportunity_currency_id", "opportunity_amount", "amount_source"]

    def _merge_opportunity(self, *args, **kwargs):
        # the merged amount is taken over from one of the opportunities, nobody typed it
        return super(CrmLead, self.with_context(**{COMPUTED_KEY: True}))._merge_opportunity(*args, **kwargs)

    def _update_revenues_from_so(self, order):
        """Odoo raises the expected revenue with a confirmed order; where the amount follows, or was typed, it stays."""
        # sudo: the figure follows from the order, also where the opportunity is a colleague's
        leads = self.sudo().filtered(lambda lead: not lead.has_amount_policy)
        leads = leads.with_context(**{COMPUTED_KEY: True})
        return super(CrmLead, leads)._update_revenues_from_so(order)
