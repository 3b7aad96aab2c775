from datetime import datetime

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common_planning import PlanningModeCommon

# "Today" is Monday 2 March 2026; the orders are due in the week that begins on this Monday.
WEEK = "2026-03-23"
DUE = datetime(2026, 3, 25, 12)


@tagged("post_install", "-at_install")
class TestPlannerPage(PlanningModeCommon):
    """What `crm.planner.page` shows, in numbers worked by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_parameters(cls.products, mrp_nbr_days=7)
        cls.page = cls.env["crm.planner.page"].with_user(cls.planner)

    def _order(self, qty=10, due=DUE):
        order = self._create_order([(self.lamp, qty, 100.0)], commitment_date=due)
        order.action_confirm()
        return order

    def _launch(self):
        with trap_jobs():
            return self.env["crm.planning.run"].with_user(self.planner)._launch(self.area)

    def _plan(self):
        run = self._launch()
        run.area_ids._plan()
        return run

    def _get_page(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.page.get_page(self.area.id)

    def _switch_off(self, key):
        feature = self.env["crm.roadmap.feature"].search([("key", "=", key)])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )

    # ------------------------------------------------------------
    # Access, areas
    # ------------------------------------------------------------

    def test_only_for_manufacturing(self):
        page = self.env["crm.planner.page"].with_user(self.plain_user)
        for call in (page.get_page, page.get_run, page.action_run, page.action_create_area):
            with self.subTest(call=call.__name__), self.assertRaises(AccessError):
                call()
        with self.assertRaises(AccessError):
            page.action_open("proposals")

    def test_areas_of_the_companies_that_plan(self):
        self.assertIn(self.area.id, [area["id"] for area in self.page.get_page()["areas"]])
        self._switch_off("production_planning")
        self.assertNotIn(self.area.id, [area["id"] for area in self.page.get_page()["areas"]])

    def test_an_area_that_is_not_there_shows_all(self):
        page = self.page.get_page(self.area.id + 1000)
        self.assertGreaterEqual(len(page["areas"]), 1)

    # ------------------------------------------------------------
    # First steps
    # ------------------------------------------------------------

    def test_guide_of_a_new_company(self):
        """No area, so nothing else is done either; the button makes one of the company's warehouse."""
        company = self.env["res.company"].create({"name": "Rila Lighting Export"})
        self.mrp_manager.company_ids |= company
        page = (
            self.env["crm.planner.page"]
            .with_user(self.mrp_manager)
            .with_context(allowed_company_ids=company.ids)
            .with_company(company)
        )
        shown = page.get_page()
        self.assertEqual([step["is_done"] for step in shown["guide"]], [False, False, False])
        self.assertEqual((shown["run"], shown["sections"]), (False, {}))
        page.action_create_area()
        self.assertEqual([step["is_done"] for step in page.get_page()["guide"]], [True, False, False])

    def test_guide_says_who_may_create_an_area(self):
        [step, *_others] = self._get_page()["guide"]
        self.assertEqual((step["key"], step["is_allowed"]), ("area", False))

    def test_guide_until_the_first_plan(self):
        self.assertEqual([step["is_done"] for step in self._get_page()["guide"]], [True, True, False])
        self._plan()
        self.assertFalse(self._get_page()["guide"])

    def test_choose_products_opens_their_modes(self):
        action = self.page.action_choose_products()
        self.assertEqual(action["res_model"], "product.template")

    # ------------------------------------------------------------
    # Runs
    # ------------------------------------------------------------

    def test_run_that_waits(self):
        run = self._launch()
        shown = self.page.get_run(self.area.id)
        self.assertEqual((shown["id"], shown["state"], shown["is_unfinished"]), (run.id, "queued", True))
        self.assertEqual((shown["user"], shown["progress"]), (self.planner.name, 0))

    def test_run_that_has_ended(self):
        self._plan()
        shown = self.page.get_run(self.area.id)
        self.assertEqual((shown["state"], shown["is_unfinished"], shown["progress"]), ("done", False, 100))

    def test_button_launches(self):
        with trap_jobs() as jobs:
            shown = self.page.action_run(self.area.id)
        self.assertEqual(shown["areas"][0]["state"], "waiting")
        jobs.assert_jobs_count(1)

    # ------------------------------------------------------------
    # Sections
    # ------------------------------------------------------------

    def test_demand(self):
        """10 lamps at a list price of 100 in the week of 23 March, 4 of them late: 1,000 and 400."""
        self._order(10)
        self._order(4, due=datetime(2026, 2, 25, 12))
        self._plan()
        demand = self._get_page()["sections"]["demand"]
        self.assertEqual(demand["line_count"], 2)
        self.assertEqual(demand["order_value"], 1400)
        self.assertEqual(
            {week["week"]: week["orders"] for week in demand["weeks"] if week["orders"]}, {"late": 400, WEEK: 1000}
        )

    def test_proposals(self):
        """10 lamps: make 10 lamps (cost 60) and 10 modules (30); buy 20 chips (price 3) and 10 boxes (1)."""
        self._order(10)
        self._plan()
        proposals = self._get_page()["sections"]["proposals"]
        self.assertEqual(proposals["manufacture"], {"count": 2, "value": 900})
        self.assertEqual(proposals["buy"], {"count": 2, "value": 70})
        self.assertEqual(proposals["urgent_count"], 0)
        quantities = {row["product_id"][0]: row["qty_to_release"] for row in proposals["rows"]}
        self.assertEqual(quantities, {self.lamp.id: 10, self.module.id: 10, self.chip.id: 20, self.box.id: 10})

    def test_proposals_released_are_gone(self):
        self._order(10)
        self._plan()
        self.env["mrp.planned.order"].search([("mrp_area_id", "=", self.area.id)])._release()
        proposals = self._get_page()["sections"]["proposals"]
        self.assertEqual((proposals["manufacture"]["count"], proposals["buy"]["count"]), (0, 0))
        self.assertFalse(proposals["rows"])

    def test_urgent_proposals_start_today_or_earlier(self):
        """Chips take 5 days; for lamps of tomorrow they should have been ordered."""
        self._order(10, due=datetime(2026, 3, 3, 12))
        self._plan()
        proposals = self._get_page()["sections"]["proposals"]
        self.assertTrue(proposals["rows"][0]["is_urgent"])
        action = self.page.action_open("proposals", area_id=self.area.id, urgent=True)
        found = self.env["mrp.planned.order"].search(action["domain"])
        self.assertEqual(len(found), proposals["urgent_count"])
        self.assertIn(self.chip, found.product_id)

    def test_shortage_and_issue(self):
        """Chips without a vendor: 20 of them are short, and the issue says what to do."""
        self.chip_vendor.unlink()
        self._order(10)
        self._plan()
        sections = self._get_page()["sections"]
        self.assertEqual(sections["shortages"]["product_count"], 1)
        [row] = sections["shortages"]["rows"]
        self.assertEqual((row["product_id"][0], row["quantity"]), (self.chip.id, 20))
        self.assertEqual(sections["issues"]["blocking_count"], 1)
        self.assertIn("vendor", sections["issues"]["rows"][0]["message"])

    def test_order_at_risk(self):
        order = self._order(10, due=datetime(2026, 3, 3, 12))
        self._plan()
        risks = self._get_page()["sections"]["risks"]
        self.assertEqual((risks["order_count"], risks["rows"][0]["order_id"][0]), (1, order.id))
        self.assertGreater(risks["rows"][0]["days_late"], 0)

    def test_overload(self):
        """30 hours a lamp: 10 lamps are 300 hours in a week of 40."""
        workcenter = self.env["mrp.workcenter"].create({"name": "Bench"})
        self.env["mrp.routing.workcenter"].create(
            {
                "name": "Assemble",
                "bom_id": self.lamp_bom.id,
                "workcenter_id": workcenter.id,
                "time_cycle_manual": 30 * 60,
            }
        )
        self._order(10)
        self._plan()
        overloads = self._get_page()["sections"]["overloads"]
        self.assertEqual((overloads["count"], overloads["hours_over"]), (1, 260))
        self.assertEqual(overloads["rows"][0]["workcenter_id"][0], workcenter.id)

    def test_sections_of_features_that_are_off_are_absent(self):
        self._plan()
        self.assertLessEqual({"risks", "overloads"}, set(self._get_page()["sections"]))
        self._switch_off("delivery_promise")
        self._switch_off("workcenter_load")
        self.assertEqual(set(self._get_page()["sections"]), {"demand", "proposals", "shortages", "issues"})

    def test_lists_hold_what_was_counted(self):
        self._order(10)
        self._plan()
        sections = self._get_page()["sections"]
        counts = {
            "demand": sections["demand"]["line_count"],
            "proposals": sections["proposals"]["manufacture"]["count"] + sections["proposals"]["buy"]["count"],
            "shortages": sections["shortages"]["count"],
            "risks": sections["risks"]["count"],
            "overloads": sections["overloads"]["count"],
            "issues": sections["issues"]["blocking_count"] + sections["issues"]["warning_count"],
        }
        for section, count in counts.items():
            with self.subTest(section=section):
                action = self.page.action_open(section, area_id=self.area.id)
                self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), count)

    def test_a_week_of_the_demand(self):
        self._order(10)
        self._order(4, due=datetime(2026, 4, 8, 12))
        self._plan()
        action = self.page.action_open("demand", area_id=self.area.id, week=WEEK)
        self.assertEqual(self.env["crm.pegging"].search(action["domain"]).mapped("quantity"), [10])

    def _count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.page.get_page(self.area.id)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        self._order(1)
        self._plan()
        self.page.get_page(self.area.id)
        few = self._count_queries()
        for week in range(20):
            self._order(1, due=datetime(2026, 4, 1 + week, 12))
        self._plan()
        self.assertLessEqual(self._count_queries(), few)
