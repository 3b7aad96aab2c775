from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...scoring import bass
from ..seven_p.known_float import KnownFloat
from .crm_series import FREQUENCIES

# periods that a plan shows at first: the averages that are published have passed most of the market by then
USUAL_COUNTS = {"month": 60, "quarter": 40, "year": 15}
LARGEST_COUNT = 240
# what the periods of a plan are made from
DRAWN_FROM = {
    "company_id",
    "product_tmpl_id",
    "counts",
    "potential",
    "date_start",
    "period_unit",
    "period_count",
    "source",
    "analogy_tmpl_id",
    "innovation",
    "imitation",
}


class CrmLaunchPlan(models.Model):
    """What is expected of a new product, period by period (Bass curve), and what it really sells.

    The product need not exist yet. Where p and q come from, and an earlier product that tells them, is a mixin.
    """

    _name = "crm.launch.plan"
    _inherit = ["crm.launch.rates.mixin"]
    _description = "Plan of a New Product"
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(comodel_name="res.users", string="Responsible", default=lambda self: self.env.user)
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Product",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        help="Empty until the product exists. Its sales then stand beside the plan.",
    )
    categ_id = fields.Many2one(
        comodel_name="product.category",
        string="Product Category",
        compute="_compute_categ_id",
        store=True,
        readonly=False,
        help="Earlier products of it, and of the categories below it, can be taken as examples.",
    )
    counts = fields.Selection(
        selection=[("customers", "Customers who buy it"), ("units", "Units sold")],
        string="What Is Counted",
        default="customers",
        required=True,
        help="Customers: each one once, with his first order. Units: those sold less those credited.",
    )
    potential = fields.Float(
        string="Market Potential",
        required=True,
        digits=(16, 0),
        default=100,
        help="m: how many customers, or units, there will be in the end. It is your assumption: all numbers of the "
        "plan are in proportion to it.",
    )
    date_start = fields.Date(string="Launch", required=True, default=fields.Date.context_today)
    period_unit = fields.Selection(
        selection=[("month", "Months"), ("quarter", "Quarters"), ("year", "Years")],
        string="Periods",
        default="quarter",
        required=True,
    )
    period_count = fields.Integer(
        string="Number of Periods",
        compute="_compute_period_count",
        store=True,
        readonly=False,
        help="How far the table and the chart go: at first 60 months, 40 quarters or 15 years.",
    )
    period_ids = fields.One2many(
        comodel_name="crm.launch.period", inverse_name="plan_id", string="Table of Periods", readonly=True
    )
    as_of = fields.Date(string="Sales Up To", readonly=True, copy=False, help="Last day of sales in the warehouse.")
    sold_before = KnownFloat(
        string="Sold Before the Launch",
        readonly=True,
        copy=False,
        digits=(16, 0),
        help="Customers or units before the day of the launch, which are in no period.",
    )
    peak_time = KnownFloat(
        string="Peak After (Periods)",
        compute="_compute_peak",
        digits=(16, 2),
        help="ln(q / p) / (p + q): periods from the launch to the moment when most buy; 0 where p is not below q.",
    )
    peak_date = fields.Date(string="Peak", compute="_compute_peak")
    peak_new = KnownFloat(
        string="A Period at the Peak",
        compute="_compute_peak",
        digits=(16, 1),
        help="m (p + q)² / 4q: customers or units in a period when most buy.",
    )
    peak_total = KnownFloat(
        string="Up to the Peak",
        compute="_compute_peak",
        digits=(16, 1),
        help="m (q - p) / 2q: customers or units from the launch to the peak.",
    )
    sold = KnownFloat(compute="_compute_sold", digits=(16, 0), help="Customers or units in the periods that are over.")
    expected_now = KnownFloat(
        string="Expected by Then",
        compute="_compute_sold",
        digits=(16, 1),
        help="m F(t), F(t) = (1 - e^-(p+q)t) / (1 + q/p e^-(p+q)t), at the end of the last period that is over.",
    )
    reached_pct = KnownFloat(
        string="Of the Plan (%)",
        compute="_compute_sold",
        digits=(16, 0),
        help="Sold / expected by then, in percent.",
    )
    curve = fields.Json(compute="_compute_curve")
    verdict = fields.Text(string="What to Know", compute="_compute_verdict")

    _potential_positive = models.Constraint(
        "CHECK (potential > 0 AND potential < 'Infinity')", "The market potential is above 0."
    )
    _count_between = models.Constraint(
        "CHECK (period_count BETWEEN 1 AND 240)", "A plan has 1 to 240 periods: choose longer ones."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("product_tmpl_id")
    def _compute_categ_id(self):
        for plan in self:
            plan.categ_id = plan.product_tmpl_id.categ_id or plan.categ_id

    @api.depends("period_unit")
    def _compute_period_count(self):
        for plan in self:
            plan.period_count = USUAL_COUNTS.get(plan.period_unit)

    @api.depends("potential", "innovation", "imitation", "date_start", "period_unit")
    def _compute_peak(self):
        for plan in self:
            found = plan._has_curve() and bass.peak(**plan._get_parameters())
            plan.peak_time = found.time if found else False
            plan.peak_new = found.new if found else False
            plan.peak_total = found.total if found else False
            plan.peak_date = plan._get_day(found.time) if found else False

    @api.depends("period_ids.actual_total", "period_ids.expected_total", "as_of")
    def _compute_sold(self):
        for plan in self:
            last = plan._get_last_whole()
            plan.sold = last.actual_total if last else False
            plan.expected_now = last.expected_total if last else False
            plan.reached_pct = 100 * last.actual_total / last.expected_total if last.expected_total else False

    @api.depends("potential", "innovation", "imitation", "date_start", "period_unit", "period_count", "period_ids")
    @api.depends_context("lang")
    def _compute_curve(self):
        for plan in self:
            plan.curve = plan._prepare_curve() if plan._has_curve() else False

    @api.depends("potential", "innovation", "imitation", "date_start", "period_unit", "source", "fit_refused", "counts")
    @api.depends("period_ids", "as_of", "sold_before", "analogy_tmpl_id")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for plan in self:
            plan.verdict = "\n".join(plan._get_sentences())

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._draw()
        return plans

    def write(self, vals):
        result = super().write(vals)
        if DRAWN_FROM & set(vals):
            self._draw()
        return result

    # ------------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------------
    def _has_curve(self):
        """Return whether all that the curve is made from is known, and makes sense while it is being typed."""
        count = self.period_count or 0
        return bool(
            self.potential > 0
            and (self.innovation or 0) > 0
            and (self.imitation or 0) >= 0
            and self.date_start
            and 0 < count <= LARGEST_COUNT
        )

    def _get_parameters(self):
        return {"potential": self.potential, "innovation": self.innovation, "imitation": self.imitation or 0.0}

    def _get_expected(self):
        return bass.expected(periods=self.period_count, **self._get_parameters())

    def _get_day(self, periods):
        """Return the day that lies so many periods after the launch; parts of a month are taken as days."""
        months = periods * FREQUENCIES[self.period_unit]
        return self.date_start + relativedelta(months=int(months), days=round(months % 1 * 30.4))

    def _draw(self):
        """Write the periods of the plans again, and the sales beside them."""
        # `sudo`: the periods follow the plan, nobody writes them by hand
        periods = self.env["crm.launch.period"].sudo()
        periods.search([("plan_id", "in", self.ids)]).unlink()
        periods.create([values for plan in self if plan._has_curve() for values in plan._prepare_periods()])
        periods._refresh_sales(self)

    def _prepare_periods(self):
        peak = int(self.peak_time)
        return [
            {
                "plan_id": self.id,
                "number": number + 1,
                "date_from": self._get_day(number),
                "date_to": self._get_day(number + 1) - relativedelta(days=1),
                "expected_new": expected.new,
                "expected_total": expected.total,
                "is_peak": number == peak,
            }
            for number, expected in enumerate(self._get_expected())
        ]

    def _get_last_whole(self):
        """Return the last period whose sales are known whole."""
        known = self.period_ids.filtered(
            lambda period: period.actual_total is not False and self.as_of and period.date_to <= self.as_of
        )
        return known.sorted("number")[-1:]

    def _prepare_curve(self):
        """Return what the chart shows: expected and real numbers by period, `None` where they are not known."""
        actual = {period.number: period for period in self.period_ids if period.actual_total is not False}
        rows = [
            {
                "label": format_date(self.env, self._get_day(number), date_format="MMM y"),
                "expected_new": round(expected.new, 2),
                "expected_total": round(expected.total, 2),
                "actual_new": actual[number + 1].actual_new if number + 1 in actual else None,
                "actual_total": actual[number + 1].actual_total if number + 1 in actual else None,
            }
            for number, expected in enumerate(self._get_expected())
        ]
        return {
            "rows": rows,
            "labels": {
                "expected_new": self.env._("Expected in the period"),
                "expected_total": self.env._("Expected in all"),
                "actual_new": self.env._("Sold in the period"),
                "actual_total": self.env._("Sold in all"),
            },
        }

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_refresh(self):
        """Take p and q from the earlier product again, and compare with the sales of now."""
        self.check_access("write")
        self._compute_rates()
        self._draw()

    def action_open_periods(self):
        """Show the periods as graph, pivot and list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_launch_period_action")
        return {**action, "name": self.name, "domain": [("plan_id", "=", self.id)]}

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _get_sentences(self):
        """Return what the curve says, how it went so far, and what it does not know."""
        if not self._has_curve():
            return list(
                filter(
                    None,
                    [
                        self._get_fit_sentence(),
                        self.env._("There is no curve without p and q: enter them, or take the published averages."),
                    ],
                )
            )
        return list(
            filter(
                None,
                [
                    self._get_peak_sentence(),
                    self._get_sold_sentence(),
                    self._get_early_sentence(),
                    self._get_fit_sentence(),
                    *self._get_limits(),
                ],
            )
        )

    def _format(self, number):
        return formatLang(self.env, number, digits=0)

    def _get_peak_sentence(self):
        if not self.peak_time:
            return self.env._(
                "Most buy at the launch, and fewer in each period after it: imitation is not stronger than innovation."
            )
        return self.env._(
            "Most buy around %(day)s: %(new)s in one period then, and %(total)s of %(potential)s up to that day.",
            day=format_date(self.env, self.peak_date),
            new=self._format(self.peak_new),
            total=self._format(self.peak_total),
            potential=self._format(self.potential),
        )

    def _get_sold_sentence(self):
        last = self._get_last_whole()
        if not last:
            return None
        return self.env._(
            "Up to %(day)s there were %(sold)s, and the curve expected %(expected)s: %(reached)s %% of the plan.",
            day=format_date(self.env, last.date_to),
            sold=self._format(self.sold),
            expected=self._format(self.expected_now),
            reached=round(self.reached_pct),
        )

    def _get_early_sentence(self):
        if not self.sold_before:
            return None
        return self.env._(
            "%(count)s came before the launch and are in no period: choose an earlier day of the launch.",
            count=self._format(self.sold_before),
        )

    def _get_limits(self):
        """Return what a reader must know before believing the curve."""
        limits = []
        if self.source == "published":
            limits.append(
                self.env._(
                    "p and q are averages over many products (Sultan, Farley and Lehmann 1990): those of a single "
                    "product may be half or twice as much."
                )
            )
        if self.counts == "units":
            limits.append(
                self.env._(
                    "The curve is one of first purchases: units that the same customer buys again make it too low "
                    "later on."
                )
            )
        return [
            *limits,
            self.env._(
                "The curve knows neither prices nor advertising, competitors or empty shelves, and its market "
                "potential is an assumption that does not grow. Look at it again after each period."
            ),
        ]
