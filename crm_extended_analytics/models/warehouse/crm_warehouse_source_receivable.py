from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceReceivable(models.AbstractModel):
    """The amounts due of posted customer invoices; what pays them is another source."""

    _name = "crm.warehouse.source.receivable"
    _inherit = ["crm.warehouse.source"]
    _description = "Receivables"
    _fact = "crm.fact.receivable"
    _reads = "account.move.line"
    _sequence = 25
    _control = "amount_company"
    _joins_at_once = True

    def _key(self):
        return SQL("debt.id")

    def _company(self):
        return SQL("move.company_id")

    def _from(self):
        return SQL(
            """
            account_move_line debt
            JOIN account_move move ON move.id = debt.move_id
            JOIN account_account account ON account.id = debt.account_id
            %s
            """,
            self._party_from(SQL("move.partner_id"), SQL("move.commercial_partner_id")),
        )

    def _where(self):
        return SQL(
            "account.account_type = 'asset_receivable' AND move.state = 'posted'"
            " AND move.move_type IN ('out_invoice', 'out_receipt') AND debt.balance > 0"
        )

    def _watermark_columns(self):
        return [SQL("debt.write_date"), SQL("move.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            **self._utm_select("move"),
            "document_name": SQL("move.name"),
            "move_id": SQL("move.id"),
            "date": SQL("debt.date"),
            "date_due": SQL("COALESCE(debt.date_maturity, move.invoice_date_due, move.date)"),
            "user_id": SQL("move.invoice_user_id"),
            "team_id": SQL("move.team_id"),
            "amount": SQL("debt.amount_currency"),
            "amount_company": SQL("debt.balance"),
            "currency_id": SQL("debt.currency_id"),
            "currency_rate": SQL("COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)::numeric"),
        }
