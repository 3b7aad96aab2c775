from odoo.tests import freeze_time, new_test_user, tagged

from .common_pyramid import PyramidCase
from .test_pyramid_employee import EmployeePyramidCase
from .test_pyramid_partner import PartnerPyramidCase


class RatedCase:
    """Ratings as Odoo keeps them, given on the day that is told. They need the module Customer Rating."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "rating.rating" not in cls.env:
            cls.skipTest(cls, "There are no ratings here: install Customer Rating.")

    @classmethod
    def _rate(cls, mark, by=None, of=None, day="2026-06-15", consumed=True):
        """Let a contact rate somebody, beside a customer."""
        with freeze_time(f"{day} 12:00:00"):
            return cls.env["rating.rating"].create(
                {
                    "res_model_id": cls.env["ir.model"]._get("res.partner").id,
                    "res_id": cls.hotel.id,
                    "partner_id": by.id if by else False,
                    "rated_partner_id": of.id if of else False,
                    "rating": mark,
                    "consumed": consumed,
                }
            )

    def _assert_satisfied(self, row, answers, satisfied):
        """Compare what is stored; a percentage that is not known is False, not 0."""
        self.assertEqual(row.answers, answers)
        if satisfied is False:
            self.assertIs(row.satisfaction_pct, False)
        else:
            self.assertIsNot(row.satisfaction_pct, False)
            self.assertAlmostEqual(row.satisfaction_pct, satisfied)
        self.assertIs(row.nps, False)


@tagged("post_install", "-at_install")
class TestPyramidSatisfactionCustomer(RatedCase, PyramidCase):
    """Customers are as satisfied as the ratings that they gave."""

    def test_customers(self):
        """5, 4 and 3 of the best customer, one of them by his contact: 2 of 3; one 1 of the next: 0 %; then nothing."""
        best, second, third = self.buyers[:3]
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": best.id})
        for mark, by in ((5, contact), (4, best), (3, best), (1, second)):
            self._rate(mark, by)
        self._count()
        self._assert_satisfied(self._rows(partners=best), 3, 200 / 3)
        self._assert_satisfied(self._rows(partners=second), 1, 0)
        self._assert_satisfied(self._rows(partners=third), 0, False)

    def test_what_is_no_rating_of_these_months(self):
        """Not asked yet, answered without a mark, 12 months ago and after the day do not count; the edges do."""
        best = self.buyers[0]
        self._rate(5, best, consumed=False)
        self._rate(0, best)
        self._rate(5, best, day="2025-06-30")
        self._rate(5, best, day="2026-07-01")
        self._count()
        self._assert_satisfied(self._rows(partners=best), 0, False)
        self._rate(4, best, day="2025-07-01")
        self._rate(2, best, day="2026-06-30")
        self._count()
        self._assert_satisfied(self._rows(partners=best), 2, 50)

    def test_answered_rating_stays_where_it_was(self):
        """A mark of two years ago that somebody comments today is no mark of today."""
        rating = self._rate(5, self.buyers[0], day="2024-06-30")
        self.env.flush_all()
        self.env.cr.execute("UPDATE rating_rating SET write_date = '2026-06-20' WHERE id = %s", [rating.id])
        self._count()
        self._assert_satisfied(self._rows(partners=self.buyers[0]), 0, False)

    def test_tiers_on_the_page(self):
        """Top: 3 marks, 2 of them good. Middle: 1 mark of the second and 4 of the third customer, 3 of all 5 good."""
        best, second, third = self.buyers[:3]
        marks = ((5, best), (5, best), (1, best), (2, second), (4, third), (4, third), (5, third), (1, third))
        for mark, by in marks:
            self._rate(mark, by)
        self._count()
        companies = {"company_id": self.company.id, "company_ids": self.company.ids}
        manager = new_test_user(self.env, "psx_manager", "sales_team.group_sale_manager", **companies)
        pages = self.env["crm.pyramid.page"].with_user(manager).with_context(allowed_company_ids=self.company.ids)
        page = pages.get_page(self.pyramid.id)
        layers = {layer["tier_id"]: (layer["answers"], layer["satisfied"]) for layer in page["layers"]}
        self.assertEqual(layers[self.middle.id], (5, 60))
        self.assertEqual(layers[self.top.id][0], 3)
        self.assertAlmostEqual(layers[self.top.id][1], 200 / 3)
        self.assertEqual(layers[self.small.id], (0, None))
        self.assertFalse(page["satisfaction"])


@tagged("post_install", "-at_install")
class TestPyramidSatisfactionPartner(RatedCase, PartnerPyramidCase):
    """Partners are as satisfied as the ratings that they gave, whatever their clients say."""

    def test_partners(self):
        """North: 5 by its contact and 2 by itself, so 50 %; South: what its client says is not what it says."""
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.north.id})
        self._rate(5, contact)
        self._rate(2, self.north)
        self._rate(5, self.clients[2])
        self._count(pyramid=self.partners)
        self._assert_satisfied(self._row(self.north), 2, 50)
        self._assert_satisfied(self._row(self.south), 0, False)


@tagged("post_install", "-at_install")
class TestPyramidSatisfactionEmployee(RatedCase, EmployeePyramidCase):
    """The customers of an employee are as satisfied as the ratings that he got."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._switch_on()

    def test_employees(self):
        """Sofia got 5, 5, 4 and 1: 75 %. What she gave herself is not what she got; Petar got nothing."""
        sofia, petar = self.seller.partner_id, self.colleague.partner_id
        for mark in (5, 5, 4, 1):
            self._rate(mark, by=self.buyers[0], of=sofia)
        self._rate(1, by=sofia)
        self._rate(1, by=petar)
        self._count(pyramid=self.employees)
        self._assert_satisfied(self._figures(self.seller), 4, 75)
        self._assert_satisfied(self._figures(self.colleague), 0, False)

    def test_ratings_of_tasks(self):
        """A customer answers the mail about two tasks, as customers do: 5 for Sofia, 2 for Petar."""
        if "project.task" not in self.env:
            self.skipTest("There are no tasks here: install Project.")
        project = self.env["project.project"].create({"name": "Lobby", "company_id": self.company.id})
        for user, mark in ((self.seller, 5), (self.colleague, 2)):
            task = self.env["project.task"].create(
                {
                    "name": "Hang the lamps",
                    "project_id": project.id,
                    "partner_id": self.buyers[0].id,
                    "user_ids": user.ids,
                }
            )
            task.rating_apply(mark, token=task._rating_get_access_token())
        self._count(pyramid=self.employees)
        self._assert_satisfied(self._figures(self.seller), 1, 100)
        self._assert_satisfied(self._figures(self.colleague), 1, 0)
        self._count()
        self._assert_satisfied(self._rows(partners=self.buyers[0]), 2, 50)
