import time

from odoo import fields, models

from .crm_scoring_run_job_mixin import PARALLEL


class CrmScoringRunRange(models.Model):
    """A part of the customers of a run: one job per step."""

    _name = "crm.scoring.run.range"
    _description = "Range of Customers in a Scoring Run"
    _order = "run_id desc, id"

    run_id = fields.Many2one(comodel_name="crm.scoring.run", required=True, ondelete="cascade", index=True)
    partner_from = fields.Integer(string="From Customer", readonly=True, aggregator=None, help="Id of the first one.")
    partner_to = fields.Integer(string="To Customer", readonly=True, aggregator=None, help="Id of the last one.")
    partner_ids = fields.Json(readonly=True, help="Ids of the customers of an incremental run.")
    state = fields.Selection(
        selection=[("waiting", "Waiting"), ("done", "Done")], default="waiting", required=True, readonly=True
    )
    customer_count = fields.Integer(string="Customers", readonly=True)
    timings = fields.Json(readonly=True, help="Seconds per step.")
    seconds = fields.Float(compute="_compute_seconds", help="Sum over the steps.")

    def _compute_seconds(self):
        for part in self:
            part.seconds = sum((part.timings or {}).values())

    def _get_scope(self):
        scope = self.run_id._get_scope()
        if self.partner_ids is not None and self.partner_ids is not False:
            return scope._replace(partner_ids=tuple(self.partner_ids))
        return scope._replace(partner_from=self.partner_from, partner_to=self.partner_to)

    def _run_job(self, step):
        """Job: do one step of the range, and let the run look whether it can go on."""
        self.ensure_one()
        run = self.run_id
        if run.state != "running" or run.step != step or step not in PARALLEL or self.state == "done":
            # another job has done it, or the run was cancelled
            return
        if not self.try_lock_for_update(allow_referencing=True):
            # another worker is at it; should that one be killed, the queue starts its job again
            return
        self._run(step)
        key = run._get_job_key("continue", self.id, step)
        run.with_delay(identity_key=key, description=run.name)._continue(after_range=True)

    def _on_job_failed(self, **details):
        """Called by the queue when the job of the range failed for good."""
        self.run_id._on_job_failed(**details)

    def _run(self, step):
        """Do one step: rows are written again in one transaction, so that it may be done twice."""
        started = time.monotonic()
        engine, run = self.env["crm.scoring.engine"], self.run_id
        self.env.flush_all()
        values = {}
        if step == "measures":
            values["customer_count"] = engine._measure(self._get_scope(), run)
        elif step == "derive":
            engine._derive(self._get_scope(), run.parameters)
        else:
            engine._score(self._get_scope(), run)
        timings = {**(self.timings or {}), step: time.monotonic() - started}
        self.write({**values, "state": "done", "timings": timings})
