from odoo import api, fields, models


class CrmScoringModelCard(models.Model):
    """What a fitted model is worth: its data, parameters, fit, back-test and limits, or why it was refused."""

    _name = "crm.scoring.model.card"
    _description = "Model Card"
    _order = "run_id desc, id"

    run_id = fields.Many2one(
        comodel_name="crm.scoring.run", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="run_id.company_id", store=True, index=True)
    period = fields.Date(related="run_id.period", store=True, string="Month")
    as_of = fields.Date(related="run_id.as_of")
    model = fields.Selection(
        selection=[("bg_nbd", "Purchases (BG/NBD)"), ("gamma_gamma", "Value of a Purchase (Gamma-Gamma)")],
        required=True,
        readonly=True,
    )
    parameters = fields.Json(readonly=True)
    fit = fields.Json(readonly=True)
    back_test = fields.Json(readonly=True)
    is_refused = fields.Boolean(string="Refused", readonly=True)
    reason = fields.Text(readonly=True, help="Why the model was not fitted, or may not be used.")
    grade = fields.Char(
        compute="_compute_grade",
        store=True,
        help="Last half year hidden, model fitted again: A finds at least 5 % more of the best customers than "
        "carrying on the past, B as many, C fewer. Empty: the history is too short for the test.",
    )
    data_text = fields.Text(string="Data", compute="_compute_texts")
    parameters_text = fields.Text(string="Fitted Parameters", compute="_compute_texts")
    fit_text = fields.Text(string="Goodness of Fit", compute="_compute_texts")
    back_test_text = fields.Text(string="Back-Test", compute="_compute_texts")
    limits_text = fields.Text(string="Known Limits", compute="_compute_texts")

    @api.depends("model", "as_of")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["model"]._description_selection(self.env))
        for card in self:
            card.display_name = f"{labels.get(card.model, '')}, {card.as_of}"

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
            customers=round(self.fit.get("customers") or 0),
            company=self.company_id.name,
            day=self.as_of,
        )

    def _get_parameters_text(self):
        names = {"bg_nbd": ("r", "alpha", "a", "b"), "gamma_gamma": ("p", "q", "v")}[self.model]
        return ", ".join(f"{name} = {value:.4f}" for name, value in zip(names, self.parameters or [], strict=False))

    def _get_fit_text(self):
        fit = self.fit or {}
        if self.model == "bg_nbd" and "expected_repeat_purchases" in fit:
            return self.env._(
                "Repeat purchases: %(expected)s expected, %(actual)s were made. Customers without one: "
                "%(expected_none)s expected, %(actual_none)s found.",
                expected=round(fit["expected_repeat_purchases"]),
                actual=round(fit["actual_repeat_purchases"]),
                expected_none=round(fit["expected_without_repeat"]),
                actual_none=round(fit["actual_without_repeat"]),
            )
        if fit.get("correlation") is not None:
            return self.env._(
                "Correlation of number and value of purchases: %(correlation)s.",
                correlation=round(fit["correlation"], 3),
            )
        return False

    def _get_back_test_text(self):
        if not self.back_test:
            return False
        return self.env._(
            "Of the %(best)s best customers of the hidden half year the model found %(found)s, carrying on the past "
            "%(baseline)s: grade %(grade)s.",
            best=self.back_test["high_value"],
            found=self.back_test["found"],
            baseline=self.back_test["found_by_baseline"],
            grade=self.back_test["letter"],
        )

    def _get_limits(self):
        if self.model == "bg_nbd":
            return [
                self.env._("Who bought once counts as alive with certainty: look at the lateness instead."),
                self.env._("The model knows no seasons, and no contracts that tell when they end."),
            ]
        limits = [self.env._("The model takes the value of a purchase as independent of the number of purchases.")]
        correlation = (self.fit or {}).get("correlation")
        if correlation is not None and abs(correlation) > 0.3:
            limits.append(self.env._("Here it is not: the correlation is above 0.3, so mind the lifetime value."))
        return limits
