import json
from contextlib import contextmanager
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.base.models.ir_ui_menu import IrUiMenu

from .common import FeatureCommon


class FeatureMenuCommon(FeatureCommon):
    """An app with two folders: "Shared" has a plain and a featured entry, "Lonely" only a featured one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.action = cls.env["ir.actions.act_window"].create({"name": "Contacts", "res_model": "res.partner"})
        cls.menu_app = cls.make_menu("App")
        cls.menu_shared = cls.make_menu("Shared", cls.menu_app)
        cls.menu_plain = cls.make_menu("Plain", cls.menu_shared, cls.action)
        cls.menu_featured = cls.make_menu("Featured", cls.menu_shared, cls.action)
        cls.menu_lonely = cls.make_menu("Lonely", cls.menu_app)
        cls.menu_only = cls.make_menu("Only", cls.menu_lonely, cls.action)
        cls.feature_off.menu_ids = cls.menu_featured | cls.menu_only
        cls.user_both = new_test_user(
            cls.env,
            login="test_menu_both",
            groups="base.group_user,base.group_partner_manager",
            company_id=cls.company_north.id,
            company_ids=[Command.set(cls.companies.ids)],
        )

    @classmethod
    def make_menu(cls, name, parent=None, action=None):
        return cls.env["ir.ui.menu"].create(
            {
                "name": name,
                "parent_id": parent.id if parent else False,
                "action": f"{action._name},{action.id}" if action else False,
            }
        )

    @classmethod
    def make_user_of(cls, company):
        return new_test_user(
            cls.env,
            login=f"test_menu_{company.name.lower()}",
            groups="base.group_user,base.group_partner_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def decide(self, feature, company, state):
        return self.Pin.create({"feature_id": feature.id, "company_id": company.id, "state": state})

    def get_menus(self, user):
        """Return the menus of the test that the web client of ``user`` gets."""
        ours = self.env["ir.ui.menu"].search([("id", "child_of", self.menu_app.ids)])
        loaded = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
        return ours.filtered(lambda menu: menu.id in loaded)


@tagged("post_install", "-at_install")
class TestFeatureMenu(FeatureMenuCommon):
    def test_menu_of_a_feature_that_is_off_is_hidden(self):
        """And with it the folder that has nothing else; the shared folder stays."""
        self.assertEqual(self.get_menus(self.user_both), self.menu_app | self.menu_shared | self.menu_plain)

    def test_menu_shows_when_one_allowed_company_has_the_feature(self):
        """The user works in North by default; South is enough."""
        self.decide(self.feature_off, self.company_south, "on")
        everything = self.env["ir.ui.menu"].search([("id", "child_of", self.menu_app.ids)])
        self.assertEqual(self.get_menus(self.user_both), everything)

    def test_menu_hides_from_user_of_the_other_company(self):
        """The same menus, two users, two answers, neither from the cache of the other."""
        self.decide(self.feature_off, self.company_south, "on")
        user_north, user_south = [self.make_user_of(company) for company in self.companies]
        self.assertEqual(user_north._get_group_ids(), user_south._get_group_ids())
        self.assertIn(self.menu_only, self.get_menus(user_south))
        self.assertNotIn(self.menu_only, self.get_menus(user_north))

    def test_menu_follows_pin_and_default(self):
        """Each change is seen by the next load of the menus."""
        self.assertNotIn(self.menu_only, self.get_menus(self.user_both))
        pin = self.decide(self.feature_off, self.company_north, "on")
        self.assertIn(self.menu_only, self.get_menus(self.user_both))
        pin.unlink()
        self.assertNotIn(self.menu_only, self.get_menus(self.user_both))
        self.feature_off.default_on = True
        self.assertIn(self.menu_only, self.get_menus(self.user_both))
        self.feature_off.menu_ids = [Command.clear()]
        self.feature_off.default_on = False
        self.assertIn(self.menu_only, self.get_menus(self.user_both))

    def test_menu_follows_allowed_companies_of_the_user(self):
        """Changed on the user or on the company, the menus are right at once."""
        self.decide(self.feature_off, self.company_south, "on")
        self.assertIn(self.menu_only, self.get_menus(self.user_both))
        self.user_both.company_ids = self.company_north
        self.assertNotIn(self.menu_only, self.get_menus(self.user_both))
        self.company_south.user_ids = [Command.link(self.user_both.id)]
        self.assertIn(self.menu_only, self.get_menus(self.user_both))

    def test_one_of_two_features_is_enough(self):
        """A menu shared by two features shows as long as one of them is on."""
        self.feature_on.menu_ids = self.menu_featured
        menus = self.get_menus(self.user_both)
        self.assertIn(self.menu_featured, menus)
        self.assertNotIn(self.menu_only, menus)

    def test_hidden_folder_takes_its_entries_along(self):
        """A feature on a folder hides what is below it, and an app left empty disappears."""
        self.feature_off.menu_ids = self.menu_shared | self.menu_lonely
        self.assertFalse(self.get_menus(self.user_both))
        visible_ids = self.env["ir.ui.menu"].with_user(self.user_both)._visible_menu_ids()
        self.assertNotIn(self.menu_plain.id, visible_ids)
        roots = self.env["ir.ui.menu"].with_user(self.user_both).load_menus_root()
        self.assertNotIn(self.menu_app.id, roots["all_menu_ids"])

    def test_action_of_a_list_follows_the_companies_of_the_user_too(self):
        """Where no company of his has the feature, the entry is not in the Action menu of the list."""
        action = self.env["ir.actions.server"].create(
            {
                "name": "Featured",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "binding_model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
            }
        )
        self.feature_off.action_ids = action
        north, south = [self.make_user_of(company) for company in self.companies]

        def is_shown(user):
            views = self.env["res.partner"].with_user(user).get_views([(False, "list")], {"toolbar": True})
            entries = views["views"]["list"]["toolbar"].get("action", [])
            return action.id in [entry["id"] for entry in entries]

        self.assertEqual((is_shown(north), is_shown(south)), (False, False))
        pin = self.decide(self.feature_off, self.company_south, "on")
        self.assertEqual((is_shown(north), is_shown(south)), (False, True))
        self.assertTrue(is_shown(self.user_both))
        pin.unlink()
        self.assertFalse(is_shown(self.user_both))
        names = self.as_implementer(self.company_north)[0].browse(self.feature_off.id).action_names
        self.assertEqual(names, "Featured", "who may not read server actions reads what the feature shows")
        self.feature_off.action_ids = False
        self.assertTrue(is_shown(north), "an action of no feature stays")

    def test_feature_shows_nothing_that_a_group_hides(self):
        """Odoo's own visibility comes first."""
        self.menu_only.group_ids = self.env.ref("base.group_system")
        self.decide(self.feature_off, self.company_north, "on")
        self.assertNotIn(self.menu_only, self.get_menus(self.user_both))

    def test_buttons_reload_the_page_only_for_features_with_menus(self):
        """The browser keeps its menus until the page is loaded anew."""
        on, off = self.as_implementer(self.company_north)
        self.assertEqual(off.action_switch_on(), {"type": "ir.actions.client", "tag": "reload"})
        self.assertTrue(on.action_switch_off() is True)

    def test_note_explains_menus_that_stay(self):
        """Off here and on in the other company of the reader: he is told why nothing disappeared."""
        self.decide(self.feature_off, self.company_south, "on")
        off_in_north = self.as_implementer(self.company_north)[1]
        self.assertEqual(off_in_north.menu_note, "You still see its menus, because the feature is on in South.")
        self.assertFalse(self.as_implementer(self.company_south)[1].menu_note)
        self.implementer.company_ids = self.company_north
        self.assertFalse(self.as_implementer(self.company_north)[1].menu_note)


@tagged("post_install", "-at_install")
class TestFeatureMenuQueries(FeatureMenuCommon, HttpCase):
    """What the features add to a login, against plain Odoo on the same database."""

    @contextmanager
    def plain_odoo(self):
        """Answer the visible menus as Odoo does, without our filter."""
        menu_class = self.registry["ir.ui.menu"]
        with patch.object(menu_class, "_visible_menu_ids", IrUiMenu._visible_menu_ids):
            yield

    def count_login_queries(self):
        """Return the queries of the session info and the menus of a fresh login, with cold caches."""
        self.authenticate("test_menu_both", "test_menu_both")
        self.env.flush_all()
        self.registry.clear_all_caches()
        self.env.invalidate_all()
        return self.count_request_queries()

    def count_request_queries(self):
        before = self.cr.sql_log_count
        self.url_open(
            "/web/session/get_session_info",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "id": "1"}),
            headers={"Content-Type": "application/json"},
        ).raise_for_status()
        self.url_open("/web/webclient/load_menus").raise_for_status()
        return self.cr.sql_log_count - before

    def test_login_and_menus_cost_two_queries_more_at_most(self):
        """Cold caches, a feature that hides menus, two companies."""
        self.count_login_queries()  # what the first request of a test costs is not ours to measure
        with self.plain_odoo():
            plain = self.count_login_queries()
        ours = self.count_login_queries()
        self.assertGreater(plain, 10)
        self.assertLessEqual(ours - plain, 2)

    def test_cached_menus_cost_nothing_more(self):
        """The second load, in another request."""
        with self.plain_odoo():
            self.count_login_queries()
            plain = self.count_request_queries()
        self.count_login_queries()
        self.assertEqual(self.count_request_queries(), plain)

    def test_colleague_in_another_company_costs_two_queries_more_at_most(self):
        """Same groups, so Odoo answers from its cache; only our answer is new."""
        users = [self.make_user_of(company) for company in self.companies]
        menus = self.env["ir.ui.menu"]
        menus.with_user(users[0])._visible_menu_ids()
        self.assertEqual(users[0]._get_group_ids(), users[1]._get_group_ids())
        users[1]._get_company_ids()  # the login has read it
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            menus.with_user(users[1])._visible_menu_ids()
