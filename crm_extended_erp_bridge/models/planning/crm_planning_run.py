from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

FEATURE = "production_planning"
STATES = [
    ("queued", "Queued"),
    ("running", "Running"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
# Only one computation of low-level codes in a database at a time; any constant of our own will do.
LEVELS_LOCK = 93_019_003


class CrmPlanningRun(models.Model):
    """One launch of the planning: first the low-level codes of the whole database, then one job per MRP area.

    The record is written once, when it is launched. What becomes of it is read from its areas, so that two areas
    that end at the same moment never write the same row.
    """

    _name = "crm.planning.run"
    _description = "Planning Run"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True, copy=False)
    trigger = fields.Selection(
        selection=[("manual", "By hand"), ("scheduled", "By the scheduler")],
        required=True,
        readonly=True,
        default="manual",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Launched by",
        readonly=True,
        default=lambda self: self.env.user,
    )
    area_ids = fields.One2many(
        comodel_name="crm.planning.run.area",
        inverse_name="run_id",
        string="Areas",
        readonly=True,
    )
    state = fields.Selection(
        selection=STATES,
        compute="_compute_state",
        search="_search_state",
        help="Queued until the first area starts, running until the last one ends. Failed when an area failed, "
        "cancelled when one was cancelled; the areas that ended well have their new plan all the same.",
    )
    is_open = fields.Boolean(string="Unfinished", compute="_compute_state", search="_search_is_open")
    progress = fields.Float(
        string="Progress (%)",
        compute="_compute_progress",
        help="Mean of the progress of the areas, 0 to 100.",
    )
    date_started = fields.Datetime(string="Started", compute="_compute_dates")
    date_ended = fields.Datetime(string="Ended", compute="_compute_dates")
    planned_order_count = fields.Integer(
        string="Proposals",
        compute="_compute_progress",
        help="Planned orders that the areas of this run proposed.",
    )
    issue_count = fields.Integer(
        string="Issues",
        compute="_compute_progress",
        help="Records that the areas of this run could not plan, or that a planner should look at.",
    )

    @api.depends("area_ids.state")
    def _compute_state(self):
        for run in self:
            states = set(run.area_ids.mapped("state"))
            run.is_open = bool(states & {"waiting", "running"})
            if run.is_open:
                run.state = "queued" if states == {"waiting"} else "running"
            else:
                run.state = next((state for state in ("failed", "cancelled") if state in states), "done")

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        open_runs = [("area_ids.outcome", "=", "waiting")]
        return open_runs if True in value else ["!", *open_runs]

    def _search_state(self, operator, value):
        """Runs are few: the states are computed, not kept."""
        if operator != "in":
            return NotImplemented
        runs = self.search_fetch([], ["name"], order="id desc", limit=1000)
        return [("id", "in", runs.filtered(lambda run: run.state in value).ids)]

    @api.depends("area_ids.progress", "area_ids.planned_order_count", "area_ids.issue_count")
    def _compute_progress(self):
        for run in self:
            areas = run.area_ids
            run.progress = sum(areas.mapped("progress")) / len(areas) if areas else 0.0
            run.planned_order_count = sum(areas.mapped("planned_order_count"))
            run.issue_count = sum(areas.mapped("issue_count"))

    @api.depends("area_ids.date_started", "area_ids.date_ended", "area_ids.state")
    def _compute_dates(self):
        for run in self:
            run.date_started = min(filter(None, run.area_ids.mapped("date_started")), default=False)
            ends = [] if run.is_open else run.area_ids.mapped("date_ended")
            run.date_ended = max(filter(None, ends), default=False)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    @api.model
    def action_launch(self, area_ids=None):
        """Launch a run for `area_ids`, or for all areas of the user's companies, and open it.

        :raises AccessError: for who may not manufacture
        :raises UserError: when there is no area to plan
        """
        if not self.env.user.has_group("mrp.group_mrp_user"):
            raise AccessError(self.env._("Only users of Manufacturing may launch a planning run."))
        Area = self.env["mrp.area"]
        areas = Area.browse(area_ids) if area_ids else Area.search([("company_id", "in", self.env.companies.ids)])
        areas.check_access("read")
        return self._launch(areas)._get_form_action()

    def action_cancel(self):
        """Cancel the areas that have not ended; one that is being planned stops at its next progress point."""
        if not self.env.user.has_group("mrp.group_mrp_user"):
            raise AccessError(self.env._("Only users of Manufacturing may cancel a planning run."))
        self.check_access("read")
        # sudo: users of Manufacturing may not write runs by hand
        self.sudo().area_ids.filtered(lambda area: area.outcome == "waiting")._finish("cancelled")
        return True

    def action_view_issues(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_erp_bridge.crm_planning_issue_action")
        return {**action, "domain": [("mrp_area_id", "in", self.area_ids.mrp_area_id.ids)]}

    def action_view_planned_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_erp_bridge.mrp_planned_order_action")
        return {**action, "domain": [("mrp_area_id", "in", self.area_ids.mrp_area_id.ids)]}

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    # ------------------------------------------------------------
    # Launch
    # ------------------------------------------------------------

    @api.model
    def _launch(self, areas=None, trigger="manual"):
        """Return a new run of `areas` (all when none are given), or the one that has not ended yet.

        Two people who launch at once get the same run: the second one waits for the first, then PostgreSQL refuses
        its outdated view of the data and Odoo repeats its request, which finds the run of the first.

        :param areas: `mrp.area` records
        :raises UserError: when there is no area to plan
        """
        # sudo: whoever may launch has been checked; runs are written by nobody by hand
        run_sudo = self.sudo()
        number = run_sudo._draw_number()
        unfinished = run_sudo.search([("is_open", "=", True)], limit=1)
        if unfinished:
            return unfinished.with_env(self.env)
        # every area of the database is planned by the scheduler, whichever its company
        areas = (areas or self.env["mrp.area"].sudo().search([("active", "=", True)])).sudo()
        if not areas:
            raise UserError(
                self.env._("There is no MRP area to plan. Create one in Manufacturing > Configuration > MRP Areas.")
            )
        run = run_sudo.create({"name": number, "trigger": trigger, "user_id": self.env.user.id})
        run.area_ids = self.env["crm.planning.run.area"].sudo().create(run._prepare_areas(areas))
        run.with_delay(
            identity_key=f"crm.planning.run,{run.id}",
            description=self.env._("Planning %(run)s: low-level codes", run=number),
        )._start()
        return run.with_env(self.env)

    @api.model
    def _draw_number(self):
        """The number of the run. The sequence has no gaps: drawing from it is what keeps launches one at a time."""
        sequence = self.env.ref("crm_extended_erp_bridge.crm_planning_run_sequence")
        # waits for a launch that is under way, then fails as not serialisable, which Odoo answers by a new attempt
        self.env.execute_query(SQL("SELECT id FROM ir_sequence WHERE id = %s FOR UPDATE", sequence.id))
        return sequence.next_by_id()

    def _prepare_areas(self, areas):
        return [{"run_id": self.id, "mrp_area_id": area.id} for area in areas]

    def _start(self):
        """The first job of a run: low-level codes of all products, then one job for each area that still waits."""
        self.ensure_one()
        # sudo: the codes of products of all companies, on behalf of who launched the run
        run = self.sudo()
        waiting = run.area_ids.filtered(lambda area: area.outcome == "waiting")
        if waiting:
            self.env.execute_query(SQL("SELECT pg_advisory_xact_lock(%s)", LEVELS_LOCK))
            run.env["mrp.multi.level"]._low_level_code_calculation()
            waiting._enqueue()

    @api.model
    def _cron_launch(self):
        """Launch the run of the day, where there is anything to plan."""
        # sudo: the areas of all companies
        companies = self.env["mrp.area"].sudo().search([("active", "=", True)]).company_id
        if any(company._has_feature("production_planning") for company in companies):
            self._launch(trigger="scheduled")
