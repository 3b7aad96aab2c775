from odoo.fields import Command

from ..common import BridgeCommon


class PlanningModeCommon(BridgeCommon):
    """A lamp made of a module (made of chips) and a box; nothing is to order unless a test says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.planner = cls._create_user("bridge_planner", "mrp.group_mrp_user")
        cls.mrp_manager = cls._create_user("bridge_mrp_manager", "mrp.group_mrp_manager")
        cls.area = cls.env["mrp.area"].create(
            {
                "name": "Lamps",
                "warehouse_id": cls.warehouse.id,
                "location_id": cls.warehouse.lot_stock_id.id,
            }
        )
        cls._create_planned_lamp()

    @classmethod
    def _create_planned_lamp(cls):
        """Lamp <- module (made) <- 2 chips (bought, 5 days); lamp <- box (bought, 5 days)."""
        cls.chip = cls._create_product("Chip", price=10.0)
        cls.box = cls._create_product("Carton", price=5.0)
        cls.module = cls._create_product("Module", price=50.0)
        cls.lamp = cls._create_product("Table Lamp", price=100.0)
        cls.chip_vendor = cls._add_vendor(cls.chip, price=3.0)
        cls.box_vendor = cls._add_vendor(cls.box, price=1.0)
        cls.module_bom = cls._create_bom(cls.module, [(cls.chip, 2)])
        cls.lamp_bom = cls._create_bom(cls.lamp, [(cls.module, 1), (cls.box, 1)])
        cls.products = cls.lamp | cls.module | cls.chip | cls.box

    @classmethod
    def _create_parameters(cls, products, **values):
        return cls.env["product.mrp.area"].create(
            [{"product_id": product.id, "mrp_area_id": cls.area.id, **values} for product in products]
        )

    @classmethod
    def _set_mto(cls, products):
        products.route_ids = [Command.link(cls.mto_route.id)]

    @classmethod
    def _run_plan(cls):
        """mrp_multi_level's own run of our area."""
        cls.env["mrp.multi.level"].create({"mrp_area_ids": [Command.set(cls.area.ids)]}).run_mrp_multi_level()
        return cls.env["mrp.planned.order"].search([("mrp_area_id", "=", cls.area.id)])

    @classmethod
    def _switch_planning_off(cls):
        feature = cls.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_production_planning")
        cls.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": cls.company.id, "state": "off"}
        )

    def _count_queries(self, function, *args):
        """Return the queries of a call, from an empty cache to what it writes."""
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - start
