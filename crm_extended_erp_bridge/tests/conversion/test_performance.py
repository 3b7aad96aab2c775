from odoo.tests import tagged

from ..common import BridgeCommon


@tagged("post_install", "-at_install")
class TestPerformance(BridgeCommon):
    """The chain costs a fixed number of queries, whatever the number of orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_lamp()
        cls.service = cls._create_service()

    def _count(self, run):
        """Queries of `run` and of writing what it leaves to be written."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        run()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _set_feature(self, state):
        feature = self.env.ref("crm_extended_erp_bridge.crm_roadmap_feature_conversion_chain")
        pins = self.env["crm.roadmap.feature.pin"]
        pin = pins.search([("feature_id", "=", feature.id), ("company_id", "=", self.company.id)])
        if pin:
            pin.state = state
        else:
            pins.create({"feature_id": feature.id, "company_id": self.company.id, "state": state})

    def _count_confirm(self, number, product, feature):
        self._set_feature(feature)
        orders = self.env["sale.order"].union(*(self._create_order([(product, 1, 100)]) for _each in range(number)))
        return self._count(orders.action_confirm)

    def test_confirm_overhead_does_not_grow(self):
        """What the chain adds to confirming 20 orders is what it adds to one."""
        self._count_confirm(1, self.service, "on")  # warm the caches of the registry
        overhead = {
            number: self._count_confirm(number, self.service, "on") - self._count_confirm(number, self.service, "off")
            for number in (1, 20)
        }
        # one more: the company of several records is read back to be checked
        self.assertLessEqual(overhead[20], overhead[1] + 1)
        self.assertLessEqual(overhead[1], 12)

    def test_confirm_overhead_of_production_is_small(self):
        """For made products too: at most a tenth of the queries of Odoo's own confirmation."""
        self._count_confirm(1, self.lamp, "on")
        for number in (1, 5):
            with self.subTest(orders=number):
                plain = self._count_confirm(number, self.lamp, "off")
                chained = self._count_confirm(number, self.lamp, "on")
                self.assertLessEqual(chained, plain * 1.1)

    def test_fields_of_one_and_of_two_hundred(self):
        orders = self.env["sale.order"].union(*(self._create_order([(self.service, 1, 100)]) for _each in range(200)))
        orders.action_confirm()
        conversions = self.env["crm.conversion"].browse(orders.conversion_ids.ids)
        names = ["state", "days_late", "is_late", "waiting_for", "production_count", "payment_count", "timeline"]
        one = self._count(lambda: conversions[:1].read(names))
        many = self._count(lambda: conversions.read(names))
        self.assertLessEqual(many, one)

    def test_evidence_of_one_and_of_two_hundred(self):
        orders = self.env["sale.order"].union(*(self._create_order([(self.service, 1, 100)]) for _each in range(200)))
        orders.action_confirm()
        counts = [
            self._count(lambda each=each: each.conversion_ids._get_evidence_rows(each.ids))
            for each in (orders[:1], orders)
        ]
        self.assertEqual(counts[0], counts[1])

    def test_smart_button_of_one_and_of_two_hundred(self):
        orders = self.env["sale.order"].union(*(self._create_order([(self.service, 1, 100)]) for _each in range(200)))
        orders.action_confirm()
        one = self._count(lambda: orders[:1].read(["chain_conversion_count"]))
        many = self._count(lambda: orders.read(["chain_conversion_count"]))
        self.assertLessEqual(many, one)
