from datetime import date, timedelta

from odoo.fields import Command

from ..common import BridgeCommon

# The frozen day of the tests is a Monday
WEEK_1 = date(2026, 3, 2)
WEEK_2 = WEEK_1 + timedelta(days=7)
WEEK_3 = WEEK_1 + timedelta(days=14)


class CapacityCommon(BridgeCommon):
    """One area; an oven that works 8 hours from Monday to Friday; bread that is baked in it, 4 at a time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar("Oven hours", "UTC")
        cls.oven = cls._create_workcenter("Oven")
        cls.area = cls.env["mrp.area"].create(
            {
                "name": "Bakery",
                "warehouse_id": cls.warehouse.id,
                "location_id": cls.warehouse.lot_stock_id.id,
            }
        )
        cls.flour = cls._create_product("Flour")
        cls.bread = cls._create_product("Bread")
        # 15 minutes to heat, 5 to clean, 30 for each 4 loaves, at full speed
        cls.bread_bom = cls._create_operation_bom(cls.bread, cls.oven, 30)
        cls.oven.capacity_ids = [
            Command.create(
                {
                    "product_id": cls.bread.id,
                    "product_uom_id": cls.bread.uom_id.id,
                    "capacity": 4,
                    "time_start": 15,
                    "time_stop": 5,
                }
            )
        ]
        cls.planner = cls._create_user("capacity_planner", "mrp.group_mrp_user")
        cls.Line = cls.env["crm.workcenter.load.line"]
        cls.Load = cls.env["crm.workcenter.load"]

    @classmethod
    def _create_calendar(cls, name, tz, hours=((8, 12), (13, 17))):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": tz,
                "attendance_ids": [
                    Command.create(
                        {
                            "name": f"{day} {start}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "morning" if end <= 12 else "afternoon",
                        }
                    )
                    for day in range(5)
                    for start, end in hours
                ],
            }
        )

    @classmethod
    def _create_workcenter(cls, name, **values):
        return cls.env["mrp.workcenter"].create(
            {"name": name, "resource_calendar_id": cls.calendar.id, "time_efficiency": 100, **values}
        )

    @classmethod
    def _create_operation_bom(cls, product, workcenter, minutes, components=None, **values):
        bom = cls._create_bom(product, components or [(cls.flour, 1)], **values)
        bom.operation_ids = [
            Command.create(
                {"name": "Bake", "workcenter_id": workcenter.id, "time_mode": "manual", "time_cycle_manual": minutes}
            )
        ]
        return bom

    @classmethod
    def _create_parameters(cls, product, area=None):
        area = area or cls.area
        parameters = cls.env["product.mrp.area"]
        return parameters.search([("product_id", "=", product.id), ("mrp_area_id", "=", area.id)]) or parameters.create(
            {"product_id": product.id, "mrp_area_id": area.id}
        )

    @classmethod
    def _create_planned(cls, product, quantity, start, end, area=None):
        return cls.env["mrp.planned.order"].create(
            {
                "product_mrp_area_id": cls._create_parameters(product, area).id,
                "mrp_qty": quantity,
                "order_release_date": start,
                "due_date": end,
                "mrp_action": "manufacture",
                "fixed": False,
            }
        )

    @classmethod
    def _create_production(cls, product, quantity, start, confirm=True):
        production = cls.env["mrp.production"].create(
            {"product_id": product.id, "product_qty": quantity, "date_start": start}
        )
        if confirm:
            production.action_confirm()
        return production

    @classmethod
    def _create_peg(cls, supply, needed, feasible=None, line=None, **values):
        """What serves a customer's order line, or an order in between when given in ``values``."""
        field = "production_id" if supply._name == "mrp.production" else "planned_order_id"
        ends = supply.date_finished.date() if field == "production_id" else supply.due_date
        return cls.env["crm.pegging"].create(
            {
                "mrp_area_id": cls.area.id,
                "company_id": cls.company.id,
                "product_id": supply.product_id.id,
                "quantity": 1,
                "demand_type": "order",
                "sale_line_id": line and line.id,
                "demand_date": needed,
                "supply_type": "production" if field == "production_id" else "planned",
                "supply_date": ends,
                "feasible_date": feasible or ends,
                field: supply.id,
                **values,
            }
        )

    def _rebuild(self, area=None):
        self.env.flush_all()
        self.Line._rebuild(area or self.area)

    def _get_load(self, week, workcenter=None):
        return self.Load.search([("workcenter_id", "=", (workcenter or self.oven).id), ("week_start", "=", week)])

    def _get_lines(self, **values):
        return self.Line.search([(name, "=", value) for name, value in values.items()])
