import doctest
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...planner import safety_stock as planner
from ..planning.common_planning import PlanningModeCommon

# variation .129 of the population: Y by 10/25; its standard deviation is 12.91
DEMAND = (100, 120, 80, 110, 90, 100)


@tagged("post_install", "-at_install")
class TestSafetyStock(PlanningModeCommon):
    """The demand of the six months up to February 2026; today is 2026-03-02."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.abc.profile"].search([]).active = False
        cls.profile = cls.env["crm.abc.profile"].create(
            {
                "name": "Test",
                "kind": "product",
                "company_id": cls.company.id,
                "window_months": 6,
                "variation_choice": "10_25",
                "boundary": "before",
                "least_items": 1,
            }
        )
        cls._set_policy("Y", service_level=95, review_days=14)
        cls.number = 0
        cls.env.cr.execute("DELETE FROM crm_fact_sale; DELETE FROM crm_fact_return")
        cls.parameter = cls._create_parameters(cls.box, mrp_minimum_stock=5.0, mrp_nbr_days=0)
        cls.box_vendor.delay = 30
        for month, quantity in enumerate(DEMAND):
            cls._sell(cls.box, date(2025 + (8 + month) // 12, (8 + month) % 12 + 1, 10), quantity)

    @classmethod
    def _set_policy(cls, xyz, **values):
        cls.profile._get_cell("A", xyz).write(values)

    @classmethod
    def _sell(cls, product, day, quantity):
        cls.number += 1
        cls.env["crm.fact.sale"].create(
            {
                "res_model": "sale.order.line",
                "res_id": -cls.number,
                "order_key": -cls.number,
                "date": day,
                "company_id": cls.company.id,
                "partner_id": cls.partner.id,
                "commercial_partner_id": cls.partner.id,
                "product_id": product.id,
                "quantity": quantity,
                "amount_company": quantity * 5.0,
            }
        )

    def _propose(self):
        self.env["crm.abc.engine"]._rebuild(self.profile, self.company, date(2026, 3, 2))
        proposals = self.env["crm.safety.stock.proposal"].with_user(self.planner)
        proposals.action_propose()
        return proposals.search([("product_id", "=", self.box.id)])

    def test_doctests(self):
        self.assertFalse(doctest.testmod(planner).failed)

    def test_hand_worked(self):
        """1.6449 (95 %) x 12.9099 x square root of 30 / 30.4375 = 21.0817, rounded up to 21.09."""
        self.assertEqual(self.parameter.mrp_lead_time, 30)
        proposal = self._propose()
        self.assertEqual((proposal.abc_class, proposal.xyz_class, proposal.service_level), ("A", "Y", 95))
        self.assertAlmostEqual(proposal.deviation, 12.91, 2)
        self.assertAlmostEqual(proposal.proposed_stock, 21.09)
        self.assertEqual((proposal.current_stock, proposal.current_days, proposal.proposed_days), (5, 0, 14))
        self.assertIn("AY: 95 % served, z 1.64 × deviation 12.9 × √(30 / 30.4 days)", proposal.reason)

    def test_nothing_is_applied_silently(self):
        proposal = self._propose()
        self.assertEqual((self.parameter.mrp_minimum_stock, self.parameter.mrp_nbr_days), (5, 0))
        proposal.action_apply()
        self.assertAlmostEqual(self.parameter.mrp_minimum_stock, 21.09)
        self.assertEqual(self.parameter.mrp_nbr_days, 14)
        self.assertEqual(proposal.applied_by_id, self.planner)
        self.assertEqual(self._propose(), proposal, "what is there already is not proposed again")

    def test_to_order_has_no_safety_stock(self):
        self._set_policy("Y", service_level=0, review_days=0)
        proposal = self._propose()
        self.assertEqual((proposal.proposed_stock, proposal.proposed_days), (0, 0))
        self.assertIn("to order", proposal.reason)

    def test_too_new_is_left_alone(self):
        self._sell(self.chip, date(2026, 2, 10), 5)
        self._create_parameters(self.chip)
        self.assertTrue(self._propose())
        self.assertFalse(self.env["crm.safety.stock.proposal"].search([("product_id", "=", self.chip.id)]))

    def test_needs_a_result(self):
        with self.assertRaises(UserError):
            self.env["crm.safety.stock.proposal"].with_user(self.planner).action_propose()

    def test_who_may(self):
        proposal = self._propose()
        with self.assertRaises(AccessError):
            proposal.with_user(self.plain_user).read(["reason"])
        with self.assertRaises(AccessError):
            self.env["crm.safety.stock.proposal"].with_user(self.salesman).action_propose()
        with self.assertRaises(AccessError):
            proposal.with_user(self.plain_user).action_apply()
        for operation in ("write", "create", "unlink"):
            self.assertFalse(proposal.with_user(self.mrp_manager).has_access(operation))

    def test_queries_do_not_grow_with_products(self):
        self._propose()
        counts = []
        for number in (1, 5):
            for _ in range(number):
                product = self._create_product("Part")
                self._create_parameters(product)
                for month in range(1, 3):
                    self._sell(product, date(2026, month, 5), 10)
            self.env["crm.abc.engine"]._rebuild(self.profile, self.company, date(2026, 3, 2))
            counts.append(self._count_queries(self.env["crm.safety.stock.proposal"]._propose, self.company))
        self.assertEqual(*counts)
