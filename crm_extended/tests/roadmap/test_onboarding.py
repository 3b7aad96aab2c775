from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common_roadmap import RoadmapCase


@tagged("post_install", "-at_install")
class TestOnboarding(RoadmapCase):
    """The first steps of an implementer without technical rights, and the board to print."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.onboarding = cls.env(user=cls.implementer, context={"allowed_company_ids": cls.north.ids})[
            "crm.roadmap.onboarding"
        ]

    def test_every_step_opens_and_is_ticked_off(self):
        self.assertFalse(self.implementer.has_group("base.group_system"))
        panel = self.onboarding._get_panel()
        self.assertGreaterEqual(len(panel["steps"]), 5)
        self.assertFalse(any(step["is_done"] for step in panel["steps"]))
        for step in panel["steps"]:
            action = self.onboarding.open_step(step["id"])
            self.assertTrue(self.onboarding.env[action["res_model"]].has_access("read"), step["title"])
        panel = self.onboarding._get_panel()
        self.assertTrue(panel["is_done"])
        self.assertTrue(all(step["is_done"] for step in panel["steps"]))

    def test_the_panel_is_closed_for_the_company_only(self):
        self.onboarding.close()
        self.assertFalse(self.onboarding._get_panel())
        south = self.onboarding.with_context(allowed_company_ids=self.south.ids)
        self.assertTrue(south._get_panel())

    def test_nobody_else_takes_the_first_steps(self):
        step = self.onboarding._get_panel()["steps"][0]
        leader = self._user("road_leader", "crm_extended.crm_extended_group_team_leader")
        onboarding = self.onboarding.with_user(leader)
        self.assertFalse(onboarding._get_panel())
        for call in (lambda: onboarding.open_step(step["id"]), onboarding.close):
            with self.assertRaises(AccessError):
                call()

    def test_company_and_policies_are_written_where_the_implementer_works(self):
        form = Form(self.onboarding.env["crm.roadmap.setup"], "crm_extended.crm_roadmap_setup_view_form_company")
        self.assertEqual(form.name, "North")
        form.city = "Sofia"
        form.save().action_save()
        form = Form(self.onboarding.env["crm.roadmap.setup"], "crm_extended.crm_roadmap_setup_view_form_policies")
        form.crm_win_policy = "confirm"
        form.save().action_save()
        self.assertEqual((self.north.city, self.north.crm_win_policy), ("Sofia", "confirm"))
        self.assertNotEqual(self.south.city, "Sofia")
        with self.assertRaises(AccessError):
            self.env["crm.roadmap.setup"].with_user(self.salesperson).create({"name": "Mine"})

    def test_the_board_is_printed(self):
        self.Step.with_context(allowed_company_ids=self.north.ids)._enter(self.north, self.first)
        self._tags(1)
        self._measure()
        report = self.onboarding.env["ir.actions.report"]
        content, _kind = report._render_qweb_html("crm_extended.report_roadmap", self.north.ids)
        text = content.decode()
        for words in ("Tags are coloured", "at least 75\u00a0%", "100\u00a0% (1 of 1)", "Gather", "Judge"):
            self.assertIn(words, text)

    def test_the_board_is_handed_to_the_printer_of_pdf(self):
        self.Step.with_context(allowed_company_ids=self.north.ids)._enter(self.north, self.first)
        reports = self.onboarding.env["ir.actions.report"].with_context(force_report_rendering=True)
        printed = []

        def print_pages(_reports, bodies, **options):
            printed.append((bodies, options))
            return b"%PDF"

        with (
            patch.object(self.registry["ir.actions.report"], "get_wkhtmltopdf_state", lambda _reports: "ok"),
            patch.object(self.registry["ir.actions.report"], "_run_wkhtmltopdf", print_pages),
        ):
            content, kind = reports._render_qweb_pdf("crm_extended.report_roadmap", self.north.ids)
        self.assertEqual((content, kind), (b"%PDF", "pdf"))
        [([page], options)] = printed
        self.assertIn("Gather", str(page))
        self.assertIn("North", str(options["header"]), "the letterhead of the company is on every page")
