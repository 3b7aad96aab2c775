import random
from datetime import date

import psycopg2
from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_market import MarketCase

# the months of the warehouse that are whole: January 2024 to May 2026
MONTHS = [date(2024, 1, 1) + relativedelta(months=number) for number in range(29)]
# no trend, no season
DRAW = random.Random(2)
VALUES = [round(DRAW.uniform(50, 500)) for _month in MONTHS]


@tagged("post_install", "-at_install")
class TestSeries(MarketCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customers(1, country_id=cls.bulgaria.id)
        cls._sale(cls.customer, "2023-12-10", amount=999)
        for number, month in enumerate(MONTHS):
            cls._sale(cls.customer, month + relativedelta(days=14), amount=VALUES[number])

    def _series(self, **values):
        return self.env["crm.series"].create(
            {"name": "Index", "unit": "index", "source": "Statistical office", **values}
        )

    def _fill(self, series, lead=0, count=29):
        """Give the series the own sales of a month, so many months earlier."""
        for number in range(count):
            month = MONTHS[0] + relativedelta(months=number - lead)
            self.env["crm.series.point"].create({"series_id": series.id, "date": month, "value": VALUES[number]})
        return series

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    def test_any_day_is_its_period(self):
        for frequency, expected in (("month", "2026-05-01"), ("quarter", "2026-04-01"), ("year", "2026-01-01")):
            series = self._series(name=frequency, frequency=frequency)
            point = self.env["crm.series.point"].create({"series_id": series.id, "date": "2026-05-17", "value": 1})
            self.assertEqual(str(point.date), expected)
            point.date = "2026-12-31"
            self.assertEqual(point.date.month, {"month": 12, "quarter": 10, "year": 1}[frequency])

    def test_one_figure_per_period(self):
        series = self._series()
        create = self.env["crm.series.point"].create
        create({"series_id": series.id, "date": "2026-05-17", "value": 1})
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            create({"series_id": series.id, "date": "2026-05-02", "value": 2})

    def test_bad_figures_are_refused(self):
        series = self._series()
        for value in (float("nan"), float("inf")):
            with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env["crm.series.point"].create({"series_id": series.id, "date": "2026-05-17", "value": value})
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._series(name="Nobody", kind="competitor")
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self._series()

    def test_monthly(self):
        """A quarterly sum of 30 is 10 a month; a quarterly level of 30 is 30 in each."""
        for is_total, expected in ((True, 10), (False, 30)):
            series = self._series(name=str(is_total), frequency="quarter", is_total=is_total)
            self.env["crm.series.point"].create({"series_id": series.id, "date": "2026-04-01", "value": 30})
            found = series._get_monthly(self.company, date(2026, 5, 10), date(2026, 12, 31))
            self.assertEqual(found, {date(2026, 5, 1): expected, date(2026, 6, 1): expected})

    def test_monthly_of_another_company_is_nothing(self):
        series = self._fill(self._series(company_id=self._make_company("Other Ltd").id))
        self.assertEqual(series._get_monthly(self.company, date(2020, 1, 1), date(2030, 1, 1)), {})

    def test_own_months_are_whole(self):
        """The month in which the warehouse begins and the current one are left out; an empty month is 0."""
        own = self._series()._get_own_monthly(self.company)
        self.assertEqual(list(own), MONTHS)
        self.assertAlmostEqual(own[MONTHS[3]], VALUES[3])
        greek = self._series(name="Greek", country_id=self.greece.id)._get_own_monthly(self.company)
        self.assertEqual(set(greek.values()), {0.0})

    @mute_logger("odoo.sql_db")
    def test_import_keeps_good_rows(self):
        self._series()
        result = self.env["crm.series.point"].load(
            ["series_id", "date", "value"],
            [["Index", "2026-01-31", "5.5"], ["Unknown", "2026-02-01", "6"], ["Index", "2026-03-01", "7"]],
        )
        self.assertEqual(len(result["ids"]), 2)
        points = self.env["crm.series.point"].browse(result["ids"])
        self.assertEqual([(str(point.date), point.value) for point in points], [("2026-01-01", 5.5), ("2026-03-01", 7)])
        self.assertEqual({(m["type"], m["rows"]["from"]) for m in result["messages"]}, {("warning", 1)})

    # ------------------------------------------------------------------
    # With own sales
    # ------------------------------------------------------------------
    def test_finds_by_how_much_the_series_leads(self):
        """The series is the own sales two months before they come: coefficient 1 at two months, and no other."""
        series = self._fill(self._series(), lead=2)
        series.action_correlate()
        for rows in (series.correlation_ids, series.change_correlation_ids):
            by_lag = {row.lag: row for row in rows}
            self.assertEqual(sorted(by_lag), list(range(7)))
            self.assertAlmostEqual(by_lag[2].pearson, 1)
            self.assertAlmostEqual(by_lag[2].spearman, 1)
            self.assertTrue(all(abs(row.pearson) < 0.8 for lag, row in by_lag.items() if lag != 2))
        self.assertEqual(series.correlation_ids.filtered(lambda row: row.lag == 2).month_count, 29)
        self.assertIn("2 months before: 1.00", series.correlation_text)
        self.assertIn("need not cause each other", series.correlation_text)

    def test_numbers_of_the_sentences_are_written_as_the_reader_writes_them(self):
        self.env["res.lang"]._activate_lang("es_ES")
        series = self._fill(self._series(), lead=2)
        series.action_correlate()
        text = series.with_context(lang="es_ES").correlation_text
        self.assertIn("1,00", text)
        self.assertNotIn("1.00", text)

    def test_too_few_months_are_refused(self):
        """23 months in common; with 24 there is a comparison, of the lags and changes that still have 24 pairs."""
        series = self._fill(self._series(), count=23)
        with self.assertRaisesRegex(UserError, "23 whole months in common; fewer than 24"):
            series.action_correlate()
        self.env["crm.series.point"].create({"series_id": series.id, "date": MONTHS[23], "value": 1})
        series.action_correlate()
        known = {row.lag for row in series.correlation_ids if row.pearson is not False}
        self.assertEqual(known, set(range(6)))
        self.assertNotIn(False, series.correlation_ids.filtered(lambda row: row.lag == 0).mapped("pearson_low"))
        self.assertEqual(series.change_correlation_ids.filtered(lambda row: row.lag == 0).pearson, False)

    def test_series_that_never_changes_says_nothing(self):
        series = self._series()
        for month in MONTHS:
            self.env["crm.series.point"].create({"series_id": series.id, "date": month, "value": 5})
        series.action_correlate()
        self.assertEqual(set(series.correlation_ids.mapped("pearson")), {False})
        self.assertIn("Nothing to see", series.correlation_text)

    def test_no_sales_at_all(self):
        other = self._make_company("Other Ltd")
        self.env.user.company_ids |= other
        with self.assertRaisesRegex(UserError, "0 whole months"):
            self._fill(self._series()).with_company(other).action_correlate()

    def test_comparing_again_replaces(self):
        series = self._fill(self._series())
        for _number in range(2):
            series.action_correlate()
        self.assertEqual(self.env["crm.series.correlation"].search_count([("series_id", "=", series.id)]), 14)

    def test_rights(self):
        series = self._fill(self._series())
        manager = self._user("manager", "sales_team.group_sale_manager")
        series.with_user(manager).action_correlate()
        reader = self._user("reader", "sales_team.group_sale_salesman_all_leads")
        self.assertEqual(len(series.with_user(reader).correlation_ids), 7)
        with self.assertRaises(AccessError):
            series.with_user(reader).action_correlate()
        for user in (self._user("plain", "base.group_user"), self.seller):
            for model in ("crm.series", "crm.series.point", "crm.series.correlation"):
                with self.subTest(model, user=user.login), self.assertRaises(AccessError):
                    self._as(user, model).search([])

    def test_other_company_is_not_seen(self):
        series = self._fill(self._series(company_id=self.company.id))
        series.action_correlate()
        other = self._make_company("Other Ltd")
        stranger = self._user("stranger", "sales_team.group_sale_manager", other)
        for model, domain in (
            ("crm.series", [("id", "=", series.id)]),
            ("crm.series.point", [("series_id", "=", series.id)]),
            ("crm.series.correlation", [("series_id", "=", series.id)]),
        ):
            self.assertFalse(self._as(stranger, model, other).search(domain), model)
