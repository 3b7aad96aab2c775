from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceMailing(models.AbstractModel):
    """Sent mailings, one fact per recipient, where Email Marketing is installed."""

    _name = "crm.warehouse.source.mailing"
    _inherit = ["crm.warehouse.source"]
    _description = "Mailings"
    _fact = "crm.fact.touch"
    _reads = "mailing.trace"
    _needs = ("mailing.mailing",)
    _sequence = 52

    def _key(self):
        return SQL("trace.id")

    def _company(self):
        return SQL("COALESCE(sender.company_id, author.company_id)")

    def _from(self):
        return SQL(
            """
            mailing_trace trace
            JOIN mailing_mailing mailing ON mailing.id = trace.mass_mailing_id
            LEFT JOIN utm_source mailing_source ON mailing_source.id = mailing.source_id
            LEFT JOIN res_users sender ON sender.id = mailing.user_id
            LEFT JOIN res_users author ON author.id = trace.create_uid
            LEFT JOIN crm_lead lead ON trace.model = 'crm.lead' AND lead.id = trace.res_id
            LEFT JOIN sale_order o ON trace.model = 'sale.order' AND o.id = trace.res_id
            %s
            """,
            self._party_from(
                SQL(
                    "COALESCE(CASE WHEN trace.model = 'res.partner' THEN trace.res_id END,"
                    " lead.partner_id, o.partner_id)"
                )
            ),
        )

    def _where(self):
        return SQL("trace.sent_datetime IS NOT NULL AND trace.is_test_trace IS NOT TRUE AND p.id IS NOT NULL")

    def _watermark_columns(self):
        return [SQL("trace.write_date"), SQL("lead.write_date"), SQL("o.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            "campaign_id": SQL("trace.campaign_id"),
            "medium_id": SQL("mailing.medium_id"),
            "source_id": SQL("mailing.source_id"),
            "kind": SQL("'mailing'"),
            "direction": SQL("'out'"),
            "channel": SQL("trace.trace_type"),
            "is_conversion": SQL("FALSE"),
            "is_opened": SQL("trace.open_datetime IS NOT NULL"),
            "is_clicked": SQL("trace.links_click_datetime IS NOT NULL"),
            "is_replied": SQL("trace.reply_datetime IS NOT NULL"),
            "document_name": SQL("mailing_source.name"),
            "document_model": SQL("'mailing.mailing'"),
            "document_id": SQL("mailing.id"),
            "date": self._local_date(SQL("trace.sent_datetime")),
            "date_time": SQL("trace.sent_datetime"),
            "user_id": SQL("mailing.user_id"),
        }
