"""A planning run of a larger company, beside mrp_multi_level alone on the same data.

2,000 products on 4 levels (500 finished, 500 sub-assemblies, 400 lower assemblies, 600 bought parts; low-level
codes 0 to 3), 10,000 order lines due in 26 weeks, weekly grouping, a work centre operation on each bill of
materials. The data is made by one seeded generator; orders and deliveries are copied in the database from one
that Odoo confirmed. Both sides start from the same committed data, each in a process of its own and rolled back:

alone   mrp_multi_level as installed, the feature production_planning switched off for the company
ours    our run: the same netting, pegging, work centre load and orders at risk included

ratio is ours / alone in seconds; the memory is the peak of the process, with Odoo itself.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from datetime import date, datetime, timedelta

SEED = 20260302
LEVELS = (500, 500, 400, 600)
LINES_PER_ORDER = 5
WEEK = 7
FIRST_DUE_DAYS = 35
WORKCENTERS = 20
COMPONENTS = 3
MIB = 1024


def add_arguments(parser):
    parser.add_argument("--lines", type=int, default=10000, help="order lines (default 10000)")
    parser.add_argument("--weeks", type=int, default=26, help="weeks in which they are due (default 26)")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the 2,000 products (default 1)")
    parser.add_argument("--profile", metavar="FILE", help="write the profile of our side (cProfile) to a file")
    # One side, in the process that the bench starts for it
    parser.add_argument("--side", choices=("alone", "ours"), help=argparse.SUPPRESS)


def run(env, args):
    if args.side:
        return SIDES[args.side](env, args)
    data = Data(env, args)
    data.make()
    env.cr.commit()
    alone = run_apart("alone", args)
    ours = run_apart("ours", args)
    return {
        "bench": "planning",
        **data.counts(),
        "alone": alone,
        "ours": ours,
        "ratio": round(ours["seconds"] / alone["seconds"], 3),
        "memory_ratio": round(ours["peak_mb"] / alone["peak_mb"], 3),
    }


def run_apart(side, args):
    """Run one side in a process of its own; returns what it printed last."""
    command = [sys.executable, "-m", "devtools.shell_runner", "bench", "planning", "--side", side]
    command += ["--profile", args.profile] if args.profile else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


# ------------------------------------------------------------
# Sides
# ------------------------------------------------------------


def plan_alone(env, _args):
    feature = env["crm.roadmap.feature"].search([("key", "=", "production_planning")])
    env["crm.roadmap.feature.pin"].create({"feature_id": feature.id, "company_id": env.company.id, "state": "off"})
    assert not env.company._has_feature("production_planning"), "the feature is still on"
    area = find_area(env)
    wizard = env["mrp.multi.level"].create({"mrp_area_ids": [(6, 0, area.ids)]})
    return measure(env, area, wizard.run_mrp_multi_level)


def plan_ours(env, args):
    from odoo.addons.crm_extended_erp_bridge.models.planning.planning_session import PlanningSession

    area = find_area(env)
    engine = env["mrp.multi.level"]
    steps, peaks = {}, {}

    def step(step, **_counts):
        steps.setdefault(step, time.perf_counter())
        peaks.setdefault(step, peak_mb())

    def plan():
        engine._low_level_code_calculation()
        engine._plan_area(area, PlanningSession(area, notify=step))

    if not args.profile:
        result = measure(env, area, plan)
    else:
        import cProfile

        profile = cProfile.Profile()
        result = measure(env, area, lambda: profile.runcall(plan))
        profile.dump_stats(args.profile)
    # What the process had needed at most when the step began
    result["mb_before_step"] = peaks
    result["seconds_by_step"] = seconds_by_step(steps, result.pop("ended"))
    result.update(
        pegging_rows=result.pop("pegging"),
        load_rows=count_rows(env, "crm_workcenter_load_line"),
        issues=count_rows(env, "crm_planning_issue"),
        risks=count_rows(env, "crm_order_risk"),
    )
    env.cr.rollback()
    return result


SIDES = {"alone": plan_alone, "ours": plan_ours}


def seconds_by_step(starts, ended):
    names = list(starts)
    ends = [*list(starts.values())[1:], ended]
    return {name: round(end - starts[name], 2) for name, end in zip(names, ends, strict=True)}


def measure(env, area, plan):
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    start_mb = peak_mb()
    queries, started = env.cr.sql_log_count, time.perf_counter()
    plan()
    env.flush_all()
    ended = time.perf_counter()
    result = {
        "seconds": round(ended - started, 2),
        "queries": env.cr.sql_log_count - queries,
        "start_mb": start_mb,
        "peak_mb": peak_mb(),
        "planned_orders": env["mrp.planned.order"].search_count([("mrp_area_id", "=", area.id)]),
        "moves": env["mrp.move"].search_count([("mrp_area_id", "=", area.id)]),
    }
    assert result["planned_orders"], "nothing was planned"
    if area.company_id._has_feature("production_planning"):
        return {**result, "ended": ended, "pegging": count_rows(env, "crm_pegging")}
    env.cr.rollback()
    return result


def peak_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB)


def count_rows(env, table):
    from odoo.tools import SQL

    return env.execute_query(SQL("SELECT count(*) FROM %s", SQL.identifier(table)))[0][0]


def find_area(env):
    return env["mrp.area"].search([("name", "=", "Bench")])


# ------------------------------------------------------------
# Data
# ------------------------------------------------------------


class Data:
    """The company: products, bills of materials, stock, orders."""

    def __init__(self, env, args):
        from odoo import Command
        from odoo.tools import SQL

        self.env, self.args = env, args
        self.command, self.sql = Command, SQL
        self.random = random.Random(SEED)
        self.warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)

    def make(self):
        env = self.env
        self.area = env["mrp.area"].create(
            {"name": "Bench", "warehouse_id": self.warehouse.id, "location_id": self.warehouse.lot_stock_id.id}
        )
        self.levels = [
            env["product.product"].create(
                [{"name": f"Bench {level}-{number}", "is_storable": True} for number in range(self.scaled(count))]
            )
            for level, count in enumerate(LEVELS)
        ]
        self.products = env["product.product"].union(*self.levels)
        self.make_vendors()
        self.make_bills()
        self.products.product_tmpl_id.planning_mode = "make_to_plan"
        known = env["product.mrp.area"].search([("mrp_area_id", "=", self.area.id)])
        known.mrp_nbr_days = WEEK
        env["product.mrp.area"].create(
            [
                {"product_id": product.id, "mrp_area_id": self.area.id, "mrp_nbr_days": WEEK}
                for product in self.products - known.product_id
            ]
        )
        self.make_stock()
        env.flush_all()
        self.make_orders()

    def scaled(self, count):
        return max(10, round(count * self.args.scale))

    def make_vendors(self):
        vendors = self.env["res.partner"].create([{"name": f"Bench vendor {number}"} for number in range(20)])
        self.env["product.supplierinfo"].create(
            [
                {
                    "product_tmpl_id": part.product_tmpl_id.id,
                    "partner_id": self.random.choice(vendors).id,
                    "delay": self.random.randint(3, 15),
                    "price": 1,
                }
                for part in self.levels[-1]
            ]
        )

    def make_bills(self):
        workcenters = self.env["mrp.workcenter"].create([{"name": f"Bench {n}"} for n in range(WORKCENTERS)])
        values = []
        for level, products in enumerate(self.levels[:-1]):
            below = list(self.levels[level + 1])
            for number, product in enumerate(products):
                # Every product of the next level is used; the others are drawn
                components = {below[number % len(below)], *self.random.sample(below, COMPONENTS - 1)}
                values.append(self.prepare_bill(product, components, self.random.choice(workcenters)))
        self.env["mrp.bom"].create(values)

    def prepare_bill(self, product, components, workcenter):
        create = self.command.create
        ordered = sorted(components, key=lambda component: component.id)
        return {
            "product_tmpl_id": product.product_tmpl_id.id,
            "produce_delay": self.random.randint(1, 5),
            "bom_line_ids": [
                create({"product_id": component.id, "product_qty": self.random.randint(1, 3)}) for component in ordered
            ],
            "operation_ids": [
                create(
                    {"name": "Bench", "workcenter_id": workcenter.id, "time_cycle_manual": self.random.randint(1, 9)}
                )
            ],
        }

    def make_stock(self):
        """A third of the products has something on hand."""
        lucky = self.random.sample(list(self.products), len(self.products) // 3)
        self.env["stock.quant"].create(
            [
                {
                    "product_id": product.id,
                    "location_id": self.warehouse.lot_stock_id.id,
                    "quantity": self.random.randint(1, 50),
                }
                for product in lucky
            ]
        )

    def make_orders(self):
        """Confirm one order with one line, then copy its rows: as many orders as there are, five lines each."""
        partner = self.env["res.partner"].create({"name": "Bench customer"})
        product = self.levels[0][0]
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [self.command.create({"product_id": product.id, "product_uom_qty": 1})],
            }
        )
        order.action_confirm()
        self.env.flush_all()
        line, move, picking = order.order_line, order.picking_ids.move_ids, order.picking_ids
        count = max(1, self.args.lines // LINES_PER_ORDER)
        due = [self.draw_due() for _ in range(count)]
        numbers = list(range(count))
        orders = self.copy("sale_order", order.id, numbers, {"commitment_date": due}, {"name": "BENCH"})
        pickings = self.copy(
            "stock_picking",
            picking.id,
            numbers,
            {"sale_id": orders, "scheduled_date": due, "date_deadline": due},
            {"name": "BENCH/OUT"},
        )
        wanted = [
            (number, self.random.choice(self.levels[0]).id, self.random.randint(1, 10))
            for number in range(count)
            for _line in range(LINES_PER_ORDER)
        ]
        numbers = list(range(len(wanted)))
        products, quantities = [row[1] for row in wanted], [float(row[2]) for row in wanted]
        lines = self.copy(
            "sale_order_line",
            line.id,
            numbers,
            {"order_id": [orders[row[0]] for row in wanted], "product_id": products, "product_uom_qty": quantities},
        )
        dates = [due[row[0]] for row in wanted]
        self.copy(
            "stock_move",
            move.id,
            numbers,
            {
                "sale_line_id": lines,
                "picking_id": [pickings[row[0]] for row in wanted],
                "product_id": products,
                "product_uom_qty": quantities,
                "product_qty": quantities,
                "date": dates,
                "date_deadline": dates,
            },
        )
        self.env.invalidate_all()

    def draw_due(self):
        day = FIRST_DUE_DAYS + self.random.randrange(self.args.weeks * WEEK)
        return datetime.combine(date.today() + timedelta(days=day), datetime.min.time()) + timedelta(hours=12)

    def copy(self, table, template_id, numbers, values, named=None):
        """Copy a row once for each number, with lists of other values by column; returns the new ids in order."""
        sql = self.sql
        types = dict(
            self.env.execute_query(
                sql(
                    "SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = %s "
                    "AND column_name != 'id'",
                    table,
                )
            )
        )
        values = {name: column for name, column in values.items() if name in types}
        named = named or {}
        columns, sources = [], []
        for name in types:
            columns.append(sql.identifier(name))
            if name in named:
                sources.append(sql("%s || row.number", named[name] + "/"))
            else:
                sources.append(sql.identifier("row" if name in values else "template", name))
        arrays = [sql("%s::%s[]", column, sql(types[name])) for name, column in values.items()]
        names = [sql.identifier(name) for name in values]
        rows = self.env.execute_query(
            sql(
                """INSERT INTO %(table)s (%(columns)s)
                   SELECT %(sources)s
                     FROM %(table)s template,
                          unnest(%(numbers)s::int[], %(arrays)s) AS row(number, %(names)s)
                    WHERE template.id = %(id)s
                 ORDER BY row.number
                RETURNING id""",
                table=sql.identifier(table),
                columns=sql(", ").join(columns),
                sources=sql(", ").join(sources),
                numbers=numbers,
                arrays=sql(", ").join(arrays),
                names=sql(", ").join(names),
                id=template_id,
            )
        )
        return [row[0] for row in rows]

    def counts(self):
        moves = self.env["stock.move"].search_count(
            [("sale_line_id", "!=", False), ("state", "not in", ("done", "cancel"))]
        )
        return {
            "products": len(self.products),
            "levels": len(self.levels),
            "weeks": self.args.weeks,
            "order_lines": moves,
        }
