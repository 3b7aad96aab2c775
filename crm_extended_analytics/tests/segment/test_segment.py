from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common_segment import SegmentCase


@tagged("post_install", "-at_install")
class TestSegment(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._customers(4)
        for number, customer in enumerate(cls.customers, start=1):
            cls._measured(customer, net_sales=10.0 * number)
        cls.rule = {"measure": "net_sales", "operator": "ge", "value": 30}

    def _set_sales(self, customer, amount):
        self._measure(customer).net_sales = amount

    # ------------------------------------------------------------------
    # Refresh and history
    # ------------------------------------------------------------------
    def test_history_notes_who_came_and_left(self):
        segment = self._segment(self.rule)
        self.assertEqual(self._members(segment), self.customers[2:])
        self._set_sales(self.customers[0], 100)
        self._set_sales(self.customers[3], 1)
        with freeze_time("2026-07-01 12:00:00"):
            segment._refresh()
        self.assertEqual(self._members(segment), self.customers[0] + self.customers[2])
        rows = segment.history_ids.sorted("date")
        self.assertEqual(
            [(str(row.date), row.size, row.joined, row.left) for row in rows],
            [("2026-06-30", 2, 2, 0), ("2026-07-01", 2, 1, 1)],
        )
        self.assertEqual(segment.member_count, 2)
        since = {member.partner_id: str(member.since) for member in segment.member_ids}
        self.assertEqual(since, {self.customers[0]: "2026-07-01", self.customers[2]: "2026-06-30"})

    def test_history_has_one_row_a_day(self):
        segment = self._segment(self.rule)
        self._set_sales(self.customers[0], 100)
        segment._refresh()
        self.assertEqual([(row.size, row.joined, row.left) for row in segment.history_ids], [(3, 3, 0)])

    def test_frozen_segment_stays_until_asked(self):
        segment = self._segment(self.rule, is_dynamic=False)
        self._set_sales(self.customers[0], 100)
        self.segments._refresh_company(self.company)
        self.assertEqual(self._members(segment), self.customers[2:])
        segment.action_refresh()
        self.assertEqual(self._members(segment), self.customers[0] + self.customers[2:])

    def test_changed_rules_ask_for_a_refresh(self):
        segment = self._segment(self.rule)
        self.assertFalse(segment.is_stale)
        segment.rule_ids.value = 20
        self.assertTrue(segment.is_stale)
        segment._refresh()
        segment.rule_ids.unlink()
        self.assertTrue(segment.is_stale)

    def test_older_month_scored_again_changes_nothing(self):
        segment = self._segment(self.rule)
        for customer in self.customers:
            self._sale(customer, "2026-03-01", amount=600)
        self._run(as_of="2026-04-30")
        self.assertEqual([str(row.date) for row in segment.history_ids], ["2026-06-30"])

    def test_scoring_refreshes_dynamic_segments(self):
        segment = self._segment({"measure": "net_sales", "operator": "ge", "value": 500})
        self.assertFalse(self._members(segment))
        for customer in self.customers:
            self._sale(customer, "2026-05-01", amount=600 if customer == self.customers[1] else 100)
        self._run()
        self.assertEqual(self._members(segment), self.customers[1])

    def test_scoring_of_changed_customers_queues_a_refresh(self):
        segment = self._segment({"measure": "net_sales", "operator": "ge", "value": 500})
        for customer in self.customers:
            self._sale(customer, "2026-05-01", amount=100)
        self._run()
        self._sale(self.customers[0], "2026-06-01", amount=900)
        self.env["crm.warehouse.change"]._note([(self.company.id, self.customers[0].id)])
        jobs = self.env["queue.job"].search([("model_name", "=", "crm.segment")])
        self._run(kind="incremental")
        job = self.env["queue.job"].search([("model_name", "=", "crm.segment")]) - jobs
        self.assertEqual((job.method_name, job.args[0]), ("_refresh_company", self.company))
        self.segments._refresh_company(*job.args, **job.kwargs)
        self.assertEqual(self._members(segment), self.customers[0])

    def test_switched_off_nothing_is_refreshed(self):
        segment = self._segment(self.rule)
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "segments")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self._set_sales(self.customers[0], 100)
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        self.segments._cron_refresh()
        self.assertEqual(segment.member_count, 2)
        feature.pin_ids.unlink()
        self.segments._cron_refresh()
        self.assertEqual(segment.member_count, 3)

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------
    def test_list_of_partners_keeps_customers_once(self):
        segment = self.segments._create_from_partners("Fair", self.hotel + self.buyer, self.company)
        self.assertEqual((segment.method, segment.member_count), ("list", 1))
        self.assertEqual(self._members(segment), self.hotel)

    def test_list_is_changed_by_hand(self):
        segment = self.segments._create_from_partners("Fair", self.customers[:1], self.company)
        segment.member_ids = [Command.create({"partner_id": self.customers[1].id})]
        self.assertEqual(segment.member_count, 2)
        manager = self._user("sgx_lists", "sales_team.group_sale_manager")
        own = segment.with_env(self._as(manager).env)
        own.member_ids.filtered(lambda member: member.partner_id == self.customers[0]).unlink()
        self.assertEqual(self._members(segment), self.customers[1])
        self.assertEqual([(row.size, row.joined, row.left) for row in segment.history_ids], [(1, 2, 1)])

    def test_found_members_are_not_changed_by_hand(self):
        segment = self._segment(self.rule)
        with self.assertRaises(UserError):
            segment.member_ids = [Command.create({"partner_id": self.customers[0].id})]
        manager = self._user("sgx_by_hand", "sales_team.group_sale_manager")
        with self.assertRaises(UserError):
            segment.with_env(self._as(manager).env).member_ids[:1].unlink()

    # ------------------------------------------------------------------
    # Customers who object, are merged or deleted
    # ------------------------------------------------------------------
    def test_objection_takes_customer_out_at_once(self):
        by_rule = self._segment(self.rule)
        by_attribute = self._segment({"kind": "contact", "contact_domain": f"[('id', '=', {self.customers[3].id})]"})
        by_hand = self.segments._create_from_partners("Fair", self.customers[3], self.company)
        self.customers[3].crm_profiling_opt_out = True
        self.assertEqual(self._members(by_rule), self.customers[2])
        self.assertEqual(by_rule.member_count, 1)
        self.assertEqual(self._members(by_attribute), self.customers[3])
        self.assertEqual(self._members(by_hand), self.customers[3])
        (by_rule + by_attribute)._refresh()
        self.assertEqual(self._members(by_rule), self.customers[2])
        self.assertEqual(self._members(by_attribute), self.customers[3])

    def test_objection_of_a_contact_leaves_his_company_alone(self):
        self._measured(self.hotel, net_sales=100)
        segment = self._segment(self.rule)
        self.buyer.crm_profiling_opt_out = True
        self.assertIn(self.hotel, self._members(segment))

    def test_merged_customers_are_in_once(self):
        first, second, third, _fourth = self.customers
        both = self.segments._create_from_partners("Both", first + second, self.company)
        source_only = self.segments._create_from_partners("Source", second + third, self.company)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((first + second).ids, first)
        self.env.invalidate_all()
        self.assertEqual(self._members(both), first)
        self.assertEqual(self._members(source_only), first + third)
        self.assertEqual((both.member_count, source_only.member_count), (1, 2))

    def test_deleted_customer_is_gone(self):
        customer = self._customers(1)
        segment = self.segments._create_from_partners("Fair", customer + self.hotel, self.company)
        customer.unlink()
        self.assertEqual(self._members(segment), self.hotel)
        self.assertEqual(segment.member_count, 1)
