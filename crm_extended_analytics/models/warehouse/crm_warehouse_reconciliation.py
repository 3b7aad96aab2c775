from odoo import api, fields, models
from odoo.tools import SQL

from .crm_fact_sale import INVOICE_KEYS

# facts of one table, but of other documents than its orders, and of another report
INVOICE_SALES = "crm.warehouse.source.invoice.sale"


def _as_sql(text):
    """Return a part of a statement that a report of Odoo holds as text."""
    return SQL(text.replace("%", "%%"))


class CrmWarehouseReconciliation(models.Model):
    """A month of a company: the sum of the facts beside the sum of Odoo's own report."""

    _name = "crm.warehouse.reconciliation"
    _description = "Reconciliation of the Warehouse"
    _order = "month desc, company_id, fact_model"
    _rec_name = "month"

    fact_model = fields.Selection(
        selection=[
            ("crm.fact.sale", "Sales"),
            (INVOICE_SALES, "Sales without an Order"),
            ("crm.fact.invoice", "Invoices"),
        ],
        string="Facts",
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    amount_fact = fields.Monetary(
        string="Facts (Amount)",
        readonly=True,
        help="Sum of the net amounts of the facts that are documents of Odoo, in the currency of the company.",
    )
    amount_report = fields.Monetary(
        string="Report of Odoo",
        readonly=True,
        help="Untaxed total of the sales analysis (confirmed orders) or of the invoice analysis (posted customer "
        "invoices and credit notes; for sales without an order, invoices that no line of an order is on, income "
        "only), in the currency of the company.",
    )
    difference = fields.Monetary(readonly=True, help="Facts - report of Odoo.")
    is_different = fields.Boolean(readonly=True)
    date_checked = fields.Datetime(string="Checked On", readonly=True)
    difference_ids = fields.One2many(
        comodel_name="crm.warehouse.difference", inverse_name="reconciliation_id", string="Documents", readonly=True
    )

    _month_uniq = models.Constraint(
        "UNIQUE (fact_model, company_id, month)", "A month of a company is reconciled once."
    )

    @api.depends("fact_model", "company_id", "month")
    def _compute_display_name(self):
        labels = dict(self._fields["fact_model"]._description_selection(self.env))
        for record in self:
            month = record.month and f"{record.month:%Y-%m}"
            record.display_name = f"{labels.get(record.fact_model)}, {record.company_id.name}, {month}"

    def action_find_documents(self):
        """Find the documents that cause the differences of these months, and show them."""
        self.check_access("read")
        # `sudo`: nobody writes the reconciliation by hand; who may read it may ask for its documents
        differences = self.sudo()._find_documents()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_warehouse_difference_action")
        return action | {"domain": [("id", "in", differences.ids)]}

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------
    @api.model
    def _get_comparisons(self):
        """Return ``{kind of facts: method that returns the rows of the report of one company}``.

        Each method returns SQL with the columns document_id, day and amount. Those that take less time come first.
        """
        return {
            "crm.fact.invoice": self._get_invoice_report_sql,
            INVOICE_SALES: self._get_invoice_sale_report_sql,
            "crm.fact.sale": self._get_sale_report_sql,
        }

    @api.model
    def _get_sources_of(self, name):
        """Return the names of the sources of the facts in a comparison.

        It is called after one source, or after the model of the facts: then it has those of all sources but the ones
        that are compared by themselves.
        """
        if self.env[name]._abstract:
            return [name]
        sources = self.env["crm.warehouse.source"]._get_sources()
        others = self._get_comparisons().keys()
        return [source for source in sources if self.env[source]._fact == name and source not in others]

    @api.model
    def _get_sale_report_sql(self, company):
        """Return the lines of the sales analysis, before it groups them by everything that it shows.

        Tables, conditions and rates are the report's own; only its grouping, which takes most of its time and leaves
        the sums as they are, is left out. Orders of other apps, which the report may add, are no facts.
        """
        report = self.env["sale.report"].with_context(allowed_company_ids=company.ids)
        return SQL(
            """
            SELECT s.id AS document_id,
                   (s.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day,
                   -- few need the division, which is what takes the time
                   CASE WHEN s.currency_rate = 1 AND account_currency_table.rate = 1 THEN l.price_subtotal
                        ELSE l.price_subtotal / %(order_rate)s * %(company_rate)s END AS amount
              FROM %(tables)s
             WHERE %(condition)s AND l.product_id IS NOT NULL
               AND s.company_id = %(company)s AND s.state IN %(states)s
            """,
            tables=_as_sql(report._from_sale()),
            condition=_as_sql(report._where_sale()),
            order_rate=_as_sql(report._case_value_or_one("s.currency_rate")),
            company_rate=_as_sql(report._case_value_or_one("account_currency_table.rate")),
            company=company.id,
            tz=company.partner_id.tz or "UTC",
            states=tuple(report._get_done_states()),
        )

    @api.model
    def _get_invoice_report_sql(self, company):
        report = self.env["account.invoice.report"].with_context(allowed_company_ids=company.ids)
        return SQL(
            """
            SELECT report.move_id AS document_id,
                   report.invoice_date AS day,
                   report.price_subtotal AS amount
              FROM %(report)s report
             WHERE report.company_id = %(company)s AND report.state = 'posted'
               AND report.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """,
            report=report._table_sql,
            company=company.id,
        )

    @api.model
    def _get_invoice_sale_report_sql(self, company):
        """Return the invoices of the report that have no order."""
        report = self.env["account.invoice.report"].with_context(allowed_company_ids=company.ids)
        return SQL(
            """
            SELECT report.move_id AS document_id,
                   report.invoice_date AS day,
                   report.price_subtotal AS amount
              FROM %(report)s report
              JOIN account_account account ON account.id = report.account_id
              -- once for each invoice, not for each of its lines: hence the OFFSET
              JOIN (SELECT invoice.id FROM account_move invoice
                     WHERE invoice.state = 'posted' AND invoice.move_type IN ('out_invoice', 'out_receipt')
                       AND NOT EXISTS (
                           SELECT
                             FROM account_move_line ordered_line
                             JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = ordered_line.id
                             JOIN sale_order_line sold ON sold.id = rel.order_line_id
                            WHERE ordered_line.move_id = invoice.id AND sold.state IN %(states)s
                           OFFSET 0)
                    OFFSET 0) invoice ON invoice.id = report.move_id
             WHERE report.company_id = %(company)s AND report.state = 'posted'
               AND report.move_type IN ('out_invoice', 'out_receipt') AND account.account_type LIKE 'income%%'
            """,
            report=report._table_sql,
            company=company.id,
            states=tuple(self.env["sale.report"]._get_done_states()),
        )

    @api.model
    def _get_fact_sql(self, fact_model, company):
        """Return the same columns of the facts; the imported history is in no report of Odoo."""
        if fact_model == INVOICE_SALES:
            return SQL(
                """
                SELECT order_key - %s AS document_id, date AS day, amount_company AS amount
                  FROM crm_fact_sale WHERE company_id = %s AND res_model = 'account.move.line'
                """,
                INVOICE_KEYS,
                company.id,
            )
        fact = self.env[fact_model]
        return SQL(
            """
            SELECT %(document)s AS document_id, date AS day, amount_company AS amount
              FROM %(fact)s WHERE company_id = %(company)s AND %(document)s IS NOT NULL
            """,
            document=SQL.identifier(fact._document_field),
            fact=SQL.identifier(fact._table),
            company=company.id,
        )

    @api.model
    def _compare(self, fact_model, company, keys, condition=None):
        """Return ``(*keys, sum of the facts, sum of the report)`` per ``keys``.

        :param keys: of the columns month and document_id of the compared rows
        :param condition: SQL about these columns
        """

        def add_up(rows):
            # millions of rows have few days: months are worked out for these only
            days = [SQL.identifier(name) for name in (*keys, "day") if name != "month"]
            return SQL(
                """
                SELECT %(keys)s, SUM(amount) AS amount
                  FROM (SELECT *, date_trunc('month', day::timestamp)::date AS month
                          FROM (SELECT %(days)s, SUM(amount::numeric) AS amount FROM (%(rows)s) counted
                                 WHERE day IS NOT NULL GROUP BY %(days)s) by_day) dated
                 WHERE %(condition)s GROUP BY %(keys)s
                """,
                keys=columns,
                days=SQL(", ").join(days),
                rows=rows,
                condition=condition or SQL("TRUE"),
            )

        columns = SQL(", ").join(map(SQL.identifier, keys))
        # each side for itself: the millions of rows are added up before they meet
        return self.env.execute_query(
            SQL(
                """
                SELECT %(keys)s, COALESCE(fact.amount, 0), COALESCE(report.amount, 0)
                  FROM (%(facts)s) fact FULL JOIN (%(reports)s) report USING (%(keys)s)
              ORDER BY %(keys)s
                """,
                keys=columns,
                facts=add_up(self._get_fact_sql(fact_model, company)),
                reports=add_up(self._get_comparisons()[fact_model](company)),
            )
        )

    @api.model
    def _rebuild(self, companies, fact_model=None):
        """Compare all months of ``companies`` with the reports of Odoo, and return the comparisons.

        :param fact_model: one kind of facts to compare; all if not given
        """
        fact_models = [fact_model] if fact_model else list(self._get_comparisons())
        self.search([("company_id", "in", companies.ids), ("fact_model", "in", fact_models)]).unlink()
        now = fields.Datetime.now()
        values = []
        for company in companies:
            for fact_model in fact_models:
                for month, fact, report in self._compare(fact_model, company, ["month"]):
                    difference = company.currency_id.round(float(fact - report))
                    values.append(
                        {
                            "fact_model": fact_model,
                            "company_id": company.id,
                            "month": month,
                            "amount_fact": fact,
                            "amount_report": report,
                            "difference": difference,
                            "is_different": not company.currency_id.is_zero(difference),
                            "date_checked": now,
                        }
                    )
        return self.create(values)

    def _find_documents(self):
        """Replace the documents of these months by those whose amounts differ now."""
        self.difference_ids.unlink()
        values = []
        for record in self:
            condition = SQL("month = %s", record.month)
            for document_id, fact, report in record._compare(
                record.fact_model, record.company_id, ["document_id"], condition
            ):
                difference = record.company_id.currency_id.round(float(fact - report))
                if not record.company_id.currency_id.is_zero(difference):
                    values.append(record._prepare_difference_values(document_id, fact, report, difference))
        return self.env["crm.warehouse.difference"].create(values)

    def _prepare_difference_values(self, document_id, fact, report, difference):
        document_model = "sale.order" if self.fact_model == "crm.fact.sale" else "account.move"
        return {
            "reconciliation_id": self.id,
            "document_model": document_model,
            "document_id": document_id,
            "amount_fact": fact,
            "amount_report": report,
            "difference": difference,
        }
