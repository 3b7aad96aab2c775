from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_planning import PlanningModeCommon

DUE = date(2026, 3, 23)


@tagged("post_install", "-at_install")
class TestReleaseRules(PlanningModeCommon):
    """What is released without a planner: by product, supply, horizon and value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products.product_tmpl_id.planning_mode = "make_to_plan"
        cls.env["crm.planning.release.rule"].search([]).active = False
        cls._create_parameters(cls.products, mrp_nbr_days=7)
        # 10 lamps at 60 = 600, 10 modules at 30 = 300, 20 chips at the vendor's 3 = 60, 10 boxes at 1 = 10
        order = cls._create_order([(cls.lamp, 10, 100)], commitment_date=datetime.combine(DUE, datetime.min.time()))
        order.action_confirm()
        cls._run_plan()

    def _create_rule(self, **values):
        return self.env["crm.planning.release.rule"].create({"name": "Rule", "horizon_days": 60, **values})

    def _apply(self, **values):
        rule = self._create_rule(**values)
        return rule, self.env["crm.planning.release.rule"]._apply(self.area)

    def test_no_rule_releases_nothing(self):
        self.assertFalse(self.env["crm.planning.release.rule"]._apply(self.area))

    def test_everything(self):
        rule, released = self._apply(confirm_purchase=True)
        self.assertEqual(released.product_id, self.products)
        self.assertEqual(rule.last_released_count, 4)
        self.assertEqual(released.mrp_production_ids.planning_release_rule_id, rule)
        self.assertEqual(released.purchase_line_ids.planning_release_rule_id, rule)
        self.assertEqual(released.purchase_line_ids.order_id.mapped("state"), ["purchase"])

    def test_purchases_stay_requests(self):
        _rule, released = self._apply()
        self.assertEqual(released.purchase_line_ids.order_id.mapped("state"), ["draft"])
        self.assertEqual(set(released.mrp_production_ids.mapped("state")), {"confirmed"})

    def test_by_supply(self):
        self.assertEqual(self._apply(supply_method="make")[1].product_id, self.lamp | self.module)
        self.assertEqual(self._apply(supply_method="buy")[1].product_id, self.chip | self.box)

    def test_by_product_or_category(self):
        _rule, released = self._apply(product_ids=self.box.ids, categ_ids=self.module.categ_id.ids)
        self.assertEqual(released.product_id, self.box | self.module)

    def test_by_value(self):
        """Up to 60: boxes (10) and chips (60), not modules (300) and lamps (600)."""
        self.assertEqual(self._apply(value_max=60)[1].product_id, self.chip | self.box)

    def test_by_horizon(self):
        """Without production lead time lamps and modules start on 23 March; what is bought, 5 days before, on the
        18th: 16 days ahead of 2 March."""
        self.assertFalse(self._apply(horizon_days=15)[1])
        self.assertEqual(self._apply(horizon_days=16)[1].product_id, self.chip | self.box)

    def test_first_rule_takes_it(self):
        first = self._create_rule(sequence=1, supply_method="buy")
        second = self._create_rule(sequence=2)
        released = self.env["crm.planning.release.rule"]._apply(self.area)
        self.assertEqual(released.product_id, self.products)
        self.assertEqual((first.last_released_count, second.last_released_count), (2, 2))

    def test_archived_and_foreign_rules_do_nothing(self):
        other = self.env["res.company"].create({"name": "Lamps South"})
        self._create_rule(company_id=other.id)
        self.assertFalse(self._apply(active=False)[1])

    def test_rule_says_what_it_left(self):
        self.chip_vendor.unlink()
        rule, released = self._apply()
        self.assertNotIn(self.chip, released.product_id)
        self.assertIn("Chip has no vendor", rule.last_problem)

    def test_applied_after_a_run(self):
        self._create_rule(confirm_purchase=True)
        self._run_plan()
        self.assertFalse(
            self.env["mrp.planned.order"].search([("mrp_area_id", "=", self.area.id), ("is_released", "=", False)])
        )

    def test_rights(self):
        """Planners read, managers edit, a plain user is refused, another company's rules are not seen."""
        rule = self._create_rule()
        self.assertTrue(rule.with_user(self.planner).name)
        with self.assertRaises(AccessError):
            rule.with_user(self.planner).name = "Mine"
        rule.with_user(self.mrp_manager).name = "Ours"
        with self.assertRaises(AccessError):
            rule.with_user(self.plain_user).read(["name"])
        other = self.env["res.company"].create({"name": "Lamps South"})
        foreign = self._create_rule(company_id=other.id)
        self.assertNotIn(foreign, self.env["crm.planning.release.rule"].with_user(self.planner).search([]))
