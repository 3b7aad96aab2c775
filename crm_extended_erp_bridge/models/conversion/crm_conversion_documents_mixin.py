from odoo import api, fields, models
from odoo.tools import SQL

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
    """Which documents belong to which conversion, found for a whole set by one statement per step."""

    _name = "crm.conversion.documents.mixin"
    _description = "Documents of a Conversion"

    # compute_sudo: a salesperson may know how many documents there are; what he may open is asked when he opens it
    production_ids = fields.Many2many(comodel_name="mrp.production", compute="_compute_documents", compute_sudo=True)
    purchase_ids = fields.Many2many(comodel_name="purchase.order", compute="_compute_documents", compute_sudo=True)
    picking_ids = fields.Many2many(comodel_name="stock.picking", compute="_compute_documents", compute_sudo=True)
    invoice_ids = fields.Many2many(comodel_name="account.move", compute="_compute_documents", compute_sudo=True)
    payment_ids = fields.Many2many(comodel_name="account.payment", compute="_compute_documents", compute_sudo=True)
    production_count = fields.Integer(string="Manufacturing Orders", compute="_compute_documents", compute_sudo=True)
    purchase_count = fields.Integer(string="Purchases", compute="_compute_documents", compute_sudo=True)
    picking_count = fields.Integer(string="Transfers", compute="_compute_documents", compute_sudo=True)
    invoice_count = fields.Integer(string="Invoices", compute="_compute_documents", compute_sudo=True)
    payment_count = fields.Integer(string="Payments", compute="_compute_documents", compute_sudo=True)
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
    # Actions
    # ------------------------------------------------------------

    def action_view_documents(self):
        """Open the documents of one step (context key `conversion_step`) that the reader may open."""
        self.ensure_one()
        step = self.env.context.get("conversion_step")
        if step not in ("production", "purchase", "picking", "invoice", "payment"):
            raise ValueError(f"no step of a conversion: {step!r}")
        documents = self[f"{step}_ids"].with_env(self.env)._filtered_access("read")
        return self._get_document_action(documents, name=self._fields[f"{step}_count"]._description_string(self.env))
