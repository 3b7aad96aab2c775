import logging
import time

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from odoo.addons.queue_job.exception import RetryableJobError

from .crm_sales_month import TOTALS
from .crm_warehouse_change import SALES_MONTH

_logger = logging.getLogger(__name__)


class CrmSalesMonthBuild(models.Model):
    """How far the sales by month of a company are counted, and the job that counts them.

    Whoever changes sales facts notes their customers (``crm.warehouse.change``) and queues the job: the end of a load,
    an import of history and its undoing, a merge of contacts. The job is one transaction: killed, it leaves the rows
    as they were, and the notes too. Nothing waits for it.

    The row is written in each count, so that of two at the same time one is refused by the database and tries again.
    """

    _name = "crm.sales.month.build"
    _description = "Count of the Sales by Month"
    _log_access = False
    _order = "company_id"
    _rec_name = "company_id"

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    company_currency_id = fields.Many2one(related="company_id.currency_id", string="Company Currency")
    date = fields.Datetime(string="Counted On", readonly=True)
    load_id = fields.Many2one(
        comodel_name="crm.warehouse.load",
        string="Up to the Load",
        readonly=True,
        ondelete="set null",
        help="Last load of the warehouse that had ended when the sales were counted.",
    )
    is_whole = fields.Boolean(
        string="All Customers",
        readonly=True,
        help="All sales were counted again, and not only those of some customers.",
    )
    customer_count = fields.Integer(
        string="Changed Customers", readonly=True, help="Customers whose sales were counted again."
    )
    line_count = fields.Integer(string="Lines", readonly=True, help="Sales facts that are added up.")
    row_count = fields.Integer(string="Rows", readonly=True, help="Rows by month, customer and product.")
    amount_company = fields.Monetary(
        string="Net",
        readonly=True,
        currency_field="company_currency_id",
        help="Sum of the net amounts of all rows; it is compared with that of the sales facts after each count.",
    )
    seconds = fields.Float(digits=(16, 2), readonly=True, help="Seconds that the count took.")
    error = fields.Text(
        readonly=True, help="What went wrong with the last count; the rows are those of the one before."
    )
    is_late = fields.Boolean(
        string="Out of Date",
        compute="_compute_is_late",
        help="Sales have changed since they were counted, or were never counted.",
    )

    _company_uniq = models.UniqueIndex("(company_id)", "The sales by month of a company have one count.")

    def _compute_is_late(self):
        noted = self.env["crm.warehouse.change"]._read_group(
            [("reader", "=", SALES_MONTH), ("company_id", "in", self.company_id.ids)], ["company_id"]
        )
        waiting = {company for (company,) in noted}
        for build in self:
            build.is_late = not build.date or build.company_id in waiting

    # ------------------------------------------------------------------
    # Launch
    # ------------------------------------------------------------------
    @api.model
    def _enqueue(self, companies):
        """Queue the count of each company that uses the warehouse; one that waits is not queued twice."""
        companies = companies.filtered(lambda company: company._has_feature("sales_warehouse"))
        for build in self._get_for(companies):
            build.with_delay(
                identity_key=f"crm.sales.month.build-{build.company_id.id}",
                description=self.env._("Sales by month of %(company)s", company=build.company_id.name),
                # behind the scoring, which follows a load as well
                priority=20,
            )._run_job()

    @api.model
    def _follow_changes(self):
        """Queue the count of the companies for which changes are noted."""
        changed = self.env["crm.warehouse.change"]._read_group([("reader", "=", SALES_MONTH)], ["company_id"])
        self._enqueue(self.env["res.company"].union(*(company for (company,) in changed)))

    @api.model
    def _get_for(self, companies):
        """Return the counts of companies, new ones included."""
        if companies:
            # two at once: the second waits here, and is repeated
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO crm_sales_month_build (company_id)
                    SELECT wanted.id FROM unnest(%s) wanted (id)
                     WHERE wanted.id NOT IN (SELECT company_id FROM crm_sales_month_build)
                        ON CONFLICT (company_id) DO NOTHING
                    """,
                    companies.ids,
                )
            )
        return self.search([("company_id", "in", companies.ids)])

    @api.model
    def _run_all(self, companies):
        """Count here and now, in this transaction: for scripts, demo data and tests."""
        for build in self._get_for(companies):
            build._run()

    # ------------------------------------------------------------------
    # Count
    # ------------------------------------------------------------------
    def _run_job(self):
        """Job: count what has changed."""
        self.ensure_one()
        if not self.try_lock_for_update():
            raise RetryableJobError("The sales by month are being counted.", seconds=10, ignore_retry=True)
        self._run()

    def _run(self):
        """Count the customers that are noted, or all; then compare with the facts."""
        self.ensure_one()
        started = time.monotonic()
        self.env.flush_all()
        months, company = self.env["crm.sales.month"], self.company_id
        changed = self.env["crm.warehouse.change"]._take(SALES_MONTH, company)
        is_whole = not self.date or None in changed
        if is_whole:
            months._rebuild(company)
        else:
            months._refresh(company, changed)
        is_repaired = self._reconcile(is_whole)
        lines, amount = months._get_totals(company)
        self.write(
            {
                "date": fields.Datetime.now(),
                "load_id": self._get_last_load().id,
                "is_whole": is_whole or is_repaired,
                "customer_count": len(changed - {None}),
                "line_count": lines,
                "row_count": self._count_rows(),
                "amount_company": amount,
                "seconds": time.monotonic() - started,
                "error": False,
            }
        )
        self.env["crm.sales.month"].invalidate_model()

    def _reconcile(self, is_whole):
        """Compare with the facts, and count all sales again when they differ; return whether it was needed."""
        differences = self._get_differences()
        if not differences:
            return False
        if is_whole:
            raise ValueError(f"The sales by month are not those of the facts: {differences}")
        _logger.warning(
            "The sales by month of %s were not those of the facts and are counted again: %s",
            self.company_id.name,
            differences,
        )
        self.env["crm.sales.month"]._rebuild(self.company_id)
        return not self._reconcile(is_whole=True)

    def _get_differences(self):
        """Return ``{model: ((lines, net) of it, those of the facts)}`` where they differ."""
        ((lines, amount),) = self.env.execute_query(
            SQL(
                "SELECT COUNT(*), COALESCE(SUM(amount_company), 0) FROM crm_fact_sale WHERE company_id = %s",
                self.company_id.id,
            )
        )
        found = {name: self.env[name]._get_totals(self.company_id) for name in ("crm.sales.month", *TOTALS)}
        return {name: (totals, (lines, amount)) for name, totals in found.items() if totals != (lines, amount)}

    def _get_last_load(self):
        return self.env["crm.warehouse.load"].search(
            [("state", "in", ("done", "failed")), ("company_ids", "in", self.company_id.ids)], limit=1
        )

    def _count_rows(self):
        ((count,),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE(SUM(row_count), 0) FROM crm_sales_month_total WHERE company_id = %s",
                self.company_id.id,
            )
        )
        return count

    def _on_job_failed(self, exc_name=None, exc_message=None, **_details):
        """Called by the queue when the job failed for good: the rows and the notes are as they were."""
        self.error = f"{exc_name}: {exc_message}"

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    @api.model
    def _get_status(self, companies):
        """Return ``[{"text", "is_late"}]``, one of each company that has sales or was counted."""
        builds = {build.company_id: build for build in self.search([("company_id", "in", companies.ids)])}
        return [
            {"text": builds[company]._get_text(len(companies) > 1), "is_late": builds[company].is_late}
            for company in companies
            if company in builds
        ]

    def _get_text(self, has_name):
        """Return the sentence about the age of the rows."""
        if not self.date:
            text = self.env._("The sales have not been counted yet.")
        else:
            moment = format_datetime(self.env, self.load_id.date_ended or self.date, dt_format="short")
            text = self.env._("Sales up to the load of %(moment)s.", moment=moment)
        if self.error:
            text = self.env._("%(text)s The last count stopped with an error.", text=text)
        elif self.date and self.is_late:
            text = self.env._("%(text)s Some have changed since and are not counted yet.", text=text)
        return f"{self.company_id.name}: {text}" if has_name else text
