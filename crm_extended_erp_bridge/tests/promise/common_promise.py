from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from ..common import NOW, BridgeCommon


class PromiseCommon(BridgeCommon):
    """The lamp of the planner's golden test as real products: Monday 2 March 2026, 9:00, work 8-12 and 13-17."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a plan that the database brings along is not ours
        cls.env["crm.pegging"].search([]).unlink()
        cls.now = fields.Datetime.to_datetime(NOW)
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Forty hours",
                "tz": "UTC",
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"{day} {hour}",
                            "dayofweek": str(day),
                            "hour_from": hour,
                            "hour_to": hour + 4,
                            "day_period": "morning" if hour < 12 else "afternoon",
                        }
                    )
                    for day in range(5)
                    for hour in (8, 13)
                ],
            }
        )
        cls.smt = cls._create_workcenter("SMT")
        cls.assembly = cls._create_workcenter("Assembly")

    @classmethod
    def _create_workcenter(cls, name, **values):
        workcenter = cls.env["mrp.workcenter"].create(
            {"name": name, "resource_calendar_id": cls.calendar.id, "time_start": 0, "time_stop": 0, **values}
        )
        workcenter.resource_id.tz = "UTC"
        return workcenter

    @classmethod
    def _create_planned_lamp(cls):
        """Lamp <- module <- 2 chips; lamp <- box. Chips 3 days; 2 lamps, 3 modules and 100 boxes in stock."""
        cls.lamp, cls.module, cls.chip, cls.box = (
            cls._create_product(name) for name in ("Lamp", "Module", "Chip", "Box")
        )
        cls._add_vendor(cls.chip, delay=3)
        cls._add_vendor(cls.box, delay=30)
        cls.module_bom = cls._create_bom(cls.module, [(cls.chip, 2)])
        cls.lamp_bom = cls._create_bom(cls.lamp, [(cls.module, 1), (cls.box, 1)])
        cls.smt.write({"time_start": 6, "time_stop": 4})
        cls._add_operation(cls.module_bom, cls.smt, 60)
        cls._add_operation(cls.lamp_bom, cls.assembly, 60)
        cls.env["mrp.workcenter.capacity"].create(
            {
                "workcenter_id": cls.assembly.id,
                "product_id": cls.lamp.id,
                "product_uom_id": cls.lamp.uom_id.id,
                "capacity": 2,
                "time_start": 0,
                "time_stop": 0,
            }
        )
        for product, quantity in ((cls.lamp, 2), (cls.module, 3), (cls.box, 100)):
            cls._set_stock(product, quantity)

    @classmethod
    def _add_operation(cls, bom, workcenter, minutes, **values):
        return cls.env["mrp.routing.workcenter"].create(
            {
                "name": f"{workcenter.name} {len(bom.operation_ids)}",
                "bom_id": bom.id,
                "workcenter_id": workcenter.id,
                "time_mode": "manual",
                "time_cycle_manual": minutes,
                **values,
            }
        )

    @classmethod
    def _add_leave(cls, workcenter, start, stop):
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Maintenance",
                "calendar_id": workcenter.resource_calendar_id.id,
                "resource_id": workcenter.resource_id.id,
                "date_from": start,
                "date_to": stop,
            }
        )

    @classmethod
    def _get_area(cls):
        return cls.env["mrp.area"].search([("warehouse_id", "=", cls.warehouse.id)], limit=1) or cls.env[
            "mrp.area"
        ].create({"name": "Main", "warehouse_id": cls.warehouse.id, "location_id": cls.warehouse.lot_stock_id.id})

    @classmethod
    def _peg(cls, area, product, quantity, **values):
        """A row as the planning run writes it."""
        return cls.env["crm.pegging"].create(
            {
                "mrp_area_id": area.id,
                "company_id": area.company_id.id,
                "product_id": product.id,
                "quantity": quantity,
                "demand_type": "other",
                "supply_type": "stock",
                **values,
            }
        )

    def _days(self, days):
        return self.now + timedelta(days=days)
