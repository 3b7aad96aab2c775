from odoo import api, fields, models
from odoo.tools import format_amount, format_date, formatLang

from ..seven_p.known_float import KnownFloat

MONEY = ("revenue", "margin")


class CrmDecisionMeasurement(models.Model):
    """What a decision brought on the days of a period: a row per period, and the last one of a day stays."""

    _name = "crm.decision.measurement"
    _description = "Measurement of a Decision"
    _log_access = False
    _order = "date_last desc, id desc"
    _rec_name = "decision_id"

    decision_id = fields.Many2one(
        comodel_name="crm.decision", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="decision_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    user_id = fields.Many2one(related="decision_id.user_id")
    date_first = fields.Date(string="From", required=True, readonly=True)
    date_last = fields.Date(string="To", required=True, readonly=True)
    date_measured = fields.Date(string="Measured On", required=True, readonly=True)
    stage = fields.Selection(
        selection=[
            ("interim", "On the way"),
            ("final", "Whole period"),
            ("monitor", "Month after the verdict"),
        ],
        required=True,
        readonly=True,
    )
    basis = fields.Selection(
        selection=[("holdout", "Hold-out"), ("prior", "Period before (weaker)")],
        string="Compared With",
        required=True,
        readonly=True,
    )
    measure = fields.Selection(related="decision_id.measure", store=True)
    treated_count = fields.Integer(string="Treated", readonly=True, help="Customers of the action.")
    held_out_count = fields.Integer(string="Held Out", readonly=True, help="Customers left out.")
    treated_value = KnownFloat(
        string="Per Treated", readonly=True, aggregator=None, help="Mean of the measure per treated customer."
    )
    base_value = KnownFloat(
        string="Without the Action",
        readonly=True,
        aggregator=None,
        help="Mean of the measure per customer held out; of the same customers before, where nobody was held out.",
    )
    effect = KnownFloat(
        readonly=True, aggregator="avg", help="Per treated - without the action; of buyers in percentage points."
    )
    effect_low = KnownFloat(
        string="Effect From", readonly=True, aggregator=None, help="Lower end of the 95 % interval."
    )
    effect_high = KnownFloat(string="Effect To", readonly=True, aggregator=None, help="Upper end of the 95 % interval.")
    effect_pct = KnownFloat(
        string="Effect (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="100 x effect / measure without the action.",
    )
    pct_low = KnownFloat(
        string="From (%)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="100 x effect from / without the action.",
    )
    pct_high = KnownFloat(
        string="To (%)", readonly=True, aggregator=None, digits=(16, 1), help="100 x effect to / without the action."
    )
    p_value = KnownFloat(
        string="p-Value",
        readonly=True,
        aggregator=None,
        digits=(16, 4),
        help="Chance of so large a difference when the action does nothing. Amounts: Welch's t-test, or the paired "
        "t-test against the period before; buyers: test of two proportions.",
    )
    is_testable = fields.Boolean(
        string="Large Enough for the Test",
        readonly=True,
        help="Of buyers: at least five buyers and five non-buyers are expected in each group. Of amounts: two "
        "customers in each group.",
    )
    season_pct = KnownFloat(
        string="Same Season Last Year (%)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="By how much the same customers changed between the same two periods a year earlier, in percent.",
    )
    gain = KnownFloat(
        readonly=True,
        digits=(16, 2),
        help="Margin per customer, difference x treated customers: what the action brought. Not measurable, and empty, "
        "where the cost of less of the goods is known than the scoring method asks for.",
    )
    gain_low = KnownFloat(
        string="Gain From", readonly=True, aggregator=None, digits=(16, 2), help="Lower end of the 95 % interval."
    )
    gain_high = KnownFloat(
        string="Gain To", readonly=True, aggregator=None, digits=(16, 2), help="Upper end of the 95 % interval."
    )
    cost = fields.Monetary(
        readonly=True, help="Costs of the campaign on these days, and up to the verdict what is typed."
    )
    romi_pct = KnownFloat(
        string="ROMI (%)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="(Gain - cost) / cost, in percent: 0 when the money came back.",
    )
    proposal = fields.Selection(
        selection=[("keep", "Keep"), ("change", "Do It Differently"), ("stop", "Stop")],
        readonly=True,
        help="Keep: the effect is more than chance and pays for itself. Stop: it does harm, or cannot be even half of "
        "what was expected. Change: everything else.",
    )
    note = fields.Text(compute="_compute_note", help="What was measured, in words.")

    _period_uniq = models.UniqueIndex("(decision_id, date_first, date_last)", "This period is measured already.")

    @api.depends("effect", "gain", "cost")
    @api.depends_context("lang")
    def _compute_note(self):
        for row in self:
            row.note = "\n".join(row._get_sentences())

    @api.depends("decision_id", "date_last")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.decision_id.name}, {format_date(self.env, row.date_last)}"

    def _known(self, name):
        """Return a number, or None where it is not known: 0 is a number too."""
        return None if self[name] is False else self[name]

    # ------------------------------------------------------------------
    # Sentences
    # ------------------------------------------------------------------
    def _format(self, value, *, signed=False):
        """Return a value of the measure as the reader writes it."""
        sign = "+" if signed and value > 0 else ""
        if self.measure in MONEY:
            return sign + format_amount(self.env, value, self.currency_id)
        digits = 1 if self.measure == "buyers" else 2
        text = sign + formatLang(self.env, value, digits=digits)
        if self.measure == "orders":
            return text
        return self.env._("%(points)s points", points=text) if signed else f"{text} %"

    def _get_sentences(self):
        self.ensure_one()
        if self.effect is False:
            return [self.env._("Not measurable: each group needs two customers at least.")]
        sentences = [self._get_groups_sentence(), self._get_effect_sentence(), self._get_gain_sentence()]
        if self.basis == "prior":
            sentences.append(self._get_prior_sentence())
        return sentences

    def _get_measure_label(self):
        return {
            "revenue": self.env._("Net sales per customer"),
            "margin": self.env._("Margin per customer"),
            "orders": self.env._("Orders per customer"),
            "buyers": self.env._("Customers who bought"),
        }[self.measure]

    def _get_groups_sentence(self):
        values = {
            "measure": self._get_measure_label(),
            "first": format_date(self.env, self.date_first),
            "last": format_date(self.env, self.date_last),
            "treated": self._format(self.treated_value),
            "base": self._format(self.base_value),
            "treated_count": self.treated_count,
            "held_out_count": self.held_out_count,
        }
        if self.basis == "prior":
            return self.env._(
                "%(measure)s from %(first)s to %(last)s: %(treated)s, and %(base)s in as many days before "
                "the start (%(treated_count)s customers).",
                **values,
            )
        return self.env._(
            "%(measure)s from %(first)s to %(last)s: %(treated)s of the %(treated_count)s treated, and "
            "%(base)s of the %(held_out_count)s held out.",
            **values,
        )

    def _get_effect_sentence(self):
        values = {
            "effect": self._format(self.effect, signed=True),
            "low": self._format(self.effect_low, signed=True),
            "high": self._format(self.effect_high, signed=True),
        }
        if not self.is_testable:
            return self.env._(
                "The groups are too small for a test: the effect of %(effect)s (95 %%: %(low)s to %(high)s) may be "
                "chance.",
                **values,
            )
        if self.effect_low > 0 or self.effect_high < 0:
            return self.env._("The effect is %(effect)s (95 %%: %(low)s to %(high)s): more than chance.", **values)
        return self.env._("The effect is %(effect)s (95 %%: %(low)s to %(high)s): this may be chance.", **values)

    def _get_gain_sentence(self):
        if self.gain is False:
            return self.env._(
                "What it brought is not measurable: needs the cost of more of the goods that each group bought."
            )
        values = {
            name: format_amount(self.env, self[name], self.currency_id)
            for name in ("gain", "gain_low", "gain_high", "cost")
        }
        if self.romi_pct is False:
            return self.env._("It brought a margin of %(gain)s (95 %%: %(gain_low)s to %(gain_high)s).", **values)
        return self.env._(
            "It brought a margin of %(gain)s (95 %%: %(gain_low)s to %(gain_high)s) for a cost of %(cost)s: ROMI "
            "%(romi)s %%.",
            romi=formatLang(self.env, self.romi_pct, digits=0),
            **values,
        )

    def _get_prior_sentence(self):
        warning = self.env._("A comparison with the period before cannot prove that the action was the cause.")
        if self.season_pct is False:
            return warning
        season = self.env._(
            "A year earlier the same customers changed by %(season)s %% between the same two periods.",
            season=formatLang(self.env, self.season_pct, digits=0),
        )
        return f"{warning} {season}"
