from math import floor, log10

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

# digits of a parameter that are shown
SIGNIFICANT = 4
# share of customers that stop after a purchase below which a fit shows no drop-out at all
LEAST_DROP_OUT = 1e-4


class CrmScoringModelCard(models.Model):
    """What a fitted model is worth: its data, parameters, fit, back-test and limits, or why it was refused."""

    _name = "crm.scoring.model.card"
    _inherit = ["crm.refusal.mixin"]
    _description = "Model Card"
    _order = "period desc, run_id, id"

    run_id = fields.Many2one(
        comodel_name="crm.scoring.run", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    period = fields.Date(related="run_id.period", store=True, string="Month")
    as_of = fields.Date(related="run_id.as_of")
    model = fields.Selection(
        selection=[
            ("bg_nbd", "Purchases (BG/NBD)"),
            ("gamma_gamma", "Value of a Purchase (Gamma-Gamma)"),
            ("clv", "Lifetime Value"),
        ],
        required=True,
        readonly=True,
    )
    customer_kind = fields.Selection(
        selection=[("company", "Companies"), ("person", "Persons")],
        string="Customers",
        readonly=True,
        help="The kind of customers of the model, when the method keeps companies and persons apart; empty: all.",
    )
    parameters = fields.Json(readonly=True)
    fit = fields.Json(readonly=True)
    back_test = fields.Json(readonly=True)
    is_refused = fields.Boolean(string="Refused", readonly=True)
    grade = fields.Char(
        compute="_compute_grade",
        store=True,
        help="Last half year hidden, model fitted again: A finds at least 5 % more of the best customers than "
        "carrying on the past, B as many, C fewer; and no better than its bias allows: A up to 10 %, B up to 25 %, C "
        "beyond. Bias = (sum of the forecasts - sum of what came) / sum of what came. Of contracts: "
        "last year hidden, by the bias of the ends, and A only where the mean loss of the past is not nearer. Empty: "
        "the history is too short for the test, or the value is no forecast.",
    )
    data_text = fields.Text(string="Data", compute="_compute_texts")
    parameters_text = fields.Text(string="Fitted Parameters", compute="_compute_texts")
    fit_text = fields.Text(string="Goodness of Fit", compute="_compute_texts")
    back_test_text = fields.Text(string="Back-Test", compute="_compute_texts")
    limits_text = fields.Text(string="Known Limits", compute="_compute_texts")

    @api.depends("model", "as_of", "customer_kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["model"]._description_selection(self.env))
        kinds = dict(self._fields["customer_kind"]._description_selection(self.env))
        for card in self:
            parts = [labels.get(card.model), kinds.get(card.customer_kind), format_date(self.env, card.as_of)]
            card.display_name = ", ".join(part for part in parts if part)

    @api.depends("back_test")
    def _compute_grade(self):
        for card in self:
            card.grade = (card.back_test or {}).get("letter")

    @api.depends("parameters", "fit", "back_test", "as_of")
    @api.depends_context("lang")
    def _compute_texts(self):
        for card in self:
            card.data_text = card._get_data_text()
            card.parameters_text = card._get_parameters_text()
            card.fit_text = card._get_fit_text()
            card.back_test_text = card._get_back_test_text()
            card.limits_text = "\n".join(card._get_limits())

    def _get_data_text(self):
        if not self.fit:
            return False
        return self.env._(
            "%(customers)s customers of %(company)s with sales up to %(day)s.",
            customers=self._format(self.fit.get("customers") or 0),
            company=self.company_id.name,
            day=format_date(self.env, self.as_of),
        )

    def _get_parameter_names(self):
        return {"bg_nbd": ("r", "alpha", "a", "b"), "gamma_gamma": ("p", "q", "v")}.get(self.model, ())

    def _get_parameters_text(self):
        pairs = zip(self._get_parameter_names(), self.parameters or [], strict=False)
        return ", ".join(f"{name} = {self._format(value, SIGNIFICANT)}" for name, value in pairs)

    def _format(self, value, significant=0):
        """Return a number for people; with `significant`, so many digits of it count behind the point."""
        digits = max(significant - 1 - floor(log10(abs(value))), 0) if significant and value else 0
        return formatLang(self.env, value, digits=digits)

    def _get_fit_text(self):
        fit = self.fit or {}
        if self.model == "clv":
            return self._get_choice_text(fit)
        if self.model == "bg_nbd" and "expected_repeat_purchases" in fit:
            return self.env._(
                "Repeat purchases: %(expected)s expected, %(actual)s were made. Customers without one: "
                "%(expected_none)s expected, %(actual_none)s found.",
                expected=self._format(fit["expected_repeat_purchases"]),
                actual=self._format(fit["actual_repeat_purchases"]),
                expected_none=self._format(fit["expected_without_repeat"]),
                actual_none=self._format(fit["actual_without_repeat"]),
            )
        if fit.get("correlation") is not None:
            return self.env._(
                "Correlation of number and value of purchases: %(correlation)s.",
                correlation=formatLang(self.env, fit["correlation"], digits=2),
            )
        return False

    def _get_choice_text(self, fit):
        """Return the method of the lifetime value, why no better one, and how good its interval is."""
        measures = self.env["crm.customer.measure"]
        labels = dict(measures._fields["clv_method"]._description_selection(self.env))
        numbers = {name: self._format(value) for name, value in (fit.get("clv_numbers") or {}).items()}
        parts = [
            labels.get(fit.get("clv_method"), ""),
            self._get_choice_reasons().get(fit.get("clv_reason"), "") % numbers,
        ]
        if fit.get("retention") is not None:
            share = formatLang(self.env, 100 * fit["retention"], digits=1)
            parts.append(self.env._("Retention of the customers of the window before: %(share)s %%.", share=share))
        if fit.get("within") is not None:
            parts.append(
                self.env._(
                    "Interval of %(coverage)s %%: made from one half of the customers, it held %(within)s %% of the "
                    "other.",
                    coverage=self._format(100 * fit["coverage"]),
                    within=self._format(100 * fit["within"]),
                )
            )
        return "\n".join(part for part in parts if part)

    def _get_choice_reasons(self):
        return {
            "enough_data": self.env._("Chosen because the data suffice: %(found)s customers, %(needed)s are needed."),
            "few_customers": self.env._("For the models there are %(found)s customers, %(needed)s are needed."),
            "few_repeat_buyers": self.env._("For the models %(found)s bought again, %(needed)s are needed."),
            "short_history": self.env._(
                "For the models the history holds %(found)s intervals between purchases, %(needed)s are needed."
            ),
            "few_at_start": self.env._(
                "For the retention there are %(found)s customers of the window before, %(needed)s are needed."
            ),
            "few_periods": self.env._("For the retention there are %(found)s whole years, %(needed)s are needed."),
        }

    def _is_without_drop_out(self):
        """Return whether hardly anybody stops after a purchase, by the mean a / (a + b) of the drop-out."""
        if len(self.parameters or []) < 4:
            return False
        a, b = self.parameters[2:4]
        return a / (a + b) < LEAST_DROP_OUT

    def _get_back_test_text(self):
        test = self.back_test
        if not test:
            return False
        parts = [
            self.env._(
                "Of the %(best)s best customers of the hidden half year the model found %(found)s, carrying on the "
                "past %(baseline)s: grade %(grade)s.",
                best=self._format(test["high_value"]),
                found=self._format(test["found"]),
                baseline=self._format(test["found_by_baseline"]),
                grade=test["letter"],
            )
        ]
        if test.get("bias") is not None:
            parts.append(self._get_bias_text(test["bias"]))
        if test.get("groups"):
            parts.append(self._get_calibration_text(test))
        return "\n".join(parts)

    def _get_bias_text(self, bias):
        share = formatLang(self.env, abs(100 * bias), digits=1)
        if bias < 0:
            return self.env._("In total it foresaw %(share)s %% too little.", share=share)
        return self.env._("In total it foresaw %(share)s %% too much.", share=share)

    def _get_calibration_text(self, test):
        """Return what was foreseen and what came in each fifth of the customers, by what was foreseen."""
        groups = "; ".join(
            f"{formatLang(self.env, said, digits=1)} / {formatLang(self.env, came, digits=1)}"
            for said, came in test["groups"]
        )
        return self.env._(
            "Foreseen / came per customer, by fifths: %(groups)s; off by %(error)s %% of what came.",
            groups=groups,
            error=formatLang(self.env, 100 * (test.get("calibration_error") or 0), digits=1),
        )

    def _get_limits(self):
        limits = self._get_model_limits()
        if "at_bound" in ((self.fit or {}).get("problems") or []):
            limits.append(
                self.env._(
                    "A parameter ended at the edge of what is searched: the data have less variety than the model."
                )
            )
        return limits

    def _get_clv_limits(self):
        """Return what the interval of the chosen value does not say."""
        return [
            {
                "bg_nbd_gamma_gamma": self.env._(
                    "The value is that of 12 months. The interval is that of a single customer and of half a year's "
                    "error; the sum of many customers is far better known."
                ),
                "present_value": self.env._(
                    "All customers have the same retention. The interval is its error only: a single customer stays "
                    "or goes."
                ),
            }.get((self.fit or {}).get("clv_method"), self.env._("What was earned so far is no forecast."))
        ]

    def _get_model_limits(self):
        if self.model == "bg_nbd":
            limits = [
                self.env._("Who bought once counts as alive with certainty: look at the lateness instead."),
                self.env._("The model knows no seasons, and no contracts that tell when they end."),
            ]
            if self._is_without_drop_out():
                limits.append(
                    self.env._("These data show nobody who stops: all count as alive, and no value is at risk.")
                )
            return limits
        if self.model == "clv":
            return self._get_clv_limits()
        limits = [self.env._("The model takes the value of a purchase as independent of the number of purchases.")]
        correlation = (self.fit or {}).get("correlation")
        if correlation is not None and abs(correlation) > 0.3:
            limits.append(self.env._("Here it is not: the correlation is above 0.3, so mind the lifetime value."))
        return limits
