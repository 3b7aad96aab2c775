from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceOpportunity(models.AbstractModel):
    """Opportunities that are won or lost; one that is opened again has no outcome any more."""

    _name = "crm.warehouse.source.opportunity"
    _inherit = ["crm.warehouse.source"]
    _description = "Opportunities"
    _fact = "crm.fact.opportunity"
    _reads = "crm.lead"
    _sequence = 40
    _control = "amount_company"

    def _key(self):
        return SQL("lead.id")

    def _company(self):
        # an opportunity may have no company: then it belongs to that of its team, seller or author
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
        return SQL("lead.type = 'opportunity' AND lead.won_status IN ('won', 'lost')")

    def _watermark_columns(self):
        return [SQL("lead.write_date")]

    def _select(self):
        closed = SQL("COALESCE(lead.date_closed, lead.date_last_stage_update, lead.create_date)")
        revenue = SQL("COALESCE(lead.expected_revenue, 0)")
        amount = SQL("COALESCE(NULLIF(lead.opportunity_amount, 0), %s)", revenue)
        return {
            **self._party_select(),
            **self._utm_select("lead"),
            "document_name": SQL("lead.name"),
            "lead_id": SQL("lead.id"),
            "outcome": SQL("lead.won_status"),
            "lost_reason_id": SQL("CASE WHEN lead.won_status = 'lost' THEN lead.lost_reason_id END"),
            "date": self._local_date(closed),
            "date_created": self._local_date(SQL("lead.create_date")),
            "days_to_close": SQL("GREATEST(0, %s::date - lead.create_date::date)", closed),
            "user_id": SQL("lead.user_id"),
            "team_id": SQL("lead.team_id"),
            "amount": amount,
            "amount_company": revenue,
            "currency_id": SQL("COALESCE(lead.opportunity_currency_id, scope.currency_id)"),
            "currency_rate": SQL("COALESCE(%s / NULLIF(%s, 0), 1)", amount, revenue),
        }
