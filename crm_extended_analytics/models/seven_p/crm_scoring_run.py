from odoo import api, fields, models

from .crm_scoring_run_job_mixin import PARALLEL
from .crm_scoring_run_step_mixin import REPORT_TIMING, STEPS
from .scoring_scope import ScoringScope

# an analysis that takes less is not named among the seconds of a run
SHOWN_SECONDS = 0.1


class CrmScoringRun(models.Model):
    """One scoring of the customers of a company as of a day, and its parameters.

    The steps that look at single customers are jobs by range of customers, side by side; those that look at the
    population are one job. A job that is killed is done again: it writes the rows of its range in one
    transaction. A full run freezes its parameters; an incremental run scores the changed customers by those.
    Here are what is kept of a run and its buttons; how it starts, its steps and its jobs are a mixin each.
    """

    _name = "crm.scoring.run"
    _inherit = [
        "crm.scoring.run.start.mixin",
        "crm.scoring.run.step.mixin",
        "crm.scoring.run.job.mixin",
        "crm.refusal.mixin",
    ]
    _description = "Scoring Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    as_of = fields.Date(required=True, readonly=True, help="Facts up to this day count.")
    method_id = fields.Many2one(
        comodel_name="crm.scoring.method", required=True, readonly=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(
        selection=[("full", "All customers"), ("incremental", "Changed customers")], required=True, readonly=True
    )
    full_run_id = fields.Many2one(
        comodel_name="crm.scoring.run",
        string="Parameters Of",
        readonly=True,
        index=True,
        help="The full run whose cut-offs and models an incremental run uses.",
    )
    trigger = fields.Selection(
        selection=[("manual", "By a user"), ("scheduled", "Every night")], default="manual", readonly=True
    )
    state = fields.Selection(
        selection=[
            ("queued", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("refused", "Refused"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="queued",
        required=True,
        readonly=True,
    )
    step = fields.Selection(
        selection=[
            ("measures", "Measures"),
            ("fit", "Models"),
            ("derive", "Derived measures"),
            ("cutoffs", "Cut-offs"),
            ("scores", "Scores"),
            ("reports", "Analyses of all customers"),
        ],
        readonly=True,
    )
    range_ids = fields.One2many(comodel_name="crm.scoring.run.range", inverse_name="run_id", readonly=True)
    card_ids = fields.One2many(comodel_name="crm.scoring.model.card", inverse_name="run_id", readonly=True)
    parameters = fields.Json(readonly=True, help="Cut-offs and models, as they were frozen.")
    timings = fields.Json(readonly=True, help="Seconds of work per step, summed over the jobs.")
    timings_text = fields.Char(string="Seconds", compute="_compute_timings_text")
    customer_count = fields.Integer(string="Customers", readonly=True, help="Customers that were measured.")
    progress = fields.Float(compute="_compute_progress", help="Finished parts / all parts of the run, in percent.")
    clv_method = fields.Selection(
        selection=[
            ("bg_nbd_gamma_gamma", "Purchases and value, both modelled"),
            ("present_value", "Present value of the margin"),
            ("historic_margin", "Historic margin"),
            ("by_kind", "Companies and persons differ"),
        ],
        string="Lifetime Value By",
        readonly=True,
        help="The best method that the data of the company carry.",
    )
    reason = fields.Text(help="Why nobody was scored.")
    error = fields.Text(readonly=True, help="What went wrong, and what to do about it.")
    changed_ids = fields.Json(
        readonly=True,
        help="Ids of the customers whose changes the run took over, 0 for all of them; they are noted again when it "
        "does not finish.",
    )
    date_started = fields.Datetime(string="Started", readonly=True)
    date_ended = fields.Datetime(string="Ended", readonly=True)

    _unfinished_uniq = models.UniqueIndex(
        "(company_id) WHERE state IN ('queued', 'running')",
        "Another scoring of this company is running: wait until it is done.",
    )

    @api.depends("as_of", "company_id")
    def _compute_name(self):
        for run in self:
            run.name = self.env._("%(company)s, %(day)s", company=run.company_id.name, day=run.as_of)

    @api.depends("state", "step", "range_ids.state")
    def _compute_progress(self):
        for run in self:
            if run.state != "running" or not run.step:
                run.progress = 0 if run.state == "queued" else 100
                continue
            steps = STEPS[run.kind]
            ranges = run.range_ids if run.step in PARALLEL else run.range_ids[:0]
            done = len(ranges.filtered(lambda part: part.state == "done")) / (len(ranges) or 1)
            run.progress = 100 * (steps.index(run.step) + done) / len(steps)

    @api.depends("timings")
    def _compute_timings_text(self):
        labels = dict(self._fields["step"]._description_selection(self.env))
        for run in self:
            parts = [
                f"{label} {run.timings[step]:.1f}" for step, label in labels.items() if step in (run.timings or {})
            ]
            parts += run._get_slow_reports()
            run.timings_text = ", ".join(parts)

    def _get_slow_reports(self):
        """Return the names and seconds of the analyses that took at least a tenth of a second, the slowest first."""
        spent = {
            report: (self.timings or {}).get(REPORT_TIMING % report._report_code, 0.0)
            for report in self.env["crm.population.report"]._get_all()
        }
        slow = sorted((report for report in spent if spent[report] >= SHOWN_SECONDS), key=spent.get, reverse=True)
        return [f"{self.env['ir.model']._get(report._name).name} {spent[report]:.1f}" for report in slow]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.model
    def action_run(self):
        """Score all customers of the user's company, or show the run that is doing it."""
        self.browse().check_access("read")
        # `sudo`: runs are written by the engine only; who may read them may ask for one
        return self.sudo()._launch(self.env.company)._get_form_action()

    def action_open_scores(self):
        """Show the scores of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_customer_score_month_action")
        domain = [("company_id", "=", self.company_id.id), ("period", "=", str(self.period))]
        return action | {"domain": domain, "context": {}}

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
        }

    # ------------------------------------------------------------------
    # What is scored
    # ------------------------------------------------------------------
    def _get_scope(self):
        """Return what is scored; the engine asks for one kind of customers by the context when kinds are apart."""
        kind = self.env.context.get("crm_customer_kind")
        return ScoringScope(self.company_id, self.as_of, self.method_id, kind=kind)

    def _get_parameters(self, kind):
        """Return the frozen parameters by which customers of a kind are scored."""
        parameters = self.parameters or {}
        return (parameters.get("kinds") or {}).get(kind, parameters)

    def _get_refusal_sentences(self):
        return super()._get_refusal_sentences() | {
            "few_to_score": self.env._(
                "%(company)s has %(found)s customers with sales up to %(day)s; the method compares customers and asks "
                "for %(needed)s at least."
            )
        }
