from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...scoring import bass
from ...scoring.libraries import MissingLibrary
from ..seven_p.known_float import KnownFloat
from .crm_series import FREQUENCIES

# a product that is sold so soon after the warehouse begins may be older than the warehouse
UNKNOWN_LAUNCH_DAYS = 90


class CrmLaunchRatesMixin(models.AbstractModel):
    """Innovation and imitation of a new product: published averages, those of an earlier product, or typed in."""

    _name = "crm.launch.rates.mixin"
    _description = "Rates of a New Product"

    source = fields.Selection(
        selection=[
            ("published", "Published averages"),
            ("analogy", "An earlier product"),
            ("manual", "By hand"),
        ],
        string="p and q From",
        default="published",
        required=True,
        help="Published averages: 0.03 and 0.38 a year. An earlier product: those that its first sales follow most "
        "closely. By hand: what you enter.",
    )
    analogy_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Earlier Product",
        check_company=True,
        ondelete="set null",
        help="A product of the same category whose launch is in the warehouse, and whose sales are past their peak.",
    )
    innovation = KnownFloat(
        string="Innovation (p)",
        compute="_compute_rates",
        store=True,
        readonly=False,
        copy=True,
        digits=(16, 5),
        help="Share of those who are left that buys in a period of its own accord. The published average is 0.03 a "
        "year: a quarter of it for quarters, a twelfth for months.",
    )
    imitation = KnownFloat(
        string="Imitation (q)",
        compute="_compute_rates",
        store=True,
        readonly=False,
        copy=True,
        digits=(16, 5),
        help="What each share of the market that has bought adds to that rate, in a period. The published average is "
        "0.38 a year: a quarter of it for quarters, a twelfth for months.",
    )
    fit_refused = fields.Selection(
        selection=[
            ("no_product", "No product chosen"),
            ("no_sales", "No sales"),
            ("older", "Launch not known"),
            ("few_periods", "Too few periods"),
            ("few_sales", "Too few sales"),
            ("no_peak", "Peak not reached"),
            ("no_end", "No end in sight"),
            ("no_curve", "No such curve"),
            ("no_library", "Library missing"),
        ],
        compute="_compute_rates",
        store=True,
        copy=False,
        string="Why Not",
    )
    fit_periods = fields.Integer(
        string="Periods Read",
        compute="_compute_rates",
        store=True,
        copy=False,
        help="Whole periods of the earlier product since its first sale.",
    )
    fit_sales = KnownFloat(
        string="Sales Read",
        compute="_compute_rates",
        store=True,
        copy=False,
        digits=(16, 0),
        help="Customers or units of the earlier product in these periods.",
    )
    fit_potential = KnownFloat(
        string="Its Market Potential",
        compute="_compute_rates",
        store=True,
        copy=False,
        digits=(16, 0),
        help="m of the earlier product, fitted together with p and q: a first guess for yours.",
    )
    fit_error_pct = KnownFloat(
        string="Distance (%)",
        compute="_compute_rates",
        store=True,
        copy=False,
        digits=(16, 0),
        help="Sum of the distances between its sales and the fitted curve / its sales, in percent.",
    )

    _innovation_between = models.Constraint(
        "CHECK (innovation > 0 AND innovation <= 3)", "Innovation (p) lies above 0 and not above 3 in a period."
    )
    _imitation_between = models.Constraint(
        "CHECK (imitation >= 0 AND imitation <= 3)", "Imitation (q) lies between 0 and 3 in a period."
    )

    @api.depends("source", "period_unit", "counts", "analogy_tmpl_id", "company_id")
    def _compute_rates(self):
        for plan in self:
            values = dict.fromkeys(("fit_refused", "fit_sales", "fit_potential", "fit_error_pct"), False)
            values["fit_periods"] = 0
            if plan.source == "published":
                part = FREQUENCIES[plan.period_unit] / 12
                values |= {"innovation": bass.MEAN_INNOVATION * part, "imitation": bass.MEAN_IMITATION * part}
            elif plan.source == "analogy":
                values |= plan._prepare_fit()
            else:
                # a computed field keeps what was typed only when it is assigned
                values |= {"innovation": plan.innovation, "imitation": plan.imitation}
            plan.update(values)

    # ------------------------------------------------------------------
    # Earlier product
    # ------------------------------------------------------------------
    def _prepare_fit(self):
        """Return p and q of the earlier product, or why its sales do not suffice."""
        sales, refused = self._get_first_sales()
        values = {"innovation": False, "imitation": False, "fit_periods": len(sales), "fit_sales": sum(sales)}
        if refused:
            return values | {"fit_refused": refused}
        try:
            # a period with more credited than sold has nobody who bought
            found = bass.fit([max(value, 0.0) for value in sales])
        except MissingLibrary:
            return values | {"fit_refused": "no_library"}
        if found.refused:
            return values | {"fit_refused": found.refused}
        return values | {
            "innovation": found.innovation,
            "imitation": found.imitation,
            "fit_potential": found.potential,
            "fit_error_pct": 100 * found.error,
        }

    def _get_first_sales(self):
        """Return the sales of the earlier product by whole period since its first one, and why they do not suffice."""
        if not self.analogy_tmpl_id:
            return [], "no_product"
        for name in ("crm.fact.sale", "crm.fact.return", "product.product"):
            self.env[name].flush_model()
        company, tmpl = self.company_id._origin or self.company_id, self.analogy_tmpl_id._origin or self.analogy_tmpl_id
        purchases = self.env["crm.launch.period"]._get_purchases_sql(
            SQL("(VALUES (%s, %s, %s)) wanted (company_id, product_tmpl_id, counts)", company.id, tmpl.id, self.counts)
        )
        ((begin, first),) = self.env.execute_query(
            SQL(
                "SELECT (SELECT MIN(date) FROM crm_fact_sale WHERE company_id = %s), MIN(date) FROM (%s) bought",
                company.id,
                purchases,
            )
        )
        if not first:
            return [], "no_sales"
        rows = self.env.execute_query(
            SQL(
                """
                SELECT number, COALESCE(SUM(bought.amount), 0)::float8
                  FROM (SELECT MAX(date) AS as_of FROM crm_fact_sale WHERE company_id = %(company)s) known
                 CROSS JOIN generate_series(0, %(most)s) number
                  LEFT JOIN (%(purchases)s) bought
                    ON bought.date >= %(first)s::date + number * %(step)s
                   AND bought.date < %(first)s::date + (number + 1) * %(step)s
                 WHERE %(first)s::date + (number + 1) * %(step)s <= known.as_of + 1
                 GROUP BY number ORDER BY number
                """,
                company=company.id,
                most=600,
                purchases=purchases,
                first=first,
                step=SQL("make_interval(months => %s)", FREQUENCIES[self.period_unit]),
            )
        )
        is_older = first <= begin + timedelta(days=UNKNOWN_LAUNCH_DAYS)
        return [amount for _number, amount in rows], "older" if is_older else None

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _get_fit_sentence(self):
        """Return what was read of the earlier product, or why nothing was."""
        if self.source != "analogy":
            return None
        if not self.fit_refused:
            return self.env._(
                "p and q are those of %(product)s, from %(count)s in its first %(periods)s whole periods; the curve "
                "lies %(error)s %% off them, and its market potential was %(potential)s.",
                potential=formatLang(self.env, self.fit_potential or 0.0, digits=0),
                error=round(self.fit_error_pct or 0.0),
                **self._get_numbers(),
            )
        return self._get_refusal()

    def _get_numbers(self):
        return {
            "product": self.analogy_tmpl_id.display_name,
            "periods": self.fit_periods,
            "count": formatLang(self.env, self.fit_sales or 0.0, digits=0),
        }

    def _get_refusal(self):
        numbers = self._get_numbers() | {"least_periods": bass.LEAST_PERIODS, "least_sales": bass.LEAST_SALES}
        return {
            "no_product": lambda: self.env._("Choose the earlier product whose sales tell p and q."),
            "no_sales": lambda: self.env._("%(product)s has no sales in the warehouse.", **numbers),
            "older": lambda: self.env._(
                "%(product)s was sold when the warehouse begins, so its launch is not known. Import earlier sales, or "
                "choose a product that came later.",
                **numbers,
            ),
            "few_periods": lambda: self.env._(
                "%(product)s has been sold for %(periods)s whole periods; fewer than %(least_periods)s tell nothing. "
                "Choose shorter periods, or a product that came earlier.",
                **numbers,
            ),
            "few_sales": lambda: self.env._(
                "The sales of %(product)s do not suffice: %(count)s, and fewer than %(least_sales)s are mostly chance.",
                **numbers,
            ),
            "no_peak": lambda: self.env._(
                "The sales of %(product)s do not suffice: they are not past their peak, so their end would be a guess.",
                **numbers,
            ),
            "no_end": lambda: self.env._(
                "The sales of %(product)s do not suffice: no end of its market is in sight.", **numbers
            ),
            "no_curve": lambda: self.env._(
                "The sales of %(product)s jump too much to follow such a curve. Choose longer periods, or another "
                "product.",
                **numbers,
            ),
            "no_library": lambda: self.env._(
                "This needs the Python libraries numpy and scipy: install them on the server, take the published "
                "averages, or enter p and q by hand."
            ),
        }[self.fit_refused]()
