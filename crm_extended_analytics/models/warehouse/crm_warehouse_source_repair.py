from odoo import models
from odoo.tools import SQL


class CrmWarehouseSourceRepair(models.AbstractModel):
    """Repairs of what customers bought, where Repairs is installed."""

    _name = "crm.warehouse.source.repair"
    _inherit = ["crm.warehouse.source"]
    _description = "Repairs"
    _fact = "crm.fact.service"
    _reads = "repair.order"
    _sequence = 80

    def _key(self):
        return SQL("repair.id")

    def _company(self):
        return SQL("repair.company_id")

    def _from(self):
        return SQL("repair_order repair %s", self._party_from(SQL("repair.partner_id")))

    def _where(self):
        return SQL("repair.state <> 'cancel' AND p.id IS NOT NULL")

    def _watermark_columns(self):
        return [SQL("repair.write_date")]

    def _select(self):
        return {
            **self._party_select(),
            "kind": SQL("'repair'"),
            "direction": SQL("'in'"),
            "channel": SQL("'repair'"),
            "document_name": SQL("repair.name"),
            "document_model": SQL("'repair.order'"),
            "document_id": SQL("repair.id"),
            "product_id": SQL("repair.product_id"),
            "date": self._local_date(SQL("repair.create_date")),
            "date_time": SQL("repair.create_date"),
            "user_id": SQL("repair.user_id"),
        }
