from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import FeatureCommon


@tagged("post_install", "-at_install")
class TestFeatureAccess(FeatureCommon):
    def test_everybody_may_be_asked_for(self):
        """Code that runs for a plain user asks the company; he needs no right on the registry."""
        company = self.company_north.with_user(self.clerk)
        self.registry.clear_cache()
        self.assertTrue(company._has_feature("test_shipped_on"))

    def test_plain_user_is_refused_by_rpc(self):
        """Neither reading nor deciding is open to an internal user without a role."""
        env = self.env(user=self.clerk)
        calls = [
            ("crm.roadmap.feature", "search_read", [[]]),
            ("crm.roadmap.feature.pin", "search_read", [[]]),
            ("crm.roadmap.feature", "action_switch_on", [self.feature_off.ids]),
            ("crm.roadmap.feature", "action_switch_off", [self.feature_on.ids]),
            ("crm.roadmap.feature", "action_as_shipped", [self.feature_on.ids]),
            ("crm.roadmap.feature.pin", "create", [{"feature_id": self.feature_on.id, "state": "off"}]),
        ]
        for model, method, args in calls:
            with (
                self.subTest(model=model, method=method),
                mute_logger("odoo.addons.base.models.ir_model"),
                self.assertRaises(AccessError),
            ):
                call_kw(env[model], method, args, {})

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_implementer_decides_but_declares_nothing(self):
        """A declaration belongs to the addon that brings the feature."""
        feature = self.as_implementer(self.company_north)[0]
        with self.assertRaises(AccessError):
            feature.default_on = False
        with self.assertRaises(AccessError):
            feature.create({"key": "test_other", "name": "Other"})
        with self.assertRaises(AccessError):
            feature.unlink()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_implementer_decides_for_his_companies_only(self):
        """The company rule of the decisions, seen and written."""
        foreign = self.env["res.company"].create({"name": "Foreign"})
        pin = self.Pin.create({"feature_id": self.feature_on.id, "company_id": foreign.id, "state": "off"})
        pins = self.Pin.with_user(self.implementer)
        self.assertFalse(pins.search([("company_id", "=", foreign.id)]))
        with self.assertRaises(AccessError):
            pin.with_user(self.implementer).state = "on"
        with self.assertRaises(AccessError):
            pins.create({"feature_id": self.feature_off.id, "company_id": foreign.id})
