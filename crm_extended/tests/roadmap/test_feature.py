from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FeatureCommon


@tagged("post_install", "-at_install")
class TestFeature(FeatureCommon):
    def test_company_without_decision_has_what_is_shipped(self):
        """No pin: the declaration decides."""
        self.assertTrue(self.company_north._has_feature("test_shipped_on"))
        self.assertFalse(self.company_north._has_feature("test_shipped_off"))

    def test_decision_wins_over_default_in_its_company_only(self):
        """A pin turns the default round, and the neighbour keeps his."""
        on, off = self.as_implementer(self.company_north)
        on.action_switch_off()
        off.action_switch_on()
        self.assertFalse(self.company_north._has_feature("test_shipped_on"))
        self.assertTrue(self.company_north._has_feature("test_shipped_off"))
        self.assertTrue(self.company_south._has_feature("test_shipped_on"))
        self.assertFalse(self.company_south._has_feature("test_shipped_off"))

    def test_switching_twice_keeps_one_decision(self):
        """On, off, off: one record, the last word."""
        off = self.as_implementer(self.company_north)[1]
        off.action_switch_on()
        off.action_switch_off()
        off.action_switch_off()
        pins = self.Pin.search([("feature_id", "=", off.id)])
        self.assertRecordValues(pins, [{"company_id": self.company_north.id, "state": "off"}])

    def test_as_shipped_removes_the_decision(self):
        """The default of the declaration holds again."""
        on = self.as_implementer(self.company_north)[0]
        on.action_switch_off()
        on.action_as_shipped()
        self.assertTrue(self.company_north._has_feature("test_shipped_on"))
        self.assertFalse(self.Pin.search([("feature_id", "=", on.id)]))

    def test_second_decision_of_a_company_is_refused_by_the_database(self):
        """The pair is unique, whatever writes it."""
        values = {"feature_id": self.feature_on.id, "company_id": self.company_north.id}
        self.Pin.create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught, self.cr.savepoint():
            self.Pin.create(values)
        self.assertIn("feature_company_uniq", str(caught.exception))

    def test_key_is_unique_and_well_formed(self):
        """Code finds a feature by its key, so two of them or a typing error must not pass."""
        for key, constraint in (("test_shipped_on", "key_uniq"), ("Not A Key", "key_format")):
            with (
                self.subTest(key=key),
                mute_logger("odoo.sql_db"),
                self.assertRaises(Exception) as caught,
                self.cr.savepoint(),
            ):
                self.Feature.create({"key": key, "name": "Again"})
            self.assertIn(constraint, str(caught.exception))

    def test_unknown_key_names_itself_and_the_remedy(self):
        """A feature nobody declared is a programming error, neither on nor off."""
        with self.assertRaisesRegex(ValueError, "'test_unknown' is not declared: add a crm.roadmap.feature"):
            self.company_north._has_feature("test_unknown")

    def test_new_default_is_seen_at_once(self):
        """Writing a declaration forgets what was remembered."""
        self.assertFalse(self.company_north._has_feature("test_shipped_off"))
        self.feature_off.default_on = True
        self.assertTrue(self.company_north._has_feature("test_shipped_off"))

    def test_removed_feature_is_unknown_at_once(self):
        """After its addon is gone, the key is not answered from memory."""
        self.assertTrue(self.company_north._has_feature("test_shipped_on"))
        self.feature_on.unlink()
        with self.assertRaises(ValueError):
            self.company_north._has_feature("test_shipped_on")

    def test_pin_written_and_removed_by_hand_is_seen_at_once(self):
        """The list of decisions is edited too, not only the buttons used."""
        pin = self.Pin.create({"feature_id": self.feature_on.id, "company_id": self.company_north.id, "state": "off"})
        self.assertFalse(self.company_north._has_feature("test_shipped_on"))
        pin.state = "on"
        self.assertTrue(self.company_north._has_feature("test_shipped_on"))
        pin.state = "off"
        pin.unlink()
        self.assertTrue(self.company_north._has_feature("test_shipped_on"))

    def test_changes_reach_the_other_server_processes(self):
        """The registry signals the change when the transaction ends."""
        self.registry.cache_invalidated.clear()
        self.as_implementer(self.company_north)[0].action_switch_off()
        self.assertIn("default", self.registry.cache_invalidated)

    def test_many_companies_and_questions_cost_one_read(self):
        """Cold: the registry and the declarations, for all features; warm: nothing."""
        self.env.flush_all()
        self.registry.clear_cache()
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            self.company_north._has_feature("test_shipped_on")
            self.company_north._has_feature("test_shipped_off")
            self.company_south._has_feature("test_shipped_on")
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            for _time in range(200):
                self.company_north._has_feature("test_shipped_on")
                self.company_south._has_feature("test_shipped_off")

    def test_state_and_note_speak_of_the_current_company(self):
        """What the screen shows: state, decision and a sentence with the company."""
        on = self.as_implementer(self.company_north)[0]
        self.assertEqual(on.state_note, "On in North, as shipped.")
        on.action_switch_off()
        self.assertRecordValues(on, [{"is_on": False, "is_pinned": True}])
        self.assertRegex(on.state_note, r"^Switched off for North by test_implementer.* on [\d/]{10}\.$")
        neighbour = self.as_implementer(self.company_south)[0]
        self.assertRecordValues(neighbour, [{"is_on": True, "is_pinned": False}])
        self.assertEqual(neighbour.state_note, "On in South, as shipped.")

    def test_filters_follow_the_current_company(self):
        """The filters of the list find by the state in the company one works in."""
        features = self.as_implementer(self.company_north)
        on, off = features
        off.action_switch_on()
        ours = [("id", "in", features.ids)]
        self.assertEqual(features.search([*ours, ("is_on", "=", True)]), features)
        self.assertFalse(features.search([*ours, ("is_on", "=", False)]))
        self.assertEqual(features.search([*ours, ("is_pinned", "=", True)]), off)
        self.assertEqual(features.search([*ours, ("is_pinned", "!=", True)]), on)
        south = self.as_implementer(self.company_south)
        self.assertEqual(south.search([*ours, ("is_on", "=", False)]), south[1])

    def test_features_that_nobody_moved_are_where_they_are_shipped(self):
        for feature in self.Feature.search([("moved_stage_id", "=", False)]):
            self.assertEqual(feature.stage_id, feature.shipped_stage_id, feature.key)

    def test_shipped_features_are_on(self):
        """What the addon declares for its own functions."""
        for key in ("quotation_conversion", "opportunity_currency"):
            with self.subTest(key=key):
                self.assertTrue(self.company_north._has_feature(key))
