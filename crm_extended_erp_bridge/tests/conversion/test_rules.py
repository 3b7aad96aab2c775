import doctest
from datetime import date, datetime

from odoo.tests import TransactionCase, tagged

from ...chain import (
    Document,
    Evidence,
    bom_graph,
    bottleneck,
    conversion_state,
    days_late,
    evidence,
    find_bottleneck,
    find_cycle,
    is_planned_late,
    lateness,
)


def goods(**facts):
    """Evidence of an order for 10 pieces of which `qty_delivered` are shipped."""
    delivered = facts.get("qty_delivered", 0)
    return Evidence(**{"has_goods": True, "qty_ordered": 10, "qty_missing": max(10 - delivered, 0), **facts})


def document(step, **facts):
    return Document(**{"step": step, "model": "m", "id": 1, "name": step, "state": "x", "is_open": True, **facts})


@tagged("post_install", "-at_install")
class TestRules(TransactionCase):
    """The rules of the chain need no database: facts in, answer out."""

    def test_doctests(self):
        for module in (bom_graph, bottleneck, evidence, lateness):
            self.assertFalse(doctest.testmod(module).failed, module.__name__)

    def test_goods_order_goes_step_by_step(self):
        settled = {"qty_delivered": 10, "invoice_status": "invoiced"}
        steps = [
            (goods(), "confirmed"),
            (goods(supplies_open=2), "confirmed"),
            (goods(supplies_open=2, supplies_launched=1), "production"),
            (goods(supplies_done=2, supplies_launched=2, deliveries_open=1, deliveries_ready=1), "ready"),
            (goods(qty_delivered=4, deliveries_open=1), "shipping"),
            (goods(qty_delivered=10), "delivered"),
            (goods(**settled, invoices_posted=1, amount_due=60), "invoiced"),
            (goods(**settled, invoices_posted=1), "paid"),
        ]
        for facts, state in steps:
            with self.subTest(state=state):
                self.assertEqual(conversion_state(facts), state)

    def test_cancelled_whatever_else_is_proved(self):
        for state in ("draft", "sent", "cancel"):
            self.assertEqual(conversion_state(goods(order_state=state, qty_delivered=10)), "cancelled")

    def test_goods_from_stock_are_ready_only_when_reserved(self):
        self.assertEqual(conversion_state(goods(deliveries_open=1, deliveries_short=1)), "confirmed")
        self.assertEqual(conversion_state(goods(deliveries_open=1, deliveries_ready=1)), "ready")

    def test_payment_in_advance_does_not_skip_the_goods(self):
        facts = goods(supplies_open=1, supplies_launched=1, invoices_posted=1, invoice_status="invoiced")
        self.assertEqual(conversion_state(facts), "production")

    def test_draft_invoice_proves_nothing(self):
        facts = goods(qty_delivered=10, invoice_status="invoiced", invoices_draft=1)
        self.assertEqual(conversion_state(facts), "delivered")

    def test_short_delivery_closed_without_back_order(self):
        facts = goods(qty_delivered=8)
        self.assertEqual(conversion_state(facts), "delivered")
        billed = goods(qty_delivered=8, invoice_status="no", invoices_posted=1)
        self.assertEqual(conversion_state(billed), "paid")

    def test_services_skip_stock(self):
        services = {"qty_ordered": 5, "qty_missing": 5}
        self.assertEqual(conversion_state(Evidence(**services)), "confirmed")
        invoiced = Evidence(**services, invoices_posted=1, invoice_status="invoiced", amount_due=10)
        self.assertEqual(conversion_state(invoiced), "invoiced")
        self.assertEqual(conversion_state(Evidence(qty_ordered=5, qty_delivered=5)), "delivered")

    def test_services_partly_served_and_billed_go_on(self):
        facts = Evidence(qty_ordered=5, qty_delivered=2, qty_missing=3, invoices_posted=1, invoice_status="no")
        self.assertEqual(conversion_state(facts), "shipping")

    def test_days_late(self):
        """Promised Friday 6 March: late by the calendar, by the plan, by an unpaid invoice, or not at all."""
        friday = date(2026, 3, 6)
        self.assertEqual(days_late(today=date(2026, 3, 6), promised=friday), 0)
        self.assertEqual(days_late(today=date(2026, 3, 9), promised=friday), 3)
        self.assertEqual(days_late(today=date(2026, 3, 2), promised=friday, expected=date(2026, 3, 10)), 4)
        self.assertEqual(days_late(today=date(2026, 3, 9), due=date(2026, 3, 2)), 7)
        self.assertEqual(days_late(today=date(2026, 3, 9)), 0)
        self.assertFalse(is_planned_late(None, datetime(2026, 3, 9)))

    def test_bottleneck_is_the_first_open_step_upstream(self):
        made, bought, shipped = document("production"), document("purchase"), document("delivery")
        self.assertEqual(find_bottleneck("production", [shipped, made, bought]).document, bought)
        self.assertEqual(find_bottleneck("production", [shipped, made]).document, made)
        self.assertEqual(find_bottleneck("ready", [shipped]).code, "delivery")
        self.assertEqual(find_bottleneck("confirmed", [], has_goods=True).code, "delivery_missing")
        self.assertEqual(find_bottleneck("confirmed", []).code, "service")
        self.assertEqual(find_bottleneck("confirmed", [document("delivery", is_short=True)]).code, "stock")
        draft = document("purchase", is_draft=True, id=2)
        self.assertEqual(find_bottleneck("production", [bought, draft]).code, "purchase_draft")

    def test_bottleneck_of_the_last_receipt(self):
        early, late = (document("purchase", id=day, planned=datetime(2026, 3, day)) for day in (3, 9))
        self.assertEqual(find_bottleneck("production", [late, early]).document, late)

    def test_bottleneck_of_money(self):
        invoice = document("invoice")
        self.assertEqual(find_bottleneck("invoiced", [invoice]).code, "payment")
        self.assertEqual(find_bottleneck("delivered", [document("invoice", is_draft=True)]).code, "invoice_draft")
        self.assertEqual(find_bottleneck("delivered", []).code, "invoice_missing")

    def test_cycle_walk_ends(self):
        self.assertEqual(find_cycle({1: [1]}, [1]), [1])
        self.assertEqual(find_cycle({1: [2], 2: [3], 3: [1]}, [2]), [2, 3, 1])
        deep = {node: [node + 1] for node in range(50_000)}
        self.assertEqual(find_cycle(deep, [0]), [])
