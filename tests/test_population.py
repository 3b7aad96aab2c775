"""The data of the benchmarks: as many records as asked for, equal in each run, and such as Odoo would keep."""

import doctest

import pytest

from odoo.tests import TransactionCase, tagged

from devtools.population import Size, make, size

SMALL = Size(customers=60, orders=300, lines=900, products=20, days=400)


def test_the_doctests_of_the_size_run():
    result = doctest.testmod(size)
    assert result.attempted
    assert not result.failed


def test_a_size_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="at least one order"):
        Size(customers=10, orders=5, lines=20)


@tagged("post_install", "-at_install")
class TestPopulation(TransactionCase):
    """The small company, made in the transaction of the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.counts = make(cls.env, SMALL, say=lambda text: None)

    def test_numbers_of_records(self):
        self.assertEqual(
            [self.counts[table] for table in ("res_partner", "sale_order", "sale_order_line")], [60, 300, 900]
        )
        self.assertGreater(self.counts["account_move"], 60)

    def test_amounts_are_those_that_odoo_computes(self):
        orders = self.env["sale.order"].search([("name", "like", "POP%")])
        stored = orders.mapped("amount_total")
        orders._compute_amounts()
        for amount, expected in zip(orders.mapped("amount_total"), stored, strict=True):
            self.assertAlmostEqual(amount, expected, delta=0.011)

    def test_the_books_balance(self):
        moves = self.env["account.move"].search([("name", "like", "POP%")])
        for move in moves:
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)
        invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
        paid = invoices.filtered(lambda move: move.payment_state == "paid")
        self.assertTrue(paid)
        invoices._compute_amount()
        self.assertEqual(set(paid.mapped("payment_state")), {"paid"})
        self.assertEqual(set(paid.mapped("amount_residual")), {0.0})
