from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ...scoring import decision as scoring
from ...scoring import uplift
from ..customer_sales import means_of_sales, sales_per_customer
from ..seven_p.known_float import KnownFloat


class CrmDecisionSizeMixin(models.AbstractModel):
    """For whom the action is, and whether a hold-out of them would show its effect: known before anything is drawn."""

    _name = "crm.decision.size.mixin"
    _description = "Size of a Decision"

    segment_id = fields.Many2one(
        comodel_name="crm.segment",
        string="Customers",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Whom the action is meant for, without those who object to profiling; they are frozen when it starts.",
    )
    measure = fields.Selection(
        selection=[
            ("revenue", "Net sales"),
            ("margin", "Margin"),
            ("orders", "Orders"),
            ("buyers", "Customers who buy"),
        ],
        string="Expected To Raise",
        default="revenue",
        required=True,
        tracking=True,
        help="The measure by which the decision is judged; margin is always measured as well.",
    )
    expected_pct = fields.Float(
        string="By (%)",
        default=10.0,
        required=True,
        digits=(16, 1),
        tracking=True,
        help="Expected rise of the measure per customer, in percent of what it would be without the action.",
    )
    share_pct = fields.Float(
        string="Held Out (%)",
        default=20.0,
        required=True,
        help="Share of the customers that is left out, drawn at random when the action starts.",
    )
    basis = fields.Selection(
        selection=[("holdout", "A hold-out, drawn at the start"), ("prior", "The period before")],
        string="Compared With",
        compute="_compute_basis",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="Proposed: a hold-out where it is large enough for the expected effect. The period before cannot prove "
        "that the action is the cause: seasons and everything else count into it.",
    )
    population_count = fields.Integer(
        string="Customers Now", compute="_compute_size", help="Commercial entities; no profiling objectors."
    )
    planned_count = fields.Integer(string="To Be Held Out", compute="_compute_size", help="Customers x share, rounded.")
    base_value = KnownFloat(
        string="Without the Action",
        compute="_compute_size",
        help="Mean of the measure per customer in the same number of days before; of buyers their share in percent.",
    )
    needed_count = fields.Integer(
        string="Least Hold-Out",
        compute="_compute_size",
        help="Customers to hold out so that the expected effect shows with 80 % power at 5 % significance: "
        "((1.96 + 0.84) x deviation / effect)^2 x (1 + held out / treated); of buyers Fleiss, two proportions.",
    )
    smallest_pct = KnownFloat(
        string="Smallest Visible Effect (%)",
        compute="_compute_size",
        digits=(16, 1),
        help="Effect that such groups show with 80 % power at 5 % significance, in percent of the measure without the "
        "action.",
    )
    power_pct = KnownFloat(
        string="Power (%)",
        compute="_compute_size",
        digits=(16, 0),
        help="Chance that the expected effect shows, if it is there.",
    )
    size_note = fields.Text(compute="_compute_size_note", help="What a hold-out of this size would show.")

    # ------------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------------
    def _get_population(self):
        """Return SQL of the ids of the customers of the decision today."""
        self.ensure_one()
        return self.env["crm.holdout"]._get_customers(self.company_id, self.segment_id._origin._get_members_sql())

    def _get_base(self):
        """Return how many customers there are, and the means and deviations of the measures in the days before."""
        first = fields.Date.context_today(self)
        days = max((self.date_end - first).days, 1) if self.date_end else 1
        (row,) = self.env.execute_query_dict(
            SQL(
                "SELECT COUNT(*) AS count, %(means)s FROM (%(population)s) customer LEFT JOIN (%(sales)s) sold"
                " ON sold.commercial_partner_id = customer.id",
                means=means_of_sales("sold"),
                population=self._get_population(),
                sales=sales_per_customer(self.company_id, first - timedelta(days=days), first - timedelta(days=1)),
            )
        )
        return row

    # ------------------------------------------------------------------
    # Size
    # ------------------------------------------------------------------
    def _get_size_fields(self):
        return ["segment_id", "company_id", "date_end", "measure", "expected_pct", "share_pct"]

    @api.depends(lambda self: self._get_size_fields())
    def _compute_size(self):
        for decision in self:
            base = decision._get_base()
            held_out = round(base["count"] * decision.share_pct / 100)
            mean, deviation = base[decision.measure] or 0.0, base[f"{decision.measure}_deviation"] or 0.0
            needed, smallest = decision._get_limits(mean, deviation, base["count"] - held_out, held_out)
            decision.population_count = base["count"]
            decision.planned_count = held_out
            decision.base_value = mean if base["count"] else False
            decision.needed_count = needed or 0
            decision.smallest_pct = 100 * smallest / mean if smallest and mean else False
            power = scoring.chance_to_see(mean * decision.expected_pct / 100, smallest)
            decision.power_pct = False if power is None else 100 * power

    def _get_limits(self, mean, deviation, treated, held_out):
        """Return the least hold-out for the expected effect, and the smallest effect that these groups show."""
        expected = mean * self.expected_pct / 100
        if not (expected and 0 < self.share_pct < 100):
            return None, None
        ratio = (100 - self.share_pct) / self.share_pct
        if self.measure != "buyers":
            return (
                scoring.needed_holdout(deviation=deviation, least_difference=expected, treated_per_holdout=ratio),
                scoring.smallest_difference(deviation=deviation, treated=treated, holdout=held_out),
            )
        needed = uplift.minimum_holdout(base_rate=mean / 100, least_uplift=expected / 100, treated_per_holdout=ratio)
        smallest = scoring.smallest_uplift(base_rate=mean / 100, treated=treated, holdout=held_out)
        return needed, 100 * smallest if smallest else None

    def _is_large_enough(self):
        """Return whether a hold-out would show the expected effect."""
        return self.smallest_pct is not False and self.smallest_pct <= self.expected_pct

    @api.depends(lambda self: self._get_size_fields())
    def _compute_basis(self):
        for decision in self:
            if decision.state not in ("draft", "decided"):
                decision.basis = decision.basis
            else:
                decision.basis = "holdout" if decision._is_large_enough() else "prior"

    @api.depends(lambda self: [*self._get_size_fields(), "basis"])
    @api.depends_context("lang")
    def _compute_size_note(self):
        for decision in self:
            decision.size_note = " ".join(decision._get_size_sentences())

    def _get_size_sentences(self):
        if not self.population_count:
            return [self.env._("There are no customers yet: choose them first.")]
        if not self.base_value or self.base_value < 0:
            return [
                self.env._(
                    "None of the %(count)s customers bought in the same number of days before: in percent of nothing "
                    "no effect can be said beforehand. Judge by the margin afterwards.",
                    count=self.population_count,
                )
            ]
        sentences = [self._get_visible_sentence()]
        if self.needed_count and not self._is_large_enough():
            sentences.append(
                self.env._(
                    "For %(expected)s %% at least %(needed)s would have to be held out.",
                    expected=self._format(self.expected_pct),
                    needed=self._format(self.needed_count),
                )
            )
        sentences.append(self._get_basis_sentence())
        return sentences

    def _get_visible_sentence(self):
        values = {
            "count": self._format(self.population_count),
            "held_out": self._format(self.planned_count),
            "smallest": self._format(self.smallest_pct or 0),
        }
        if self.smallest_pct is False:
            return self.env._(
                "With %(count)s customers, %(held_out)s of them held out, no effect would show.", **values
            )
        return self.env._(
            "With %(count)s customers, %(held_out)s of them held out, only an effect above %(smallest)s %% would show.",
            **values,
        )

    def _get_basis_sentence(self):
        if self.basis == "prior":
            return self.env._("The period before is used instead: it cannot prove that the action is the cause.")
        if self._is_large_enough():
            return self.env._(
                "You expect %(expected)s %%: the hold-out is large enough (power %(power)s %%).",
                expected=self._format(self.expected_pct),
                power=self._format(self.power_pct),
            )
        return self.env._("Drawn as it is, the measurement will probably say that it may be chance.")

    def _format(self, value):
        """Return a number as the reader writes it, without decimals unless it is small."""
        return formatLang(self.env, value, digits=0 if value >= 10 or value == int(value) else 1)
