from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourcePayment(models.AbstractModel):
    """Reconciliations of customer invoices with what pays them."""

    _name = "crm.warehouse.source.payment"
    _inherit = ["crm.warehouse.source"]
    _description = "Payments"
    _fact = "crm.fact.payment"
    _reads = "account.partial.reconcile"
    _sequence = 30
    _control = "amount_company"
    _joins_at_once = True

    def _key(self):
        return SQL("partial.id")

    def _company(self):
        return SQL("move.company_id")

    def _from(self):
        return SQL(
            """
            account_partial_reconcile partial
            JOIN account_move_line debt ON debt.id = partial.debit_move_id
            JOIN account_move move ON move.id = debt.move_id
            JOIN account_account account ON account.id = debt.account_id
            JOIN account_move_line paid ON paid.id = partial.credit_move_id
            JOIN account_move payment_move ON payment_move.id = paid.move_id
            %s
            """,
            self._party_from(SQL("move.partner_id"), SQL("move.commercial_partner_id")),
        )

    def _where(self):
        return SQL(
            "account.account_type = 'asset_receivable' AND move.state = 'posted'"
            " AND move.move_type IN ('out_invoice', 'out_receipt')"
        )

    def _watermark_columns(self):
        return [SQL("partial.write_date"), SQL("move.write_date"), SQL("payment_move.write_date")]

    def _select(self):
        date_due = SQL("COALESCE(debt.date_maturity, move.invoice_date_due, move.date)")
        date_invoice = SQL("COALESCE(move.invoice_date, move.date)")
        return {
            **self._party_select(),
            **self._utm_select("move"),
            "document_name": SQL("move.name"),
            "move_id": SQL("move.id"),
            "kind": SQL(
                "CASE WHEN payment_move.move_type = 'out_refund' THEN 'credit_note'"
                " WHEN payment_move.origin_payment_id IS NOT NULL OR payment_move.statement_line_id IS NOT NULL"
                " THEN 'payment' ELSE 'other' END"
            ),
            "date": SQL("paid.date"),
            "date_invoice": date_invoice,
            "date_due": date_due,
            "days_late": SQL("paid.date - %s", date_due),
            "days_to_pay": SQL("paid.date - %s", date_invoice),
            "user_id": SQL("move.invoice_user_id"),
            "team_id": SQL("move.team_id"),
            "amount": SQL("partial.debit_amount_currency"),
            "amount_company": SQL("partial.amount"),
            "currency_id": SQL("partial.debit_currency_id"),
            "currency_rate": SQL("COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)::numeric"),
        }
