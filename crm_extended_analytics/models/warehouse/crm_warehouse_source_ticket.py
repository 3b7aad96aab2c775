from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceTicket(models.AbstractModel):
    """Tickets of customers, where OCA's helpdesk_mgmt is installed."""

    _name = "crm.warehouse.source.ticket"
    _inherit = ["crm.warehouse.source"]
    _description = "Tickets"
    _fact = "crm.fact.service"
    _reads = "helpdesk.ticket"
    _needs = ("helpdesk.ticket:number", "helpdesk.ticket:closed_date", "helpdesk.ticket:partner_id")
    _sequence = 81

    def _key(self):
        return SQL("ticket.id")

    def _company(self):
        return SQL("COALESCE(ticket.company_id, author.company_id)")

    def _from(self):
        return SQL(
            "helpdesk_ticket ticket LEFT JOIN res_users author ON author.id = ticket.create_uid %s",
            self._party_from(SQL("ticket.partner_id")),
        )

    def _where(self):
        return SQL("ticket.active AND p.id IS NOT NULL")

    def _watermark_columns(self):
        return [SQL("ticket.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            "kind": SQL("'ticket'"),
            "direction": SQL("'in'"),
            "channel": SQL("'ticket'"),
            "document_name": SQL("ticket.number"),
            "document_model": SQL("'helpdesk.ticket'"),
            "document_id": SQL("ticket.id"),
            "date": self._local_date(SQL("ticket.create_date")),
            "date_time": SQL("ticket.create_date"),
            "date_closed": SQL("ticket.closed_date::date"),
            "days_to_close": SQL("ticket.closed_date::date - ticket.create_date::date"),
            "user_id": SQL("ticket.user_id"),
        }
