import re

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..seven_p.common_seven_p import SevenPCase


@tagged("post_install", "-at_install")
class TestScoreComparison(SevenPCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._make_rfm_set()
        cls.customers[7].user_id = cls.seller
        for customer in cls.customers[:4]:
            cls._return(customer, "2026-05-20", 50)
        cls.comparison = cls.env["crm.score.comparison"]
        for day in ("2026-04-30", "2026-05-31", None):
            cls._run(as_of=day)

    def _compare(self, left, right, model=None):
        comparison = self.comparison if model is None else model
        return comparison.get_comparison(left.id, right.id)

    def _months_of(self, customer):
        return [self._month(customer, f"2026-{month:02}-01") for month in (4, 5, 6)]

    # ------------------------------------------------------------------
    # Measures of past months
    # ------------------------------------------------------------------
    def test_past_measures_are_those_that_were_scored(self):
        """What was stored in May is made again in June, digit by digit."""
        stored = self._rows_as_of_may()
        self._run()
        months = self.env["crm.customer.score.month"].search(
            [("company_id", "=", self.company.id), ("period", "=", "2026-05-01")]
        )
        again = self.env["crm.measure.recall"]._recall(months)
        self.assertEqual(len(again), len(stored))
        for month in months:
            for name in self.env["crm.customer.measure"]._get_scorable():
                self.assertEqual(again[month.id][name[0]], stored[month.partner_id.id][name[0]], name[0])

    def _rows_as_of_may(self):
        """Score May again and return the measures before June is scored, which forgets them."""
        self.env.cr.execute("DELETE FROM crm_customer_score_month WHERE period > '2026-05-01'")
        self.env.cr.execute("DELETE FROM crm_customer_measure WHERE period > '2026-05-01'")
        self._run(as_of="2026-05-31")
        self.env.cr.execute("SELECT * FROM crm_customer_measure WHERE company_id = %s", [self.company.id])
        return {row["partner_id"]: row for row in self.env.cr.dictfetchall()}

    def test_recalled_measures_leave_nothing_behind(self):
        before = self.env["crm.customer.measure"].search_count([])
        self._compare(*self._months_of(self.customers[7])[:2])
        self.assertEqual(self.env["crm.customer.measure"].search_count([]), before)

    def test_past_month_is_explained(self):
        score = self.env["crm.customer.score"].search(
            [
                ("partner_id", "=", self.customers[7].id),
                ("p", "=", "persistency"),
                ("period", "=", "2026-05-01"),
            ]
        )
        self.assertIn("Buys every 1.0 days", score.explanation_text)

    def test_past_months_cost_the_same_for_one_and_for_all(self):
        months = self.env["crm.customer.score.month"].search([("period", "=", "2026-05-01")])
        recall = self.env["crm.measure.recall"]
        recall._recall(months)
        counts = []
        for group in (months[:1], months):
            before = self.env.cr.sql_log_count
            recall._recall(group)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------------
    # Why
    # ------------------------------------------------------------------
    def test_items_sum_to_the_change(self):
        """Each change of each customer, of two months, is the sum of its items to 1e-9."""
        for customer in self.customers:
            months = [month for month in self._months_of(customer) if month]
            for left, right in zip(months, months[1:], strict=False):
                data = self._compare(left, right)
                for score in [data["total"], *data["scores"]]:
                    if score["change"] and abs(score["change"]) >= 0.1:
                        points = sum(item["points"] for item in score["items"])
                        self.assertAlmostEqual(points, score["change"], 9, score["label"])

    def test_nothing_is_left_to_changed_documents(self):
        """Measures made again give the stored score: no rest remains."""
        for customer in self.customers:
            months = [month for month in self._months_of(customer) if month]
            data = self._compare(months[0], months[-1])
            kinds = {item["kind"] for score in data["scores"] for item in score["items"]}
            self.assertFalse(kinds & {"documents", "unexplained"})

    def test_document_changed_after_the_run_is_named(self):
        months = self._months_of(self.customers[7])
        self._sale(self.customers[7], "2026-04-20", amount=9000, cost=10)
        data = self._compare(months[0], months[2])
        kinds = {item["kind"] for score in data["scores"] for item in score["items"]}
        self.assertIn("documents", kinds)
        sentences = [sentence for score in data["scores"] for sentence in score["sentences"]]
        self.assertTrue(any("changed after it was scored" in sentence for sentence in sentences))

    def test_score_of_nothing_is_known(self):
        """0 is the worst score and not an unknown one."""
        self.assertEqual(self.comparison._subtract([0.0, 5.0]), 5.0)
        self.assertIs(self.comparison._subtract([False, 5.0]), False)

    def test_sentence_has_the_numbers(self):
        """The customer who bought 150 days ago had bought 120 days ago in May."""
        months = self._months_of(self.customers[7])
        data = self._compare(months[1], months[2])
        persistency = next(score for score in data["scores"] if score["p"] == "persistency")
        text = "\n".join(persistency["sentences"])
        self.assertIn("Days since Purchase 120 → 150", text)

    def test_points_in_the_words_add_up(self):
        """Points are told in tenths: they sum to the difference but for half a tenth each; so do those of a mover."""
        months = self._months_of(self.customers[7])
        data = self._compare(months[1], months[2])
        changed = [score for score in data["scores"] if score["change"] and len(score["items"]) > 1]
        self.assertTrue(changed)
        for score in changed:
            told = [
                float(points.replace("−", "-"))
                for points in re.findall(r"\(([+−][\d.]+)\)", " ".join(score["sentences"]))
            ]
            self.assertAlmostEqual(sum(told), score["change"], delta=0.05 * len(told) + 0.001)
        why = self.env["crm.pyramid.page"].get_why(self.customers[7].id, months[2].period, months[1].period)
        largest = max(data["scores"], key=lambda score: abs(score["change"]))
        points = f"{largest['change']:+.1f}".replace("-", "−")
        self.assertTrue(why[0].startswith(f"{largest['label']} {points}: "), why[0])

    def test_deleted_run_says_that_the_measures_are_gone(self):
        months = self._months_of(self.customers[7])
        self.env.cr.execute("UPDATE crm_customer_score_month SET run_id = 0 WHERE id = %s", [months[0].id])
        self.env.invalidate_all()
        data = self._compare(months[0], months[2])
        kinds = {item["kind"] for score in data["scores"] for item in score["items"]}
        self.assertLessEqual(kinds, {"unexplained"})

    def test_change_of_the_last_month(self):
        change = self.comparison.get_change(self.customers[7].id)
        self.assertEqual(change["right"]["month"], "June 2026")
        self.assertEqual(change["left"]["month"], "May 2026")

    def test_no_change_without_the_month_before(self):
        self.env.cr.execute("DELETE FROM crm_customer_score_month WHERE period = '2026-05-01'")
        self.env.invalidate_all()
        self.assertFalse(self.comparison.get_change(self.customers[7].id))

    # ------------------------------------------------------------------
    # Two customers
    # ------------------------------------------------------------------
    def test_two_customers_of_one_month(self):
        left, right = self._months_of(self.customers[0])[2], self._months_of(self.customers[9])[2]
        data = self._compare(left, right)
        self.assertFalse(data["is_same_customer"])
        for score in data["scores"]:
            if score["change"] and abs(score["change"]) >= 0.1:
                self.assertAlmostEqual(sum(item["points"] for item in score["items"]), score["change"], 9)
            self.assertNotIn("cutoffs", {item["kind"] for item in score["items"]})
        text = "\n".join(measure["sentence"] for measure in data["measures"])
        self.assertIn("Days since Purchase 5 against 400", text)

    def test_other_method_is_an_item(self):
        months = self._months_of(self.customers[7])
        version = self.env["crm.scoring.method"].browse(self.method.action_new_version()["res_id"])
        weight = version.weight_ids.filtered(lambda weight: weight.measure == "recency_days")
        weight.weight = 500
        version.action_activate()
        self._run()
        self.env.invalidate_all()
        data = self._compare(months[1], self._month(self.customers[7], "2026-06-01"))
        kinds = {item["kind"] for item in data["scores"][1]["items"]}
        self.assertIn("method", kinds)
        points = sum(item["points"] for item in data["scores"][1]["items"])
        self.assertAlmostEqual(points, data["scores"][1]["change"], 9)

    def test_companies_and_persons_have_cutoffs_of_their_own(self):
        """The places are those of the customer's kind: nothing is left over."""
        self.customers[5:].is_company = True
        version = self.env["crm.scoring.method"].browse(self.method.action_new_version()["res_id"])
        version.write({"kinds_apart": True, "min_model_customers": 2})
        version.action_activate()
        runs = [self._run(as_of="2026-05-31"), self._run()]
        self.assertEqual(set(runs[1].parameters["kinds"]), {"company", "person"})
        for customer in (self.customers[4], self.customers[7]):
            data = self._compare(*self._months_of(customer)[1:])
            for score in data["scores"]:
                self.assertFalse({item["kind"] for item in score["items"]} & {"documents", "unexplained"})

    # ------------------------------------------------------------------
    # Ways and rights
    # ------------------------------------------------------------------
    def test_buttons_lead_to_the_screen(self):
        action = self.customers[7].action_compare_scores()
        months = self._months_of(self.customers[7])
        self.assertEqual(action["params"], {"left_id": months[1].id, "right_id": months[2].id})
        self.assertEqual(months[2].action_compare()["params"], action["params"])
        with self.assertRaises(UserError):
            (months[0] + months[1] + months[2]).action_compare()

    def test_customer_without_scores_is_told(self):
        with self.assertRaisesRegex(UserError, "no scores"):
            self.hotel.action_compare_scores()

    def test_seller_compares_his_customers_only(self):
        comparison = self.comparison.with_user(self.seller).with_context(allowed_company_ids=self.company.ids)
        months = self._months_of(self.customers[7])
        self.assertTrue(self._compare(months[0], months[1], comparison)["scores"])
        self.customers[9].user_id = self.colleague
        with self.assertRaises(UserError):
            self._compare(months[0], self._months_of(self.customers[9])[2], comparison)

    def test_plain_user_is_refused(self):
        plain = new_test_user(
            self.env,
            "cmp_plain",
            "base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        comparison = self.comparison.with_user(plain).with_context(allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            comparison.get_change(self.customers[7].id)
        with self.assertRaises(AccessError):
            self._compare(*self._months_of(self.customers[7])[:2], comparison)
