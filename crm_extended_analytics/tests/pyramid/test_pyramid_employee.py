from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_pyramid import PyramidCase


class EmployeePyramidCase(PyramidCase):
    """Sofia sold 1,000 at a cost of 400, Petar 300 at 100; the company switched the pyramid on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.feature = cls.env.ref("crm_extended_analytics.crm_roadmap_feature_employee_pyramid")
        cls.env["crm.roadmap.feature.pin"].search([("feature_id", "=", cls.feature.id)]).unlink()
        cls.employees = cls._pyramid(
            kind="employee", measure="contribution", is_leading=False, alert_on_fall=True, company_id=cls.company.id
        )
        cls.leader = cls._user("epx_leader", "crm_extended.crm_extended_group_team_leader")
        cls.analyst = cls._user("epx_analyst", "crm_extended.crm_extended_group_analyst")
        cls.manager = cls._user("epx_manager", "sales_team.group_sale_manager")
        cls.plain = cls._user("epx_plain", "base.group_user")
        for user, amount, cost in ((cls.seller, 1000, 400), (cls.colleague, 300, 100)):
            cls._own_sale(user, "2026-05-01", amount, cost)

    @classmethod
    def _user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, login, groups, password=login, company_id=company.id, company_ids=[Command.set(company.ids)]
        )

    @classmethod
    def _own_sale(cls, user, day, amount, cost, customer=None):
        sale = cls._sale(customer or cls.buyers[0], day, amount=amount, cost=cost)
        sale.user_id = user
        return sale

    @classmethod
    def _switch_on(cls):
        cls.env["crm.roadmap.feature.pin"].create(
            {"feature_id": cls.feature.id, "company_id": cls.company.id, "state": "on"}
        )

    @classmethod
    def _figures(cls, user):
        cls.env.flush_all()
        return cls.env["crm.employee.figure"].search(
            [("pyramid_id", "=", cls.employees.id), ("partner_id", "=", user.partner_id.id)]
        )

    def _as(self, user, model):
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)


@tagged("post_install", "-at_install")
class TestPyramidEmployee(EmployeePyramidCase):
    def test_only_where_the_company_says_so(self):
        """Off as shipped; a default, or a stage that turns it on, is not enough: the company decides itself."""
        pyramids = self.env["crm.pyramid"]
        self.assertFalse(self.feature.default_on)
        self.assertNotIn(self.employees, pyramids._get_for_company(self.company))
        self.feature.default_on = True
        self.assertTrue(self.company._has_feature("employee_pyramid"))
        self.assertNotIn(self.employees, pyramids._get_for_company(self.company))
        self._switch_on()
        self.assertIn(self.employees, pyramids._get_for_company(self.company))

    def test_contribution(self):
        """Sofia 600, Petar 200; a credit note of 50 on Sofia's sale; sales of nobody belong to nobody."""
        self._switch_on()
        self._return(self.buyers[0], "2026-06-01", 50).user_id = self.seller
        month = self._count(pyramid=self.employees)
        self.assertEqual((self._figures(self.seller).value, self._figures(self.colleague).value), (550, 200))
        self.assertEqual(self._figures(self.seller).tier_id, self.top)
        self.assertEqual(month.active_count, 2)

    def test_history_goes_to_who_looks_after_the_customer(self):
        self._switch_on()
        sale = self._sale(self.buyers[1], "2026-06-01", amount=100, cost=0)
        sale.owner_id = self.colleague
        self._count(pyramid=self.employees)
        self.assertEqual(self._figures(self.colleague).sales, 400)

    def test_figures(self):
        """Two customers the year before, one of them again; of two due activities one was done in time."""
        self._switch_on()
        self._own_sale(self.seller, "2025-05-01", 10, 5, self.buyers[0])
        self._own_sale(self.seller, "2025-05-01", 10, 5, self.buyers[1])
        kind = self.env.ref("mail.mail_activity_data_todo")
        activities = self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get("res.partner").id,
                    "res_id": self.buyers[0].id,
                    "activity_type_id": kind.id,
                    "user_id": self.seller.id,
                    "date_deadline": "2026-06-10",
                }
                for _n in range(2)
            ]
        )
        activities[0].action_archive()
        activities[0].date_done = "2026-06-09"
        self._count(pyramid=self.employees)
        row = self._figures(self.seller)
        self.assertEqual((row.retention_pct, row.done_pct), (50, 50))

    def test_nothing_follows_from_it(self):
        """No alert on a fall, no tier of service, whatever the pyramid says."""
        self._switch_on()
        self._count("2026-05-31", pyramid=self.employees)
        self._own_sale(self.colleague, "2026-06-10", 5000, 100)
        self._count(pyramid=self.employees)
        self.assertEqual(self._figures(self.seller)[:1].movement, "fell")
        alert_type = self.env.ref("crm_extended_analytics.mail_activity_type_tier_fall")
        self.assertFalse(
            self.env["mail.activity"].search_count(
                [("activity_type_id", "=", alert_type.id), ("res_id", "in", self.seller.partner_id.ids)]
            )
        )
        self.assertFalse(self.seller.partner_id.crm_tier_id)
        self.assertFalse(self.env["crm.partner.grade.proposal"].search([("pyramid_id", "=", self.employees.id)]))

    def test_objection_erases(self):
        self._switch_on()
        self._count(pyramid=self.employees)
        self.seller.partner_id.crm_profiling_opt_out = True
        self.assertFalse(self._figures(self.seller))
        month = self._count(pyramid=self.employees)
        self.assertFalse(self._figures(self.seller))
        self.assertEqual(month.opt_out_count, 1)

    def test_every_employee_is_in_one_layer(self):
        self._switch_on()
        self._count("2026-05-31", pyramid=self.employees)
        self._count(pyramid=self.employees)
        rows = self.env["crm.employee.figure"].search(
            [("pyramid_id", "=", self.employees.id), ("period", "=", "2026-06-01")]
        )
        self.assertEqual(len(rows), len(rows.partner_id))
        page = self._as(self.manager, "crm.pyramid.page").get_page(self.employees.id)
        for row in page["matrix"]["rows"]:
            self.assertAlmostEqual(sum(cell["share"] for cell in row["cells"]), 100)

    def test_deleted_pyramid_takes_the_rows_along(self):
        self._switch_on()
        self._count(pyramid=self.employees)
        self.employees.unlink()
        self.assertFalse(self._figures(self.seller))
        self.assertFalse(
            self.env["crm.pyramid.snapshot"].search_count([("partner_id", "=", self.seller.partner_id.id)])
        )


@tagged("post_install", "-at_install")
class TestPyramidEmployeeSecurity(EmployeePyramidCase):
    """Every way to the figures of a colleague, for a salesperson, a leader of another team, and an analyst."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._switch_on()
        cls._count("2026-05-31", pyramid=cls.employees)
        cls._count(pyramid=cls.employees)
        # the rules of salespersons open rows of contacts whom nobody looks after, which colleagues are
        cls.colleague.partner_id.user_id = False
        cls.readers = (cls.seller, cls.leader, cls.analyst)
        for user in (*cls.readers, cls.manager, cls.plain):
            user.group_ids |= cls.env.ref("base.group_allow_export")
        cls.of_colleague = cls._figures(cls.colleague)

    def test_rows_are_there(self):
        self.assertEqual(len(self.of_colleague), 2)

    def test_snapshots(self):
        """The stored rows are closed to everybody: search, by value, by name, in groups, by id, exported."""
        ids = self._stored_ids()
        self.assertTrue(ids)
        for user in (*self.readers, self.manager):
            with self.subTest(user.login):
                rows = self._as(user, "crm.pyramid.snapshot")
                mine = [("pyramid_id", "=", self.employees.id)]
                self.assertFalse(rows.search(mine))
                self.assertFalse(rows.search([("value", "=", 200)]))
                self.assertFalse(rows.search([("margin", ">", 0)]))
                self.assertFalse(rows.name_search("Petar"))
                self.assertEqual(rows.search_count(mine), 0)
                self.assertEqual(rows._read_group(mine, [], ["value:sum", "__count"]), [(False, 0)])
                self.assertFalse(rows.formatted_read_group(mine, ["partner_id"], ["value:sum"]))
                with self.assertRaises(AccessError):
                    rows.browse(ids).read(["value"])
                with self.assertRaises(AccessError):
                    rows.browse(ids).export_data(["value"])
                with self.assertRaises(AccessError):
                    rows.browse(ids[:1]).action_create_segment()

    def _stored_ids(self):
        self.env.cr.execute("SELECT id FROM crm_pyramid_snapshot WHERE pyramid_id = %s", [self.employees.id])
        return [found for (found,) in self.env.cr.fetchall()]

    def test_figures_of_a_colleague(self):
        for user in (*self.readers, self.plain):
            with self.subTest(user.login):
                figures = self._as(user, "crm.employee.figure")
                others = [("partner_id", "!=", user.partner_id.id)]
                self.assertFalse(figures.search(others))
                self.assertFalse(figures.search([("value", "=", 200)]))
                self.assertFalse(figures.name_search("Petar"))
                self.assertFalse(figures.search_read(others, ["value"]))
                self.assertFalse(figures.formatted_read_group(others, ["partner_id"], ["value:sum"]))
                with self.assertRaises(AccessError):
                    figures.browse(self.of_colleague.ids).read(["value"])
                with self.assertRaises(AccessError):
                    figures.browse(self.of_colleague.ids).export_data(["value"])
                self.assertFalse(figures.browse(self.of_colleague.ids)._filtered_access("read"))

    def test_months_and_page(self):
        """What all employees bring together, of two, tells the colleague's part."""
        for user in self.readers:
            with self.subTest(user.login):
                if user != self.seller:
                    months = self._as(user, "crm.pyramid.month")
                    self.assertFalse(months.search([("pyramid_id", "=", self.employees.id)]))
                page = self._as(user, "crm.pyramid.page")
                with self.assertRaises(AccessError):
                    page.get_page(kind="employee")
                self.assertNotEqual(page.get_page(self.employees.id)["kind"], "employee")
                with self.assertRaises(AccessError):
                    page.rebuild(self.employees.id)
                cell = {"before": self.top.id, "now": self.top.id}
                with self.assertRaises(AccessError):
                    page.get_rows_action(self.employees.id, "2026-06-01", "2026-05-01", cell)

    def test_the_kind_is_no_door(self):
        """Whoever may define pyramids cannot turn one of employees into one that he may read."""
        implementer = self._user("epx_implementer", "crm_extended.crm_extended_group_implementer")
        with self.assertRaisesRegex(ValidationError, "stays what it is"):
            self._as(implementer, "crm.pyramid").browse(self.employees.id).write(
                {"kind": "customer", "measure": "net_sales"}
            )

    def test_management_sees_all_of_its_companies(self):
        rows = self._as(self.manager, "crm.employee.figure").search([("pyramid_id", "=", self.employees.id)])
        self.assertEqual(rows.partner_id, self.seller.partner_id + self.colleague.partner_id)
        page = self._as(self.manager, "crm.pyramid.page").get_page(kind="employee")
        self.assertIn(self.employees.id, [found["id"] for found in page["pyramids"]])
        stranger = self._user("epx_stranger", "sales_team.group_sale_manager", self._make_company("Far Ltd"))
        self.assertFalse(self._as(stranger, "crm.employee.figure").search([]))

    def test_human_resources_see_all(self):
        if not self.env.ref("hr.group_hr_user", raise_if_not_found=False):
            self.skipTest("There is no app of human resources here.")
        person = self._user("epx_hr", "hr.group_hr_user")
        page = self._as(person, "crm.pyramid.page").get_page(self.employees.id)
        self.assertEqual(sum(layer["count"] for layer in page["layers"]), 2)
        self.assertEqual(len(self._as(person, "crm.employee.figure").search([])), 4)

    def test_own_row(self):
        """He reads his own, and exports it; the file holds nobody else."""
        figures = self._as(self.seller, "crm.employee.figure")
        mine = figures.search([])
        self.assertEqual(mine.partner_id, self.seller.partner_id)
        self.assertEqual(set(mine.mapped("value")), {600})
        table = figures._get_export_rows()
        self.assertEqual(len(table), 3)
        self.assertIn("600.00", table[1])
        self.assertFalse(any("200.00" in row for row in table))
        self.assertEqual(figures.action_export_mine()["url"], "/crm_extended/my_figures")

    def test_nobody_writes_figures(self):
        for user in (self.seller, self.manager):
            for operation in ("create", "write", "unlink"):
                self.assertFalse(self._as(user, "crm.employee.figure").has_access(operation))


@tagged("post_install", "-at_install")
class TestPyramidEmployeeKnowledge(EmployeePyramidCase):
    """Skills and courses come from the app of human resources, where it is installed."""

    def setUp(self):
        super().setUp()
        self._switch_on()
        self.has_skills = "hr.employee.skill" in self.env

    def test_without_the_app_they_are_not_measurable(self):
        if self.has_skills:
            self.skipTest("Skills Management is installed.")
        self._count(pyramid=self.employees)
        figure = self._figures(self.seller)
        self.assertEqual((figure.knowledge_pct, figure.trainings), (False, False))
        page = self._as(self.manager, "crm.pyramid.page").get_page(self.employees.id)
        self.assertIn("Skills Management", "".join(page["unmeasured"]))

    def test_skills_and_courses(self):
        """Of two skills at 80 and 40 one ended in May: 80 in June. Of three courses one ended within the year."""
        if not self.has_skills:
            self.skipTest("There are no skills here: install Skills Management.")
        employee = self.env["hr.employee"].create({"user_id": self.seller.id, "company_id": self.company.id})
        kind = self.env["hr.skill.type"].create(
            {
                "name": "Selling",
                "skill_ids": [Command.create({"name": name}) for name in ("Listening", "Closing")],
                "skill_level_ids": [
                    Command.create({"name": str(level), "level_progress": level}) for level in (40, 80)
                ],
            }
        )
        levels = {level.level_progress: level for level in kind.skill_level_ids}
        self.env["hr.employee.skill"].create(
            [
                {
                    "employee_id": employee.id,
                    "skill_type_id": kind.id,
                    "skill_id": skill.id,
                    "skill_level_id": levels[level].id,
                    "valid_from": "2026-01-01",
                    "valid_to": end,
                }
                for skill, level, end in zip(kind.skill_ids, (80, 40), (False, "2026-05-31"), strict=True)
            ]
        )
        course, other = self.env["hr.resume.line.type"].create(
            [{"name": "Course", "is_course": True}, {"name": "School", "is_course": False}]
        )
        self.env["hr.resume.line"].create(
            [
                {"employee_id": employee.id, "name": "Line", "line_type_id": line_type.id, "date_start": start}
                | {"date_end": end}
                for line_type, start, end in (
                    (course, "2026-02-01", "2026-02-03"),
                    (course, "2024-02-01", False),
                    (other, "2026-02-01", "2026-02-03"),
                )
            ]
        )
        self._count(pyramid=self.employees)
        figure = self._figures(self.seller)
        self.assertEqual((figure.knowledge_pct, figure.trainings), (80, 1))
        figure = self._figures(self.colleague)
        self.assertEqual((figure.knowledge_pct, figure.trainings), (False, False))


@tagged("post_install", "-at_install")
class TestPyramidEmployeeExport(EmployeePyramidCase, HttpCase):
    def test_file(self):
        self._switch_on()
        self._count(pyramid=self.employees)
        self.authenticate("epx_plain", "epx_plain")
        self.assertEqual(len(self.url_open("/crm_extended/my_figures").text.strip().splitlines()), 1)
        self.seller.password = "whx_seller_secret"
        self.authenticate("whx_seller", "whx_seller_secret")
        answer = self.url_open("/crm_extended/my_figures")
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        lines = answer.text.strip().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("600.00", lines[1])

    def test_nobody_from_outside(self):
        """A portal user is refused, and whoever is not logged in is asked to."""
        self._user("epx_portal", "base.group_portal")
        self.authenticate("epx_portal", "epx_portal")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open("/crm_extended/my_figures").status_code, 403)
        self.authenticate(None, None)
        answer = self.url_open("/crm_extended/my_figures", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
