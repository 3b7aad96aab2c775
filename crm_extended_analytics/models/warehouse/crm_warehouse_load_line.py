import logging
import time

import psycopg2

from odoo import api, fields, models

from odoo.addons.queue_job.exception import RetryableJobError

from ..database_settings import use_memory

_logger = logging.getLogger(__name__)


class CrmWarehouseLoadLine(models.Model):
    """One step of a load: a source, or the work after the sources."""

    _name = "crm.warehouse.load.line"
    _description = "Step of a Warehouse Load"
    _order = "load_id desc, sequence, id"

    load_id = fields.Many2one(comodel_name="crm.warehouse.load", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer()
    lane = fields.Integer(
        aggregator=None,
        help="Steps of one number are done one after the other, those of different numbers at the same time; "
        "0: when all others are done.",
    )
    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(
        selection=[("source", "Source"), ("links", "Links"), ("reconciliation", "Reconciliation")],
        required=True,
        default="source",
    )
    source = fields.Char(help="Technical name of the source.")
    compared = fields.Char(help="Technical name of the facts that are compared with a report of Odoo; empty: all.")
    state = fields.Selection(
        selection=[("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        default="waiting",
        required=True,
    )
    is_full = fields.Boolean(string="All Documents", help="All documents of the source were read.")
    rows_read = fields.Integer(help="Records of the source that were compared with their facts.")
    rows_inserted = fields.Integer(help="New facts.")
    rows_updated = fields.Integer(help="Facts that changed.")
    rows_deleted = fields.Integer(help="Facts whose document was deleted or cancelled.")
    fact_count = fields.Integer(help="Facts of the source after the load.")
    document_count = fields.Integer(help="Records of the source that should be facts.")
    fact_total = fields.Float(
        digits=(16, 2),
        help="Control total of the facts: a plain sum over all companies and currencies, good for comparing only.",
    )
    document_total = fields.Float(digits=(16, 2), help="The same sum over the documents.")
    difference = fields.Float(
        digits=(16, 2),
        help="Control total of the facts - that of the documents. Anything but 0 means that facts are missing, "
        "doubled or old.",
    )
    has_difference = fields.Boolean(help="The number or the control total of facts and documents differ.")
    seconds = fields.Float(digits=(16, 2))
    watermark_from = fields.Datetime(help="Documents written since this moment were read; empty: all.")
    watermark_to = fields.Datetime(help="From this moment on the next load reads again.")
    fingerprint = fields.Char()
    error = fields.Text()

    @api.depends("kind", "source", "compared")
    @api.depends_context("lang")
    def _compute_name(self):
        for line in self:
            line.name = getattr(line, f"_get_{line.kind}_name")()

    def _get_source_name(self):
        # a source that was uninstalled has no other name any more
        return self.env[self.source]._get_label() if self.source in self.env else self.source

    def _get_links_name(self):
        return self.env._("Salespeople and deleted records")

    def _get_reconciliation_name(self):
        if not self.compared:
            return self.env._("Reconciliation with the reports of Odoo")
        facts = self.env["crm.warehouse.reconciliation"]._fields["fact_model"]._description_selection(self.env)
        # a comparison that was uninstalled has no other name any more either
        label = dict(facts).get(self.compared, self.compared)
        return self.env._("%(facts)s: reconciliation with the report of Odoo", facts=label)

    # ------------------------------------------------------------------
    # Jobs of lanes
    # ------------------------------------------------------------------
    def _enqueue(self):
        """Queue the step of a lane, once, whoever asks."""
        load = self.load_id
        key = f"crm.warehouse.load-{load.id}-{self.id}"
        self.with_delay(identity_key=key, description=f"{load.name}: {self.name}")._run_job()

    def _run_job(self):
        """Job: do the step, and queue what is behind it in its lane."""
        self.ensure_one()
        self.load_id._lock(self.lane)
        if self._is_open():
            if self._get_awaited():
                raise RetryableJobError("The facts to compare are being loaded.", seconds=5, ignore_retry=True)
            self._run()
            self._go_on()

    def _is_open(self):
        """Return whether the step is still to be done: another job may have done it."""
        return self.state in ("waiting", "running") and self.load_id.state == "running"

    def _get_awaited(self):
        """Return the steps of the other lane that have to end before this one: the sources of what it compares."""
        if not self.compared:
            return self.browse()
        sources = self.env["crm.warehouse.reconciliation"]._get_sources_of(self.compared)
        return self.load_id.line_ids.filtered(lambda line: line.source in sources and line._is_open())

    def _go_on(self):
        """Queue the next step of the lane; after its last one the load looks whether it can go on."""
        load = self.load_id
        if load._go_on(self.lane):
            load._get_next_line(self.lane)._enqueue()
        else:
            load._enqueue_continue(self.lane)

    def _on_job_failed(self, exc_name=None, exc_message=None, **_details):
        """Called by the queue when the job failed for good: the step failed, and the others go on."""
        for line in self.filtered(lambda line: line._is_open()):
            line.write({"state": "failed", "error": f"{exc_name}: {exc_message}"})
            line._go_on()

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------
    def _run(self):
        """Run the step; what goes wrong is kept on it and does not stop the others."""
        self.ensure_one()
        started = time.monotonic()
        try:
            with self.env.cr.savepoint():
                use_memory(self.env.cr)
                values = getattr(self, f"_run_{self.kind}")()
            values["state"] = "done"
        except psycopg2.OperationalError:
            # a conflict with somebody who wrote at the same time: the job tries again
            raise
        except Exception as problem:
            _logger.exception("Step %s of the warehouse load failed", self.name)
            self.env.invalidate_all()
            values = {"state": "failed", "error": f"{type(problem).__name__}: {problem}"}
        self.write({**values, "seconds": time.monotonic() - started})

    def _run_source(self):
        source, load = self.env[self.source], self.load_id
        companies = load.company_ids
        fingerprint = source._get_fingerprint(companies)
        # lanes are there when the warehouse is empty, whatever a load has done before
        since = False if load.is_full or self.lane else self._get_since(fingerprint)
        self.env.flush_all()
        counts = source._load(companies, since=since or None, find_deleted=load.is_thorough)
        values = {
            "fingerprint": fingerprint,
            "is_full": not since,
            "watermark_from": since,
            "rows_read": counts.read,
            "rows_inserted": counts.inserted,
            "rows_updated": counts.updated,
            "rows_deleted": counts.deleted,
        }
        return values | (self._get_control_values(source, companies) if load.is_thorough else {})

    def _get_since(self, fingerprint):
        """Return from when on documents are read: the end of the last load of the same source and companies."""
        last = self.search(
            [("source", "=", self.source), ("state", "=", "done"), ("id", "!=", self.id)], order="id desc", limit=1
        )
        return last.fingerprint == fingerprint and last.watermark_to

    @api.model
    def _get_control_values(self, source, companies):
        (fact_count, fact_total), (document_count, document_total) = source._get_control_totals(companies)
        difference = round(float(fact_total - document_total), 2)
        return {
            "fact_count": fact_count,
            "fact_total": fact_total,
            "document_count": document_count,
            "document_total": document_total,
            "difference": difference,
            "has_difference": bool(difference) or fact_count != document_count,
        }

    def _run_links(self):
        """Write what follows the facts: today's salespeople, deleted records forgotten, the market, stop rules."""
        companies, since = self.load_id.company_ids, self._get_owners_since()
        if any(self.load_id.line_ids.mapped("lane")):
            self.env["crm.warehouse.change"]._forget_doubles()
        for name in self.env["crm.fact.mixin"]._get_fact_models():
            if self._is_all_new(name):
                continue
            if self.load_id.is_thorough:
                self.env[name]._forget_deleted_records()
            self.env[name]._refresh_owners(companies, since)
        if self.load_id.is_thorough:
            self.env["crm.market.share"]._refresh(companies)
            self.env["crm.launch.period"]._refresh_night(companies)
            self.env["crm.campaign.stop"]._propose(companies)
        return {"is_full": not since, "watermark_from": since}

    def _get_owners_since(self):
        """Return since when customers may have another salesperson; a load with all checks compares all of them."""
        last = self.search(
            [("kind", "=", "links"), ("state", "=", "done"), ("id", "!=", self.id)], order="id desc", limit=1
        )
        load = self.load_id
        return not load.is_thorough and last.load_id.company_ids >= load.company_ids and last.watermark_to

    def _is_all_new(self, fact_model):
        """Return whether this load has made all facts of a model: none is older than what it points to."""
        sources = self.load_id.line_ids.filtered(
            lambda line: line.source in self.env and self.env[line.source]._fact == fact_model
        )
        if not all(sources.mapped("is_full")):
            return False
        return sum(sources.mapped("rows_inserted")) == self.env[fact_model]._count_all()

    def _run_reconciliation(self):
        self.env.flush_all()
        self.env["crm.warehouse.reconciliation"]._rebuild(self.load_id.company_ids, self.compared)
        return {}
