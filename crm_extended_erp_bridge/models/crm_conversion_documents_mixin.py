from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..chain import Document, find_bottleneck

# Step of the chain -> model of its documents, in the order in which a deal goes through them.
STEP_MODELS = {
    "opportunity": "crm.lead",
    "order": "sale.order",
    "purchase": "purchase.order",
    "receipt": "stock.picking",
    "production": "mrp.production",
    "delivery": "stock.picking",
    "invoice": "account.move",
    "payment": "account.payment",
}


class CrmConversionDocumentsMixin(models.AbstractModel):
    """The documents of a chain: found by set, shown on a timeline, asked what the deal waits for."""

    _name = "crm.conversion.documents.mixin"
    _description = "Documents of a Conversion"

    # compute_sudo: a salesperson may know how many documents there are; what he may open is asked when he opens it
    production_ids = fields.Many2many(
        comodel_name="mrp.production", compute="_compute_documents", compute_sudo=True
    )
    purchase_ids = fields.Many2many(
        comodel_name="purchase.order", compute="_compute_documents", compute_sudo=True
    )
    picking_ids = fields.Many2many(
        comodel_name="stock.picking", compute="_compute_documents", compute_sudo=True
    )
    invoice_ids = fields.Many2many(
        comodel_name="account.move", compute="_compute_documents", compute_sudo=True
    )
    payment_ids = fields.Many2many(
        comodel_name="account.payment", compute="_compute_documents", compute_sudo=True
    )
    production_count = fields.Integer(string="Manufacturing Orders", compute="_compute_documents", compute_sudo=True)
    purchase_count = fields.Integer(string="Purchases", compute="_compute_documents", compute_sudo=True)
    picking_count = fields.Integer(string="Transfers", compute="_compute_documents", compute_sudo=True)
    invoice_count = fields.Integer(string="Invoices", compute="_compute_documents", compute_sudo=True)
    payment_count = fields.Integer(string="Payments", compute="_compute_documents", compute_sudo=True)
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

    @api.depends("order_id")
    def _compute_documents(self):
        links = {step: self._get_documents_by_conversion(step) for step in STEP_MODELS}
        for conversion in self:
            pickings = links["receipt"].get(conversion.id, []) + links["delivery"].get(conversion.id, [])
            values = {step: links[step].get(conversion.id, []) for step in links} | {"picking": pickings}
            for step in ("production", "purchase", "picking", "invoice", "payment"):
                conversion[f"{step}_ids"] = [fields.Command.set(values[step])]
                conversion[f"{step}_count"] = len(values[step])

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
    # Links: which document belongs to which conversion
    # ------------------------------------------------------------

    def _get_documents_by_conversion(self, step):
        """Return ``{conversion id: [document ids]}`` of one step for these conversions."""
        result = {}
        for conversion_id, document_id in self._get_links(step, SQL("link.conversion_id IN %s", self._get_sql_ids())):
            result.setdefault(conversion_id, []).append(document_id)
        return self._add_child_productions(result) if step == "production" else result

    def _get_sql_ids(self):
        return tuple(self.ids) or (0,)

    @api.model
    def _get_conversion_ids_by_document(self, model, document_ids):
        """Return ``{document id: set of conversion ids}``: the way back from documents of `model`."""
        if not document_ids:
            return {}
        sources = {document_id: {document_id} for document_id in document_ids}
        if model == "mrp.production":
            sources = self._get_parent_productions(document_ids)
        searched = tuple({source for group in sources.values() for source in group})
        found = {}
        for step in (step for step, step_model in STEP_MODELS.items() if step_model == model):
            for conversion_id, document_id in self._get_links(step, SQL("link.document_id IN %s", searched)):
                found.setdefault(document_id, set()).add(conversion_id)
        return {
            document_id: set().union(*(found.get(source, ()) for source in group))
            for document_id, group in sources.items()
        }

    def _get_links(self, step, condition):
        """Pairs (conversion id, document id) of one step; PostgreSQL applies `condition` inside each branch."""
        self.env.flush_all()
        link = getattr(self, f"_get_{step}_link_sql")()
        return self.env.execute_query(
            SQL(
                "SELECT DISTINCT link.conversion_id, link.document_id FROM (%s) link WHERE %s ORDER BY 1, 2",
                link,
                condition,
            )
        )

    def _get_opportunity_link_sql(self):
        return SQL(
            "SELECT c.id AS conversion_id, c.opportunity_id AS document_id FROM crm_conversion c "
            "WHERE c.opportunity_id IS NOT NULL"
        )

    def _get_order_link_sql(self):
        return SQL("SELECT c.id AS conversion_id, c.order_id AS document_id FROM crm_conversion c")

    def _get_purchase_link_sql(self):
        """By the stock reference that Odoo hands on to purchases, or by the order line (services, drop shipping)."""
        return SQL("""
            SELECT c.id AS conversion_id, r.purchase_id AS document_id
              FROM crm_conversion c
              JOIN stock_reference_sale_rel s ON s.sale_id = c.order_id
              JOIN stock_reference_purchase_rel r ON r.reference_id = s.reference_id
             UNION
            SELECT c.id, pol.order_id
              FROM crm_conversion c
              JOIN sale_order_line sol ON sol.order_id = c.order_id
              JOIN purchase_order_line pol ON pol.sale_line_id = sol.id
        """)

    def _get_receipt_link_sql(self):
        return SQL(
            """
            SELECT bought.conversion_id, m.picking_id AS document_id
              FROM (%s) bought
              JOIN purchase_order_line pol ON pol.order_id = bought.document_id
              JOIN stock_move m ON m.purchase_line_id = pol.id
             WHERE m.picking_id IS NOT NULL
            """,
            self._get_purchase_link_sql(),
        )

    def _get_production_link_sql(self):
        return SQL("""
            SELECT c.id AS conversion_id, r.production_id AS document_id
              FROM crm_conversion c
              JOIN stock_reference_sale_rel s ON s.sale_id = c.order_id
              JOIN stock_reference_production_rel r ON r.reference_id = s.reference_id
             UNION
            SELECT c.id, mo.id
              FROM crm_conversion c
              JOIN sale_order_line sol ON sol.order_id = c.order_id
              JOIN mrp_production mo ON mo.sale_line_id = sol.id
        """)

    def _get_delivery_link_sql(self):
        return SQL("""
            SELECT c.id AS conversion_id, p.id AS document_id
              FROM crm_conversion c
              JOIN stock_picking p ON p.sale_id = c.order_id
        """)

    def _get_invoice_link_sql(self):
        return SQL("""
            SELECT c.id AS conversion_id, aml.move_id AS document_id
              FROM crm_conversion c
              JOIN sale_order_line sol ON sol.order_id = c.order_id
              JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
              JOIN account_move_line aml ON aml.id = rel.invoice_line_id
              JOIN account_move m ON m.id = aml.move_id
             WHERE m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
        """)

    def _get_payment_link_sql(self):
        """By reconciliation (either side of it), or by the link that Odoo keeps while there is no journal entry."""
        return SQL(
            """
            WITH billed AS (%s)
            SELECT billed.conversion_id, matched.payment_id AS document_id
              FROM billed
              JOIN account_move__account_payment matched ON matched.invoice_id = billed.document_id
             UNION
            SELECT billed.conversion_id, paid.payment_id
              FROM billed
              JOIN account_move_line line ON line.move_id = billed.document_id
              JOIN account_partial_reconcile part ON part.debit_move_id = line.id
              JOIN account_move_line paid ON paid.id = part.credit_move_id
             WHERE paid.payment_id IS NOT NULL
             UNION
            SELECT billed.conversion_id, paid.payment_id
              FROM billed
              JOIN account_move_line line ON line.move_id = billed.document_id
              JOIN account_partial_reconcile part ON part.credit_move_id = line.id
              JOIN account_move_line paid ON paid.id = part.debit_move_id
             WHERE paid.payment_id IS NOT NULL
            """,
            self._get_invoice_link_sql(),
        )

    def _add_child_productions(self, links):
        """Add the sub-assemblies that were made by hand for a manufacturing order and carry no reference.

        UNION (not UNION ALL) drops what was seen, so a circle of groups ends.
        """
        pairs = [(conversion_id, mo_id) for conversion_id, mo_ids in links.items() for mo_id in mo_ids]
        if not pairs:
            return links
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT seed.conversion_id, mo.production_group_id AS group_id
                      FROM (VALUES %(pairs)s) AS seed(conversion_id, production_id)
                      JOIN mrp_production mo ON mo.id = seed.production_id
                     UNION
                    SELECT chain.conversion_id, rel.child_group_id
                      FROM chain
                      JOIN mrp_production_group_rel rel ON rel.parent_group_id = chain.group_id
                )
                SELECT DISTINCT chain.conversion_id, mo.id
                  FROM chain
                  JOIN mrp_production mo ON mo.production_group_id = chain.group_id
              ORDER BY 1, 2
                """,
                pairs=SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs),
            )
        )
        result = {conversion_id: list(mo_ids) for conversion_id, mo_ids in links.items()}
        for conversion_id, mo_id in rows:
            if mo_id not in result[conversion_id]:
                result[conversion_id].append(mo_id)
        return result

    @api.model
    def _get_parent_productions(self, production_ids):
        """Return ``{production id: set of itself and everything it is made for}``."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE chain AS (
                    SELECT mo.id AS production_id, mo.production_group_id AS group_id
                      FROM mrp_production mo WHERE mo.id IN %(ids)s
                     UNION
                    SELECT chain.production_id, rel.parent_group_id
                      FROM chain
                      JOIN mrp_production_group_rel rel ON rel.child_group_id = chain.group_id
                )
                SELECT chain.production_id, mo.id
                  FROM chain
                  JOIN mrp_production mo ON mo.production_group_id = chain.group_id
                """,
                ids=tuple(production_ids),
            )
        )
        result = {production_id: {production_id} for production_id in production_ids}
        for production_id, parent_id in rows:
            result[production_id].add(parent_id)
        return result

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
        _ = self.env._
        return {
            "cancelled": _("Nothing: the order is cancelled."),
            "nothing": _("Nothing: delivered and paid."),
            "purchase_draft": _("Waits for %(name)s to be ordered from %(detail)s, planned %(date)s."),
            "purchase": _("Waits for purchase %(name)s from %(detail)s, expected %(date)s."),
            "production": _("Waits for %(name)s (%(detail)s, planned %(date)s)."),
            "stock": _("Waits for goods of %(name)s, scheduled %(date)s."),
            "delivery": _("Waits for delivery %(name)s, scheduled %(date)s."),
            "delivery_missing": _("Waits for a delivery: the order has no transfer and no production."),
            "service": _("Waits for the services to be delivered."),
            "invoice_missing": _("Waits for an invoice to be made."),
            "invoice_draft": _("Waits for a draft invoice to be posted."),
            "payment": _("Waits for payment of %(name)s, due %(date)s."),
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
        _ = self.env._
        return {
            "opportunity": _("Opportunity"),
            "order": _("Order"),
            "purchase": _("Purchases"),
            "receipt": _("Receipts"),
            "production": _("Production"),
            "delivery": _("Delivery"),
            "invoice": _("Invoices"),
            "payment": _("Payments"),
        }

    def action_view_documents(self):
        """Open the documents of one step (context key `conversion_step`) that the reader may open."""
        self.ensure_one()
        step = self.env.context.get("conversion_step")
        if step not in ("production", "purchase", "picking", "invoice", "payment"):
            raise ValueError(f"no step of a conversion: {step!r}")
        documents = self[f"{step}_ids"].with_env(self.env)._filtered_access("read")
        return self._get_document_action(documents, name=self._fields[f"{step}_count"]._description_string(self.env))
