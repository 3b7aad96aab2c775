import random
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ...scoring import clusters
from ...scoring.libraries import MissingLibrary, load
from .common_segment import SegmentCase

# net sales, orders and products of three kinds of customers: large, frequent and small ones
KINDS = ((9000.0, 5, 20), (1000.0, 40, 4), (100.0, 1, 1))
EACH = 20


@tagged("post_install", "-at_install")
class TestSegmentCluster(SegmentCase):
    @classmethod
    def setUpClass(cls):
        # before the clock is frozen, which compiled libraries do not like
        load("sklearn.cluster")
        super().setUpClass()
        chance = random.Random(1)
        cls.customers = cls._customers(EACH * len(KINDS))
        for number, customer in enumerate(cls.customers):
            sales, orders, products = KINDS[number // EACH]
            cls._measured(
                customer,
                net_sales=sales * chance.uniform(0.95, 1.05),
                rfm_orders=orders,
                product_count=products,
            )
        cls.cluster = cls._cluster()

    @classmethod
    def _cluster(cls, **values):
        return cls.env["crm.segment.cluster"].create(
            {
                "name": "Kinds",
                "company_id": cls.company.id,
                "measure_ids": [(0, 0, {"measure": name}) for name in ("net_sales", "rfm_orders", "product_count")],
                **values,
            }
        )

    def _by_kind(self):
        """Return the segments of the large, the frequent and the small customers."""
        return [self.customers[EACH * number].crm_segment_ids for number in range(len(KINDS))]

    def test_kinds_are_found_and_become_segments(self):
        self.cluster._run()
        self.assertEqual((self.cluster.state, self.cluster.customer_count), ("done", 60))
        self.assertEqual(self.cluster.segment_count, 3, "The silhouette finds that there are three kinds")
        self.assertGreater(self.cluster.silhouette, 0.9)
        self.assertEqual(self.cluster.quality, "Clearly apart from each other.")
        for number in range(len(KINDS)):
            kind = self.customers[EACH * number : EACH * (number + 1)]
            segment = kind[0].crm_segment_ids
            self.assertEqual(len(segment), 1)
            self.assertEqual(self._members(segment), kind)
            self.assertEqual((segment.method, segment.is_dynamic), ("cluster", False))

    def test_cluster_is_said_in_words(self):
        """Of 60 customers the large ones buy 20 products; all together 8.3 on average: 2.4 times as many."""
        self.cluster._run()
        large, frequent, _small = self._by_kind()
        self.assertIn("Products Bought: 2.4 times as high (20, all customers 8.33).", large.rules_text)
        self.assertIn("Orders (RFM): 2.6 times as high (40, all customers 15.3).", frequent.rules_text)
        self.assertEqual(frequent.name, "Orders (RFM) high, Net Sales low")
        reason = frequent.member_ids[0].reason
        self.assertIn("Orders (RFM): 40 (this cluster 40, all customers 15.3)", reason)

    def test_name_is_in_the_language_of_its_reader(self):
        """The name is found by an English robot; whoever reads Spanish reads Spanish, and may rename it for himself."""
        self.env["res.lang"]._activate_lang("es_ES")
        self.cluster.with_context(lang="en_US")._run()
        _large, frequent, _small = self._by_kind()
        self.assertEqual(frequent.with_context(lang="en_US").name, "Orders (RFM) high, Net Sales low")
        in_spanish = frequent.with_context(lang="es_ES")
        # the labels of fields are translated in the database, where the test adds none
        self.assertEqual(in_spanish.name, "Orders (RFM): valor alto, Net Sales: valor bajo")
        in_spanish.name = "Fieles"
        self.cluster._run()
        self.assertEqual(in_spanish.name, "Fieles")

    def test_names_stay_when_a_cluster_is_found_again(self):
        self.cluster._run()
        large, frequent, small = self._by_kind()
        frequent.name = "Regulars"
        for customer in self.customers[EACH : EACH + 5]:
            self._measure(customer).rfm_orders = 42
        self.cluster.seed = 7
        self.cluster._run()
        self.assertEqual(self._by_kind(), [large, frequent, small])
        self.assertEqual(frequent.name, "Regulars")

    def test_cluster_that_is_gone_is_archived(self):
        self.cluster._run()
        _large, frequent, _small = self._by_kind()
        for customer in self.customers[EACH : 2 * EACH]:
            self._measure(customer).write({"net_sales": 100, "rfm_orders": 1, "product_count": 1})
        self.cluster.write({"choice": "fixed", "cluster_count": 2})
        self.cluster._run()
        self.assertEqual((frequent.active, frequent.member_count), (False, 0))
        self.assertEqual(self.cluster.segment_count, 2)
        self.assertEqual(frequent.history_ids[:1].left, EACH)

    def test_same_seed_same_clusters(self):
        other = self._cluster(name="Again")
        self.cluster._run()
        other._run()
        self.assertEqual(
            [segment._get_partner_ids() for segment in self.cluster.segment_ids.sorted("id")],
            [segment._get_partner_ids() for segment in other.segment_ids.sorted("id")],
        )

    # ------------------------------------------------------------------
    # Refused
    # ------------------------------------------------------------------
    def test_too_few_customers_are_not_divided(self):
        self.env["crm.customer.measure"].search([("partner_id", "in", self.customers[:20].ids)]).unlink()
        self.cluster._run()
        self.assertEqual((self.cluster.state, self.cluster.segment_count), ("refused", 0))
        for part in ("40 customers", "50 at least", "R at least 4"):
            self.assertIn(part, self.cluster.reason)
        self.env["res.lang"]._activate_lang("es_ES")
        self.assertIn("40 clientes", self.cluster.with_context(lang="es_ES").reason)

    def test_number_of_clusters_needs_ten_customers_each(self):
        self.cluster.write({"choice": "fixed", "cluster_count": 7})
        self.cluster._run()
        self.assertEqual(self.cluster.state, "refused")
        self.assertIn("70 at least", self.cluster.reason)

    def test_missing_library_is_named(self):
        missing = MissingLibrary("English for the log", name="scikit-learn")
        with patch.object(clusters, "fit", side_effect=missing):
            self.cluster._run()
        self.assertEqual(self.cluster.state, "refused")
        sentence = "This calculation needs the Python library scikit-learn: install it on the server"
        self.assertIn(sentence, self.cluster.reason)
        with (
            patch("odoo.addons.crm_extended_analytics.models.segment.crm_segment_cluster.require", side_effect=missing),
            self.assertRaisesRegex(UserError, sentence),
        ):
            self.cluster.action_search()

    def test_one_measure_is_refused(self):
        with self.assertRaises(ValidationError):
            self._cluster(measure_ids=[(0, 0, {"measure": "net_sales"})])

    def test_cluster_segments_are_made_by_clusterings_only(self):
        with self.assertRaises(ValidationError):
            self.segments.create({"name": "By hand", "company_id": self.company.id, "method": "cluster"})

    def test_objectors_are_in_no_cluster(self):
        self.cluster._run()
        customer = self.customers[0]
        segment = customer.crm_segment_ids
        customer.crm_profiling_opt_out = True
        self.assertEqual(self._members(segment), self.customers[1:EACH])
        self.cluster._run()
        self.assertEqual(self.cluster.customer_count, 59)
        self.assertNotIn(customer.id, self.cluster.segment_ids._get_partner_ids())

    # ------------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------------
    def _jobs(self):
        return self.env["queue.job"].search([("model_name", "=", "crm.segment.cluster"), ("state", "=", "pending")])

    def test_search_is_queued_once(self):
        before = self._jobs()
        self.cluster.action_search()
        self.cluster.action_search()
        self.assertEqual(self.cluster.state, "queued")
        self.assertEqual(len(self._jobs() - before), 1)
        self.cluster._run_job()
        self.assertEqual(self.cluster.state, "done")

    def test_failed_job_says_what_happened(self):
        self.cluster.action_search()
        self.cluster._on_job_failed(exc_name="ValueError", exc_message="boom")
        self.assertEqual(self.cluster.state, "failed")
        self.assertIn("boom", self.cluster.reason)
        self.env["res.lang"]._activate_lang("es_ES")
        self.assertIn("La búsqueda se detuvo", self.cluster.with_context(lang="es_ES").reason)

    def test_scoring_queues_repeated_searches(self):
        self.cluster.is_repeated = True
        for customer in self.customers[:3]:
            self._sale(customer, "2026-05-01")
        self._run()
        self.assertEqual(self.cluster.state, "queued")

    def test_analyst_searches_and_salesman_does_not(self):
        analyst = self._user("sgx_analyst", "crm_extended.crm_extended_group_analyst")
        self.cluster.with_env(self._as(analyst).env).action_search()
        self.assertFalse(self._as(self.seller, "crm.segment.cluster").has_access("write"))
        plain = self._user("sgx_plain", "base.group_user")
        self.assertFalse(self._as(plain, "crm.segment.cluster").has_access("read"))
