from odoo import fields, models
from odoo.tools import SQL

from ...chain import Evidence, conversion_state, is_planned_late

# Facts that the compute reads by SQL: they are written to the database first.
FLUSHED_FIELDS = {
    "sale.order": ["state", "invoice_status", "currency_rate", "margin", "commitment_date", "date_order"],
    "sale.order.line": [
        "order_id",
        "product_id",
        "display_type",
        "is_expense",
        "product_uom_qty",
        "qty_delivered",
        "price_subtotal",
        "invoice_lines",
    ],
    "stock.picking": ["sale_id", "state", "scheduled_date", "location_dest_id"],
    "stock.reference": ["sale_ids", "production_ids", "purchase_ids"],
    "mrp.production": ["state", "date_finished"],
    "purchase.order": ["state", "receipt_status", "date_planned"],
    "account.move.line": ["balance", "price_total", "display_type", "move_id"],
    "account.move": [
        "state",
        "move_type",
        "payment_state",
        "amount_total",
        "amount_total_signed",
        "amount_residual_signed",
        "invoice_date_due",
    ],
}


class CrmConversionEvidenceMixin(models.AbstractModel):
    """What the documents of an order prove, read for a whole set of orders by one statement.

    Every figure has its SQL here and nowhere else; the compute of ``crm.conversion`` only writes the result down.
    """

    _name = "crm.conversion.evidence.mixin"
    _description = "Evidence of a Conversion"

    def _get_evidence_rows(self, order_ids):
        """Return ``{order id: dict of facts}``; five sub-queries, one round trip, whatever the number of orders."""
        if not order_ids:
            return {}
        for model, names in FLUSHED_FIELDS.items():
            self.env[model].flush_model(names)
        query = SQL(
            """
            SELECT o.id AS order_id, o.state AS order_state, o.invoice_status, o.margin, o.currency_rate,
                   lines.*, delivery.*, production.*, purchase.*, invoice.*
              FROM sale_order o
              LEFT JOIN (%(lines)s) lines ON lines.lines_order_id = o.id
              LEFT JOIN (%(delivery)s) delivery ON delivery.delivery_order_id = o.id
              LEFT JOIN (%(production)s) production ON production.production_order_id = o.id
              LEFT JOIN (%(purchase)s) purchase ON purchase.purchase_order_id = o.id
              LEFT JOIN (%(invoice)s) invoice ON invoice.invoice_order_id = o.id
             WHERE o.id IN %(order_ids)s
            """,
            lines=self._get_line_sql(order_ids),
            delivery=self._get_delivery_sql(order_ids),
            production=self._get_production_sql(order_ids),
            purchase=self._get_purchase_sql(order_ids),
            invoice=self._get_invoice_sql(order_ids),
            order_ids=tuple(order_ids),
        )
        self.env.cr.execute(query)
        return {row["order_id"]: row for row in self.env.cr.dictfetchall()}

    def _get_line_sql(self, order_ids):
        """Quantities and the untaxed amount.

        The amount is the sum that `sale.report.price_subtotal` makes: product lines only. Goods are lines of
        physical products; services count only where no goods are sold (the window keeps that apart).
        """
        return SQL(
            """
            SELECT l.order_id AS lines_order_id,
                   SUM(l.price_subtotal) FILTER (WHERE l.product_id IS NOT NULL) AS amount_untaxed,
                   BOOL_OR(t.type = 'consu' AND l.product_uom_qty > 0) AS has_goods,
                   SUM(l.product_uom_qty) FILTER (WHERE t.type = 'consu') AS goods_ordered,
                   SUM(l.qty_delivered) FILTER (WHERE t.type = 'consu') AS goods_delivered,
                   SUM(GREATEST(l.product_uom_qty - l.qty_delivered, 0)) FILTER (WHERE t.type = 'consu')
                       AS goods_missing,
                   SUM(l.product_uom_qty) FILTER (WHERE t.type = 'service') AS services_ordered,
                   SUM(l.qty_delivered) FILTER (WHERE t.type = 'service') AS services_delivered,
                   SUM(GREATEST(l.product_uom_qty - l.qty_delivered, 0)) FILTER (WHERE t.type = 'service')
                       AS services_missing
              FROM sale_order_line l
              LEFT JOIN product_product p ON p.id = l.product_id
              LEFT JOIN product_template t ON t.id = p.product_tmpl_id AND l.is_expense IS NOT TRUE
             WHERE l.order_id IN %s AND l.display_type IS NULL
             GROUP BY l.order_id
            """,
            tuple(order_ids),
        )

    def _get_delivery_sql(self, order_ids):
        """Open transfers of the order. "confirmed" is Odoo's word for "waits for goods"; "waiting" means that an
        earlier transfer or a manufacturing order comes first, and that one is counted by itself. Returns are not
        deliveries."""
        return SQL(
            """
            SELECT p.sale_id AS delivery_order_id,
                   COUNT(*) AS deliveries_open,
                   COUNT(*) FILTER (WHERE p.state = 'assigned') AS deliveries_ready,
                   COUNT(*) FILTER (WHERE p.state IN ('draft', 'confirmed')) AS deliveries_short,
                   MAX(p.scheduled_date) AS delivery_planned
              FROM stock_picking p
             WHERE p.sale_id IN %s AND p.state NOT IN ('done', 'cancel') AND p.return_id IS NULL
             GROUP BY p.sale_id
            """,
            tuple(order_ids),
        )

    def _get_production_sql(self, order_ids):
        """Manufacturing orders of all levels: Odoo hands the order's reference down to sub-assemblies."""
        return SQL(
            """
            SELECT mo.order_id AS production_order_id,
                   COUNT(*) AS productions_total,
                   COUNT(*) FILTER (WHERE mo.state = 'done') AS productions_done,
                   COUNT(*) FILTER (WHERE mo.state <> 'draft') AS productions_launched,
                   MAX(mo.date_finished) FILTER (WHERE mo.state <> 'done') AS production_planned
              FROM (SELECT DISTINCT s.sale_id AS order_id, m.id, m.state, m.date_finished
                      FROM stock_reference_sale_rel s
                      JOIN stock_reference_production_rel r ON r.reference_id = s.reference_id
                      JOIN mrp_production m ON m.id = r.production_id
                     WHERE s.sale_id IN %s AND m.state <> 'cancel') mo
             GROUP BY mo.order_id
            """,
            tuple(order_ids),
        )

    def _get_purchase_sql(self, order_ids):
        """Purchases that carry the order's reference, those for components of its manufacturing orders included."""
        return SQL(
            """
            SELECT po.order_id AS purchase_order_id,
                   COUNT(*) AS purchases_total,
                   COUNT(*) FILTER (WHERE po.is_done) AS purchases_done,
                   COUNT(*) FILTER (WHERE po.state = 'purchase') AS purchases_launched,
                   MAX(po.date_planned) FILTER (WHERE NOT po.is_done) AS purchase_planned
              FROM (SELECT DISTINCT s.sale_id AS order_id, b.id, b.state, b.date_planned,
                           b.state = 'purchase' AND COALESCE(b.receipt_status, 'full') = 'full' AS is_done
                      FROM stock_reference_sale_rel s
                      JOIN stock_reference_purchase_rel r ON r.reference_id = s.reference_id
                      JOIN purchase_order b ON b.id = r.purchase_id
                     WHERE s.sale_id IN %s AND b.state <> 'cancel') po
             GROUP BY po.order_id
            """,
            tuple(order_ids),
        )

    def _get_invoice_sql(self, order_ids):
        """Money by invoice line, in company currency, credit notes negative.

        An invoice over several orders is shared by its lines; a line that invoices several order lines is shared
        equally among them. The untaxed paid part of a line is the paid part of its invoice; the amount due is the
        residual of the invoice in the proportion of the lines with taxes.
        """
        return SQL(
            """
            SELECT share.order_id AS invoice_order_id,
                   SUM(share.untaxed) FILTER (WHERE share.state = 'posted') AS amount_invoiced,
                   SUM(share.untaxed * share.paid_part) FILTER (WHERE share.state = 'posted') AS amount_paid,
                   SUM(share.due) FILTER (WHERE share.state = 'posted') AS amount_due,
                   COUNT(DISTINCT share.move_id) FILTER (WHERE share.state = 'posted') AS invoices_posted,
                   COUNT(DISTINCT share.move_id) FILTER (WHERE share.state = 'draft') AS invoices_draft,
                   MIN(share.date_due) FILTER (WHERE share.due > 0 AND share.state = 'posted') AS date_due
              FROM (SELECT sol.order_id, m.id AS move_id, m.state, m.invoice_date_due AS date_due,
                           -aml.balance / links.total AS untaxed,
                           settled.paid_part,
                           CASE WHEN settled.paid_part = 1 THEN 0
                                ELSE m.amount_residual_signed * aml.price_total / NULLIF(m.amount_total, 0)
                                     / links.total END AS due
                      FROM sale_order_line sol
                      JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                      JOIN account_move_line aml ON aml.id = rel.invoice_line_id
                      JOIN account_move m ON m.id = aml.move_id
                      JOIN LATERAL (SELECT COUNT(*)::numeric AS total FROM sale_order_line_invoice_rel other
                                     WHERE other.invoice_line_id = aml.id) links ON TRUE
                      JOIN LATERAL (SELECT CASE WHEN m.payment_state IN ('paid', 'in_payment', 'reversed')
                                                  OR COALESCE(m.amount_total_signed, 0) = 0 THEN 1
                                                ELSE 1 - m.amount_residual_signed / m.amount_total_signed
                                           END AS paid_part) settled ON TRUE
                     WHERE sol.order_id IN %s
                       AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                       AND m.state IN ('draft', 'posted')
                       AND aml.display_type = 'product') share
             GROUP BY share.order_id
            """,
            tuple(order_ids),
        )

    def _prepare_evidence(self, row):
        """Turn the facts of one order into the evidence that the rule reads."""
        prefix = "goods" if row["has_goods"] else "services"
        supplies = {
            kind: (row[f"productions_{kind}"] or 0) + (row[f"purchases_{kind}"] or 0)
            for kind in ("total", "done", "launched")
        }
        return Evidence(
            order_state=row["order_state"],
            invoice_status=row["invoice_status"] or "no",
            has_goods=bool(row["has_goods"]),
            qty_ordered=float(row[f"{prefix}_ordered"] or 0),
            qty_delivered=float(row[f"{prefix}_delivered"] or 0),
            qty_missing=float(row[f"{prefix}_missing"] or 0),
            deliveries_open=row["deliveries_open"] or 0,
            deliveries_ready=row["deliveries_ready"] or 0,
            deliveries_short=row["deliveries_short"] or 0,
            supplies_open=supplies["total"] - supplies["done"],
            supplies_launched=supplies["launched"],
            supplies_done=supplies["done"],
            invoices_posted=row["invoices_posted"] or 0,
            invoices_draft=row["invoices_draft"] or 0,
            amount_due=float(row["amount_due"] or 0),
        )

    def _prepare_evidence_values(self, row, promised):
        """Return the stored values of one conversion for the facts `row`; `promised` is a datetime or False."""
        evidence = self._prepare_evidence(row)
        state = conversion_state(evidence)
        is_delivered = state not in ("confirmed", "production", "ready", "shipping")
        planned = [row[f"{kind}_planned"] for kind in ("delivery", "production", "purchase")]
        expected = None if is_delivered else max(filter(None, planned), default=None)
        return {
            **self._prepare_amount_values(row),
            "state": state,
            "is_open": state not in ("paid", "cancelled"),
            "is_delivery_pending": not is_delivered,
            "has_goods": evidence.has_goods,
            "date_deadline": self._get_deadline(row["date_due"] if is_delivered else promised),
            "delivered_pct": self._get_percent(evidence.qty_ordered - evidence.qty_missing, evidence.qty_ordered),
            "produced_pct": self._get_percent(row["productions_done"] or 0, row["productions_total"] or 0),
            "date_expected": expected or False,
            "date_due": row["date_due"] or False,
            "is_planned_late": not is_delivered and is_planned_late(promised or None, expected),
        }

    def _prepare_amount_values(self, row):
        """Money of one conversion; the conversion is the one of `sale.report`: the order's own rate, 1 if none."""
        rate = float(row["currency_rate"] or 0) or 1.0
        untaxed = float(row["amount_untaxed"] or 0)
        invoiced, paid = (float(row[name] or 0) for name in ("amount_invoiced", "amount_paid"))
        return {
            "amount_untaxed_order": untaxed,
            "amount_untaxed": untaxed / rate,
            "margin": float(row["margin"] or 0) / rate,
            "amount_invoiced": invoiced,
            "amount_paid": paid,
            "amount_residual": invoiced - paid,
            "amount_due": float(row["amount_due"] or 0),
        }

    @staticmethod
    def _get_deadline(moment):
        """The day after which the present step is late, as a date: the promised day, then that of the payment."""
        return fields.Date.to_date(moment) or False

    @staticmethod
    def _get_percent(part, whole):
        """Share from 0 to 100, 0 where there is no whole."""
        return 100.0 * part / whole if whole else 0.0
