from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceContract(models.AbstractModel):
    """Contracts with customers, where OCA's contract is installed.

    A fact is a contract, not a line: a line that is suspended and goes on as its successor has not ended.
    """

    _name = "crm.warehouse.source.contract"
    _inherit = ["crm.warehouse.source"]
    _description = "Contracts"
    _fact = "crm.fact.contract"
    _reads = "contract.contract"
    _needs = (
        "contract.contract:contract_type",
        "contract.contract:terminate_date",
        "contract.contract:user_id",
        "contract.line:date_start",
        "contract.line:date_end",
        "contract.line:display_type",
        "contract.line:is_auto_renew",
        "contract.line:is_canceled",
        "contract.line:product_id",
    )
    _sequence = 82

    def _key(self):
        return SQL("contract.id")

    def _company(self):
        return SQL("contract.company_id")

    def _from(self):
        return SQL(
            """
            contract_contract contract
            JOIN (SELECT contract_id, MIN(date_start) AS date_start, MAX(write_date) AS write_date,
                         (array_agg(product_id ORDER BY date_start, id)
                          FILTER (WHERE product_id IS NOT NULL))[1] AS product_id,
                         CASE WHEN bool_and(date_end IS NOT NULL AND is_auto_renew IS NOT TRUE)
                              THEN MAX(date_end) END AS date_end
                    FROM contract_line
                   WHERE is_canceled IS NOT TRUE AND display_type IS NULL AND date_start IS NOT NULL
                   GROUP BY contract_id) term ON term.contract_id = contract.id
            LEFT JOIN product_product product ON product.id = term.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            %s
            """,
            self._party_from(SQL("contract.partner_id")),
        )

    def _where(self):
        return SQL("contract.contract_type = 'sale' AND p.id IS NOT NULL")

    def _watermark_columns(self):
        return [SQL("contract.write_date"), SQL("term.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            "document_name": SQL("contract.name"),
            "date": SQL("term.date_start"),
            "date_end": SQL("COALESCE(contract.terminate_date, term.date_end)"),
            "user_id": SQL("contract.user_id"),
            "product_id": SQL("term.product_id"),
            "categ_id": SQL("template.categ_id"),
        }
