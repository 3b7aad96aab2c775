import psycopg2

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import file_open, mute_logger

from .common_market import MarketCase

SOURCE = "Study of lamps"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@tagged("post_install", "-at_install")
class TestMarketSize(MarketCase):
    """Indoor lamps in Bulgaria, in dollars: 1.25 to the euro in 2025 and 1.6 at the end of March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lamps = cls.env["product.category"].create({"name": "Indoor Below", "parent_id": cls.indoor.id})
        below = cls.env["product.product"].create({"name": "Below", "categ_id": cls.lamps.id})
        cls.hotels = cls.env["res.partner.industry"].create({"name": "Hotels"})
        cls.customer = cls._customers(1, country_id=cls.bulgaria.id, industry_id=cls.hotels.id)
        greek = cls._customers(1, country_id=cls.greece.id)
        for partner, day, product, amount in (
            (cls.customer, "2025-10-01", cls.lamp, 400),
            (cls.customer, "2026-01-01", cls.lamp, 600),
            (cls.customer, "2026-03-31", below, 400),
            # of another period, category and country
            (cls.customer, "2026-04-01", cls.lamp, 5000),
            (cls.customer, "2026-02-01", cls.street, 7000),
            (greek, "2026-02-01", cls.lamp, 9000),
        ):
            cls._sale(partner, day, product=product, amount=amount, quantity=amount / 100)
        credit = cls._return(cls.customer, "2026-02-02", 100)
        credit.write({"country_id": cls.bulgaria.id, "categ_id": cls.indoor.id})

    def _size(self, value=8000, **values):
        return self.env["crm.market.size"].create(
            {
                "country_id": self.bulgaria.id,
                "categ_id": self.indoor.id,
                "date_from": "2026-01-01",
                "date_to": "2026-03-31",
                "currency_id": self.usd.id,
                "value": value,
                "source": SOURCE,
                "company_id": self.company.id,
                **values,
            }
        )

    def _before(self, **values):
        return self._size(6400, date_from="2025-10-01", date_to="2025-12-31", **values)

    def test_share(self):
        """(600 + 400 - 100) x 1.6 = 1,440 dollars of 8,000: 18 %; (6 + 4 - 1) of 60 pieces: 15 %."""
        share = self._size(quantity=60).share_ids
        self.assertAlmostEqual(share.own_value, 1440)
        self.assertAlmostEqual(share.share_pct, 18)
        self.assertAlmostEqual(share.own_quantity, 9)
        self.assertAlmostEqual(share.quantity_share_pct, 15)
        self.assertEqual((share.verdict, share.growth_pct, share.own_growth_pct), ("", False, False))

    def test_growth(self):
        """6,400 -> 8,000: 25 %; own 400 x 1.25 = 500 -> 1,440: 188 %. The order in which they are entered is free."""
        size = self._size()
        self._before()
        share = size.share_ids
        self.assertAlmostEqual(share.growth_pct, 25)
        self.assertAlmostEqual(share.own_growth_pct, 188)
        self.assertAlmostEqual(size.growth_pct, 25)

    def test_growth_needs_the_same_market(self):
        size = self._size()
        for values in ({"source": "Another study"}, {"categ_id": self.outdoor.id}, {"currency_id": self.eur.id}):
            self._before(**values)
        self.assertIs(size.growth_pct, False)

    def test_growth_follows_what_is_before(self):
        size, before = self._size(), self._before()
        before.value = 5000
        self.assertAlmostEqual(size.growth_pct, 60)
        before.unlink()
        self.assertIs(size.growth_pct, False)

    def test_markets(self):
        """Whole world, a group of countries, an industry, a narrower category, and the company's own currency."""
        group = self.env["res.country.group"].create(
            {"name": "Both", "country_ids": [Command.set((self.bulgaria + self.greece).ids)]}
        )
        for own, values in (
            (9900, {"country_id": False, "currency_id": self.eur.id}),
            (9900, {"country_id": False, "country_group_id": group.id, "currency_id": self.eur.id}),
            (900, {"country_id": False, "industry_id": self.hotels.id, "currency_id": self.eur.id}),
            (400, {"categ_id": self.lamps.id, "currency_id": self.eur.id}),
            (7900, {"categ_id": False, "currency_id": self.eur.id}),
            (0, {"country_id": self.spain.id, "currency_id": self.eur.id}),
        ):
            with self.subTest(values):
                self.assertAlmostEqual(self._size(**values).own_value, own)

    def test_share_above_one_hundred_says_why(self):
        size = self._size(1000)
        self.assertAlmostEqual(size.share_pct, 144)
        self.assertIn("the market figure is too small", size.verdict)

    def test_period_that_is_not_known_whole(self):
        """The warehouse holds sales from 2025-10-01 to 2026-04-01."""
        size = self._size(date_from="2025-01-01", date_to="2026-12-31", is_estimate=True)
        self.assertIn("known up to 04/01/2026 only", size.verdict)
        self.assertIn("begins on 10/01/2025", size.verdict)
        self.assertIn("is an estimate", size.verdict)

    def test_without_a_rate_there_is_no_share(self):
        size = self._size(currency_id=self.env.ref("base.JPY").id)
        self.env["res.currency.rate"].search([]).unlink()
        size.action_refresh()
        self.assertEqual((size.own_value, size.share_pct), (False, False))
        self.assertIn("no exchange rate between EUR and JPY", size.verdict)

    def test_without_sales(self):
        other = self._make_company("Other Ltd")
        self.env.user.company_ids |= other
        size = self._size(company_id=other.id).with_company(other)
        self.assertEqual((size.own_value, size.verdict), (0, "There are no sales in the warehouse yet."))

    def test_bad_figures_are_refused(self):
        for values in (
            {"value": 0},
            {"value": -5},
            {"quantity": -1},
            {"date_to": "2025-12-31"},
            {"country_group_id": self.env["res.country.group"].create({"name": "G"}).id},
        ):
            with self.subTest(values), self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"):
                with self.env.cr.savepoint():
                    self._size(**values)
        self._size()
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._size(9000)

    def test_shared_figure_has_a_share_per_company(self):
        other = self._make_company("Other Ltd")
        size = self._size(company_id=False)
        self.assertLessEqual(self.company | other, size.sudo().share_ids.company_id)
        stranger = self._user("stranger", "sales_team.group_sale_manager", other)
        seen = self._as(stranger, "crm.market.share", other).search([("size_id", "=", size.id)])
        self.assertEqual((seen.company_id, seen.own_value), (other, 0))

    def test_other_company_is_not_seen(self):
        size = self._size()
        other = self._make_company("Other Ltd")
        stranger = self._user("stranger", "sales_team.group_sale_manager", other)
        for model in ("crm.market.size", "crm.market.share"):
            found = self._as(stranger, model, other).search([])
            self.assertNotIn(size.id, found.ids if model == "crm.market.size" else found.size_id.ids)

    def test_who_writes(self):
        size = self._size()
        reader = self._user("reader", "sales_team.group_sale_salesman_all_leads")
        self.assertAlmostEqual(size.with_user(reader).share_pct, 18)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(self._as(reader, "crm.market.size").has_access(operation))
        for group in ("sales_team.group_sale_manager", "crm_extended.crm_extended_group_analyst"):
            user = self._user(group.split("_")[-1], group)
            size.with_user(user).value = 4000
            self.assertFalse(self._as(user, "crm.market.share").has_access("write"))
        self.assertAlmostEqual(size.share_pct, 36)
        for user in (self._user("plain", "base.group_user"), self.seller):
            for model in ("crm.market.size", "crm.market.share"):
                with self.subTest(model, user=user.login), self.assertRaises(AccessError):
                    self._as(user, model).search([])

    def test_load_of_the_night_refreshes(self):
        """(1,000 - 100 + 100) x 1.6; a load that only catches up leaves the shares alone."""
        size = self._size()
        self._sale(self.customer, "2026-03-01", amount=100)
        for is_thorough, expected in ((False, 1440), (True, 1600)):
            load = self.env["crm.warehouse.load"].create({"company_ids": self.company.ids, "is_thorough": is_thorough})
            line = self.env["crm.warehouse.load.line"].create({"load_id": load.id, "kind": "links"})
            line._run()
            # one load at a time
            load.write({"state": "done"})
            load.flush_recordset()
            self.assertEqual((line.state, line.error), ("done", False))
            self.assertAlmostEqual(size.own_value, expected)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (1, 30):
            sizes = self.env["crm.market.size"].create(
                [
                    self._size(source=f"{number} {n}").copy_data({"source": f"{number} {n} copy"})[0]
                    for n in range(number)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            sizes.action_refresh()
            sizes.mapped("share_pct")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------
    def _import(self, rows, **options):
        lines = ["country_id,categ_id,date_from,date_to,currency_id,value,source", *rows]
        wizard = self.env["base_import.import"].create(
            {"res_model": "crm.market.size", "file": "\n".join(lines).encode(), "file_type": "text/csv"}
        )
        names = lines[0].split(",")
        with mute_logger("odoo.sql_db"):
            return wizard.execute_import(
                names,
                names,
                {"quoting": '"', "separator": ",", "has_headers": True, "date_format": "%Y-%m-%d", **options},
            )

    def test_import_keeps_good_rows(self):
        """Of four rows one names no country that exists, and one has no value: two come in, two are named."""
        period = "2026-01-01,2026-03-31"
        result = self._import(
            [
                f"Bulgaria,Indoor,{period},USD,8000,{SOURCE}",
                f"Atlantis,Indoor,{period},USD,8000,{SOURCE}",
                f"Greece,Indoor,{period},USD,0,{SOURCE}",
                f"Spain,Indoor,{period},USD,9000,{SOURCE}",
            ]
        )
        self.assertEqual(len(result["ids"]), 2)
        sizes = self.env["crm.market.size"].browse(result["ids"])
        self.assertEqual(sizes.country_id, self.bulgaria + self.spain)
        self.assertEqual({message["type"] for message in result["messages"]}, {"warning"})
        self.assertEqual({message["rows"]["from"] for message in result["messages"]}, {1, 2})
        self.assertTrue(all("Left out:" in message["message"] for message in result["messages"]))
        self.assertAlmostEqual(sizes[0].share_ids.filtered(lambda s: s.company_id == self.company).share_pct, 18)

    def test_import_template(self):
        """Every column of the template finds its field, and its rows come in: 1.9 -> 2.15 million is 13.2 %."""
        [template] = self.env["crm.market.size"].get_import_templates()
        with file_open(template["template"].lstrip("/"), "rb") as file:
            wizard = self.env["base_import.import"].create(
                {"res_model": "crm.market.size", "file": file.read(), "file_type": XLSX}
            )
        preview = wizard.parse_preview({"has_headers": True, "quoting": '"', "separator": ","})
        columns = [preview["matches"].get(number, [""])[0] for number in range(len(preview["headers"]))]
        self.assertEqual(
            columns,
            [
                *("country_id", "categ_id", "date_from", "date_to", "currency_id", "value", "quantity"),
                *("source", "source_url", "is_estimate", "note"),
            ],
        )
        result = wizard.execute_import(columns, preview["headers"], preview["options"])
        self.assertFalse(result["messages"])
        before, size, whole = self.env["crm.market.size"].browse(result["ids"])
        self.assertEqual((size.country_id, size.date_from.year, size.value), (self.bulgaria, 2025, 2150000))
        self.assertAlmostEqual(size.growth_pct, 13.2)
        self.assertEqual((before.is_estimate, whole.is_estimate, whole.categ_id.ids), (False, True, []))

    def test_import_in_batches(self):
        """Batches of two rows: each says where the next one begins."""
        period = "2026-01-01,2026-03-31"
        rows = [f"{name},Indoor,{period},USD,8000,{SOURCE}" for name in ("Bulgaria", "Atlantis", "Spain")]
        first = self._import(rows, limit=2)
        self.assertEqual((len(first["ids"]), first["nextrow"]), (1, 2))
        second = self._import(rows, limit=2, skip=2)
        self.assertEqual((len(second["ids"]), second["nextrow"]), (1, 0))

    def test_import_of_bad_rows_only_is_refused(self):
        result = self._import([f"Atlantis,Indoor,2026-01-01,2026-03-31,USD,8000,{SOURCE}"])
        self.assertFalse(result["ids"])
        self.assertEqual(result["messages"][0]["type"], "error")
