from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common_capacity import WEEK_1, WEEK_2, WEEK_3, CapacityCommon


@tagged("post_install", "-at_install")
class TestWorkcenterLoadMove(CapacityCommon):
    """An overload is relieved by an order that can wait."""

    def _open(self, **values):
        """The dialog, as the planner opens it from the line of an order."""
        line = self._get_lines(**values)[:1].with_user(self.planner)
        action = line.action_move()
        return self.env[action["res_model"]].with_user(self.planner).with_context(**action["context"])

    def _create_free(self):
        """Thursday and Friday of the first week, needed on Friday two weeks later."""
        planned = self._create_planned(self.bread, 40, date(2026, 3, 5), date(2026, 3, 6))
        self._create_peg(planned, date(2026, 3, 20))
        return planned

    def test_dialog_shows_both_weeks_before_and_after(self):
        """20 + 10 x 30 minutes leave the first week and come to the second, where 50 are already."""
        planned = self._create_free()
        self._create_planned(self.bread, 4, WEEK_2, WEEK_2)
        self._rebuild()
        move = Form(self._open(planned_order_id=planned.id))
        self.assertEqual(move.date_to, WEEK_2)
        self.assertEqual(move.date_last, date(2026, 3, 19))
        self.assertFalse(move.problem)
        self.assertAlmostEqual(move.hours_before_from, 320 / 60)
        self.assertAlmostEqual(move.hours_after_from, 0)
        self.assertAlmostEqual(move.hours_before_to, 50 / 60)
        self.assertAlmostEqual(move.hours_after_to, 370 / 60)
        self.assertEqual(move.hours_available_to, 40)

    def test_planned_order_moves_whole_and_stays_where_it_is_put(self):
        """From Thursday to Monday are 4 days: both dates move so far, and the next run leaves it there."""
        planned = self._create_free()
        self._rebuild()
        Form(self._open(planned_order_id=planned.id)).save().action_move()
        self.assertEqual((planned.order_release_date, planned.due_date), (WEEK_2, date(2026, 3, 10)))
        self.assertTrue(planned.fixed)
        line = self._get_lines(planned_order_id=planned.id)
        self.assertEqual((line.week_start, line.slack_days), (WEEK_2, 10))
        self.assertFalse(self._get_load(WEEK_1).hours_total)

    def test_manufacturing_order_moves_with_its_work_orders(self):
        """It was scheduled for Thursday 8:00; it is scheduled again from Monday 8:00."""
        production = self._create_production(self.bread, 4, "2026-03-05 08:00:00")
        production.button_plan()
        self._create_peg(production, date(2026, 3, 20))
        self._rebuild()
        Form(self._open(production_id=production.id)).save().action_move()
        self.assertEqual(production.date_start.date(), WEEK_2)
        self.assertEqual(production.workorder_ids.date_start.date(), WEEK_2)
        self.assertEqual(self._get_lines(production_id=production.id).week_start, WEEK_2)

    def test_beyond_its_slack_it_does_not_move(self):
        """It can start on 19 March at the latest; the Monday after is the 23rd."""
        planned = self._create_free()
        self._rebuild()
        move = Form(self._open(planned_order_id=planned.id))
        move.date_to = date(2026, 3, 23)
        self.assertIn("would make a demand it serves late", move.problem)
        with self.assertRaisesRegex(UserError, "at the latest"):
            move.save().action_move()
        self.assertEqual(planned.due_date, date(2026, 3, 6))

    def test_any_day_names_its_week(self):
        planned = self._create_free()
        self._rebuild()
        move = Form(self._open(planned_order_id=planned.id))
        move.date_to = date(2026, 3, 18)
        move.save().action_move()
        self.assertEqual(planned.order_release_date, WEEK_3)

    def test_not_to_a_week_before(self):
        planned = self._create_free()
        self._rebuild()
        move = Form(self._open(planned_order_id=planned.id))
        move.date_to = WEEK_1
        self.assertIn("Choose a week after", move.problem)
