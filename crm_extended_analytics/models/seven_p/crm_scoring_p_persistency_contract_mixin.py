from odoo import models
from odoo.tools import SQL

from . import contract_models


class CrmScoringPPersistencyContractMixin(models.AbstractModel):
    """What Persistency says of customers with contracts: how likely their contracts are renewed."""

    _name = "crm.scoring.p.persistency.contract.mixin"
    _description = "Contracts in Persistency"

    def _fit_contracts(self, run, parameters):
        """Return the parameters with those of the contracts, and their card among the cards."""
        found, cards = contract_models.fit(run)
        return parameters | found | {"cards": [*parameters.get("cards", []), *cards]}

    def _get_contract_steps(self, parameters):
        """Return SQL of the measures of contracts; empty ones without a fit, which nothing is joined for."""
        if not parameters.get("sbg"):
            return {"_contracts": SQL("NULL::int"), "_retention": SQL("NULL::float8")}
        return {"_contracts": SQL("life.contracts"), "_retention": SQL("life.retention")}

    def _get_contract_join(self, scope, parameters):
        if not parameters.get("sbg"):
            return SQL("")
        lives = contract_models.get_retention_sql(scope, parameters)
        return SQL("LEFT JOIN (%s) life ON life.partner_id = m.partner_id", lives)

    def _explain_contracts(self, row):
        if row["contract_retention"] is None:
            return []
        code = "contract" if row["contract_count"] == 1 else "contracts"
        return [(code, {"count": row["contract_count"], "share": round(row["contract_retention"])})]

    def _get_contract_sentences(self):
        return {
            "contract": self.env._("Has a contract that is renewed with a probability of %(share)s %%, by its age."),
            "contracts": self.env._(
                "Has %(count)s contracts; each is renewed with a probability of %(share)s %% on average, by its age."
            ),
        }
