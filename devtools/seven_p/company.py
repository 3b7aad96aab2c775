"""The company of `devtools/population`, and what every bench on it measures: load, floor, scoring."""

import resource
import sys
import time
from contextlib import closing, contextmanager, nullcontext
from unittest.mock import patch

SCORE_STEPS = ("measures", "derive", "cutoffs", "scores")
FLOORS = 3
# one customer of so many has a change
CHANGED_SHARE = 100
MIB = 1024


def peak_mb():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB)


class Clock:
    """Seconds of a block."""

    def __enter__(self):
        self.started = time.perf_counter()
        return self

    def __exit__(self, *_error):
        self.seconds = round(time.perf_counter() - self.started, 2)


class CompanyBench:
    """The company, and what is measured on it."""

    def __init__(self, env):
        from odoo.tools import SQL

        # as the jobs do, which nobody but the system starts
        self.env, self.sql = env(su=True), SQL
        self.user_env = env
        self.company = env.company
        self.floors = []
        self.use_one_process()

    def use_one_process(self):
        """Switch parallel query off, for this session and those that follow."""
        cr = self.env.cr
        cr.execute(
            self.sql("ALTER DATABASE %s SET max_parallel_workers_per_gather = 0", self.sql.identifier(cr.dbname))
        )
        cr.execute("SET max_parallel_workers_per_gather = 0")

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def timed(self, title):
        with Clock() as clock:
            yield clock
            self.env.flush_all()
            self.env.cr.commit()
        self.say(f"{title}: {clock.seconds:.1f} s")

    # ------------------------------------------------------------
    # Data and floor
    # ------------------------------------------------------------
    def make(self, scale):
        from ..population import Size, make
        from ..population.make import FILLED

        with self.timed("Data") as clock:
            counts = make(self.env, Size().scaled(scale), say=self.say)
            self.env.cr.commit()
            self.vacuum(FILLED)
        return {
            "make_s": clock.seconds,
            "customers": counts["res_partner"],
            "orders": counts["sale_order"],
            "lines": counts["sale_order_line"],
        }

    def vacuum(self, tables):
        """Vacuum tables, as those of a database that has been in use are: their first reader does not do it."""
        with closing(self.env.registry.cursor()) as cr:
            cr._cnx.autocommit = True
            for table in tables:
                cr.execute(self.sql("VACUUM %s", self.sql.identifier(table)))
            cr._cnx.autocommit = False

    def measure_floor(self):
        """Sum the revenue of each customer; the first time only warms the cache."""
        from odoo.addons.crm_extended_analytics.models.database_settings import use_memory

        cr = self.env.cr
        use_memory(cr)
        for number in range(FLOORS + 1):
            with Clock() as clock:
                cr.execute(
                    "SELECT COUNT(*), SUM(revenue) FROM (SELECT commercial_partner_id, SUM(amount_company) AS revenue"
                    " FROM crm_fact_sale GROUP BY commercial_partner_id) customer"
                )
            if number:
                self.floors.append(clock.seconds)
        cr.commit()
        self.say(f"Floor: {self.floors[-FLOORS:]}")

    # ------------------------------------------------------------
    # Load and scoring
    # ------------------------------------------------------------
    def load(self, title="load", is_thorough=True):
        load = self.env["crm.warehouse.load"]._create_load(is_thorough=is_thorough)
        self.env.cr.commit()
        with self.timed(f"Load ({title})") as clock:
            load._run_all()
        assert load.state == "done", load.line_ids.mapped("error")
        for line in load.line_ids:
            self.say(f"  {line.name}: {line.seconds:.1f} s, +{line.rows_inserted} ~{line.rows_updated}")
        assert not any(load.line_ids.mapped("has_difference")), "the control totals differ"
        return {
            f"{title}_s": clock.seconds,
            f"{title}_rows": sum(load.line_ids.mapped("rows_inserted")) + sum(load.line_ids.mapped("rows_updated")),
            f"{title}_steps": {line.source or line.name: round(line.seconds, 2) for line in load.line_ids},
        }

    def run_scoring(self, kind, has_reports=True):
        """Run a scoring here and now; return it and its seconds by step."""
        runs = self.env["crm.scoring.run"]
        without = nullcontext() if has_reports else patch.object(type(runs), "_make_reports", lambda *_arguments: None)
        with without, self.timed(f"Scoring ({kind})") as clock:
            scoring = runs._create_run(self.company, kind=kind)
            scoring._run_all()
        assert scoring.state == "done", scoring.reason
        return scoring, clock.seconds, {step: round(seconds, 2) for step, seconds in scoring.timings.items()}

    def score(self, has_reports=True):
        scoring, wall, steps = self.run_scoring("full", has_reports)
        assert not self.env["crm.warehouse.reconciliation"].search_count([("is_different", "=", True)])
        self.say(f"  {steps}")
        return {
            "fit_sample": scoring.method_id.fit_sample,
            "fit_s": steps["fit"],
            "score_s": round(sum(steps[step] for step in SCORE_STEPS), 2),
            "reports_s": steps.get("reports"),
            "run_wall_s": wall,
            "steps": steps,
        }

    def change_orders(self):
        """Sell one line of each such order a tenth dearer, as Odoo would write it now; return their number."""
        cr = self.env.cr
        cr.execute(
            """
            WITH dearer AS (
                SELECT DISTINCT ON (o.partner_id) o.id, l.id AS line_id, round(l.price_subtotal / 10, 2) AS more
                  FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id
                 WHERE o.partner_id %% %(share)s = 0 AND o.state = 'sale' AND o.name LIKE 'POP%%'
                 ORDER BY o.partner_id, o.date_order DESC, o.id, l.id),
            line AS (
                UPDATE sale_order_line l SET price_subtotal = l.price_subtotal + dearer.more,
                       price_unit = l.price_unit * 1.1, write_date = now() AT TIME ZONE 'UTC'
                  FROM dearer WHERE l.id = dearer.line_id)
            UPDATE sale_order o SET amount_untaxed = o.amount_untaxed + dearer.more,
                   amount_total = o.amount_total + dearer.more, write_date = now() AT TIME ZONE 'UTC'
              FROM dearer WHERE o.id = dearer.id
            """,
            {"share": CHANGED_SHARE},
        )
        count = cr.rowcount
        cr.commit()
        self.env.invalidate_all()
        return count
