from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import format_date

from ...chain import Document, find_bottleneck
from .crm_conversion_documents_mixin import STEP_MODELS


class CrmConversionTimelineMixin(models.AbstractModel):
    """What the documents of a chain tell its reader: the timeline, and what the deal waits for."""

    _name = "crm.conversion.timeline.mixin"
    _description = "Timeline of a Conversion"

    waiting_for = fields.Char(
        compute="_compute_waiting_for",
        help="The first document on the way of goods and money that is not finished, and its date.",
    )
    timeline = fields.Json(
        compute="_compute_timeline",
        help="The documents of the chain, step by step, as the form shows them.",
    )

    # ------------------------------------------------------------
    # Computes: a fixed number of queries for any number of conversions
    # ------------------------------------------------------------

    @api.depends("state", "order_id", "has_goods")
    @api.depends_context("lang", "tz")
    def _compute_waiting_for(self):
        documents = self._get_chain_documents()
        for conversion in self:
            bottleneck = find_bottleneck(
                conversion.state, documents.get(conversion.id, []), has_goods=conversion.has_goods
            )
            conversion.waiting_for = self._get_waiting_sentence(bottleneck)

    @api.depends("state", "order_id", "date_promised")
    @api.depends_context("lang", "tz", "uid")
    def _compute_timeline(self):
        documents = self._get_chain_documents()
        readable = self._get_readable_ids(documents)
        for conversion in self:
            conversion.timeline = conversion._prepare_timeline(documents.get(conversion.id, []), readable)

    # ------------------------------------------------------------
    # Documents as the rules see them
    # ------------------------------------------------------------

    def _get_chain_documents(self):
        """Return ``{conversion id: [Document]}`` sorted by step and date.

        Names, dates and states are told to everybody who may read the conversion; whether he may open the
        document is another matter (`_get_readable_ids`).
        """
        result = {}
        for step, model in STEP_MODELS.items():
            links = self._get_documents_by_conversion(step)
            document_ids = {document_id for ids in links.values() for document_id in ids}
            # sudo: a salesperson may know that production is late without the right to open manufacturing orders
            records = self.env[model].sudo().browse(document_ids)
            prepare = getattr(self, f"_prepare_{step}_document")
            built = {record.id: Document(step=step, model=model, id=record.id, **prepare(record)) for record in records}
            for conversion_id, ids in links.items():
                result.setdefault(conversion_id, []).extend(built[document_id] for document_id in ids)
        return {key: sorted(documents, key=lambda each: each.sort_key) for key, documents in result.items()}

    def _get_state_label(self, record, fname="state"):
        return dict(record._fields[fname]._description_selection(self.env)).get(record[fname], "")

    def _prepare_opportunity_document(self, lead):
        won = lead.won_status == "won"
        return {
            "name": lead.name,
            "state": lead.won_status,
            "state_label": self._get_state_label(lead, "won_status"),
            "planned": won and lead.date_closed or None,
            "is_open": lead.won_status == "pending",
            "detail": lead.user_id.name or "",
        }

    def _prepare_order_document(self, order):
        return {
            "name": order.name,
            "state": order.state,
            "state_label": self._get_state_label(order),
            "planned": order.date_order or None,
            "detail": order.partner_id.display_name,
        }

    def _prepare_purchase_document(self, purchase):
        is_received = purchase.state == "purchase" and (purchase.receipt_status or "full") == "full"
        label = self._get_state_label(purchase)
        if purchase.state == "purchase" and purchase.receipt_status:
            label = self._get_state_label(purchase, "receipt_status")
        return {
            "name": purchase.name,
            "state": purchase.state,
            "state_label": label,
            "planned": purchase.date_planned or None,
            "is_open": purchase.state != "cancel" and not is_received,
            "is_draft": purchase.state in ("draft", "sent", "to approve"),
            "detail": purchase.partner_id.display_name,
        }

    def _prepare_receipt_document(self, picking):
        return self._prepare_transfer_document(picking) | {"is_short": False}

    def _prepare_delivery_document(self, picking):
        values = self._prepare_transfer_document(picking)
        if picking.return_id:
            # a return is shown, but no delivery waits for it
            values.update(is_open=False, is_short=False, detail=self.env._("Return of %s", picking.return_id.name))
        return values

    def _prepare_transfer_document(self, picking):
        is_done = picking.state == "done"
        return {
            "name": picking.name,
            "state": picking.state,
            "state_label": self._get_state_label(picking),
            "planned": (picking.date_done if is_done else picking.scheduled_date) or None,
            "is_open": picking.state not in ("done", "cancel"),
            "is_short": picking.state in ("draft", "confirmed"),
            "is_blocked": picking.state == "waiting",
            "detail": picking.partner_id.display_name or "",
        }

    def _prepare_production_document(self, production):
        return {
            "name": production.name,
            "state": production.state,
            "state_label": self._get_state_label(production),
            "planned": production.date_finished or None,
            "is_open": production.state not in ("done", "cancel"),
            "is_draft": production.state == "draft",
            "detail": production.product_id.with_context(display_default_code=False).display_name,
        }

    def _prepare_invoice_document(self, move):
        is_open = move.state == "posted" and move.payment_state in ("not_paid", "partial", "blocked")
        fname = "payment_state" if move.state == "posted" else "state"
        date = move.invoice_date_due or move.invoice_date
        return {
            "name": move.name or self.env._("Draft Invoice"),
            "state": move.state,
            "state_label": self._get_state_label(move, fname),
            "planned": datetime.combine(date, time.min) if date else None,
            "is_open": move.state == "draft" or (is_open and move.move_type != "out_refund"),
            "is_draft": move.state == "draft",
            "detail": self._get_state_label(move, "move_type"),
        }

    def _prepare_payment_document(self, payment):
        return {
            "name": payment.name or self.env._("Draft Payment"),
            "state": payment.state,
            "state_label": self._get_state_label(payment),
            "planned": payment.date and datetime.combine(payment.date, time.min) or None,
            "detail": payment.journal_id.name or "",
        }

    # ------------------------------------------------------------
    # What the reader sees
    # ------------------------------------------------------------

    def _get_waiting_sentence(self, bottleneck):
        """Return the sentence for one bottleneck in the reader's language."""
        document = bottleneck.document
        names = {"name": "", "detail": "", "date": self.env._("no date")}
        if document:
            names.update(name=document.name, detail=document.detail)
            names["date"] = self._format_day(document) or names["date"]
        return self._get_waiting_texts()[bottleneck.code] % names

    def _get_waiting_texts(self):
        """Code of a bottleneck -> sentence with %(name)s, %(detail)s and %(date)s of the document."""
        return {
            "cancelled": self.env._("Nothing: the order is cancelled."),
            "nothing": self.env._("Nothing: delivered and paid."),
            "purchase_draft": self.env._("Waits for %(name)s to be ordered from %(detail)s, planned %(date)s."),
            "purchase": self.env._("Waits for purchase %(name)s from %(detail)s, expected %(date)s."),
            "production": self.env._("Waits for %(name)s (%(detail)s, planned %(date)s)."),
            "stock": self.env._("Waits for goods of %(name)s, scheduled %(date)s."),
            "delivery": self.env._("Waits for delivery %(name)s, scheduled %(date)s."),
            "delivery_missing": self.env._("Waits for a delivery: the order has no transfer and no production."),
            "service": self.env._("Waits for the services to be delivered."),
            "invoice_missing": self.env._("Waits for an invoice to be made."),
            "invoice_draft": self.env._("Waits for a draft invoice to be posted."),
            "payment": self.env._("Waits for payment of %(name)s, due %(date)s."),
        }

    def _format_day(self, document):
        day = self._get_document_day(document)
        return day and format_date(self.env, day)

    def _get_document_day(self, document):
        """The reader's day of a document; days of invoices and payments are dates and have no time zone."""
        if not document.planned:
            return None
        if document.step in ("invoice", "payment"):
            return document.planned.date()
        return fields.Datetime.context_timestamp(self, document.planned).date()

    def _get_readable_ids(self, documents):
        """Return ``{model: set of ids}`` of the documents that the reader may open."""
        ids_by_model = {}
        for document in (document for group in documents.values() for document in group):
            ids_by_model.setdefault(document.model, set()).add(document.id)
        return {
            model: set(self.env[model].browse(ids)._filtered_access("read").ids) for model, ids in ids_by_model.items()
        }

    def _prepare_timeline(self, documents, readable):
        """Return the steps with their documents, as plain values for the widget."""
        self.ensure_one()
        labels = self._get_step_labels()
        rows = [self._prepare_timeline_row(document, readable) for document in documents]
        return [
            {"step": step, "label": labels[step], "documents": [row for row in rows if row["step"] == step]}
            for step in STEP_MODELS
            if step in ("opportunity", "order", "invoice") or any(row["step"] == step for row in rows)
        ]

    def _prepare_timeline_row(self, document, readable):
        day = self._get_document_day(document)
        return {
            "step": document.step,
            "model": document.model,
            "id": document.id,
            "name": document.name,
            "detail": document.detail,
            "state": document.state_label,
            "date": day and format_date(self.env, day) or "",
            "is_open": document.is_open,
            "is_cancelled": document.state in ("cancel", "canceled", "rejected", "lost"),
            "late": self._get_late_text(document, day),
            "can_open": document.id in readable[document.model],
        }

    def _get_late_text(self, document, day):
        """Say why an open document is late: its own day is over, or it ends after the promised day."""
        if not (day and document.is_open) or document.step in ("opportunity", "order"):
            return ""
        overdue = (fields.Date.context_today(self) - day).days
        if overdue > 0:
            return self.env._("1 day overdue") if overdue == 1 else self.env._("%s days overdue", overdue)
        promised = self.date_promised and fields.Datetime.context_timestamp(self, self.date_promised).date()
        if promised and day > promised and document.step not in ("invoice", "payment"):
            excess = (day - promised).days
            if excess == 1:
                return self.env._("1 day after the promise")
            return self.env._("%s days after the promise", excess)
        return ""

    def _get_step_labels(self):
        return {
            "opportunity": self.env._("Opportunity"),
            "order": self.env._("Order"),
            "purchase": self.env._("Purchases"),
            "receipt": self.env._("Receipts"),
            "production": self.env._("Production"),
            "delivery": self.env._("Delivery"),
            "invoice": self.env._("Invoices"),
            "payment": self.env._("Payments"),
        }
