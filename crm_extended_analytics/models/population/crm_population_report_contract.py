from odoo import models

from ...scoring import kaplan_meier, sbg
from ..seven_p import contract_models

# contract years that are forecast beyond those seen
FORECAST_YEARS = 5


class CrmPopulationReportContract(models.AbstractModel):
    """How many contracts are still there after each year: as seen, and by a model that says what comes.

    As seen: Kaplan-Meier over all contracts, those that still run included. The model: shifted beta-geometric, by the
    same contracts. Both are made of all contracts and of those of each product category.
    """

    _name = "crm.population.report.contract"
    _inherit = ["crm.population.report"]
    _description = "Renewals of Contracts (Analysis)"
    _report_code = "contract"
    _report_sequence = 64

    def _needs(self):
        return ("crm.fact.contract",)

    def _rebuild(self, run):
        rows = self.env["crm.contract.survival"]
        rows._forget_rows(run)
        lives = contract_models.get_lives_sql(run.company_id, run.as_of, self._get_population(run))
        common = {"company_id": run.company_id.id, "period": run.period, "as_of": run.as_of}
        # `sudo`: nobody may write rows of an analysis
        rows.sudo().create(
            [
                common | {"categ_id": categ} | row
                for categ, (renewals, counts) in contract_models.get_renewals(self.env, lives).items()
                for row in self._get_rows(renewals, counts)
            ]
        )

    def _get_rows(self, renewals, counts):
        """Return the values of the rows of a group: the start, the years seen and, with a model, those to come."""
        fitted, refusal = contract_models.fit_or_refuse(renewals)
        curve = kaplan_meier.survival_curve(
            (years, ended) for years, ended, count in counts for _contract in range(count)
        )
        total, seen = sum(count for _years, _ended, count in counts), len(renewals.at_risk)
        rows = []
        for year in range(seen + 1 + (FORECAST_YEARS if fitted else 0)):
            row = {"contract_year": year, "contract_count": total, "refusal": refusal}
            row |= self._get_seen(year, renewals, curve) if year <= seen else {"is_forecast": True}
            if fitted:
                row["survival_model"] = 100 * sbg.survival(fitted.parameters, year)
                row["retention_model"] = 100 * sbg.retention(fitted.parameters, year) if year else None
            rows.append(row)
        return rows

    def _get_seen(self, year, renewals, curve):
        if not year:
            return {"survival": 100.0}
        at_risk, ended = renewals.at_risk[year - 1], renewals.ended[year - 1]
        return {
            "at_risk": at_risk,
            "ended": ended,
            "survival": 100 * kaplan_meier.survival_at(curve, year),
            "retention": 100 * (1 - ended / at_risk),
        }
