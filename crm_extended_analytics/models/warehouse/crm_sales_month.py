from contextlib import nullcontext

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..database_settings import sort_into_groups, use_memory
from .bare_table import without_indexes
from .crm_sales_month_mixin import ADDED, ADDED_IF_KNOWN, DIMENSIONS
from .fact_fields import FactMany2one

# rows with fewer dimensions, in the order in which they are added up
TOTALS = ("crm.sales.month.product", "crm.sales.month.total")


class CrmSalesMonth(models.Model):
    """Sales facts added up by company, month, customer and product, and what they were grouped by at the time.

    The rows are narrow and lie in the order of their months: a question about a year reads that year. Questions
    about products are answered by `crm.sales.month.product`, and those that need neither customers nor products by
    `crm.sales.month.total`: they have fewer rows.
    """

    _name = "crm.sales.month"
    _inherit = ["crm.sales.month.mixin"]
    _description = "Sales by Month"
    _log_access = False
    _order = "month desc, id"
    _rec_name = "month"

    _dimensions = (*DIMENSIONS, "commercial_partner_id", "product_id")

    commercial_partner_id = FactMany2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        help="The commercial entity to which the contact belonged at the date of the sale.",
    )
    product_id = FactMany2one(comodel_name="product.product", readonly=True)

    _company_month_idx = models.Index("(company_id, month)")
    _customer_idx = models.Index("(company_id, commercial_partner_id)")
    _product_idx = models.Index("(company_id, product_id)")

    # ------------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------------
    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        self.browse().check_access("read")
        domain_and_rules = self._add_rules(domain)
        answering = None if having else self._find_answering(domain_and_rules, groupby, aggregates)
        if answering is not None:
            return answering._read_group(domain_and_rules, groupby, aggregates, offset=offset, limit=limit, order=order)
        return super()._read_group(domain, groupby, aggregates, having=having, offset=offset, limit=limit, order=order)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        specs = {spec for groupby in grouping_sets for spec in groupby}
        self.browse().check_access("read")
        domain_and_rules = self._add_rules(domain)
        answering = self._find_answering(domain_and_rules, specs, aggregates)
        if answering is not None:
            return answering._read_grouping_sets(domain_and_rules, grouping_sets, aggregates, order=order)
        return super()._read_grouping_sets(domain, grouping_sets, aggregates, order=order)

    def _add_rules(self, domain):
        """Return a domain with the record rules of these rows: one that an administrator adds holds for totals too."""
        rules = fields.Domain.TRUE if self.env.su else self.env["ir.rule"]._compute_domain(self._name, "read")
        return fields.Domain(domain) & rules

    def _find_answering(self, domain, groupby, aggregates):
        """Return the model with the fewest rows that has the same answer; None: these rows are needed."""
        totals = (self.env[name] for name in reversed(TOTALS))
        return next((total for total in totals if total._answers(domain, groupby, aggregates)), None)

    @api.model
    def get_status(self):
        """Return for each of the user's companies how new its rows are: ``{"text", "is_late"}``."""
        self.browse().check_access("read")
        # `sudo`: who reads the sales by month may know how old they are
        return self.env["crm.sales.month.build"].sudo()._get_status(self.env.companies)

    def action_open_facts(self):
        """Show the sales facts that are added up in the row."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_fact_sale_action")
        same = [name for name in self._dimensions if name != "month"]
        values = self.read(same, load=False)[0]
        domain = [(name, "=", values[name]) for name in same]
        domain += [("date", ">=", self.month), ("date", "<", self.month + relativedelta(months=1))]
        views = sorted(action["views"], key=lambda view: view[1] != "list")
        return action | {"domain": domain, "views": views, "context": {}}

    # ------------------------------------------------------------------
    # Filling
    # ------------------------------------------------------------------
    @api.model
    def _rebuild(self, company):
        """Add up all facts of a company again."""
        is_first = not self._has_rows()
        self._delete_all(company)
        use_memory(self.env.cr)
        insert = SQL(
            "INSERT INTO crm_sales_month (%s) %s ORDER BY month, commercial_partner_id",
            self._get_names(),
            self._get_sums_of_facts(company),
        )
        with without_indexes(self.env.cr, self._table) if is_first else nullcontext(), sort_into_groups(self.env.cr):
            self.env.cr.execute(insert)
        self._analyze()
        for name in TOTALS:
            self.env[name]._rebuild(company)

    @api.model
    def _get_row_count(self):
        """Return the SQL of the number of these rows."""
        return SQL("COUNT(*)")

    @api.model
    def _refresh(self, company, customer_ids):
        """Add up the facts of some customers of a company again, and write the rows that differ.

        Facts of no customer are looked at each time, as nobody notes them: they are few, and have lost a customer who
        was deleted.
        """
        use_memory(self.env.cr)
        nobody = SQL("commercial_partner_id IS NULL")
        chosen = SQL("commercial_partner_id IN (SELECT unnest(%s::int[]))", sorted(customer_ids))
        self.env.execute_query(
            SQL(
                """
                WITH compared AS (
                    SELECT id, %(names)s FROM crm_sales_month WHERE company_id = %(company)s AND %(chosen)s
                 UNION ALL
                    SELECT id, %(names)s FROM crm_sales_month WHERE company_id = %(company)s AND %(nobody)s
                 UNION ALL SELECT NULL, %(names)s FROM (%(fresh)s) fresh
                 UNION ALL SELECT NULL, %(names)s FROM (%(fresh_of_nobody)s) fresh),
                differing AS MATERIALIZED (
                    SELECT MAX(id) AS old_id, %(names)s FROM compared GROUP BY %(names)s HAVING COUNT(*) = 1),
                gone AS (
                    DELETE FROM crm_sales_month WHERE id IN (SELECT old_id FROM differing WHERE old_id IS NOT NULL)),
                written AS (
                    INSERT INTO crm_sales_month (%(names)s) SELECT %(names)s FROM differing WHERE old_id IS NULL),
                %(totals)s
                SELECT COUNT(*) FROM differing
                """,
                names=self._get_names(),
                company=company.id,
                chosen=chosen,
                nobody=nobody,
                fresh=self._get_sums_of_facts(company, chosen),
                fresh_of_nobody=self._get_sums_of_facts(company, nobody),
                totals=SQL(", ").join(self.env[name]._get_follow_sql(company) for name in TOTALS),
            )
        )

    def _get_names(self):
        return SQL(", ").join(map(SQL.identifier, (*self._dimensions, *self._get_sums())))

    def _get_sums_of_facts(self, company, among=None):
        """Return SQL of the columns of `_get_names` from the facts of a company."""
        dimensions = {name: SQL.identifier(name) for name in self._dimensions}
        dimensions["month"] = SQL("date_trunc('month', date::timestamp)::date")
        sums = {name: SQL("COALESCE(SUM(%s), 0)", SQL.identifier(name)) for name in ADDED}
        sums |= {name: SQL("SUM(%s)", SQL.identifier(name)) for name in ADDED_IF_KNOWN}
        sums |= {
            "line_count": SQL("COUNT(*)"),
            "unknown_count": SQL("COUNT(*) FILTER (WHERE cost_company IS NULL)"),
            "unknown_amount": SQL("COALESCE(SUM(amount_company) FILTER (WHERE cost_company IS NULL), 0)"),
        }
        return SQL(
            "SELECT %s FROM crm_fact_sale WHERE company_id = %s AND %s GROUP BY %s",
            SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in (dimensions | sums).items()),
            company.id,
            among or SQL("TRUE"),
            SQL(", ").join(dimensions.values()),
        )

    def _has_rows(self):
        ((has_rows,),) = self.env.execute_query(SQL("SELECT EXISTS (SELECT FROM crm_sales_month)"))
        return has_rows
