from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...scoring.step_scale import StepScale, step_score
from .common_seven_p import TODAY, SevenPCase


@tagged("post_install", "-at_install")
class TestSevenPRun(SevenPCase):
    def test_no_customer_is_refused_with_a_reason(self):
        run = self._run()
        self.assertEqual(run.state, "refused")
        self.assertIn("0 customers", run.reason)

    def test_one_customer_is_refused(self):
        self._sale(self._customers(1), "2026-05-01")
        run = self._run()
        self.assertEqual((run.state, run.customer_count), ("refused", 1))
        self.assertFalse(self._snapshot())

    def test_three_customers_are_refused_by_the_shipped_thresholds(self):
        self.method.min_customers = 10
        for customer in self._customers(3):
            self._sale(customer, "2026-05-01")
        run = self._run()
        self.assertEqual(run.state, "refused")
        self.assertEqual(
            run.reason,
            f"{self.company.name} has 3 customers with sales up to 06/30/2026; the method compares customers and asks "
            "for 10 at least.",
        )
        self.env["res.lang"]._activate_lang("es_ES")
        in_spanish = run.with_context(lang="es_ES").reason
        self.assertIn("3 clientes", in_spanish)
        self.assertIn("30/06/2026", in_spanish)

    def test_three_customers_are_ranked_when_the_method_says_so(self):
        customers = self._customers(3)
        for customer, amount in zip(customers, (100, 200, 300), strict=True):
            self._sale(customer, "2026-05-01", amount=amount, cost=amount / 2)
        self.assertEqual(self._run().state, "done")
        scores = [self._month(customer).score_profitability for customer in customers]
        self.assertEqual(scores, sorted(scores))
        self.assertLess(scores[0], scores[2])

    def test_seconds_name_the_slow_analyses(self):
        """Who administers sees which analysis takes long; the quick ones are not named."""
        self._make_rfm_set()
        run = self._run()
        self.assertIn("reports: cohort", run.timings)
        run.timings = {"reports": 9.5, "reports: cohort": 2.0, "reports: basket": 7.5, "reports: whale": 0.01}
        self.assertEqual(
            run.timings_text,
            "Analyses of all customers 9.5, Basket Rules (Analysis) 7.5, Cohorts (Analysis) 2.0",
        )

    def test_equal_customers_get_the_middle(self):
        customers = self._customers(4)
        for customer in customers:
            self._sale(customer, "2026-05-01", cost=50)
        self._run()
        for customer in customers:
            self.assertAlmostEqual(self._month(customer).score_profitability, 50)

    def test_all_returns(self):
        """Everything came back: a loss is measured, a rhythm is not."""
        one, other = self._customers(2)
        self._sale(one, "2026-05-01", amount=-100, quantity=-1)
        self._sale(other, "2026-05-01", cost=50)
        self._run()
        scores = self._scores(one)
        self.assertFalse(scores["persistency"].is_measurable)
        self.assertIn("needs a purchase", scores["persistency"].explanation_text)
        self.assertEqual(self._measure(one).net_sales, -100)

    def test_single_product(self):
        customers = self._customers(2)
        for customer in customers:
            self._sale(customer, "2026-05-01")
        self._run()
        row = self._measure(customers[0])
        self.assertEqual((row.product_count, row.top_product_share), (1, 100))

    def test_models_are_refused_with_few_customers(self):
        for customer in self._customers(3):
            self._sale(customer, "2026-05-01")
        run = self._run()
        # the third card says by what the lifetime value is reckoned instead
        self.assertEqual(run.card_ids.mapped("model"), ["bg_nbd", "gamma_gamma", "clv"])
        self.assertEqual(run.card_ids.mapped("is_refused"), [True, True, False])
        card = run.card_ids[0]
        self.assertEqual(card.reason, "3 customers with a purchase; the method asks for 200.")
        self.env["res.lang"]._activate_lang("es_ES")
        self.assertEqual(card.with_context(lang="es_ES").reason, "3 clientes con una compra; el método pide 200.")
        self.assertFalse(self._measure(self.env["res.partner"].browse(0)).p_alive)

    def test_scores_are_those_of_the_pure_function(self):
        customers = self._make_rfm_set()
        run = self._run()
        scale = StepScale(*run.parameters["scales"]["recency_days"])
        weights = self.method.weight_ids.filtered(lambda weight: weight.p == "persistency")
        for customer in customers:
            row, total, known = self._measure(customer), 0.0, 0.0
            for weight in weights:
                scale = run.parameters["scales"].get(weight.measure)
                value = row[weight.measure]
                if scale and value is not False:
                    place = step_score(value, StepScale(*scale), lower_is_better=weight.direction == "lower")
                    total, known = total + weight.weight * place, known + weight.weight
            self.assertAlmostEqual(self._month(customer).score_persistency, total / known)

    def test_run_again_gives_the_same(self):
        self._make_rfm_set()
        self._run()
        before = self._snapshot()
        self._run()
        self.assertEqual(self._snapshot(), before)

    def test_ranges_change_nothing(self):
        """One job or three, the scores are the same."""
        customers = self._make_rfm_set()
        self._run()
        before = self._snapshot()
        run = self.env["crm.scoring.run"]._create_run(self.company)
        run.range_ids.unlink()
        edges = [0, customers[2].id, customers[6].id, 2**31 - 1]
        run.range_ids = [
            (0, 0, {"partner_from": first + 1, "partner_to": last})
            for first, last in zip(edges, edges[1:], strict=False)
        ]
        run._run_all()
        self.env.invalidate_all()
        self.assertEqual(self._snapshot(), before)

    def test_past_month_gives_the_same_number_again(self):
        """What was sold since does not change the score of April."""
        customers = self._make_rfm_set()
        self._run(as_of="2026-04-10")
        april = self._month(customers[7], date(2026, 4, 1))
        self.assertEqual(april.as_of, date(2026, 4, 30))
        before = self._snapshot()
        self._sale(customers[7], TODAY, amount=1000)
        self._run(as_of="2026-04-30")
        self.assertEqual(self._snapshot(), before)

    def test_change_is_against_the_month_before(self):
        customers = self._make_rfm_set()
        self._run(as_of="2026-05-31")
        self._run()
        score = self._scores(customers[7])["persistency"]
        may = self._month(customers[7], date(2026, 5, 1))
        self.assertEqual(score.previous_score, may.score_persistency)
        self.assertAlmostEqual(score.change, score.score - may.score_persistency)

    def test_incremental_equals_full_with_the_same_parameters(self):
        customers = self._make_rfm_set()
        full = self._run()
        self._sale(customers[8], TODAY, amount=2000, cost=1000)
        self._forget_zero_costs()
        self.env["crm.warehouse.change"]._note([(self.company.id, customers[8].id)])
        run = self._run(kind="incremental")
        self.assertEqual((run.state, run.customer_count, run.full_run_id), ("done", 1, full))
        incremental = self._snapshot()
        again = self.env["crm.scoring.run"]._create_run(self.company)
        again.parameters = full.parameters
        engine = self.env["crm.scoring.engine"]
        engine._measure(again._get_scope(), again)
        engine._derive(again._get_scope(), full.parameters)
        engine._score(again._get_scope(), again)
        self.env.invalidate_all()
        self.assertEqual(self._snapshot(), incremental)

    def test_incremental_needs_a_full_run(self):
        with self.assertRaisesRegex(UserError, "Run a full one first"):
            self._run(kind="incremental")

    def test_another_order_never_lowers_frequency(self):
        customers = self._make_rfm_set()
        self._run()
        before = self._measure(customers[5]).rfm_frequency_class
        self._sale(customers[5], TODAY - timedelta(days=1), amount=10, cost=5)
        self._run()
        self.assertGreaterEqual(self._measure(customers[5]).rfm_frequency_class, before)

    def test_range_is_done_again_after_a_kill(self):
        """Rows of a range that was written and lost are written again, once."""
        self._make_rfm_set()
        run = self.env["crm.scoring.run"]._create_run(self.company)
        self._forget_zero_costs()
        run._next_step()
        with self.assertRaises(RuntimeError), self.env.cr.savepoint():
            run.range_ids._run("measures")
            raise RuntimeError
        self.env.invalidate_all()
        self.assertEqual(run.range_ids.state, "waiting")
        run.range_ids._run("measures")
        run.range_ids._run("measures")
        count = self.env["crm.customer.measure"].search_count([("company_id", "=", self.company.id)])
        self.assertEqual(count, 10)

    def test_two_launches_make_one_run(self):
        self.assertEqual(
            self.env["crm.scoring.run"]._launch(self.company), self.env["crm.scoring.run"]._launch(self.company)
        )

    def test_jobs_lead_from_step_to_step(self):
        """The jobs, one after the other as the queue would run them, end in the same state."""
        self._make_rfm_set()
        self._forget_zero_costs()
        run = self.env["crm.scoring.run"]._launch(self.company)
        for _number in range(20):
            run._continue()
            for part in run.range_ids:
                part._run_job(run.step)
            if run.state == "done":
                break
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self._snapshot()), 10)

    def test_closed_month_is_not_scored_again(self):
        self.env["crm.scoring.period"].create({"company_id": self.company.id, "period": "2026-04-15"})
        with self.assertRaisesRegex(UserError, "2026-04"):
            self._run(as_of="2026-04-30")

    def test_opt_out_erases_and_stays_out(self):
        customers = self._make_rfm_set()
        self._run()
        customers[0].crm_profiling_opt_out = True
        self.assertFalse(self._month(customers[0]))
        self.assertFalse(self._measure(customers[0]))
        self._run()
        self.assertFalse(self._month(customers[0]))
        self.assertTrue(self._month(customers[1]))

    def test_deleted_customer_takes_his_scores_along(self):
        customers = self._make_rfm_set()
        self._run()
        customers[0].unlink()
        self.env["res.partner"].invalidate_model()
        self.assertEqual(len(self._snapshot()), 9)

    def test_customers_of_another_company_are_not_mixed(self):
        customers = self._make_rfm_set()
        other = self._make_company("Other Ltd")
        fact = self._sale(customers[0], TODAY, amount=99999)
        fact.company_id = other
        self._run()
        self.assertEqual(self._measure(customers[0]).net_sales, 9000)

    @mute_logger("odoo.sql_db")
    def test_feature_off(self):
        feature = self.env["crm.roadmap.feature"].search([("key", "=", "seven_p")])
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        with self.assertRaisesRegex(UserError, "does not use the 7P"):
            self._run()

    def test_queries_do_not_grow_with_customers(self):
        counts = []
        for _round in range(2):
            for customer in self._customers(2 if not counts else 40):
                self._sale(customer, "2026-05-01", cost=50)
            self._run()
            run = self.env["crm.scoring.run"]._create_run(self.company)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            run._run_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
