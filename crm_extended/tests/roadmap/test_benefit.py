from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common_roadmap import TODAY, RoadmapCase


@tagged("post_install", "-at_install")
class TestBenefit(RoadmapCase):
    """Figures before and now, and the way to the target."""

    def _benefit(self, **values):
        return self.env["crm.roadmap.benefit"].create(
            {
                "name": "Tags",
                "company_id": self.north.id,
                "kind": "count",
                "model_id": self.env["ir.model"]._get_id("crm.tag"),
                "domain": "[('name', '=like', 'Road %')]",
                "target": 10,
                **values,
            }
        )

    def test_the_way_to_the_target(self):
        benefit = self._benefit(baseline=2, baseline_date=TODAY)
        self._tags(1, 1, 1, 1)
        benefit.action_measure()
        # (4 - 2) / (10 - 2)
        self.assertEqual((benefit.value, benefit.way_pct, benefit.is_better), (4, 25, True))
        texts = (benefit.baseline_text, benefit.value_text, benefit.target_text, benefit.way_text)
        self.assertEqual(texts, ("2", "4", "at least 10", "25\u00a0%"))
        benefit.write({"baseline": 8, "target": 2})
        self.assertAlmostEqual(benefit.way_pct, 100 * 4 / 6)
        self.assertTrue(benefit.is_better, "fewer is better where the target is below")
        benefit.baseline = 3
        self.assertEqual((benefit.way_pct, benefit.is_better), (-100, False))

    def test_without_a_figure_before_there_is_no_way(self):
        benefit = self._benefit()
        self._tags(1)
        benefit.action_measure()
        self.assertEqual((benefit.value, benefit.way_pct, benefit.is_better), (1, 0, False))
        benefit.target = 0
        self.assertEqual((benefit.baseline_text, benefit.target_text, benefit.way_text), (False, False, False))

    def test_the_figure_before_is_that_of_today_where_one_cannot_look_back(self):
        benefit = self._benefit()
        self._tags(1, 1)
        benefit.action_take_baseline()
        self.assertEqual((benefit.baseline, benefit.baseline_date), (2, TODAY))

    def test_the_figure_before_is_that_of_a_year_ago_where_one_can(self):
        team = self.env["crm.team"].create({"name": "Road", "company_id": self.north.id})
        for days, taken in ((400, 30), (390, 10), (30, 8), (10, 6)):
            lead = self.env["crm.lead"].create(
                {"name": f"Deal {days}", "type": "opportunity", "company_id": self.north.id, "team_id": team.id}
            )
            lead.action_set_won()
            self.env.flush_all()
            closed = fields.Datetime.now() - timedelta(days=days)
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s, date_closed = %s, day_close = %s WHERE id = %s",
                (closed - timedelta(days=taken), closed, taken, lead.id),
            )
        self.env.invalidate_all()
        benefit = self._benefit(kind="measure", measure_code="cycle_days", target=5)
        benefit.action_take_baseline()
        self.assertEqual((benefit.baseline, benefit.value), (20, 7))
        self.assertEqual(benefit.baseline_date.year, TODAY.year - 1)
        self.assertEqual(len(benefit.point_ids), 13)
        self.assertAlmostEqual(benefit.way_pct, 100 * (7 - 20) / (5 - 20))

    def test_what_cannot_be_measured_is_typed(self):
        benefit = self._benefit(kind="measure", measure_code="delivered_messages")
        with self.assertRaisesRegex(UserError, "Type the figure before"):
            benefit.action_take_baseline()
        benefit._measure_now()
        self.assertFalse(benefit.has_value)
        self.assertIn("exchange of messages", benefit.reason)

    def test_a_month_keeps_its_last_figure(self):
        benefit = self._benefit()
        self._tags(1)
        benefit._measure_now()
        with freeze_time(TODAY + timedelta(days=5)):
            self._tags(1)
            benefit._measure_now()
        with freeze_time(TODAY + timedelta(days=30)):
            self._tags(1)
            benefit._measure_now()
        self.assertEqual(benefit.point_ids.mapped("value"), [2, 3])

    def test_salespeople_see_no_benefits(self):
        benefit = self._benefit()
        with self.assertRaises(AccessError):
            benefit.with_user(self.salesperson).read(["value"])
        other = self._benefit(company_id=self.south.id)
        benefits = self._as(self.implementer, self.north).env["crm.roadmap.benefit"]
        self.assertEqual(benefits.search([("id", "in", (benefit | other).ids)]), benefit)


@tagged("post_install", "-at_install")
class TestImprovement(RoadmapCase):
    """What was before and what is after, as the criterion measures it."""

    def _improvement(self, **values):
        return self.env["crm.roadmap.improvement"].create(
            {"name": "Colours", "company_id": self.north.id, "criterion_id": self.criterion.id, **values}
        )

    def test_before_and_after_are_measured(self):
        improvement = self._improvement()
        tags = self._tags(1, 0, 0, 0)
        improvement.action_start()
        self.assertEqual(improvement.change, "25\u00a0% → …")
        tags.color = 2
        improvement.action_done()
        self.assertEqual((improvement.value_before, improvement.value_after), (25, 100))
        self.assertEqual(improvement.change, "25\u00a0% → 100\u00a0%")
        self.assertEqual((improvement.date_start, improvement.date_done), (TODAY, TODAY))

    def test_the_order_of_the_states_is_kept(self):
        improvement = self._improvement()
        with self.assertRaisesRegex(UserError, "Begin Colours first"):
            improvement.action_done()
        improvement.action_start()
        with self.assertRaisesRegex(UserError, "has begun already"):
            improvement.action_start()
        improvement.action_drop()
        with self.assertRaises(UserError):
            improvement.action_done()

    def test_late_ones_are_found_and_counted(self):
        late = self._improvement(date_deadline=TODAY - timedelta(days=1))
        today = self._improvement(date_deadline=TODAY)
        done = self._improvement(date_deadline=TODAY - timedelta(days=1))
        done.action_start()
        done.action_done()
        improvements = late | today | done
        mine = [("id", "in", improvements.ids)]
        self.assertEqual(improvements.search([("is_late", "=", True), *mine]), late)
        self.assertEqual(improvements.search([("is_late", "=", False), *mine]), today | done)
        notes = self._as(self.implementer).env["crm.roadmap.page"]._get_process_notes()
        self.assertIn("Improvements that are late: 1", notes)

    def test_the_board_of_three_variables(self):
        self.criterion.variable = "people"
        self._tags(1)
        self._measure()
        page = self._as(self.implementer).env["crm.roadmap.page"].get_board()
        board = {variable["code"]: variable for variable in page["variables"]}
        self.assertEqual(board["people"]["progress"], 100)
        self.assertIsNone(board["technology"]["progress"])
        improvement = self._improvement()
        improvement.action_start()
        page = self._as(self.implementer).env["crm.roadmap.page"].get_board()
        self.assertEqual([row["name"] for row in page["improvements"]], ["Colours"])

    def test_salespeople_see_no_improvements(self):
        with self.assertRaises(AccessError):
            self._improvement().with_user(self.salesperson).read(["name"])
