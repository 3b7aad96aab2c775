from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..seven_p.common_seven_p import SevenPCase

# steps of the ladder that are measures of the customer, too
SHARED = (
    "gross_sales",
    "discounts",
    "returns",
    "net_sales",
    "goods_cost",
    "margin_1",
    "terms_cost",
    "campaign_cost",
    "care_cost",
    "margin_2",
    "net_profit",
)


@tagged("post_install", "-at_install")
class TestProfitLadder(SevenPCase):
    """Two products, a discount, a return, an unknown cost, terms, touches, cases and visits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method.write(
            {
                "delivery_pct": 5,
                "commission_pct": 3,
                "touch_cost": 2,
                "service_cost": 10,
                "visit_cost": 40,
                "overhead_pct": 10,
                "min_cost_known_pct": 50,
            }
        )
        cls.bulb = cls.env["product.product"].create({"name": "Bulb", "categ_id": cls.outdoor.id})
        cls.customers = cls._customers(4)
        first, second, third, fourth = cls.customers
        cls._sale(first, "2026-03-10", amount=600, cost=300, discount=50)
        cls._sale(first, "2026-03-20", amount=200, cost=120)
        cls._sale(first, "2026-05-02", amount=200, cost=50, product=cls.bulb)
        cls._sale(first, "2026-05-03", amount=100, product=cls.bulb)
        cls._sale(first, "2024-05-03", amount=5000, cost=100)
        cls._return(first, "2026-06-01", 100)
        cls._sale(second, "2026-04-01", amount=300, cost=100)
        cls._sale(second, "2026-04-02", amount=900)
        cls._sale(third, "2024-04-01", amount=300, cost=100)
        cls._sale(fourth, "2026-06-01", amount=50, cost=20)
        cls._touches()
        cls.scoring_run = cls._run()
        cls.ladder = cls.env["crm.profit.ladder"]

    @classmethod
    def _touches(cls):
        first, _second, third, _fourth = cls.customers
        for partner in first + third:
            for model, values in (
                ("crm.fact.touch", {"is_conversion": False}),
                ("crm.fact.touch", {"is_conversion": False}),
                ("crm.fact.interaction", {"kind": "meeting"}),
                ("crm.fact.service", {}),
                ("crm.fact.payment", {"kind": "payment", "amount_company": 365.0, "days_to_pay": 30}),
            ):
                cls.fact_number += 1
                cls.env[model].create(
                    {
                        "res_model": "res.partner",
                        "res_id": -cls.fact_number,
                        "date": "2026-05-05",
                        "company_id": cls.company.id,
                        "partner_id": partner.id,
                        "commercial_partner_id": partner.id,
                        **values,
                    }
                )

    def _lines(self, partner):
        return self.ladder.search([("company_id", "=", self.company.id), ("partner_id", "=", partner.id)])

    def test_lines_sum_to_the_measures(self):
        for partner in self.customers:
            measure, lines = self._measure(partner), self._lines(partner)
            for name in SHARED:
                if measure[name] is False:
                    self.assertEqual(set(lines.mapped(name)), {False}, name)
                else:
                    self.assertAlmostEqual(sum(lines.mapped(name)), measure[name], 6, f"{partner.name}: {name}")
            served = ("delivery_cost", "terms_cost", "commission_cost", "campaign_cost", "care_cost")
            total = sum(sum(lines.mapped(name)) for name in served)
            self.assertAlmostEqual(total, measure.service_costs, 6)

    def test_ladder_by_hand(self):
        """Net 600 + 200 + 300 - 100 = 1000. Known cost 470 of 1000 sold: the 100 of unknown cost count 47.

        The return has no cost. CM1 = 1000 - 517 = 483. Delivery 50, commission 30, touches 4, case 10 + visit 40,
        terms 365 x 30 x 10 % / 365 = 3: CM2 = 346. Overhead 100: 246.
        """
        lines = self._lines(self.customers[0])
        self.assertAlmostEqual(sum(lines.mapped("net_sales")), 1000)
        self.assertAlmostEqual(sum(lines.mapped("goods_cost")), 517)
        self.assertAlmostEqual(sum(lines.mapped("margin_1")), 483)
        self.assertAlmostEqual(sum(lines.mapped("margin_2")), 346)
        self.assertAlmostEqual(sum(lines.mapped("net_profit")), 246)

    def test_products_and_months_are_apart(self):
        """The bulb: 300 net, cost 50 + 47, and 30 % of the 57 that are shared."""
        bulb = self._lines(self.customers[0]).filtered(lambda line: line.product_id == self.bulb)
        self.assertEqual((len(bulb), bulb.categ_id), (2, self.outdoor))
        self.assertAlmostEqual(sum(bulb.mapped("goods_cost")), 97)
        shared = sum(sum(bulb.mapped(name)) for name in ("terms_cost", "campaign_cost", "care_cost"))
        self.assertAlmostEqual(shared, 0.3 * 57)
        months = self.ladder._read_group([("id", "in", bulb.ids)], ["date:month"], ["net_sales:sum"])
        self.assertEqual([(str(month), net) for month, net in months], [("2026-05-01", 300.0)])

    def test_unknown_cost_has_no_margin(self):
        """300 of 1,200 with a known cost are too little."""
        lines = self._lines(self.customers[1])
        self.assertEqual(set(lines.mapped("goods_cost")), {False})
        self.assertEqual(set(lines.mapped("net_profit")), {False})

    def test_unknown_is_not_nothing(self):
        """A domain finds what is not known, and not what is 0."""
        domain = [("company_id", "=", self.company.id)]
        measures = self.env["crm.customer.measure"]
        self.assertEqual(measures.search([*domain, ("goods_cost", "=", False)]).partner_id, self.customers[1])
        self.assertEqual(measures.search([*domain, ("goods_cost", "=", 0)]).partner_id, self.customers[2])
        self.assertNotIn(self.customers[1], measures.search([*domain, ("goods_cost", "<", 10)]).partner_id)

    def test_customer_without_sales_has_his_costs(self):
        lines = self._lines(self.customers[2])
        self.assertFalse(lines.product_id)
        self.assertAlmostEqual(lines.margin_2, -57)

    def test_grouped_as_a_pivot_does(self):
        groups = self.ladder._read_group(
            [("company_id", "=", self.company.id)], ["product_id"], ["net_sales:sum", "net_profit:sum"]
        )
        self.assertAlmostEqual(sum(net for _product, net, _profit in groups), 1000 + 1200 + 50)

    def test_waterfall_of_a_customer_and_of_the_company(self):
        data = self.ladder.get_waterfall(self.customers[0].id)
        steps = {step["code"]: step["amount"] for step in data["steps"]}
        self.assertAlmostEqual(steps["margin_1"], 483)
        self.assertAlmostEqual(steps["net_profit"], 246)
        self.assertNotIn("unknown", steps)
        company = {step["code"]: step["amount"] for step in self.ladder.get_waterfall()["steps"]}
        self.assertAlmostEqual(company["unknown"], 1200)
        lines = self.ladder.search([("company_id", "=", self.company.id)])
        self.assertAlmostEqual(company["net_profit"], sum(line.net_profit or 0 for line in lines), 6)

    def test_steps_of_the_picture_add_up(self):
        """Each sum is the one before, less what is taken in between."""
        level = 0
        for step in self.ladder.get_waterfall()["steps"]:
            if step["sign"]:
                level += step["sign"] * step["amount"]
            else:
                self.assertAlmostEqual(step["amount"], level, 6, step["label"])

    def test_nothing_scored_has_no_picture(self):
        self.assertFalse(self.ladder.get_waterfall(self.hotel.id))

    def test_buttons_lead_to_what_is_behind(self):
        action = self.customers[0].action_open_profit_waterfall()
        self.assertEqual(action["params"], {"partner_id": self.customers[0].id})
        rest = self._lines(self.customers[2])
        self.assertEqual(rest.action_open_document()["res_id"], self.customers[2].id)

    def test_line_opens_its_order(self):
        order = self._order(date="2026-06-20 10:00:00")
        fact = self._sale(self.customers[0], "2026-06-20", amount=10, cost=5)
        fact.write({"order_id": order.id, "document_name": order.name})
        self._run()
        line = self.ladder.search([("document_name", "=", order.name), ("company_id", "=", self.company.id)])
        action = line.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))

    def test_rights(self):
        self.customers[0].user_id = self.seller
        self.customers[1].user_id = self.colleague
        ladder = self.ladder.with_user(self.seller).with_context(allowed_company_ids=self.company.ids)
        partners = ladder.search([]).partner_id
        self.assertIn(self.customers[0], partners)
        self.assertNotIn(self.customers[1], partners)
        plain = new_test_user(
            self.env,
            "ladder_plain",
            "base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.ladder.with_user(plain).search([])
        with self.assertRaises(AccessError):
            self.ladder.with_user(plain).get_waterfall()
