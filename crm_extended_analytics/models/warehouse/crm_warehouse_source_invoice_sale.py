from odoo import models
from odoo.tools import SQL

from .crm_fact_sale import INVOICE_KEYS


class CrmWarehouseSourceInvoiceSale(models.AbstractModel):
    """Invoices that no sales order stands behind: for who only invoices, the invoice is the sale.

    An invoice is left out as a whole when a line of it belongs to an order that counts as a sale, so nothing counts
    twice; what somebody adds to such an invoice is invoiced, and was never ordered. Credit notes are returns, as they
    are for orders. Lines that are no income (opening balances, deposits) are no sales.
    """

    _name = "crm.warehouse.source.invoice.sale"
    _inherit = ["crm.warehouse.source.invoice"]
    _description = "Invoices without an Order"
    _fact = "crm.fact.sale"
    _sequence = 12

    def _get_move_types(self):
        return ("out_invoice", "out_receipt")

    def _from(self):
        return SQL("%s JOIN account_account account ON account.id = l.account_id", super()._from())

    def _where(self):
        return SQL(
            """
            %s AND account.account_type IN ('income', 'income_other') AND move.id IN (
                SELECT invoice.id FROM account_move invoice
                 WHERE invoice.move_type IN %s AND invoice.state = 'posted' AND NOT EXISTS (
                     SELECT FROM account_move_line ordered_line
                       JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = ordered_line.id
                       JOIN sale_order_line sold ON sold.id = rel.order_line_id
                      WHERE ordered_line.move_id = invoice.id AND sold.state IN %s
                     OFFSET 0)
                -- asked once for each invoice: as a join it would be asked for each of its lines
                OFFSET 0)
            """,
            super()._where(),
            self._get_move_types(),
            tuple(self.env["sale.report"]._get_done_states()),
        )

    def _get_changed_sql(self, since):
        """An order that is cancelled or confirmed again changes what its invoices are."""
        return SQL(
            """
            %s UNION
            SELECT sibling.id
              FROM sale_order o
              JOIN sale_order_line sold ON sold.order_id = o.id
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sold.id
              JOIN account_move_line ordered_line ON ordered_line.id = rel.invoice_line_id
              JOIN account_move_line sibling ON sibling.move_id = ordered_line.move_id
             WHERE o.write_date >= %s
            """,
            super()._get_changed_sql(since),
            since,
        )

    def _select(self):
        select = super()._select()
        for name in ("move_id", "move_type", "account_id", "date_due"):
            del select[name]
        return select | {
            "order_key": SQL("%s + move.id", INVOICE_KEYS),
            "channel": SQL("'invoice'"),
        }

    def _get_cost_candidates(self):
        """Without an order the posted cost is the only one."""
        return [candidate for candidate in super()._get_cost_candidates() if candidate[0] == "cogs"]

    def _select_costs(self):
        return super()._select_costs() if self._get_cost_candidates() else {"cost_origin": SQL("'unknown'")}
