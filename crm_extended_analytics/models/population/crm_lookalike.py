from odoo import api, fields, models

from ..warehouse.fact_fields import FactMany2one


class CrmLookalike(models.Model):
    """A prospect, who has bought nothing yet, and how much he resembles the best customers."""

    _name = "crm.lookalike"
    _inherit = ["crm.population.row.mixin"]
    _description = "Look-Alike"
    _log_access = False
    _order = "period desc, likeness_pct desc, id"
    _keeps_months = False

    partner_id = FactMany2one(comodel_name="res.partner", string="Contact", readonly=True)
    lead_id = FactMany2one(comodel_name="crm.lead", string="Lead", readonly=True, help="A lead without a contact.")
    name = fields.Char(readonly=True)
    user_id = FactMany2one(
        comodel_name="res.users", string="Salesperson", readonly=True, help="Of the contact or the lead, at the run."
    )
    country_id = FactMany2one(comodel_name="res.country", readonly=True)
    industry_id = FactMany2one(comodel_name="res.partner.industry", readonly=True)
    likeness_pct = fields.Float(
        string="Likeness (%)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Probability that a customer with these attributes is one of the best tenth: 10 % x what each attribute "
        "says (naive Bayes). 10 is nothing known for or against.",
    )
    interaction_count = fields.Integer(
        string="Interactions", readonly=True, help="Messages, meetings and activities with him so far."
    )
    reasons = fields.Json(readonly=True)
    reasons_text = fields.Text(string="Because", compute="_compute_reasons_text")

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_reasons_text(self):
        """Say what speaks for him, the strongest first, and then against him."""
        names = self._get_value_names()
        for row in self:
            row.reasons_text = "\n".join(
                row._render_reason(attribute, names.get((attribute, value), value), best, everybody)
                for attribute, value, best, everybody in row.reasons or []
            )

    def _get_value_names(self):
        """Return ``{(attribute, id): name}`` in the reader's language, with one read per model."""
        models_ = self.env["crm.population.report.lookalike"]._get_models()
        names = {}
        for attribute, model in models_.items():
            ids = {reason[1] for row in self for reason in row.reasons or [] if reason[0] == attribute}
            # `sudo`: the names of countries, industries, sources and tags are no secret
            names |= {
                (attribute, record.id): record.display_name for record in self.env[model].sudo().browse(ids).exists()
            }
        return names

    def _render_reason(self, attribute, name, best, everybody):
        numbers = {"name": name, "best": round(best), "all": round(everybody)}
        if attribute == "industry":
            return self.env._(
                "Industry %(name)s: %(best)s %% of the best customers, against %(all)s %% of all.", **numbers
            )
        if attribute == "country":
            return self.env._(
                "Country %(name)s: %(best)s %% of the best customers, against %(all)s %% of all.", **numbers
            )
        if attribute == "source":
            return self.env._(
                "Source %(name)s: %(best)s %% of the best customers, against %(all)s %% of all.", **numbers
            )
        if attribute == "tag":
            return self.env._("Tag %(name)s: %(best)s %% of the best customers, against %(all)s %% of all.", **numbers)
        if name:
            return self.env._("A company: %(best)s %% of the best customers, against %(all)s %% of all.", **numbers)
        return self.env._("A person: %(best)s %% of the best customers, against %(all)s %% of all.", **numbers)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_prospect(self):
        """Open the contact or the lead."""
        self.ensure_one()
        return self._get_form_action(self._get_prospect())

    def action_make_opportunity(self):
        """Make an opportunity of the prospect, or show the open one that there is."""
        self.ensure_one()
        lead = self.lead_id
        if self.partner_id:
            domain = [("partner_id.commercial_partner_id", "=", self.partner_id.id), ("won_status", "=", "pending")]
            lead = self.env["crm.lead"].search(domain, limit=1) or self.env["crm.lead"].create(
                {
                    "name": self.env._("%(name)s: like our best customers", name=self.partner_id.display_name),
                    "partner_id": self.partner_id.id,
                    "type": "opportunity",
                    "company_id": self.company_id.id,
                    "user_id": self.partner_id.user_id.id or self.env.uid,
                    "description": self.reasons_text,
                }
            )
        elif lead.type == "lead":
            lead.convert_opportunity(lead.partner_id)
        return self._get_form_action(lead)

    def action_plan_activity(self):
        """Plan a to-do for today on each prospect, for his salesperson or the user, and stay in the list."""
        for row in self:
            row._get_prospect().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Resembles our best customers"),
                note=row.reasons_text,
                user_id=row._get_prospect().user_id.id or self.env.uid,
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": self.env._("Planned %(count)s activities.", count=len(self))},
        }

    def _get_prospect(self):
        return self.partner_id or self.lead_id

    def _get_form_action(self, record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
        }
