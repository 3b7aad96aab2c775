from odoo.tests import tagged
from odoo.tools import SQL

from ...scoring.profit import gini
from .common_pyramid import VALUES, PyramidCase


@tagged("post_install", "-at_install")
class TestPyramidPage(PyramidCase):
    def _page(self, user=None, **values):
        pages = self.env["crm.pyramid.page"].with_context(allowed_company_ids=self.company.ids)
        return pages.with_user(user or self.env.user).get_page(self.pyramid.id, **values)

    def _layer(self, page, tier):
        return next(layer for layer in page["layers"] if layer["tier_id"] == tier.id)

    def test_layers_are_measured(self):
        """The top is 1 of 10 customers and brings 50 of 100; Gini 0.624; the best fifth brings 70 %."""
        self._count()
        page = self._page()
        top = self._layer(page, self.top)
        self.assertEqual((top["count"], top["value"]), (1, 50))
        self.assertAlmostEqual(top["count_share"], 10)
        self.assertAlmostEqual(top["share"], 50)
        self.assertAlmostEqual(float(page["concentration"]["gini"]), 0.624, 3)
        self.assertAlmostEqual(float(page["concentration"]["gini"]), gini(VALUES), 6)
        self.assertAlmostEqual(float(page["concentration"]["top"]), 70)
        self.assertFalse(page["compare"])

    def test_moves_and_matrix(self):
        """Each row of the matrix sums to 100; what came into a tier is on its layer."""
        self._count("2026-05-31")
        self._sale(self.buyers[1], "2026-06-15", amount=100)
        self._sale(self._customers(1), "2026-06-20", amount=1)
        self._count()
        page = self._page()
        self.assertEqual(page["compare"], "2026-05-01")
        for row in page["matrix"]["rows"]:
            self.assertAlmostEqual(sum(cell["share"] for cell in row["cells"]), 100)
        top, middle = self._layer(page, self.top), self._layer(page, self.middle)
        self.assertEqual((top["rose"], top["fell"], top["count_before"]), (1, 0, 1))
        self.assertEqual((middle["rose"], middle["fell"]), (0, 1))
        self.assertEqual([mover["partner_id"] for mover in page["movers"]["rose"]][:1], self.buyers[1].ids)
        self.assertIn("20", page["movers"]["rose"][0]["reason"])

    def test_new_contacts_are_no_new_customers(self):
        """A new buyer is new; three contacts who never bought are counted in their layer, but not as new."""
        self._count("2026-05-31")
        self._sale(self._customers(1), "2026-06-20", amount=1)
        before = self._layer(self._page(), self.suspect)["count"]
        self.env.cr.execute(
            SQL("UPDATE res_partner SET create_date = '2026-06-15' WHERE id = ANY(%s)", self._customers(3).ids)
        )
        self._count()
        page = self._page()
        self.assertEqual(self._layer(page, self.small)["new"], 1)
        suspects = self._layer(page, self.suspect)
        self.assertEqual((suspects["count"], suspects["new"]), (before + 3, 0))
        new = next(row for row in page["matrix"]["rows"] if row["tier_id"] is None)
        self.assertEqual(new["count"], 1)

    def test_salesman_sees_his_customers(self):
        """Those of nobody too, but not those of a colleague; the tiers stay those of the company."""
        self.buyers[:5].user_id = self.colleague
        self.buyers[5:].user_id = self.seller
        self._count()
        page = self._page(self.seller)
        self.assertTrue(page["is_partial"])
        self.assertEqual(self._layer(page, self.top)["count"], 0)
        self.assertEqual(self._layer(page, self.small)["count"], 5)
        self.assertEqual(page["concentration"]["count"], 5)
        self.assertFalse(page["can_rebuild"])

    def test_empty_page_says_what_to_do(self):
        page = self._page()
        self.assertEqual((page["months"], page["has_sales"], page["can_rebuild"]), ([], True, True))

    def test_queries_do_not_grow(self):
        self._count("2026-05-31")
        self._count()
        counts = []
        for _round in range(3):
            self.env.invalidate_all()
            self._page()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self._page()
            counts.append(self.cr.sql_log_count - start)
            for customer in self._customers(50):
                self._sale(customer, "2026-06-01", amount=7)
            self._count()
        # the first one has no movers
        self.assertEqual(*counts[1:])

    def test_satisfaction_needs_ratings(self):
        self._count()
        page = self._page()
        if "rating.rating" in self.env or "survey.user_input.line" in self.env:
            self.assertIn("no answer of customers came", page["satisfaction"])
        else:
            self.assertIn("needs ratings", page["satisfaction"])
