from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common_roadmap import TODAY, RoadmapCase


@tagged("post_install", "-at_install")
class TestStep(RoadmapCase):
    """Gates, overrides, signatures, slipping, and what a stage switches on."""

    def _enter(self, company=None, reason=""):
        return self._as(self.implementer, company).enter_next(reason)

    def test_who_has_not_started_has_everything_as_shipped(self):
        self.assertTrue(self.north._has_feature("test_road"))
        self._enter()
        self.assertFalse(self.north._has_feature("test_road"))
        self.assertTrue(self.south._has_feature("test_road"), "every company has its own place")

    def test_the_gate_opens_when_its_criteria_hold(self):
        self._enter()
        with self.assertRaisesRegex(UserError, "closed by: Tags are coloured"):
            self._enter()
        self._tags(1, 1, 1)
        step = self._enter()
        self.assertEqual((step.stage_id, step.entered_on, step.entered_by), (self.second, TODAY, self.implementer))
        self.assertFalse(step.is_override)
        self.assertTrue(self.north._has_feature("test_road"))

    def test_an_edited_criterion_closes_and_opens_the_gate(self):
        self._enter()
        self._tags(1, 0)
        self._measure()
        closed = self.Step._get_gate(self.north, self.second)[1]
        self.assertEqual(closed, self.criterion)
        self.criterion.with_user(self.implementer).target = 50
        self._measure()
        self.assertFalse(self.Step._get_gate(self.north, self.second)[1])

    def test_one_that_does_not_close_the_gate_lets_pass(self):
        self.criterion.is_gate = False
        self._enter()
        self.assertEqual(self._enter().stage_id, self.second)

    def test_a_criterion_of_another_company_does_not_count(self):
        self.criterion.company_id = self.south
        self._enter()
        self.assertEqual(self._enter().stage_id, self.second)

    def test_an_override_keeps_reason_and_name(self):
        self._enter()
        with self.assertRaises(UserError):
            self._enter(reason="   ")
        overrides = self._as(self.implementer).env["crm.roadmap.override"]
        # as the web client opens the dialog
        shown = overrides.onchange({}, [], {"stage_id": {}, "closed_ids": {"fields": {"name": {}}}})["value"]
        self.assertEqual([row[2]["name"] for row in shown["closed_ids"]], [self.criterion.name])
        form = Form(overrides)
        form.reason = "The rest follows in May"
        wizard = form.save()
        self.assertEqual((wizard.stage_id, wizard.closed_ids), (self.second, self.criterion))
        wizard.action_enter()
        step = self.Step._get_current(self.north)
        self.assertEqual(
            (step.stage_id, step.is_override, step.override_reason, step.entered_by),
            (self.second, True, "The rest follows in May", self.implementer),
        )

    def test_the_end_of_the_road(self):
        self._tags(1)
        self._enter()
        self._enter()
        with self.assertRaisesRegex(UserError, "end of the road"):
            self._enter()

    def test_going_back_loses_nothing_and_coming_forward_finds_it(self):
        self._tags(1)
        first = self._enter()
        second = self._enter()
        with self.assertRaisesRegex(UserError, "Go back from the last stage first"):
            first.action_go_back()
        second.action_go_back()
        self.assertFalse(self.north._has_feature("test_road"))
        self.assertEqual((second.left_on, second.left_by), (TODAY, self.implementer))
        again = self._enter()
        self.assertTrue(self.north._has_feature("test_road"))
        self.assertNotEqual(again, second, "the road of the company can be told")

    def test_a_decision_about_a_feature_is_stronger_than_the_stage(self):
        self._enter()
        pin = self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": self.feature.id, "company_id": self.north.id, "state": "on"}
        )
        self.assertTrue(self.north._has_feature("test_road"))
        self._tags(1)
        self._enter()
        pin.state = "off"
        self.assertFalse(self.north._has_feature("test_road"))

    def test_one_that_is_off_as_shipped_waits_for_a_decision(self):
        self.feature.default_on = False
        self._tags(1)
        self._enter()
        self._enter()
        self.assertFalse(self.north._has_feature("test_road"))

    def test_a_feature_is_moved_to_another_stage(self):
        self._enter()
        feature = self.feature.with_user(self.implementer)
        feature.stage_id = self.first
        self.assertTrue(self.north._has_feature("test_road"))
        self.feature.shipped_stage_id = self.second
        self.assertEqual(self.feature.stage_id, self.first, "an update of the addon does not move it back")
        feature.stage_id = self.second
        self.assertFalse(self.feature.moved_stage_id)
        with self.assertRaises(AccessError):
            feature.default_on = False

    def test_only_a_feature_that_came_on_is_caught_up_with(self):
        told = []

        def remember(_features, switched):
            told.append(switched["test_road"])

        self._tags(1)
        with patch.object(self.registry["crm.roadmap.feature"], "_after_switch", remember):
            first = self._enter()
            first.action_sign_off()
            self.feature.name = "Road of another name"
            self.assertFalse(told, "the first stage does not bring the feature, a signature brings nothing")
            second = self._enter()
            self.assertEqual(told, [self.north], "and nothing of a company that is not on the road")
            second.action_go_back()
            self.assertEqual(len(told), 1, "nothing is missed by who goes back")
            self._enter()
            self.assertEqual(told, [self.north] * 2)
            pin = self.env["crm.roadmap.feature.pin"].create(
                {"feature_id": self.feature.id, "company_id": self.north.id, "state": "on"}
            )
            self.assertEqual(len(told), 2, "a decision for what he has is no switch")
            pin.state = "off"
            pin.unlink()
            self.assertEqual(told, [self.north] * 3)

    def test_a_switch_that_is_taken_back_is_none(self):
        """What follows a switch fails, or what comes after it in the transaction: nobody has the feature then."""
        told = []

        def fail(_features, switched):
            told.append("failed")
            raise ZeroDivisionError

        def remember(_features, switched):
            told.append(switched["test_road"])

        self._tags(1)
        self._enter()
        feature = self.registry["crm.roadmap.feature"]
        with patch.object(feature, "_after_switch", fail), self.assertRaises(ZeroDivisionError):
            self._enter()
        self.assertFalse(self.north._has_feature("test_road"), "the answer of the failed transaction is forgotten")
        with patch.object(feature, "_after_switch", remember):
            with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
                self._enter()
                self.assertTrue(self.north._has_feature("test_road"))
                raise ZeroDivisionError
            # as the cursor does it
            self.cr.postrollback.run()
            self.assertFalse(self.north._has_feature("test_road"))
            self.assertEqual(told, ["failed", self.north])
            self._enter()
            self.assertEqual(told, ["failed", self.north, self.north], "the switch that stays is told again")
        self.assertTrue(self.north._has_feature("test_road"))

    def test_sign_off_keeps_date_and_person(self):
        step = self._enter()
        step.action_sign_off()
        self.assertEqual((step.signed_on, step.signed_by), (TODAY, self.implementer))
        with self.assertRaisesRegex(UserError, "was signed off"):
            step.action_sign_off()

    def test_nobody_else_moves_a_stage(self):
        step = self._enter()
        leader = self._user("road_leader", "crm_extended.crm_extended_group_team_leader,sales_team.group_sale_manager")
        portal = new_test_user(self.env, "road_portal", "base.group_portal")
        for user in (leader, self.salesperson, portal):
            with self.subTest(user=user.login):
                steps = self._as(user, self.north if user != portal else None)
                for call in (
                    lambda steps=steps: steps.enter_next("because"),
                    lambda steps=steps: steps.browse(step.id).action_sign_off(),
                    lambda steps=steps: steps.browse(step.id).action_go_back(),
                    lambda steps=steps: steps.create({"company_id": self.north.id, "stage_id": self.second.id}),
                    lambda steps=steps: steps.browse(step.id).write({"signed_on": TODAY}),
                ):
                    with self.assertRaises(AccessError):
                        call()

    def test_not_even_an_implementer_writes_the_road_by_hand(self):
        step = self._enter()
        steps = self._as(self.implementer)
        with self.assertRaises(AccessError):
            steps.create({"company_id": self.north.id, "stage_id": self.second.id})
        with self.assertRaises(AccessError):
            steps.browse(step.id).write({"left_on": TODAY})

    def test_the_stage_of_another_company_is_not_signed(self):
        step = self._enter(self.south)
        with self.assertRaises(AccessError):
            self._as(self.implementer, self.north).browse(step.id).action_sign_off()

    @mute_logger("odoo.sql_db")
    def test_a_stage_is_entered_once(self):
        self._enter()
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Step._enter(self.north, self.first)

    def test_who_meant_a_stage_that_is_entered_enters_no_other(self):
        self._enter()
        third = self.env["crm.roadmap.stage"].create({"name": "Lead"})
        steps = self._as(self.implementer)
        steps.enter_next("both pressed", stage_id=self.second.id)
        with self.assertRaisesRegex(UserError, "North has moved on the road"):
            steps.enter_next("both pressed", stage_id=self.second.id)
        self.assertEqual(self.Step._get_current(self.north).stage_id, self.second)
        self.assertEqual(self.Step._get_next_stage(self.north), third)

    def test_a_company_in_an_archived_stage_goes_on(self):
        self._enter()
        self.criterion.copy({"name": "Further", "stage_id": self.second.id, "target": 101, "tolerance": 0})
        self.first.active = False
        self.assertEqual(self.Step._get_next_stage(self.north), self.second)
        # what comes behind a stage is no part of its gate
        self.assertFalse(self.Step._get_gate(self.north, self.first)[0])
        self._enter(reason="no criteria are left")
        self.assertTrue(self.north._has_feature("test_road"))

    def test_features_of_an_archived_stage_come_with_the_one_behind_it_or_the_last(self):
        self._enter()
        third = self.env["crm.roadmap.stage"].create({"name": "Lead", "sequence": 3})
        self.second.active = False
        self.assertFalse(self.north._has_feature("test_road"))
        self.assertEqual(self.Step._get_next_stage(self.north), third)
        third.active = False
        self.assertTrue(self.north._has_feature("test_road"), "the first stage is the last one now")

    def test_stages_of_one_number_are_told_apart(self):
        self.second.sequence = self.first.sequence
        self._enter()
        self.assertFalse(self.north._has_feature("test_road"))
        self._enter(reason="no tags")
        self.assertTrue(self.north._has_feature("test_road"))

    def test_reordered_stages_are_another_road_for_who_is_not_there_yet(self):
        third = self.env["crm.roadmap.stage"].create({"name": "Lead"})
        self.assertGreater(third.sequence, self.second.sequence, "a new stage is the last one")
        self._enter()
        (third.sequence, self.second.sequence) = (2, 3)
        self.assertEqual(self.Step._get_next_stage(self.north), third)
        self._enter(reason="no tags")
        self.assertFalse(self.north._has_feature("test_road"))

    def test_the_picture_costs_the_same_for_one_and_many_criteria(self):
        env = self._as(self.implementer).env
        page = env["crm.roadmap.page"]
        counts = []
        for copies in (0, 30):
            for number in range(copies):
                self.criterion.copy({"name": f"Copy {number}", "owner_id": self.implementer.id})
            self.first.criterion_ids._measure_and_store(self.north)
            self.env.flush_all()
            self.env.invalidate_all()
            page.get_board()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            page.get_board()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    def test_a_road_without_criteria_is_shown_and_printed(self):
        self.env["crm.roadmap.criterion"].search([]).active = False
        env = self._as(self.implementer).env
        page = env["crm.roadmap.page"].get_board()
        self.assertEqual([stage["progress"] for stage in page["stages"]], [None, None])
        self.assertTrue(page["gate"]["is_open"])
        text, _kind = env["ir.actions.report"]._render_qweb_html("crm_extended.report_roadmap", self.north.ids)
        self.assertIn("Gather", text.decode())
        self.env["crm.roadmap.stage"].search([]).active = False
        self.assertEqual(env["crm.roadmap.page"].get_board()["stages"], [])
        env["ir.actions.report"]._render_qweb_html("crm_extended.report_roadmap", self.north.ids)

    def test_who_slips_is_warned_once_and_nothing_is_switched(self):
        tags = self._tags(1, 1, 1)
        self.criterion.owner_id = self.implementer
        self._enter()
        step = self._enter()
        with freeze_time(TODAY + timedelta(days=1)):
            tags[0].color = tags[1].color = 0
            self._measure()
            self.Step._watch(self.north)
            self.Step._watch(self.north)
        step = step.sudo()
        self.assertEqual(step.slipped_on, TODAY + timedelta(days=1))
        self.assertEqual(step.activity_ids.user_id, self.implementer)
        self.assertEqual(len(step.activity_ids), 1)
        self.assertIn("Tags are coloured", step.activity_ids.summary)
        self.assertTrue(self.north._has_feature("test_road"))
        with freeze_time(TODAY + timedelta(days=2)):
            tags.color = 3
            self._measure()
            self.Step._watch(self.north)
        self.assertFalse(step.slipped_on)
        self.assertFalse(step.activity_ids)

    def test_a_new_company_begins_where_others_are_on_the_road(self):
        self.assertFalse(self.Step._get_current(self.env["res.company"].create({"name": "Before"})))
        self._enter()
        company = self.env["res.company"].create({"name": "After"})
        self.assertEqual(self.Step._get_current(company).stage_id, self.first)

    def test_a_new_system_begins_at_the_first_stage(self):
        self.Step._start(self.companies)
        self.Step._start(self.companies)
        self.assertEqual(self.Step.search([("company_id", "in", self.companies.ids)]).stage_id, self.first)

    def test_the_picture_of_the_road(self):
        self._tags(1)
        self._enter()
        self._measure()
        page = self._as(self.implementer).env["crm.roadmap.page"].get_board()
        self.assertEqual([stage["place"] for stage in page["stages"]], ["here", "next"])
        self.assertEqual([stage["progress"] for stage in page["stages"]], [100, None])
        self.assertEqual(page["stages"][0]["criteria"][0]["text"], "100\u00a0% (1 of 1)")
        self.assertEqual(page["stages"][0]["criteria"][0]["target"], "at least 75\u00a0%")
        self.assertTrue(page["gate"]["is_open"])
        self.assertEqual(page["stages"][1]["features"], [{"id": self.feature.id, "name": "Road", "is_on": False}])
        with self.assertRaises(AccessError):
            self._as(self.salesperson).env["crm.roadmap.page"].get_board()
        reader = self._user("road_analyst", "crm_extended.crm_extended_group_analyst")
        self.assertFalse(self._as(reader).env["crm.roadmap.page"].get_board()["can_edit"])
        with self.assertRaises(AccessError):
            self._as(reader).env["crm.roadmap.page"].measure()

    def test_the_progress_is_weighted(self):
        heavy = self.criterion.copy({"name": "Heavy", "weight": 3, "target": 101, "tolerance": 0})
        self._tags(1)
        (self.criterion | heavy)._measure_and_store(self.north)
        page = self._as(self.implementer).env["crm.roadmap.page"].get_board()
        self.assertEqual(page["stages"][0]["progress"], 25)

    def test_a_stage_in_use_is_archived_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Move its features"):
            self.second.unlink()
        self._enter()
        with self.assertRaisesRegex(UserError, "Archive the stage instead"):
            self.first.unlink()
