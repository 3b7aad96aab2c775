from odoo.tests import new_test_user, tagged

from .common_abc import ERRATIC, STEADY, VARYING, AbcCase


@tagged("post_install", "-at_install")
class TestAbcPage(AbcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = new_test_user(
            cls.env,
            "abc_leader",
            "crm_extended.crm_extended_group_team_leader",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.page = cls.env["crm.abc.page"].with_user(cls.leader).with_context(allowed_company_ids=cls.company.ids)

    def _cells(self, page):
        return {cell["name"]: cell for row in page["rows"] for cell in row["cells"]}

    def test_empty(self):
        page = self.page.get_page(self.profile.id)
        self.assertEqual((page["months"], page["has_lines"], page["profile_id"]), ([], False, self.profile.id))

    def test_matrix(self):
        for series in (STEADY, VARYING, ERRATIC):
            self._series(series, is_old=True)
        self._series((10, 10), months=("2026-05-05", "2026-06-05"))
        self._count(as_of="2026-05-31")
        self._count()
        page = self.page.get_page(self.profile.id)
        cells = self._cells(page)
        self.assertEqual([column["key"] for column in page["columns"]], ["X", "Y", "Z", "N", ""])
        self.assertEqual([cells[name]["count"] for name in ("AX", "AY", "AZ", "C", "CN")], [1, 1, 1, 1, 0])
        self.assertEqual(cells["C"]["moves"], {"stayed": 1})
        self.assertEqual(sum(cell["count"] for cell in cells.values()), page["item_count"])
        self.assertAlmostEqual(sum(cell["share"] for cell in cells.values()), 100)
        self.assertTrue(cells["AX"]["policy"], "a profile begins with the policies of the shipped one")
        self.assertEqual(page["previous"], "May 2026")
        self.assertIn("A up to 80 %, B up to 95 %", page["rule"])

    def test_month_keeps_its_limits(self):
        self._series(STEADY)
        self._count(as_of="2026-05-31")
        self.profile.share_a = 70
        self._count()
        self.assertIn("A up to 80", self.page.get_page(self.profile.id, "2026-05-01")["rule"])
        page = self.page.get_page(self.profile.id)
        self.assertIn("A up to 70", page["rule"])
        self.assertTrue(any("profile was changed" in note for note in page["notes"]))

    def test_ranks(self):
        buyer = self._series(STEADY)
        self.profile.least_items = 5
        self._count()
        page = self.page.get_page(self.profile.id)
        self.assertTrue(page["has_ranks"])
        self.assertEqual([item["name"] for item in page["ranks"]], [buyer.display_name])
        self.assertEqual(page["ranks"][0]["share"], 100)

    def test_class_on_customer_and_product(self):
        buyer = self._series(STEADY)
        self._profile("product")
        self._count()
        self._count(self.env["crm.abc.profile"]._get_leading(self.company, "product"))
        buyer = buyer.with_user(self.leader).with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(buyer.crm_abc_class, "AX")
        lamp = self.lamp.with_env(buyer.env)
        self.assertEqual((lamp.crm_abc_class, lamp.product_tmpl_id.crm_abc_class), ("AX", "AX"))
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "abc_xyz")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self.env.invalidate_all()
        self.assertFalse(buyer.crm_abc_class)

    def test_rebuild(self):
        self._series(STEADY)
        self.page.rebuild(self.profile.id)
        self.assertEqual(len(self.page.get_page(self.profile.id)["months"]), 3)
