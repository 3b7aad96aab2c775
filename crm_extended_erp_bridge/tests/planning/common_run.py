from datetime import timedelta

from odoo import fields

from ..common import TODAY
from .common_planning import PlanningModeCommon

# A Monday two weeks after today.
DUE = fields.Date.to_date(TODAY) + timedelta(days=14)


class RunCommon(PlanningModeCommon):
    """The lamp with its parameters, and demand as plain deliveries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.params = cls._create_parameters(cls.products)
        cls.customers = cls.env.ref("stock.stock_location_customers")

    @classmethod
    def _create_demand(cls, product, qty, date=DUE, **values):
        """A delivery that is to leave on `date`."""
        move = cls.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom_qty": qty,
                "product_uom": product.uom_id.id,
                "location_id": cls.warehouse.lot_stock_id.id,
                "location_dest_id": cls.customers.id,
                "date": fields.Datetime.to_datetime(date),
                "origin": "S-TEST",
                **values,
            }
        )
        move._action_confirm(merge=False)
        move.date = fields.Datetime.to_datetime(date)
        return move

    @classmethod
    def _get_planned(cls, product):
        """{due date: quantity} of the planned orders of a product."""
        orders = cls.env["mrp.planned.order"].search(
            [("mrp_area_id", "=", cls.area.id), ("product_id", "=", product.id)]
        )
        planned = {}
        for order in orders:
            planned[order.due_date] = planned.get(order.due_date, 0.0) + order.mrp_qty
        return planned

    def _get_total(self, product):
        return sum(self._get_planned(product).values())

    @classmethod
    def _get_issues(cls, kind=None):
        domain = [("mrp_area_id", "=", cls.area.id)]
        return cls.env["crm.planning.issue"].search(domain + ([("kind", "=", kind)] if kind else []))

    def _switch_off(self, company=None):
        feature = self.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_production_planning")
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": (company or self.company).id, "state": "off"}
        )
