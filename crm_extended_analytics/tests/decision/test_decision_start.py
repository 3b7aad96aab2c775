from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_decision import DecisionCase


@tagged("post_install", "-at_install")
class TestDecisionStart(DecisionCase):
    def test_customers_are_frozen(self):
        """Half of ten is held out; who comes into the segment later belongs to no decision."""
        partners = self._customers(10)
        decision = self._started(partners)
        self.assertEqual((decision.state, str(decision.date_start)), ("running", "2026-06-30"))
        self.assertEqual((decision.treated_count, decision.held_out_count), (5, 5))
        self.assertEqual(
            decision.holdout_id.member_ids.filtered("is_held_out").partner_id, self._members(decision, True)
        )
        decision.segment_id._add_partners(self._customers(3))
        self.assertEqual(len(decision.member_ids), 10)

    def test_held_out_are_found_by_mailings(self):
        decision = self._started(self._customers(10))
        self.assertEqual(
            decision.member_ids.partner_id.filtered("crm_is_held_out"), self._members(decision, True).sorted("id")
        )

    def test_draws_differ(self):
        """Two decisions about the same customers do not leave out the same ones."""
        partners = self._customers(40)
        first, second = self._started(partners), self._started(partners)
        self.assertNotEqual(self._members(first, True), self._members(second, True))

    def test_objectors_stay_outside(self):
        partners = self._customers(5)
        partners[0].crm_profiling_opt_out = True
        decision = self._decision(partners, basis="prior")
        self.assertEqual(decision.population_count, 4)
        decision.action_start()
        self.assertNotIn(partners[0], decision.member_ids.partner_id)

    def test_nobody_is_held_out_of_the_period_before(self):
        decision = self._started(self._customers(5), basis="prior")
        self.assertEqual((decision.treated_count, decision.held_out_count), (5, 0))
        self.assertFalse(decision.holdout_id)

    def test_started_once(self):
        decision = self._started(self._customers(4))
        with self.assertRaisesRegex(UserError, "started already"):
            decision.action_start()
        self.assertEqual(self.env["crm.holdout"].search_count([("name", "=", "Spring")]), 1)

    def test_a_customer_is_in_a_decision_once(self):
        decision = self._started(self._customers(4))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["crm.decision.member"].create(
                {"decision_id": decision.id, "partner_id": decision.member_ids[0].partner_id.id}
            )

    def test_what_runs_is_fixed(self):
        decision = self._started(self._customers(4))
        for values in ({"expected_pct": 50}, {"kind": "price"}, {"segment_id": self._segment(self.hotel).id}):
            with self.assertRaisesRegex(UserError, "has started"):
                decision.write(values)
        decision.write({"actual_cost": 5, "name": "Summer"})
        with self.assertRaisesRegex(UserError, "history"):
            decision.unlink()

    def test_what_lacks_is_said(self):
        nobody = self._decision(self.env["res.partner"])
        with self.assertRaisesRegex(UserError, "no customers"):
            nobody.action_decide()
        without = self._decision(self._customers(4), task_type_id=False)
        with self.assertRaisesRegex(UserError, "Choose the activity"):
            without.action_decide()
        late = self._decision(self._customers(4), date_deadline="2026-06-20", date_end="2026-06-29")
        with self.assertRaisesRegex(UserError, "Choose a later day"):
            late.action_start()

    def test_feature_is_off(self):
        self.env["crm.roadmap.feature.pin"].create(
            {
                "feature_id": self.env.ref("crm_extended_analytics.crm_roadmap_feature_decisions").id,
                "company_id": self.company.id,
                "state": "off",
            }
        )
        decision = self._decision(self._customers(4))
        with self.assertRaisesRegex(UserError, "does not use decisions"):
            decision.action_start()

    def test_decided_first(self):
        decision = self._decision(self._customers(4))
        decision.action_decide()
        self.assertEqual((decision.state, str(decision.date_due)), ("decided", "2026-07-02"))
        decision.action_back_to_draft()
        self.assertEqual(decision.state, "draft")

    def test_cancel_ends_the_hold_out(self):
        decision = self._started(self._customers(4))
        decision.action_cancel()
        self.assertEqual(decision.state, "cancelled")
        self.assertEqual(str(decision.holdout_id.date_end), "2026-06-30")

    def test_overdue(self):
        decision = self._decision(self._customers(4), date_deadline="2026-06-29")
        self.assertTrue(decision.is_overdue)
        overdue = self.env["crm.decision"].search([("is_overdue", "=", True), ("company_id", "=", self.company.id)])
        self.assertEqual(overdue, decision)
        self.assertFalse(self._decision(self._customers(1)).is_overdue)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (2, 90):
            decision = self._decision(self._customers(number))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            decision.action_start()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
