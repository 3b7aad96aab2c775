from ast import literal_eval
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common_roadmap import TODAY, RoadmapCase


@tagged("post_install", "-at_install")
class TestCriterion(RoadmapCase):
    """What a criterion measures, how it is judged, and what it opens."""

    def test_a_share_is_counted_and_judged(self):
        self._tags(1, 2, 3, 0)
        result = self._measure()
        self.assertEqual((result.value, result.part, result.whole, result.state), (75, 3, 4, "passed"))

    def test_the_tolerance_is_below_a_least_target(self):
        for colors, state in (((1, 1, 1, 0), "passed"), ((1, 1, 0), "tolerated"), ((1, 0), "failed")):
            with self.subTest(colors=colors):
                self.env["crm.tag"].search([("name", "=like", "Road %")]).unlink()
                self._tags(*colors)
                self.assertEqual(self._measure().state, state)

    def test_the_tolerance_is_above_a_most_target(self):
        self.criterion.write({"direction": "most", "target": 50, "tolerance": 20})
        for value, state in (
            (50, "passed"),
            (50.1, "tolerated"),
            (70, "tolerated"),
            (70.1, "failed"),
            (None, "unknown"),
        ):
            self.assertEqual(self.criterion._judge(value), state, value)

    def test_nothing_to_count_is_neither_nought_nor_passed(self):
        result = self._measure()
        self.assertEqual(result.state, "unknown")
        self.assertEqual(self.criterion.with_company(self.north).last_text, "nothing to count yet")

    def test_count_sum_and_age(self):
        self._tags(1, 2, 4)
        self.criterion.write({"kind": "count"})
        self.assertEqual(self._measure().value, 3)
        color = self.env["ir.model.fields"]._get("crm.tag", "color")
        self.criterion.write({"kind": "sum", "field_id": color.id})
        self.assertEqual(self._measure().value, 7)
        # Rates of the currency: the newest one is five days old
        currency = self.env["res.currency"].create({"name": "RDX", "symbol": "R"})
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "name": TODAY - timedelta(days=days),
                    "rate": 2,
                    "company_id": self.north.id,
                }
                for days in (5, 30)
            ]
        )
        self.criterion.write(
            {
                "kind": "age",
                "model_id": self.env["ir.model"]._get_id("res.currency.rate"),
                "domain": f"[('currency_id', '=', {currency.id})]",
                "field_id": self.env["ir.model.fields"]._get("res.currency.rate", "name").id,
            }
        )
        self.assertEqual(self._measure().value, 5)
        # The rates of another company are not those of this one
        self.assertEqual(self._measure(self.south).state, "unknown")

    def test_days_in_a_filter_are_relative(self):
        self.criterion.write(
            {"kind": "count", "domain": "[('create_date', '>=', 'today -1d'), ('name', '=', 'Road 0')]"}
        )
        self._tags(1)
        self.env.cr.execute("UPDATE crm_tag SET create_date = %s WHERE name->>'en_US' = 'Road 0'", (TODAY,))
        self.assertEqual(self._measure().value, 1)
        with freeze_time(TODAY + timedelta(days=3)):
            self.assertEqual(self._measure().value, 0)

    def test_a_day_keeps_one_result_and_the_next_day_another(self):
        self._tags(1)
        self._measure()
        self._tags(0)
        result = self._measure()
        self.assertEqual(result.value, 50)
        with freeze_time(TODAY + timedelta(days=1)):
            self._measure()
        results = self.env["crm.roadmap.result"].search([("criterion_id", "=", self.criterion.id)])
        self.assertEqual(results.mapped("date"), [TODAY + timedelta(days=1), TODAY])

    def test_what_fails_is_opened(self):
        tags = self._tags(1, 0, 0)
        self._measure()
        criterion = self.criterion.with_user(self.implementer).with_context(allowed_company_ids=self.north.ids)
        action = criterion.action_open_failing()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), tags[1:])

    def test_a_measure_whose_addon_is_not_there_says_what_it_needs(self):
        self.criterion.write({"kind": "measure", "measure_code": "delivered_messages"})
        result = self._measure()
        self.assertEqual(result.state, "unknown")
        self.assertEqual(result.reason, "not measurable: needs an exchange of messages with other systems")
        with self.assertRaises(UserError):
            self.criterion.with_company(self.north).action_open_failing()

    def test_one_that_does_not_fit_any_more_does_not_stop_the_others(self):
        other = self.criterion.copy({"name": "Another"})
        self.env.cr.execute(
            "UPDATE crm_roadmap_criterion SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s", (self.criterion.id,)
        )
        self.env.invalidate_all()
        self._tags(1)
        (self.criterion | other)._measure_and_store(self.north)
        last = self.env["crm.roadmap.result"]._get_last(self.criterion | other, self.north)
        self.assertEqual(last[(self.criterion.id, self.north.id, None)].state, "unknown")
        self.assertIn("does not fit any more", last[(self.criterion.id, self.north.id, None)].reason)
        self.assertEqual(last[(other.id, self.north.id, None)].state, "passed")

    def test_a_definition_that_cannot_be_measured_is_refused(self):
        for values, words in (
            ({"domain": "[('nowhere', '=', 1)]"}, "cannot be read"),
            ({"domain": "__import__('os')"}, "cannot be read"),
            ({"kind": "sum", "field_id": False}, "Choose the field"),
            ({"kind": "measure", "measure_code": False}, "Choose the measure"),
        ):
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, words):
                self.criterion.write(values)

    def test_nobody_measures_what_he_could_not_read(self):
        for model in ("ir.mail_server", "res.users.apikeys"):
            if not self.env[model].with_user(self.implementer).has_access("read"):
                with self.assertRaises(AccessError):
                    self.criterion.with_user(self.implementer).write(
                        {"kind": "count", "model_id": self.env["ir.model"]._get_id(model), "domain": "[]"}
                    )
                return
        self.fail("no model is left that an implementer may not read")

    def test_units_are_measured_with_their_teams(self):
        teams = self.env["crm.team"].create(
            [{"name": "Lamps", "company_id": False}, {"name": "Cables", "company_id": False}]
        )
        unit = self.env["crm.roadmap.unit"].create(
            {"name": "Lamps", "company_id": self.north.id, "team_ids": [(6, 0, teams[0].ids)]}
        )
        self.env["crm.lead"].create(
            [
                {"name": "Road", "type": "opportunity", "team_id": team.id, "company_id": self.north.id}
                for team in (teams[0], teams[0], teams[1])
            ]
        )
        self.criterion.write(
            {
                "kind": "count",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain": "[('name', '=', 'Road')]",
                "team_field_id": self.env["ir.model.fields"]._get("crm.lead", "team_id").id,
            }
        )
        self.assertEqual(self._measure().value, 3)
        last = self.env["crm.roadmap.result"]._get_last(self.criterion, self.north, unit)
        self.assertEqual(last[(self.criterion.id, self.north.id, unit.id)].value, 2)

    def test_results_are_those_of_the_users_companies(self):
        self._tags(1)
        self._measure(self.south)
        results = self.env(user=self.implementer, context={"allowed_company_ids": self.north.ids})["crm.roadmap.result"]
        self.assertFalse(results.search([("criterion_id", "=", self.criterion.id)]))

    def test_salespeople_and_portal_users_read_nothing(self):
        portal = new_test_user(self.env, "road_portal", "base.group_portal")
        self._measure()
        for user in (self.salesperson, portal):
            for name in ("criterion", "result", "step", "unit", "stage"):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    self.env[f"crm.roadmap.{name}"].with_user(user).search([])

    def test_the_ready_made_measures_all_answer(self):
        measures = self.env["crm.roadmap.measure"]._get_all()
        self.assertGreater(len(measures), 5)
        for measure in measures:
            with self.subTest(measure=measure._measure_code):
                self.assertTrue(measure._get_label())
                self.assertTrue(measure._get_formula())
                if not measure._get_missing():
                    found = measure._measure(self.north)
                    self.assertTrue(found.value is not None or found.reason)
                    action = measure._get_failing_action(self.north)
                    self.assertIn(action["res_model"], self.env)
                    domain = action.get("domain") or []
                    domain = literal_eval(domain) if isinstance(domain, str) else domain
                    self.env[action["res_model"]].search_count(domain, limit=1)

    def test_shipped_criteria_name_measures_that_are_known(self):
        known = dict(self.env["crm.roadmap.criterion"]._selection_measure())
        shipped = self.env["crm.roadmap.criterion"].search([("measure_code", "!=", False)])
        self.assertTrue(set(shipped.mapped("measure_code")) <= set(known))

    def test_a_criterion_of_another_company_is_neither_read_nor_moved(self):
        [values] = self.criterion.copy_data()
        self.criterion.company_id = self.south
        stranger = self._user("road_stranger", "crm_extended.crm_extended_group_implementer")
        stranger.company_ids = self.north
        mine = self.criterion.with_user(stranger).with_context(allowed_company_ids=self.north.ids)
        self.assertFalse(mine.search([("id", "=", mine.id)]))
        for call in (
            lambda: mine.read(["name"]),
            lambda: mine.write({"target": 1}),
            mine.action_measure,
            mine.action_open_failing,
            lambda: mine.create(values | {"name": "Theirs", "company_id": self.south.id}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_company_that_fails_does_not_stop_the_night(self):
        self._tags(1)
        steps = self.env.registry["crm.roadmap.step"]
        watch = steps._watch

        def fail_in_north(records, company):
            if company == self.north:
                raise ValueError("North is broken")
            return watch(records, company)

        with (
            patch.object(steps, "_watch", fail_in_north),
            self.assertLogs("odoo.addons.crm_extended.models.roadmap", "ERROR") as logs,
        ):
            self.env["crm.roadmap.criterion"]._cron_measure()
        self.assertIn(f"company {self.north.id}", logs.output[0])
        last = self.env["crm.roadmap.result"]._get_last(self.criterion, self.companies)
        self.assertEqual([key[1] for key in last], self.south.ids)

    def test_the_night_measures_every_company(self):
        self._tags(1)
        self.env["crm.roadmap.criterion"]._cron_measure()
        last = self.env["crm.roadmap.result"]._get_last(self.criterion, self.companies)
        self.assertEqual(len(last), 2)
        self.assertEqual({result.date for result in last.values()}, {fields.Date.to_date(TODAY)})
