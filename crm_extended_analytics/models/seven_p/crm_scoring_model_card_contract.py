from odoo import fields, models
from odoo.tools import format_date, formatLang

MODEL = "sbg"
# error of a parameter, in parts of itself, from which on its limits are named
UNCERTAIN = 0.5


class CrmScoringModelCard(models.Model):
    """The card of the renewals of contracts (shifted beta-geometric)."""

    _inherit = "crm.scoring.model.card"

    model = fields.Selection(selection_add=[(MODEL, "Renewals of Contracts (sBG)")], ondelete={MODEL: "cascade"})

    def _get_data_text(self):
        if self.model != MODEL or not self.fit:
            return super()._get_data_text()
        return self.env._(
            "%(contracts)s contracts of %(company)s that began up to %(day)s; contract years: %(years)s, ends: "
            "%(ended)s.",
            contracts=self._format(self.fit["contracts"]),
            company=self.company_id.name,
            day=format_date(self.env, self.as_of),
            years=self.fit["years"],
            ended=self._format(self.fit["ended"]),
        )

    def _get_parameter_names(self):
        return ("alpha", "beta") if self.model == MODEL else super()._get_parameter_names()

    def _get_fit_text(self):
        fit = self.fit or {}
        if self.model != MODEL or "expected_ended" not in fit:
            return super()._get_fit_text()
        parts = [
            self.env._(
                "Ends: %(expected)s expected, %(actual)s came. Log-likelihood %(likelihood)s.",
                expected=formatLang(self.env, fit["expected_ended"], digits=1),
                actual=self._format(fit["ended"]),
                likelihood=formatLang(self.env, fit["log_likelihood"], digits=1),
            )
        ]
        for name in self._get_parameter_names():
            ends = fit["interval_95"][name]
            if ends:
                low, high = (formatLang(self.env, end, digits=2) for end in ends)
                parts.append(
                    self.env._("%(name)s lies between %(low)s and %(high)s (95 %%).", name=name, low=low, high=high)
                )
        return "\n".join(parts)

    def _get_back_test_text(self):
        test = self.back_test
        if self.model != MODEL or not test:
            return super()._get_back_test_text()
        parts = [
            self.env._(
                "Last year hidden: of %(count)s contracts that came to a renewal %(came)s ended. The model foresaw "
                "%(foreseen)s, the mean loss of all years before %(carried)s: grade %(grade)s.",
                count=self._format(test["at_risk"]),
                came=self._format(test["came"]),
                foreseen=formatLang(self.env, test["foreseen"], digits=1),
                carried=formatLang(self.env, test["carried_on"], digits=1),
                grade=test["letter"],
            ),
            self._get_bias_text(test["bias"]),
        ]
        return "\n".join(parts)

    def _get_model_limits(self):
        if self.model != MODEL:
            return super()._get_model_limits()
        limits = [
            self.env._(
                "Fitted to all contracts at once, by the likelihood that allows for those that still run; cohorts are "
                "taken as alike: a contract of today renews as one of years ago did at the same age."
            ),
            self.env._(
                "The unit is a year from the start of the contract. A contract that is bound for several years cannot "
                "end at each anniversary, and makes its first years look too safe."
            ),
            self.env._("A contract whose last day is set but not reached counts as running."),
        ]
        errors = (self.fit or {}).get("standard_errors") or {}
        values = (self.fit or {}).get("parameters") or {}
        if any(error is None or error > UNCERTAIN * values[name] for name, error in errors.items()):
            limits.append(
                self.env._("The parameters are uncertain: read the curve near the years seen, not far beyond them.")
            )
        return limits
