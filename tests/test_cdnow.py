"""CDNOW through the whole way: a file of past sales, facts, measures, models, P(alive) and lifetime value.

The published results of Fader and Hardie are those of the 1/10 sample of 2,357 customers up to 1997-09-30, in weeks,
several purchases of a day being one. The file that is read keeps per customer the number of repeat purchases, the
weeks of the last one and of observation, and the mean value: the purchases between the first and the last one, on
which no model depends, are put on any days. Weeks of two decimals are days again, so nothing is lost.

CRMX_CDNOW_DIR      the folder with the file (default: shared/data/cdnow beside the repository)
"""

import base64
import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from odoo.tests import TransactionCase, tagged

from odoo.addons.crm_extended.tests.roadmap.whole_road import leave_the_road

DATA = Path(os.environ.get("CRMX_CDNOW_DIR") or Path(__file__).resolve().parents[2] / "shared" / "data" / "cdnow")
FILE = DATA / "cdnow_customers_summary_with_transactions.csv"
AS_OF = date(1997, 9, 30)
BG_NBD = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "gamma": 15.44}

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"there is no {FILE.name}: set CRMX_CDNOW_DIR to its folder")


def read_customers():
    """Return (id, repeat purchases, days to the last one, days of observation, mean value) of the sample."""
    with FILE.open(newline="") as lines:
        rows = list(csv.reader(lines))[1:]
    return [(int(row[0]), int(row[1]), round(float(row[2]) * 7), round(float(row[3]) * 7), row[4]) for row in rows]


def get_days(repeats, active, age):
    """Return the days of all purchases: the first and the last one as they were, those between anywhere."""
    first = AS_OF - timedelta(days=age)
    return [first + timedelta(days=active * number // repeats if repeats else 0) for number in range(repeats + 1)]


@tagged("post_install", "-at_install")
class TestCdnow(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.company = cls.env["res.company"].create({"name": "CDNOW", "currency_id": cls.env.ref("base.USD").id})
        cls.env.user.company_ids |= cls.company
        cls.env.user.company_id = cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.customers = read_customers()
        cls.partners = cls.env["res.partner"].create(
            [{"name": f"CDNOW {row[0]}", "ref": f"CDNOW-{row[0]}"} for row in cls.customers]
        )
        cls.batch = cls._import_history()
        cls.method = cls.env.ref("crm_extended_analytics.crm_scoring_method_standard").copy(
            {"name": "CDNOW", "company_id": cls.company.id}
        )
        cls.method.action_activate()
        cls.scoring_run = cls.env["crm.scoring.run"]._create_run(cls.company, as_of=AS_OF)
        cls.scoring_run._run_all()
        cls.env.invalidate_all()

    @classmethod
    def _import_history(cls):
        lines = ["order,date,customer,amount,cost,currency"]
        for customer, repeats, active, age, mean in cls.customers:
            for number, day in enumerate(get_days(repeats, active, age)):
                # the file does not know the value of the first purchase, which the models do not use
                amount = float(mean) if number and float(mean) else 15
                lines.append(f"{customer}-{number},{day},CDNOW-{customer},{amount},{amount / 2},USD")
        batch = cls.env["crm.history.batch"].create(
            {
                "company_id": cls.company.id,
                "file": base64.b64encode("\n".join(lines).encode()),
                "file_name": "cdnow.csv",
            }
        )
        batch.action_import()
        return batch

    def _get_card(self, model):
        return self.scoring_run.card_ids.filtered(lambda card: card.model == model)

    def _get_measures(self):
        """Return the measures in the order of the file."""
        measures = self.env["crm.customer.measure"].search([("company_id", "=", self.company.id)])
        by_partner = {measure.partner_id.id: measure for measure in measures}
        return [by_partner[partner.id] for partner in self.partners]

    def assert_near(self, found, published):
        for name, value in published.items():
            self.assertAlmostEqual(found[name] / value, 1, delta=0.01, msg=f"{name}: {found[name]}, published {value}")

    def test_all_customers_and_purchases_came_in(self):
        """2,357 customers with 2,457 repeat purchases, of 946 who came back."""
        self.assertEqual((self.batch.state, self.batch.bad_count, self.batch.fact_count), ("done", 0, 2357 + 2457))
        self.assertEqual((self.scoring_run.state, self.scoring_run.customer_count), ("done", 2357))
        measures = self._get_measures()
        self.assertEqual(sum(measure.purchase_days - 1 for measure in measures), 2457)
        self.assertEqual(sum(measure.purchase_days > 1 for measure in measures), 946)
        for measure, (_id, repeats, active, age, _mean) in zip(measures, self.customers, strict=True):
            found = (measure.purchase_days - 1, measure.active_days, measure.tenure_days)
            self.assertEqual(found, (repeats, active, age))

    def test_purchases_are_fitted_to_the_published_parameters(self):
        card = self._get_card("bg_nbd")
        self.assertFalse(card.is_refused, card.reason)
        self.assert_near(dict(zip(BG_NBD, self.scoring_run.parameters["bg_nbd"], strict=True)), BG_NBD)

    def test_values_are_fitted_to_the_published_parameters(self):
        """Means of the file are rounded to cents, which moves the parameters by less than a thousandth."""
        fit = self._get_card("gamma_gamma").fit["parameters"]
        self.assert_near(
            dict(zip(GAMMA_GAMMA, fit.values() if isinstance(fit, dict) else fit, strict=True)), GAMMA_GAMMA
        )

    def test_customer_of_the_paper_is_alive_by_the_published_probability(self):
        """Customer 1, two repeat purchases, the last one in week 30.43 of 38.86: 0.7266."""
        first = self._get_measures()[0]
        self.assertAlmostEqual(first.p_alive, 0.7266, delta=0.001)

    def test_probabilities_are_those_of_the_published_parameters(self):
        """Each of the 2,357, against the closed formula with the numbers of the paper."""
        r, alpha, a, b = BG_NBD.values()
        for measure, (_id, x, active, age, _mean) in zip(self._get_measures(), self.customers, strict=True):
            odds = a / (b + x - 1) * ((alpha + age / 7) / (alpha + active / 7)) ** (r + x) if x else 0
            self.assertAlmostEqual(measure.p_alive, 1 / (1 + odds), delta=0.002)

    def test_everybody_has_a_score(self):
        months = self.env["crm.customer.score.month"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(months), 2357)
        self.assertEqual(set(months.mapped("period")), {date(1997, 9, 1)})
        self.assertTrue(all(0 <= month.score_persistency <= 100 for month in months))
