"""From the won deal to production: made to plan, against stock Odoo's make to stock and make to order.

50 finished products stand on three levels of bills of materials: each is made of two of 20 shared
sub-assemblies and a bought part, each sub-assembly of one of 10 shared lower assemblies and a bought part, each
lower assembly of two bought parts; 30 bought parts from three vendors. N opportunities have a quotation with
three lines of finished products each, due in one of 20 weeks, with tracking on. In one run:

click_overhead  The user's click, median: `lead.action_set_won()` with "winning confirms the quotation" on products
                made to plan, against `order.action_confirm()` and `lead.action_set_won()` with every policy of ours
                off on products made to stock. They take turns.
total_ratio     Up to confirmed manufacturing and purchase orders, per customer order: the clicks, one planning run
                (pegging, capacity and promises included) and the release of all proposals, against winning orders
                whose products and components all have the route Replenish on Order, and confirming their purchases
                together at the end, which lets Odoo join them by vendor.
queries_growth  Queries of ours per order for N orders, against 50: the larger of clicks alone and of all of it.
pegged_share    Part of the demand that has a supply after the release: of the order lines, or of all levels when
                that is less. Below 1 the bench fails.
"""

import random
import time
from datetime import date, timedelta

from .win import POLICIES_OFF, POLICIES_ON, WARM_UP, milliseconds

SEED = 20260302
FINISHED, SUB_ASSEMBLIES, LOWER_ASSEMBLIES, BOUGHT = 50, 20, 10, 30
VENDORS = 3
LINES = 3
DUE_WEEKS = 20
FIRST_DUE_DAYS = 42
WEEK = 7
FEW = 50
# A share that differs from 1 by less is the rounding of quantities
ROUNDING = 1e-6


def add_arguments(parser):
    parser.add_argument("-n", "--orders", type=int, default=500, help="opportunities of each kind (default 500)")
    parser.add_argument(
        "--mto-orders",
        type=int,
        default=100,
        help="how many of them stock Odoo makes to order; the cost is per order (default 100)",
    )


def run(env, args):
    bench = Bench(env)
    few = min(FEW, args.orders)
    bench.warm_up()
    first = bench.made_to_plan(few)
    ours = bench.made_to_plan(args.orders, beside=bench.to_stock)
    stock = bench.made_to_order(min(args.mto_orders, args.orders))
    click, hand = milliseconds(ours["clicks"]), milliseconds(ours["beside"])
    growth = {
        name: per_order(ours, name, args.orders) / per_order(first, name, few) for name in ("click_queries", "queries")
    }
    ours_ms = 1000 * ours["seconds"] / args.orders
    stock_ms = 1000 * stock["seconds"] / stock["orders"]
    shares = bench.pegged_shares()
    return {
        "bench": "conversion",
        "orders": args.orders,
        "lines": LINES,
        "bom_levels": 3,
        "hand_ms": hand,
        "click_ms": click,
        "click_overhead": round(click / hand, 3),
        "plan_s": round(ours["plan"]["seconds"], 2),
        "release_s": round(ours["release"]["seconds"], 2),
        "ours_ms_per_order": round(ours_ms, 1),
        "mto_orders": stock["orders"],
        "mto_ms_per_order": round(stock_ms, 1),
        "total_ratio": round(ours_ms / stock_ms, 3),
        "click_queries_per_order": {
            few: per_order(first, "click_queries", few),
            args.orders: per_order(ours, "click_queries", args.orders),
        },
        "queries_per_order": {
            few: per_order(first, "queries", few),
            args.orders: per_order(ours, "queries", args.orders),
        },
        "mto_queries_per_order": round(stock["queries"] / stock["orders"], 1),
        "queries_growth": round(max(growth.values()), 3),
        "productions": ours["productions"],
        "purchases": ours["purchases"],
        "mto_productions": stock["productions"],
        "mto_productions_per_order": round(stock["productions"] / stock["orders"], 2),
        "mto_purchases": stock["purchases"],
        "pegged_share": round(min(shares.values()), 6),
        "pegged_shares": shares,
        "failed": min(shares.values()) < 1 - ROUNDING,
    }


def per_order(result, name, orders):
    return round(result[name] / orders, 1)


class Catalog:
    """The products of one way to supply them: the same bills of materials each time."""

    def __init__(self, env, name, route=None):
        from odoo import Command

        self.env = env
        self.command = Command
        self.name = name
        self.route = route
        # The same draws for each way
        self.random = random.Random(SEED)
        vendors = env["res.partner"].create([{"name": f"Bench vendor {name} {n}"} for n in range(VENDORS)])
        self.bought = self.make("part", BOUGHT)
        env["product.supplierinfo"].create(
            [
                {
                    "product_tmpl_id": part.product_tmpl_id.id,
                    "partner_id": vendors[number % VENDORS].id,
                    "delay": 5,
                    "price": 1 + number,
                }
                for number, part in enumerate(self.bought)
            ]
        )
        self.workcenters = env["mrp.workcenter"].create([{"name": f"Bench {name} {n}"} for n in range(3)])
        self.lower = self.make("lower", LOWER_ASSEMBLIES)
        self.subs = self.make("sub", SUB_ASSEMBLIES)
        self.finished = self.make("finished", FINISHED)
        self.made = self.lower | self.subs | self.finished
        parts, subs, lower = list(self.bought), list(self.subs), list(self.lower)
        for number, product in enumerate(self.lower):
            self.bill(product, [parts[2 * number], parts[(2 * number + 1) % BOUGHT]], 0)
        for number, product in enumerate(self.subs):
            self.bill(product, [lower[number % LOWER_ASSEMBLIES], parts[(number + 7) % BOUGHT]], 1)
        for number, product in enumerate(self.finished):
            pair = [subs[number % SUB_ASSEMBLIES], subs[(number * 3 + 1) % SUB_ASSEMBLIES]]
            if pair[0] == pair[1]:
                pair[1] = subs[(number + 2) % SUB_ASSEMBLIES]
            self.bill(product, [*pair, parts[(number + 13) % BOUGHT]], 2)

    @property
    def products(self):
        return self.bought | self.made

    def make(self, level, count):
        return self.env["product.product"].create(
            [
                {
                    "name": f"Bench {self.name} {level} {number}",
                    "is_storable": True,
                    "list_price": 100 + number,
                    **({"route_ids": [self.command.set(self.route.ids)]} if self.route else {}),
                }
                for number in range(count)
            ]
        )

    def bill(self, product, components, level):
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "produce_delay": 2,
                "bom_line_ids": [
                    self.command.create({"product_id": component.id, "product_qty": 1 + number})
                    for number, component in enumerate(components)
                ],
                "operation_ids": [
                    self.command.create(
                        {"name": "Bench", "workcenter_id": self.workcenters[level].id, "time_cycle_manual": 5}
                    )
                ],
            }
        )


class Bench:
    """Opportunities to win, and the ways to have them made."""

    def __init__(self, env):
        from odoo import Command

        self.env = env
        self.command = Command
        self.company = env.company
        self.partner = env["res.partner"].create({"name": "Bench customer"})
        self.warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
        mto = self.warehouse.mto_pull_id.route_id
        mto.active = True
        self.stock = Catalog(env, "stock")
        self.order = Catalog(env, "order", mto)
        self.plan = Catalog(env, "plan")
        for product in self.stock.products:
            env["stock.quant"]._update_available_quantity(product, self.warehouse.lot_stock_id, 1e6)
        self.area = env["mrp.area"].create(
            {
                "name": "Bench",
                "warehouse_id": self.warehouse.id,
                "location_id": self.warehouse.lot_stock_id.id,
            }
        )
        self.plan.products.product_tmpl_id.planning_mode = "make_to_plan"
        self._complete_parameters()
        self.leads = env["crm.lead"]
        env.cr.commit()

    def _complete_parameters(self):
        """One set of parameters for each product, weekly grouping, where the switch has not made them."""
        parameters = self.env["product.mrp.area"]
        known = parameters.search([("mrp_area_id", "=", self.area.id)])
        known.mrp_nbr_days = WEEK
        parameters.create(
            [
                {"product_id": product.id, "mrp_area_id": self.area.id, "mrp_nbr_days": WEEK}
                for product in self.plan.products - known.product_id
            ]
        )

    def warm_up(self):
        for _ in range(WARM_UP):
            self.to_stock(1)
            self.click(self.make(self.plan, 1))
        self.order_made(self.make(self.order, 1))
        self.to_plan()
        self.release()

    def make(self, catalog, count):
        """Opportunities with one quotation each; nothing is left to flush or to load."""
        leads = self.env["crm.lead"].create(
            [
                {"name": f"Bench {number}", "type": "opportunity", "partner_id": self.partner.id}
                for number in range(count)
            ]
        )
        finished = list(catalog.finished)
        self.env["sale.order"].create(
            [
                {
                    "partner_id": self.partner.id,
                    "opportunity_id": lead.id,
                    "commitment_date": self._draw_due(catalog),
                    "order_line": [
                        self.command.create(
                            {"product_id": product.id, "product_uom_qty": catalog.random.randint(1, LINES)}
                        )
                        for product in catalog.random.sample(finished, LINES)
                    ],
                }
                for lead in leads
            ]
        )
        self.leads |= leads
        return leads

    @staticmethod
    def _draw_due(catalog):
        return date.today() + timedelta(days=FIRST_DUE_DAYS + WEEK * catalog.random.randrange(DUE_WEEKS))

    # ------------------------------------------------------------
    # The ways
    # ------------------------------------------------------------

    def made_to_plan(self, orders, beside=None):
        """Win one by one, plan, release all; `beside` takes turns with each click."""
        clicks, others = [], []
        for number in range(orders):
            turns = [lambda: clicks.append(self.click(self.make(self.plan, 1)))]
            if beside:
                turns.append(lambda: others.append(beside(1)))
            # Who goes first changes each time, so that neither has the warmer cache.
            for turn in turns if number % 2 else reversed(turns):
                turn()
        plan = self.to_plan()
        before = self._count()
        release = self.release()
        productions, purchases = (after - earlier for after, earlier in zip(self._count(), before, strict=True))
        steps = [*clicks, plan, release]
        return {
            "clicks": clicks,
            "beside": others,
            "plan": plan,
            "release": release,
            "seconds": sum(step["seconds"] for step in steps),
            "queries": sum(step["queries"] for step in steps),
            "click_queries": sum(step["queries"] for step in clicks),
            "productions": productions,
            "purchases": purchases,
        }

    def made_to_order(self, orders):
        """Stock Odoo: each order makes its own; the purchases are confirmed together at the end."""
        before = self._count()
        steps = [self.order_made(self.make(self.order, 1)) for _ in range(orders)]
        steps.append(self._measure(self._confirm_purchases))
        productions, purchases = (after - earlier for after, earlier in zip(self._count(), before, strict=True))
        return {
            "orders": orders,
            "seconds": sum(step["seconds"] for step in steps),
            "queries": sum(step["queries"] for step in steps),
            "productions": productions,
            "purchases": purchases,
        }

    def click(self, leads):
        return self._measure(leads.action_set_won, leads, POLICIES_ON)

    def to_stock(self, count):
        leads = self.make(self.stock, count)
        return self._measure(lambda: self._confirm_then_win(leads), leads, POLICIES_OFF)

    def order_made(self, leads):
        return self._measure(lambda: self._win_and_make(leads), leads, POLICIES_OFF)

    def to_plan(self):
        """The planning run, in this process instead of the queue's."""
        run = self.env["crm.planning.run"]._launch(self.area)

        def plan():
            self.env["mrp.multi.level"]._low_level_code_calculation()
            run.area_ids._plan()

        result = self._measure(plan)
        assert run.state == "done", "the planning run did not end well"
        return result

    def release(self):
        planned = self.env["mrp.planned.order"]
        orders = planned.search(planned._get_open_domain(area_id=self.area.id))
        results = []
        measured = self._measure(lambda: results.append(orders._release()))
        [result] = results
        assert not result.skipped, f"{len(result.skipped)} proposals were not released: {result.skipped[0][1]}"
        assert set(result.productions.mapped("state")) <= {"confirmed"}, "a manufacturing order was not confirmed"
        assert set(result.purchases.mapped("state")) <= {"purchase"}, "a purchase was not confirmed"
        return measured

    @staticmethod
    def _confirm_then_win(leads):
        leads.order_ids.action_confirm()
        leads.action_set_won()

    def _win_and_make(self, leads):
        self._confirm_then_win(leads)
        # Odoo confirms what it makes by itself; what it has left as a draft is confirmed level by level
        while productions := self.env["mrp.production"].search([("state", "=", "draft")]):
            productions.action_confirm()

    def _confirm_purchases(self):
        self.env["purchase.order"].search([("state", "=", "draft")]).button_confirm()

    # ------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------

    def _measure(self, action, leads=None, policies=None):
        """Time one way as a request of its own: empty cache before, everything written after."""
        if policies:
            self.company.write({name: value for name, value in policies.items() if name in self.company._fields})
        self.env.cr.commit()
        self.env.invalidate_all()
        queries, started = self.env.cr.sql_log_count, time.perf_counter()
        action()
        self.env.flush_all()
        result = {"seconds": time.perf_counter() - started, "queries": self.env.cr.sql_log_count - queries}
        self.env.cr.commit()
        if leads:
            self._check(leads)
        return result

    @staticmethod
    def _check(leads):
        """A way that did not do its work would be the fastest."""
        assert set(leads.mapped("won_status")) == {"won"}, "an opportunity was not won"
        assert set(leads.order_ids.mapped("state")) == {"sale"}, "a quotation was not confirmed"
        assert leads.order_ids.picking_ids, "no delivery was made"

    def _count(self):
        return (
            self.env["mrp.production"].search_count([("state", "!=", "cancel")]),
            self.env["purchase.order"].search_count([("state", "=", "purchase")]),
        )

    def pegged_shares(self):
        """Part of the quantity that a supply other than a shortage serves, after the release."""
        lines = self.leads.order_ids.order_line.filtered(lambda line: line.product_id in self.plan.finished)
        pegging = self.env["crm.pegging"]
        served = dict(
            pegging._read_group(
                [("sale_line_id", "in", lines.ids), ("supply_type", "!=", "shortage")],
                ["sale_line_id"],
                ["quantity:sum"],
            )
        )
        wanted = sum(lines.mapped("product_uom_qty"))
        of_lines = sum(min(served.get(line, 0.0), line.product_uom_qty) for line in lines) / wanted
        rows = dict(pegging._read_group([("mrp_area_id", "=", self.area.id)], ["supply_type"], ["quantity:sum"]))
        of_levels = 1 - rows.get("shortage", 0.0) / sum(rows.values())
        return {"order_lines": of_lines, "all_levels": of_levels}
