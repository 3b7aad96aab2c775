from odoo import fields

from ..planning.common_planning import PlanningModeCommon


class PeggingCommon(PlanningModeCommon):
    """Lamp (1 day) <- module (2 days) <- 2 chips (5 days); lamp <- box (5 days); every day is a working day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.calendar_id = False
        cls.lamp_bom.produce_delay = 1
        cls.module_bom.produce_delay = 2
        cls._create_parameters(cls.products)
        cls.pegging = cls.env["crm.pegging"]

    @classmethod
    def _order_for(cls, qty, day, product=None, **values):
        """A confirmed order to deliver on `day` of March 2026."""
        order = cls._create_order(
            [(product or cls.lamp, qty, 100.0)], commitment_date=f"2026-03-{day:02} 12:00:00", **values
        )
        order.action_confirm()
        return order

    @classmethod
    def _plan(cls):
        planned = cls._run_plan()
        cls.pegging._rebuild(cls.area)
        return planned

    @classmethod
    def _rows(cls, order):
        return cls.pegging.search([("sale_line_id", "in", order.order_line.ids)], order="id")

    @staticmethod
    def _day(day):
        return fields.Date.to_date(f"2026-03-{day:02}")

    @staticmethod
    def _flatten(nodes):
        for node in nodes:
            yield node
            yield from PeggingCommon._flatten(node["children"])
