from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceOrderTouch(models.AbstractModel):
    """Orders that a campaign, medium or source brought; the confirmed ones are conversions."""

    _name = "crm.warehouse.source.order.touch"
    _inherit = ["crm.warehouse.source"]
    _description = "Campaign Touches of Orders"
    _fact = "crm.fact.touch"
    _reads = "sale.order"
    _sequence = 51

    def _key(self):
        return SQL("o.id")

    def _company(self):
        return SQL("o.company_id")

    def _from(self):
        return SQL("sale_order o")

    def _lookups(self):
        return self._party_from(SQL("o.partner_id"))

    def _where(self):
        return SQL("o.state <> 'cancel' AND COALESCE(o.campaign_id, o.medium_id, o.source_id) IS NOT NULL")

    def _watermark_columns(self):
        return [SQL("o.write_date")]

    def _select(self):
        rate = SQL("COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric")
        # few are in another currency and need the division, which takes time
        amount = SQL(
            "CASE WHEN o.currency_rate = 1 THEN o.amount_untaxed ELSE %s END",
            self._money(SQL("o.amount_untaxed / %s", rate)),
        )
        return {
            **self._party_select(),
            **self._utm_select("o"),
            "kind": SQL("'order'"),
            "direction": SQL("'in'"),
            "channel": SQL("'order'"),
            "is_conversion": SQL("o.state = 'sale'"),
            "amount_company": SQL("CASE WHEN o.state = 'sale' THEN %s END", amount),
            "currency_id": SQL("o.currency_id"),
            "currency_rate": rate,
            "document_name": SQL("o.name"),
            "document_model": SQL("'sale.order'"),
            "document_id": SQL("o.id"),
            "date": self._local_date(SQL("o.date_order")),
            "date_time": SQL("o.date_order"),
            "user_id": SQL("o.user_id"),
            "team_id": SQL("o.team_id"),
        }
