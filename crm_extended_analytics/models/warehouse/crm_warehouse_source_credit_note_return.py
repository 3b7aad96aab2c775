from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceCreditNoteReturn(models.AbstractModel):
    """What customers were credited, with positive quantities and amounts."""

    _name = "crm.warehouse.source.credit.note.return"
    _inherit = ["crm.warehouse.source.invoice"]
    _description = "Returns on Credit Notes"
    _fact = "crm.fact.return"
    _sequence = 70
    # credit notes are few
    _costs_at_once = False

    def _get_move_types(self):
        return ("out_refund",)

    def _select(self):
        select = super()._select()
        for name in ("move_id", "move_type", "account_id", "date_due"):
            del select[name]
        signed = ("quantity", "amount", "amount_company", "gross_company", "discount_company", "cost_company")
        select |= {name: SQL("-(%s)", select[name]) for name in (*signed, "margin_company")}
        return select | {
            "kind": SQL("'credit_note'"),
            # the reference of a reversal ends with the number of the invoice and the reason, in whatever language
            "reason": SQL(
                "(SELECT NULLIF(btrim(split_part(move.ref, origin.name || ', ', 2)), '')"
                " FROM account_move origin WHERE origin.id = move.reversed_entry_id)"
            ),
            "document_model": SQL("'account.move'"),
            "document_id": SQL("move.id"),
        }
