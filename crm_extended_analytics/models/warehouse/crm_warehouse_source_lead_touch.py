from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceLeadTouch(models.AbstractModel):
    """Leads and opportunities that a campaign, medium or source brought."""

    _name = "crm.warehouse.source.lead.touch"
    _inherit = ["crm.warehouse.source"]
    _description = "Campaign Touches of Leads"
    _fact = "crm.fact.touch"
    _reads = "crm.lead"
    _sequence = 50

    def _key(self):
        return SQL("lead.id")

    def _company(self):
        return SQL("COALESCE(lead.company_id, team.company_id, seller.company_id, author.company_id)")

    def _from(self):
        return SQL(
            """
            crm_lead lead
            LEFT JOIN crm_team team ON team.id = lead.team_id
            LEFT JOIN res_users seller ON seller.id = lead.user_id
            LEFT JOIN res_users author ON author.id = lead.create_uid
            """
        )

    def _lookups(self):
        return self._party_from(SQL("lead.partner_id"))

    def _where(self):
        return SQL("COALESCE(lead.campaign_id, lead.medium_id, lead.source_id) IS NOT NULL")

    def _watermark_columns(self):
        return [SQL("lead.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            **self._utm_select("lead"),
            "kind": SQL("'lead'"),
            "direction": SQL("'in'"),
            "channel": SQL("'lead'"),
            "is_conversion": SQL("FALSE"),
            "document_name": SQL("lead.name"),
            "document_model": SQL("'crm.lead'"),
            "document_id": SQL("lead.id"),
            "date": self._local_date(SQL("lead.create_date")),
            "date_time": SQL("lead.create_date"),
            "user_id": SQL("lead.user_id"),
            "team_id": SQL("lead.team_id"),
        }
