from odoo import api, fields, models
from odoo.exceptions import AccessError

COMPANY_FIELDS = ("name", "street", "city", "zip", "country_id", "phone", "email", "website", "vat")
POLICY_FIELDS = (
    "crm_win_policy",
    "crm_win_without_quotation",
    "crm_confirm_policy",
    "crm_lost_policy",
    "crm_amount_policy",
)


class CrmRoadmapSetup(models.TransientModel):
    """First steps of an implementer who may not open the company itself: its address and its policies."""

    _name = "crm.roadmap.setup"
    _inherit = ["crm.conversion.policy.mixin"]
    _description = "First Steps: Company and Policies"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    name = fields.Char(string="Company Name", required=True)
    street = fields.Char()
    city = fields.Char()
    zip = fields.Char()
    country_id = fields.Many2one(comodel_name="res.country")
    phone = fields.Char()
    email = fields.Char()
    website = fields.Char()
    vat = fields.Char(string="Tax ID")

    @api.model
    def default_get(self, fields_list):
        company = self.env.company
        values = {name: company[name] for name in (*COMPANY_FIELDS, *POLICY_FIELDS) if name in fields_list}
        values["country_id"] = company.country_id.id
        return super().default_get(fields_list) | values

    def action_save(self):
        """Write what was changed to the company."""
        self.ensure_one()
        if not self.env.user.has_group("crm_extended.crm_extended_group_implementer"):
            raise AccessError(self.env._("Companies are set up by implementers. Ask one of them."))
        company = self.env.company
        values = {name: self[name] for name in (*COMPANY_FIELDS, *POLICY_FIELDS)}
        values["country_id"] = self.country_id.id
        # `sudo`: an implementer decides about these fields of the company he works in, and about no other
        company.sudo().write(
            {name: value for name, value in values.items() if value != self._get_present(company, name)}
        )
        return {"type": "ir.actions.act_window_close"}

    def _get_present(self, company, name):
        return company.country_id.id if name == "country_id" else company[name]

    def _get_leads_under_policy(self):
        # the wizard itself moves no deal: the company that it writes to does
        return self.env["crm.lead"]
