from odoo import api, fields, models

from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one

ALL = "all"
# product categories on the screen; more buttons do not fit on it
SHOWN = 6


class CrmContractSurvival(models.Model):
    """After a contract year: how many contracts are still there, as seen and as the model says."""

    _name = "crm.contract.survival"
    _inherit = ["crm.population.row.mixin", "crm.refusal.mixin"]
    _description = "Renewals of Contracts"
    _log_access = False
    _order = "period desc, categ_id nulls first, contract_year, id"

    categ_id = FactMany2one(
        comodel_name="product.category",
        string="Product Category",
        readonly=True,
        help="The contracts of products of the category; empty: all contracts.",
    )
    contract_year = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Years since the start of a contract. At the end of each it is renewed, or it ends.",
    )
    contract_count = fields.Integer(
        string="Contracts", readonly=True, aggregator="max", help="Contracts that began up to the day."
    )
    at_risk = fields.Integer(
        string="Came to Renewal",
        readonly=True,
        aggregator=None,
        help="Contracts whose year so many is over: those that were renewed and those that ended in it. A contract "
        "that runs and has not come so far is not among them.",
    )
    ended = fields.Integer(readonly=True, help="Contracts that ended in the year or on its last day.")
    survival = KnownFloat(
        string="Still There (%)",
        readonly=True,
        aggregator="avg",
        help="Kaplan-Meier: product of (1 - ended / came to renewal) over the years up to this one, in percent. Empty "
        "beyond the years seen.",
    )
    survival_model = KnownFloat(
        string="Still There, Model (%)",
        readonly=True,
        aggregator="avg",
        help="Shifted beta-geometric: B(alpha, beta + t) / B(alpha, beta) after t years, in percent; five years beyond "
        "those seen. Empty where the contracts are too few.",
    )
    retention = KnownFloat(
        string="Renewed (%)",
        readonly=True,
        aggregator="avg",
        help="1 - ended / came to renewal, in percent.",
    )
    retention_model = KnownFloat(
        string="Renewed, Model (%)",
        readonly=True,
        aggregator="avg",
        help="(beta + t - 1) / (alpha + beta + t - 1) at the renewal t, in percent.",
    )
    is_forecast = fields.Boolean(string="Forecast", readonly=True, help="No contract has come so far yet.")
    reason = fields.Text(string="Why No Model")

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    @api.model
    def _get_empty_sentence(self):
        if self.env["crm.warehouse.source.contract"]._is_available():
            return self.env._(
                "There are no contracts with customers yet. They come here with the scoring after the next load."
            )
        return self.env._(
            "There are no contracts: they come from the module Contract (contract of the OCA), which is not installed."
        )

    def _prepare_screen(self, rows, option):
        groups = {str(categ.id or ALL): found for categ, found in rows.grouped("categ_id").items()}
        largest = sorted(groups, key=lambda key: (key != ALL, -groups[key][0].contract_count))[: SHOWN + 1]
        option = option if option in groups else ALL
        shown = groups[option].sorted("contract_year")
        return {
            "option": option,
            "options": [[key, groups[key].categ_id.display_name or self.env._("All contracts")] for key in largest]
            if len(groups) > 1
            else False,
            "label": self.env._("Contracts still there (%)"),
            "axis_label": self.env._("Years since the start"),
            "seen_label": self.env._("As seen"),
            "model_label": self.env._("Model and forecast"),
            "seen": [[row.contract_year, round(row.survival, 1)] for row in shown if row.survival is not False],
            "model": [
                [row.contract_year, round(row.survival_model, 1)] for row in shown if row.survival_model is not False
            ],
            "sentences": shown._get_sentences(),
        }

    def _get_sentences(self):
        """Return what the curve says in words."""
        seen, last = self.filtered(lambda row: not row.is_forecast)[-1:], self[-1:]
        sentences = []
        if seen.contract_year:
            sentences.append(
                self.env._(
                    "Of 100 contracts %(count)s are still there after %(years)s years.",
                    count=round(seen.survival),
                    years=seen.contract_year,
                )
            )
        if last.is_forecast:
            first = self.filtered(lambda row: row.contract_year == 1)
            sentences.append(
                self.env._(
                    "The model expects %(count)s of them after %(years)s years. The older a contract, the surer its "
                    "renewal: %(first)s %% are renewed the first time, %(next)s %% of those left at renewal "
                    "%(renewal)s.",
                    count=round(last.survival_model),
                    years=last.contract_year,
                    first=round(first.retention_model),
                    next=round(self[seen.contract_year + 1].retention_model),
                    renewal=seen.contract_year + 1,
                )
            )
        if last.reason:
            sentences.append(self.env._("No forecast: %(reason)s", reason=last.reason))
        sentences.append(
            self.env._(
                "Counted from %(contracts)s contracts; one that still runs counts for the years that it has behind it.",
                contracts=self[:1].contract_count,
            )
        )
        return sentences
