from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..seven_p.known_float import KnownFloat

ACTIVITY_TYPE = "crm_extended_analytics.mail_activity_type_value_at_risk"
# which P explains why a customer may be lost
EXPLAINING = "crm.scoring.p.persistency"


class CrmValueAtRisk(models.Model):
    """Customers by what is lost when they leave: lifetime value x the probability that they have left.

    A view of the measures of the last scored month, beside the salesperson, the tier and the activities of today.
    """

    _name = "crm.value.at.risk"
    _inherit = ["crm.decision.source.mixin"]
    _description = "Value at Risk"
    _auto = False
    _order = "value_at_risk desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Salesperson", readonly=True)
    tier_id = fields.Many2one(comodel_name="crm.tier", readonly=True, help="Tier of the customer today.")
    period = fields.Date(string="Month", readonly=True)
    as_of = fields.Date(readonly=True, help="Day up to which facts were read.")
    value_at_risk = KnownFloat(
        string="Value at Risk", readonly=True, help="Lifetime value x (1 - P(alive)), in the currency of the company."
    )
    clv = KnownFloat(string="Lifetime Value", readonly=True, help="As in the measures of the customer.")
    loss_pct = KnownFloat(
        string="Lost (%)", readonly=True, aggregator="avg", help="100 x (1 - P(alive)): probability that he has left."
    )
    last_date = fields.Date(string="Last Purchase", readonly=True)
    rhythm_days = KnownFloat(
        string="Buys Every (Days)", readonly=True, aggregator="avg", help="Days between purchases."
    )
    days_late = KnownFloat(
        readonly=True, aggregator="avg", help="Days since the last purchase - days between purchases."
    )
    has_activity = fields.Boolean(
        string="Planned", readonly=True, help="An activity of the kind 'Value at risk' is open for the customer."
    )
    reason = fields.Text(compute="_compute_reason", help="Sentences of the persistency score.")

    @property
    def _table_query(self):
        activity_type = self.env.ref(ACTIVITY_TYPE, raise_if_not_found=False)
        return SQL(
            """
            SELECT measure.id, measure.company_id, measure.partner_id, customer.user_id, stay.tier_id, measure.period,
                   measure.as_of, measure.value_at_risk, measure.clv, 100 * (1 - measure.p_alive) AS loss_pct,
                   measure.last_date, measure.rhythm_days, measure.days_late,
                   EXISTS (SELECT FROM mail_activity activity
                            WHERE activity.res_model = 'res.partner' AND activity.res_id = measure.partner_id
                              AND activity.activity_type_id = %(type)s AND activity.active) AS has_activity
              FROM crm_customer_measure measure
              JOIN res_partner customer ON customer.id = measure.partner_id
              LEFT JOIN crm_tier_assignment stay ON stay.partner_id = measure.partner_id
                    AND stay.company_id = measure.company_id AND stay.date_to IS NULL
             WHERE measure.value_at_risk > 0
            """,
            type=activity_type.id if activity_type else None,
        )

    @api.depends_context("lang")
    def _compute_reason(self):
        explaining = self.env[EXPLAINING]
        rows = self.env.execute_query_dict(SQL("SELECT * FROM crm_customer_measure WHERE id = ANY(%s)", self.ids))
        rows = {row["id"]: row for row in rows}
        for risk in self:
            row = rows.get(risk.id)
            codes = explaining._explain(row) if row and row["recency_days"] is not None else []
            sentences = [explaining._render_explanation(code, numbers, risk.currency_id) for code, numbers in codes]
            risk.reason = "\n".join(sentences)

    @api.model
    def get_empty_list_help(self, help_message):
        """Add why the last scoring gives no probability, where the model was refused."""
        message = super().get_empty_list_help(help_message)
        # `sudo`: cards are for analysts; why the list is empty is for everybody who may open it
        card = (
            self.env["crm.scoring.model.card"]
            .sudo()
            .search([("company_id", "=", self.env.company.id), ("model", "=", "bg_nbd")], limit=1)
        )
        if not (card.is_refused and card.reason):
            return message
        return Markup("%s<p>%s</p>") % (Markup(message or ""), card.reason)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_plan_activities(self):
        """Give the salesperson of each selected customer an activity, unless one of the kind is open."""
        activity_type = self.env.ref(ACTIVITY_TYPE)
        model = self.env["ir.model"]._get("res.partner")
        waiting = self.filtered(lambda risk: not risk.has_activity)
        self.env["mail.activity"].create([risk._prepare_activity(activity_type, model) for risk in waiting])
        self.invalidate_model(["has_activity"])
        message = self.env._(
            "%(count)s activities planned; %(skipped)s customers had one already.",
            count=len(waiting),
            skipped=len(self) - len(waiting),
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _prepare_activity(self, activity_type, model):
        self.ensure_one()
        return {
            "res_model_id": model.id,
            "res_id": self.partner_id.id,
            "activity_type_id": activity_type.id,
            "summary": self.env._("Win back: %(value)s at risk", value=self.currency_id.format(self.value_at_risk)),
            "note": self.reason,
            "date_deadline": activity_type._get_date_deadline(),
            "user_id": (self.user_id or self.env.user).id,
        }

    def action_make_audience(self):
        """Make a mailing list of the selected customers, or show their contacts where there are no mailings."""
        partners = self.partner_id
        if "mailing.list" not in self.env:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Customers at risk"),
                "res_model": "res.partner",
                "views": [[False, "list"], [False, "form"]],
                "domain": [("id", "in", partners.ids)],
            }
        today = format_date(self.env, fields.Date.context_today(self))
        audience = self.env["mailing.list"].create(
            {
                "name": self.env._("Value at risk, %(day)s", day=today),
                "contact_ids": [
                    fields.Command.create({"name": partner.name, "email": partner.email})
                    for partner in partners
                    if partner.email
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": audience._name,
            "res_id": audience.id,
            "views": [[False, "form"]],
        }

    def _get_decision_name(self):
        return self.env._("Win back %(count)s customers at risk", count=len(self))

    def _get_decision_finding(self):
        return self.env._(
            "%(count)s customers with %(value)s at risk (lifetime value x the probability that they have left), as of "
            "%(day)s.",
            count=len(self),
            value=self.currency_id[:1].format(sum(self.mapped("value_at_risk"))),
            day=format_date(self.env, self[0].as_of),
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
