from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common_decision import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionVerdict(DecisionCase):
    def _measured(self, **values):
        """Return a decision whose treated bought for 100, 120, 80 and 100, and the held out for 60, 80, 40 and 60."""
        decision = self._started(self._customers(8), **values)
        self._buy(self._members(decision, False), (100, 120, 80, 100))
        self._buy(self._members(decision, True), (60, 80, 40, 60))
        self._measure_on(decision, "2026-07-30")
        return decision

    def _kept(self):
        decision = self._measured()
        with freeze_time("2026-07-31 12:00:00"):
            decision.action_keep()
        return decision

    def test_keep_is_measured_every_month(self):
        """August brings the same: it is kept, and measured again a month later."""
        decision = self._kept()
        self.assertEqual((decision.state, decision.verdict, decision.effect_then), ("done", "keep", 40))
        self.assertEqual(str(decision.date_next), "2026-08-30")
        self.assertEqual(str(decision.holdout_id.date_end), "2026-08-29")
        self.assertFalse(decision.activity_ids)
        self._buy(self._members(decision, False), (100, 120, 80, 100), day="2026-08-10")
        self._buy(self._members(decision, True), (60, 80, 40, 60), day="2026-08-10")
        row = self._measure_on(decision, "2026-08-30")
        self.assertEqual((row.stage, str(row.date_first), str(row.date_last)), ("monitor", "2026-07-30", "2026-08-29"))
        self.assertEqual((decision.state, str(decision.date_next)), ("done", "2026-09-30"))
        self.assertEqual(row.cost, 0)

    def test_reopened_when_the_interval_contains_zero(self):
        decision = self._kept()
        self._buy(self._members(decision, False), (100, 20, 80, 100), day="2026-08-10")
        self._buy(self._members(decision, True), (60, 80, 40, 60), day="2026-08-10")
        self._measure_on(decision, "2026-08-30")
        self.assertEqual(decision.state, "reopened")
        self.assertIn("when it was kept", decision.reopened_note)
        self.assertEqual(len(decision.activity_ids), 1)
        self.assertEqual(str(decision.date_due), "2026-09-06")
        self.assertFalse(decision.is_overdue)

    def test_reopened_below_half(self):
        """19 of 40 are left, and surely more than 0."""
        decision = self._kept()
        self._buy(self._members(decision, False), (79, 79, 79, 79.5), day="2026-08-10")
        self._buy(self._members(decision, True), (60, 60, 60, 60.5), day="2026-08-10")
        row = self._measure_on(decision, "2026-08-30")
        self.assertGreater(row.effect_low, 0)
        self.assertEqual(decision.state, "reopened")

    def test_half_is_enough(self):
        decision = self._kept()
        self._buy(self._members(decision, False), (81, 81, 81, 81.5), day="2026-08-10")
        self._buy(self._members(decision, True), (60, 60, 60, 60.5), day="2026-08-10")
        self._measure_on(decision, "2026-08-30")
        self.assertEqual(decision.state, "done")

    def test_missed_months_are_measured_each(self):
        """Nobody looked for two months; in the first of them nothing was left, so the second is not measured."""
        decision = self._kept()
        self._measure_on(decision, "2026-10-05")
        self.assertEqual(decision.state, "reopened")
        self.assertEqual(len(decision.measurement_ids.filtered(lambda row: row.stage == "monitor")), 1)

    def test_keep_again_after_it_was_reopened(self):
        decision = self._kept()
        self._buy(self._members(decision, False), (79, 79, 79, 79.5), day="2026-08-10")
        self._buy(self._members(decision, True), (60, 60, 60, 60.5), day="2026-08-10")
        self._measure_on(decision, "2026-08-30")
        with freeze_time("2026-08-30 12:00:00"):
            decision.action_keep()
        self.assertEqual((decision.state, decision.effect_then), ("done", 19))
        self.assertEqual(str(decision.date_next), "2026-09-30")
        self.assertFalse(decision.activity_ids)

    def test_change_opens_another_decision(self):
        decision = self._measured()
        with freeze_time("2026-07-31 12:00:00"):
            action = decision.action_change()
        successor = self.env["crm.decision"].browse(action["res_id"])
        self.assertEqual((decision.state, decision.verdict), ("done", "change"))
        self.assertEqual((successor.state, successor.parent_id), ("draft", decision))
        self.assertEqual((str(successor.date_deadline), str(successor.date_end)), ("2026-08-07", "2026-09-05"))
        self.assertIn("They buy less", successor.finding)
        self.assertFalse(successor.member_ids or successor.holdout_id or successor.last_measurement_id)

    def test_stop_ends_the_measurement(self):
        decision = self._measured()
        decision.action_stop()
        self.assertEqual((decision.state, decision.verdict), ("done", "stop"))
        self.assertFalse(decision.date_next)
        self.assertFalse(self._measure_on(decision, "2026-09-30"))

    def test_what_was_kept_may_be_stopped(self):
        decision = self._kept()
        decision.action_stop()
        self.assertEqual(decision.verdict, "stop")

    def test_nothing_speaks_for_keeping_what_is_not_measured(self):
        with self.assertRaisesRegex(UserError, "not measured"):
            self._started(self._customers(4)).action_keep()
        with self.assertRaisesRegex(UserError, "nothing to judge"):
            self._decision(self._customers(4)).action_stop()

    def test_verdict_is_the_owners(self):
        """A salesperson gives it on his own decision, not on that of another one whom he follows."""
        other = self._user("dec_other", "sales_team.group_sale_salesman")
        decision = self._measured(user_id=self.seller.id)
        decision.message_subscribe(other.partner_id.ids)
        context = {"allowed_company_ids": self.company.ids}
        with self.assertRaises(AccessError):
            decision.with_user(other).with_context(**context).action_keep()
        decision.with_user(self.seller).with_context(**context).action_keep()
        self.assertEqual(decision.verdict, "keep")
