"""What winning with one click costs, against confirming and winning by hand in stock Odoo.

Each of N opportunities has one quotation with three lines of storable products
that are made to stock. By hand: `order.action_confirm()` and then
`lead.action_set_won()`, with every policy of ours off. One click:
`lead.action_set_won()` with the policy "winning confirms the open quotation".
Both take turns in one run, after a warm-up, with tracking on.
"""

import statistics
import time

POLICIES_OFF = {
    "crm_win_policy": "none",
    "crm_win_without_quotation": "allow",
    "crm_confirm_policy": "none",
    "crm_lost_policy": "none",
    "crm_amount_policy": "none",
}
POLICIES_ON = {**POLICIES_OFF, "crm_win_policy": "confirm"}
LINES = 3
FEW = 10
WARM_UP = 3


def add_arguments(parser):
    parser.add_argument("-n", "--orders", type=int, default=50, help="opportunities of each kind (default 50)")


def run(env, args):
    """Time N pairs one by one, then count the queries of a batch of few and one of N."""
    bench = Bench(env)
    for _ in range(WARM_UP):
        bench.by_hand(bench.make(1))
        bench.one_click(bench.make(1))
    hand, click = [], []
    for number in range(args.orders):
        # Who goes first changes each time, so that neither has the warmer cache.
        pair = [(bench.by_hand, hand), (bench.one_click, click)]
        for way, results in pair if number % 2 else reversed(pair):
            results.append(way(bench.make(1)))
    batches = {
        name: {count: way(bench.make(count))["queries"] / count for count in (FEW, args.orders)}
        for name, way in (("hand", bench.by_hand), ("click", bench.one_click))
    }
    return {
        "bench": "win",
        "orders": args.orders,
        "hand_ms": milliseconds(hand),
        "click_ms": milliseconds(click),
        "click_overhead": round(milliseconds(click) / milliseconds(hand), 3),
        "hand_queries": statistics.median(result["queries"] for result in hand),
        "click_queries": statistics.median(result["queries"] for result in click),
        "batch_queries_per_order": {
            name: {count: round(queries, 1) for count, queries in counts.items()} for name, counts in batches.items()
        },
        # How many queries an order costs in a large batch, against a small one: 1 or less is no N+1.
        "queries_growth": round(batches["click"][args.orders] / batches["click"][FEW], 3),
    }


def milliseconds(results):
    return round(statistics.median(result["seconds"] for result in results) * 1000, 1)


class Bench:
    """Opportunities to win, and the two ways to do it."""

    def __init__(self, env):
        from odoo import Command

        self.env = env
        self.command = Command
        self.company = env.company
        self.partner = env["res.partner"].create({"name": "Bench customer"})
        self.products = env["product.product"].create(
            [
                {"name": f"Bench product {number}", "is_storable": True, "list_price": 100 * number}
                for number in range(1, LINES + 1)
            ]
        )
        warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        for product in self.products:
            env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 1e6)

    def make(self, count):
        """Opportunities with one quotation each; nothing is left to flush or to load."""
        leads = self.env["crm.lead"].create(
            [
                {"name": f"Bench {number}", "type": "opportunity", "partner_id": self.partner.id}
                for number in range(count)
            ]
        )
        self.env["sale.order"].create(
            [
                {
                    "partner_id": self.partner.id,
                    "opportunity_id": lead.id,
                    "order_line": [
                        self.command.create({"product_id": product.id, "product_uom_qty": 1})
                        for product in self.products
                    ],
                }
                for lead in leads
            ]
        )
        return leads

    def by_hand(self, leads):
        return self._measure(leads, POLICIES_OFF, self._confirm_then_win)

    def one_click(self, leads):
        return self._measure(leads, POLICIES_ON, lambda these: these.action_set_won())

    @staticmethod
    def _confirm_then_win(leads):
        leads.order_ids.action_confirm()
        leads.action_set_won()

    def _measure(self, leads, policies, action):
        """Time one way as a request of its own: empty cache before, everything written after."""
        self.company.write({name: value for name, value in policies.items() if name in self.company._fields})
        self.env.cr.commit()
        self.env.invalidate_all()
        queries, started = self.env.cr.sql_log_count, time.perf_counter()
        action(leads)
        self.env.flush_all()
        result = {"seconds": time.perf_counter() - started, "queries": self.env.cr.sql_log_count - queries}
        self.env.cr.commit()
        self._check(leads)
        return result

    def _check(self, leads):
        """A way that did not do its work would be the fastest."""
        assert set(leads.mapped("won_status")) == {"won"}, "an opportunity was not won"
        assert set(leads.order_ids.mapped("state")) == {"sale"}, "a quotation was not confirmed"
        assert leads.order_ids.picking_ids, "no delivery was made"
