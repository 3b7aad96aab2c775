from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date, format_list

from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one

# a change of the value below this, in percent, is no reason for a move: the others moved
SAME_PCT = 5


class CrmPyramidSnapshot(models.Model):
    """The place of a member in a pyramid in a month: a narrow row, with his place of the month before.

    Rows of employees are kept here as well, and read in ``crm.employee.figure`` only: a rule without a group, which
    no other widens, closes them here for everybody.
    """

    _name = "crm.pyramid.snapshot"
    _inherit = ["crm.decision.source.mixin", "crm.pyramid.figure.mixin"]
    _description = "Customer in a Value Pyramid"
    _log_access = False
    _order = "period desc, rank, value desc, partner_id"
    _rec_name = "partner_id"

    pyramid_id = FactMany2one(comodel_name="crm.pyramid", required=True, readonly=True)
    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    partner_id = FactMany2one(comodel_name="res.partner", string="Member", required=True, readonly=True)
    owner_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    tier_id = FactMany2one(comodel_name="crm.tier", required=True, readonly=True)
    rank = fields.Integer(string="Layer", readonly=True, aggregator=None, help="0 is the top of the pyramid.")
    value = KnownFloat(
        readonly=True, help="Measure of the pyramid, in the currency of the company; of active customers."
    )
    previous_tier_id = FactMany2one(comodel_name="crm.tier", string="Tier Before", readonly=True)
    previous_rank = fields.Integer(string="Layer Before", readonly=True, aggregator=None)
    previous_value = KnownFloat(
        string="Value Before", readonly=True, help="Value of the month before that was counted."
    )
    movement = fields.Selection(
        selection=[("rose", "Rose"), ("fell", "Fell"), ("stayed", "Stayed"), ("new", "New")],
        readonly=True,
        help="Compared with the month before that was counted.",
    )
    is_alerted = fields.Boolean(readonly=True, help="His fall was reported to whoever looks after him.")
    change = KnownFloat(compute="_compute_reason", help="Value - value before.")
    reason = fields.Char(compute="_compute_reason", help="Which number moved him.")

    _customer_uniq = models.UniqueIndex(
        "(partner_id, company_id, pyramid_id, period)", "This customer is in the pyramid already."
    )
    _month_idx = models.Index("(company_id, pyramid_id, period)")

    @api.depends_context("lang")
    def _compute_reason(self):
        roles = self._get_roles()
        for row in self:
            is_known = row.value is not False and row.previous_value is not False
            row.change = row.value - row.previous_value if is_known else False
            row.reason = row.movement in ("rose", "fell") and self._get_reason(
                row.pyramid_id,
                row.company_id.currency_id,
                (roles.get((row.pyramid_id, row.previous_tier_id)), row.previous_value),
                (roles.get((row.pyramid_id, row.tier_id)), row.value),
            )

    def _get_roles(self):
        return {(line.pyramid_id, line.tier_id): line.role for line in self.pyramid_id.line_ids}

    @api.model
    def _get_reason(self, pyramid, currency, before, now):
        """Return the sentence why a customer moved.

        :param before, now: pairs of role and value
        """
        (role_before, value_before), (role, value) = before, now
        values = {
            "measure": pyramid._get_measure_label(),
            "months": pyramid.window_months,
            "before": format_amount(self.env, value_before or 0.0, currency),
            "now": format_amount(self.env, value or 0.0, currency),
        }
        if role == "inactive":
            return self.env._("Nothing bought for %(months)s months; %(measure)s before: %(before)s.", **values)
        if role != "active":
            return self.env._("No longer counted as a customer who bought.")
        if role_before == "inactive":
            return self.env._("Bought again: %(measure)s %(now)s.", **values)
        if role_before != "active":
            return self.env._("First purchase: %(measure)s %(now)s.", **values)
        return self._get_change_reason(value_before or 0.0, value or 0.0, values)

    def _get_change_reason(self, before, now, values):
        change = 100 * (now - before) / abs(before) if before else None
        if change is None:
            return self.env._("%(measure)s from %(before)s to %(now)s.", **values)
        values["change"] = f"{change:+.0f}"
        if abs(change) < SAME_PCT:
            return self.env._(
                "%(measure)s nearly the same (%(before)s, now %(now)s): the customers around him moved.", **values
            )
        return self.env._("%(measure)s from %(before)s to %(now)s (%(change)s %%).", **values)

    @api.model
    def _erase(self, partners):
        """Delete the places of customers, of all companies and months, and the tiers that follow from them."""
        self.env.execute_query(
            SQL("DELETE FROM crm_pyramid_snapshot WHERE partner_id = ANY(%s) RETURNING id", partners.ids)
        )
        self.invalidate_model()
        stays = self.env["crm.tier.assignment"]
        stays.search([("partner_id", "in", partners.ids), ("source", "=", "pyramid")]).unlink()

    def _get_decision_name(self):
        return self.env._("%(count)s customers: %(tiers)s", count=len(self), tiers=self._get_tier_names())

    def _get_tier_names(self):
        return format_list(self.env, self.tier_id.mapped("name"))

    def _get_decision_finding(self):
        values = {
            "count": len(self),
            "tiers": self._get_tier_names(),
            "month": format_date(self.env, max(self.mapped("period")), date_format="MMMM y"),
            "measure": self.pyramid_id[:1]._get_measure_label(),
            "value": format_amount(self.env, sum(row.value or 0.0 for row in self), self.currency_id[:1]),
            "fell": len(self.filtered(lambda row: row.movement == "fell")),
        }
        return self.env._(
            "%(count)s customers of %(tiers)s in %(month)s: %(measure)s %(value)s; %(fell)s of them fell.", **values
        )

    def action_open_partner(self):
        """Show the customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [[False, "form"]],
        }

    def action_create_segment(self):
        """Make a list of the customers of the chosen rows, or of all rows of the list, and open it."""
        rows = self or self.search(self.env.context.get("active_domain") or [("id", "in", [])])
        tiers = rows._get_tier_names()
        day = format_date(self.env, rows[:1].period, date_format="MMMM y")
        name = self.env._("%(tiers)s, %(month)s", tiers=tiers, month=day)
        company = rows.company_id[:1] or self.env.company
        return self.env["crm.segment"]._create_from_partners(name, rows.partner_id, company)._get_form_action()
