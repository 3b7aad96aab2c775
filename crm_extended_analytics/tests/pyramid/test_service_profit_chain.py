from odoo import Command
from odoo.tests import tagged

from .test_pyramid_employee import EmployeePyramidCase


@tagged("post_install", "-at_install")
class TestServiceProfitChain(EmployeePyramidCase):
    """Sofia (600) and Petar (200) are in one team, a third one (50) in another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._switch_on()
        cls.third = cls._user("spc_third", "sales_team.group_sale_salesman")
        cls._own_sale(cls.third, "2026-05-01", 100, 50)
        teams = cls.env["crm.team"]
        cls.north = teams.create(
            {
                "name": "North",
                "company_id": cls.company.id,
                "sequence": 1,
                "member_ids": [Command.set((cls.seller | cls.colleague).ids)],
            }
        )
        cls.south = teams.create(
            {"name": "South", "company_id": cls.company.id, "sequence": 2, "member_ids": [Command.set(cls.third.ids)]}
        )
        cls.month = cls._count(pyramid=cls.employees)

    def _chain(self, user=None):
        page = self._as(user or self.manager, "crm.pyramid.page").get_page(self.employees.id)
        return page["chain"]

    def test_teams(self):
        """North: (600 + 200) / 2 = 400 a person."""
        rows = {row["id"]: row for row in self._chain()["teams"]}
        self.assertEqual((rows[self.north.id]["people"], rows[self.north.id]["profit"]), (2, 400))
        self.assertEqual((rows[self.south.id]["people"], rows[self.south.id]["profit"]), (1, 50))
        self.assertEqual(rows[self.north.id]["name"], "North")

    def test_few_teams_are_not_told(self):
        sentences = self._chain()["sentences"]
        self.assertEqual(len(sentences), 3)
        for sentence in sentences:
            self.assertIn("not told", sentence)

    def test_ranks_of_eight_teams(self):
        """The better customers are served, the more each brings, in all of eight teams."""
        service = self.env["crm.service.profit.chain"]
        teams = [{"employee": None, "customer": 50 + n, "profit": n * n} for n in range(8)]
        sentences = service._get_sentences(teams)
        self.assertIn("rank correlation 1.00 over 8 teams", sentences[1])
        self.assertIn("no proof", sentences[1])
        self.assertIn("known of 0 teams", sentences[0])

    def test_customers_have_no_chain(self):
        self._count()
        page = self._as(self.manager, "crm.pyramid.page").get_page(self.pyramid.id)
        self.assertFalse(page["chain"])

    def test_return_on_people(self):
        """Income 1,000,000; costs 800,000, of them 400,000 for people: 1.5 (Fitz-enz)."""
        if "hr.version" not in self.env:
            self.assertIn("needs wages", self._chain()["hcroi"])
            return
        boss = self._user("spc_boss", "hr.group_hr_manager")
        self.assertIn("needs the wages of 3 employees at least, and 0 have one", self._chain(boss)["hcroi"])
        wage = 400_000 / self.employees.window_months / 4
        self.env["hr.employee"].create(
            [{"name": f"Person {n}", "company_id": self.company.id, "wage": wage} for n in range(4)]
        )
        self.assertIn("wages are not booked here", self._chain(boss)["hcroi"])
        self._post(1_000_000, 800_000)
        self.assertIn("(HCROI): 1.50 =", self._chain(boss)["hcroi"])
        # who reads the posted result could solve it for the wages, and for one wage around a hire
        officer = self._user("spc_officer", "hr.group_hr_user")
        for reader in (self.manager, officer):
            sentence = self._chain(reader)["hcroi"]
            self.assertIn("shown to those who may read them", sentence)
            self.assertNotRegex(sentence, r"\d")

    def _post(self, income, expense):
        accounts = self.env["account.account"].with_company(self.company)
        kinds = {"income": "SPC1", "expense": "SPC2", "asset_current": "SPC3"}
        found = {
            kind: accounts.create({"name": kind, "code": code, "account_type": kind}) for kind, code in kinds.items()
        }
        journal = self.env["account.journal"].create(
            {"name": "Wages", "code": "SPC", "type": "general", "company_id": self.company.id}
        )
        lines = (
            (found["income"], -income),
            (found["expense"], expense),
            (found["asset_current"], income - expense),
        )
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-05-31",
                "journal_id": journal.id,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance}) for account, balance in lines
                ],
            }
        )
        move.action_post()
        self.env.flush_all()
