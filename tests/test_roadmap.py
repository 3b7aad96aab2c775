"""The road over all addons: what each stage shows to each role; a feature that is off leaves nothing broken."""

from odoo.tests import TransactionCase, new_test_user, tagged

from devtools.menu_walk import our_menus, walk
from tests.test_menus import ROLES


@tagged("post_install", "-at_install")
class TestRoadmapMenus(TransactionCase):
    """A company that goes the whole road, and every feature switched off and on again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.steps = cls.env["crm.roadmap.step"]
        cls.steps.search([]).unlink()
        cls.env["crm.roadmap.feature.pin"].search([]).unlink()
        cls.stages = cls.env["crm.roadmap.stage"].search([])
        cls.features = cls.env["crm.roadmap.feature"].search([])
        cls.users = {role: new_test_user(cls.env, f"road_{role}", groups) for role, groups in ROLES.items()}

    def _menus(self, role):
        return our_menus(self.env(user=self.users[role]))

    def test_every_menu_of_every_role_opens_in_each_stage(self):
        seen = {role: set() for role in ROLES}
        for stage in self.stages:
            self.steps._enter(self.company, stage)
            for role, user in self.users.items():
                with self.subTest(stage=stage.name, role=role):
                    _count, problems = walk(self.env(user=user))
                    self.assertEqual(problems, [])
                    menus = set(self._menus(role).ids)
                    self.assertTrue(menus >= seen[role], "a stage takes no menu away")
                    seen[role] = menus

    def test_a_menu_shows_from_the_stage_of_its_feature_on(self):
        for stage in self.stages:
            self.steps._enter(self.company, stage)
            shown = self._menus("implementer")
            for feature in self.features.filtered(lambda feature: feature.menu_ids and feature.default_on):
                with self.subTest(stage=stage.name, feature=feature.key):
                    below = self.env["ir.ui.menu"].search([("id", "child_of", feature.menu_ids.ids)])
                    if feature.stage_id.sequence > stage.sequence:
                        self.assertFalse(shown & below)

    def test_each_feature_off_leaves_no_broken_menu_and_on_again_brings_it_back(self):
        self.steps._enter(self.company, self.stages[-1])
        before = {role: self._menus(role) for role in ("manager", "implementer")}
        for feature in self.features:
            pin = self.env["crm.roadmap.feature.pin"].create(
                {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
            )
            for role in before:
                with self.subTest(feature=feature.key, role=role):
                    _count, problems = walk(self.env(user=self.users[role]))
                    self.assertEqual(problems, [])
                    self.assertFalse(self._menus(role) - before[role] - feature.replaced_menu_ids)
            pin.state = "on"
            for role in before:
                missing = before[role] - self._menus(role) - feature.replaced_menu_ids
                self.assertFalse(missing, f"{feature.key} is on again")
            pin.unlink()

    def test_one_user_in_two_companies_sees_what_one_of_them_has(self):
        other = self.env["res.company"].create({"name": "Further on"})
        self.steps._enter(self.company, self.stages[0])
        here = new_test_user(self.env, "road_here", ROLES["analyst"], company_id=self.company.id)
        self.steps._enter(other, self.stages[-1])
        both = new_test_user(
            self.env,
            "road_both",
            ROLES["analyst"],
            company_id=self.company.id,
            company_ids=[(6, 0, (self.company | other).ids)],
        )
        self.assertLess(set(our_menus(self.env(user=here)).ids), set(our_menus(self.env(user=both)).ids))
