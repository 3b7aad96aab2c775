from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceMeeting(models.AbstractModel):
    """Meetings, one fact per invited customer; those in the future are there already, with their date."""

    _name = "crm.warehouse.source.meeting"
    _inherit = ["crm.warehouse.source"]
    _description = "Meetings"
    _fact = "crm.fact.interaction"
    _reads = "calendar.attendee"
    _sequence = 61

    def _key(self):
        return SQL("attendee.id")

    def _company(self):
        return SQL("COALESCE(organizer.company_id, author.company_id)")

    def _from(self):
        return SQL(
            """
            calendar_attendee attendee
            JOIN calendar_event event ON event.id = attendee.event_id
            LEFT JOIN res_users organizer ON organizer.id = event.user_id
            LEFT JOIN res_users author ON author.id = event.create_uid
            LEFT JOIN crm_lead lead ON lead.id = event.opportunity_id
            %s
            """,
            self._party_from(SQL("attendee.partner_id")),
        )

    def _where(self):
        # colleagues and declined invitations are no contact with a customer
        return SQL(
            """
            event.active AND attendee.state <> 'declined'
            AND NOT EXISTS (SELECT FROM res_users u WHERE u.partner_id = attendee.partner_id AND u.share IS FALSE)
            """
        )

    def _watermark_columns(self):
        return [SQL("attendee.write_date"), SQL("event.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            "kind": SQL("'meeting'"),
            "direction": SQL("'both'"),
            "channel": SQL("'meeting'"),
            "duration": SQL("event.duration"),
            "document_name": SQL("event.name"),
            "document_model": SQL("'calendar.event'"),
            "document_id": SQL("event.id"),
            "date": self._local_date(SQL("event.start")),
            "date_time": SQL("event.start"),
            "user_id": SQL("event.user_id"),
            "team_id": SQL("lead.team_id"),
        }
