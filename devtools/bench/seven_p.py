"""The warehouse and the 7P of a large company: load, fit, score, and what changes after a day.

200,000 customers with 1.5 million orders of 4.5 million lines (`devtools/population`: skewed, seasonal, with churn,
late payments, credit notes, campaigns), all from one seed and written as documents. Then, on the same data:

floor_s         revenue per customer over the sales facts: one GROUP BY, warm, counted in the database (no row comes
                out), with the memory for sorting that a scoring job has; the median of several before and after.
load_s          first load of the warehouse: facts of all sources, control totals, reconciliation with Odoo's sales and
                invoice analyses.
load_2_s        the same by two processes, before that: the first job of each lane of the load until the last one of all
                has ended, as two workers of the job queue do it. The documents are vacuumed before both, as in a
                database that is in use; between them the facts are emptied, so everything else is measured on those
                of one process.
fit_s           models and limits of the population; BG/NBD and gamma-gamma on `fit_sample` customers.
score_s         measures + derived measures + cut-offs + scores of a first full run.
reports_s       the analyses of all customers, the last step of a full run; in no ratio, and left out by
                `--skip reports`.
incremental_*   after one order of every hundredth customer was changed: the load of what was written since (and the
                same with the nightly checks), and the scoring of these customers by the frozen parameters.
scaling         the parallel steps by one and by two processes that take the ranges of customers; a further full run.
script          `devtools/seven_p/script.py`: recency, frequency, money, BG/NBD, P(alive), lifetime value in pandas and
                scipy, from the same fact rows; `five` are the same measures only, by our formulas
                (`devtools/seven_p/five.py`). The reading is part of the script's time. Both fit on the same sample;
                their P(alive) must be equal to 1e-3.
form_queries    queries that the strip adds to reading the form of a customer.

Parallel query is off for everything, except that PostgreSQL builds indexes as it is set up. score_ratio = score /
floor; total_ratio = (load + fit + score) / floor, all of it by one process; total_ratio_2 = (load_2 + fit + score_2) /
floor, where score_2 is the scoring of `scaling` by two processes; incremental_ratio = incremental scoring / score;
peak_mb is that of the process with Odoo that loads and scores.
"""

import argparse
import json
import statistics

from ..seven_p.against_script import AgainstScript
from ..seven_p.company import SCORE_STEPS, Clock, CompanyBench, peak_mb
from ..seven_p.workers import Worker, do_lane, work

EQUAL = 1e-3
PARTS = ("reports", "checked", "scaling", "script", "two_loads")


def add_arguments(parser):
    parser.add_argument("--scale", type=float, default=1.0, help="part of the 200,000 customers (default 1)")
    parser.add_argument("--skip", nargs="*", default=[], choices=PARTS, help="parts to leave out")
    # One worker, in the process that the bench starts for it
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)


def run(env, args):
    if args.worker:
        return work(env)
    bench = Bench(env)
    result = {"bench": "seven_p", "scale": args.scale, **bench.make(args.scale)}
    if "two_loads" not in args.skip:
        result["load_2_s"] = bench.load_with_two_workers()
        bench.empty_facts()
    result |= bench.load()
    bench.measure_floor()
    result |= bench.score(has_reports="reports" not in args.skip)
    bench.measure_floor()
    result |= bench.change_and_follow()
    if "checked" not in args.skip:
        result |= bench.load_checked()
    bench.measure_floor()
    result["peak_mb"] = peak_mb()
    bench.say(json.dumps(result))
    result |= bench.count_form_queries()
    if "scaling" not in args.skip:
        result["scaling"] = {number: bench.score_with_workers(number) for number in (1, 2)}
    if "script" not in args.skip:
        result |= bench.compare_with_script()
    result |= bench.get_ratios(result)
    result["failed"] = bool(result.get("alive_difference", 0) > EQUAL)
    return result


class Bench(AgainstScript, CompanyBench):
    """The company with changes, workers, the form of a customer, and the script beside it."""

    def change_and_follow(self):
        """Change the last order of every hundredth customer, load it, and score these customers again."""
        changed = self.change_orders()
        result = self.load("incremental_load", is_thorough=False)
        scoring, _wall, steps = self.run_scoring("incremental")
        customers = sum(scoring.range_ids.mapped("customer_count"))
        assert customers == changed, f"{customers} customers were scored again, not {changed}"
        return {
            **result,
            "incremental_customers": customers,
            "incremental_s": round(sum(steps.values()), 2),
            "incremental_steps": steps,
        }

    def load_checked(self):
        """Load such a change again with all checks: deleted documents, control totals, reconciliation."""
        self.change_orders()
        return self.load("checked_load")

    # ------------------------------------------------------------
    # Workers
    # ------------------------------------------------------------
    def load_with_two_workers(self):
        """Load for the first time with a process for each lane; return the seconds."""
        load = self.env["crm.warehouse.load"]._create_load()
        self.env.cr.commit()
        workers = {lane: Worker() for lane in load._get_open_lanes()}
        with self.timed("Load (two workers)") as clock:
            load._start_lanes()
            self.see_workers()
            for lane, worker in workers.items():
                worker.ask("load", [load.id, lane])
            for worker in workers.values():
                worker.wait()
            self.see_workers()
            load._mark_next()
            self.see_workers()
            do_lane(self.env, load, 0)
        for worker in workers.values():
            worker.end()
        assert len(workers) == 2 and load.state == "done", load.line_ids.mapped("error")
        assert not any(load.line_ids.mapped("has_difference")), "the control totals differ"
        for lane in (*workers, 0):
            lines = load.line_ids.filtered(lambda line, lane=lane: line.lane == lane)
            self.say(f"  lane {lane}: {sum(lines.mapped('seconds')):.1f} s, +{sum(lines.mapped('rows_inserted'))}")
        return clock.seconds

    def see_workers(self):
        """Let the workers see what was written here, and the other way round."""
        self.env.flush_all()
        self.env.cr.commit()
        self.env.invalidate_all()

    def empty_facts(self):
        """Make the warehouse as it was before its first load."""
        facts = [self.env[name]._table for name in self.env["crm.fact.mixin"]._get_fact_models()]
        for table in (*facts, "crm_warehouse_change"):
            self.env.cr.execute(self.sql("TRUNCATE %s", self.sql.identifier(table)))
        self.see_workers()

    def score_with_workers(self, number):
        """Score everybody again with so many processes.

        Return the seconds of the parallel steps, of what is the score, and of all.
        """
        from odoo.addons.crm_extended_analytics.models.seven_p.crm_scoring_run import PARALLEL

        scoring = self.env["crm.scoring.run"]._create_run(self.company)
        self.env.cr.commit()
        workers = [Worker() for _ in range(number)]
        seconds = {}
        while scoring._next_step() and scoring.step != "reports":
            self.env.flush_all()
            self.env.cr.commit()
            with Clock() as clock:
                if scoring.step in PARALLEL:
                    for place, worker in enumerate(workers):
                        worker.ask(scoring.step, scoring.range_ids.ids[place::number])
                    for worker in workers:
                        worker.wait()
                else:
                    scoring._run_single()
                    self.env.flush_all()
            # to see what the workers have committed
            self.env.cr.commit()
            self.env.invalidate_all()
            seconds[scoring.step] = clock.seconds
        for worker in workers:
            worker.end()
        # the analyses look at the population, and one process makes them
        scoring.state = "cancelled"
        self.env.flush_all()
        self.env.cr.commit()
        parallel = round(sum(spent for step, spent in seconds.items() if step in PARALLEL), 2)
        self.say(f"{number} workers: {seconds}")
        score = round(sum(seconds[step] for step in SCORE_STEPS), 2)
        return {"parallel_s": parallel, "score_s": score, "all_s": round(sum(seconds.values()), 2)}

    # ------------------------------------------------------------
    # Form
    # ------------------------------------------------------------
    def count_form_queries(self):
        """Count the queries of reading what the form of a customer shows, with the strip and without."""
        env = self.user_env
        month = env["crm.customer.score.month"].search([("company_id", "=", self.company.id)], limit=1)
        shown = env["res.partner"].get_views([(False, "form")])["models"]["res.partner"]["fields"]
        names = [name for name in shown if name in env["res.partner"]._fields]
        without = [name for name in names if name != "seven_p"]
        assert len(without) < len(names), "the form has no strip"
        counts = {}
        for title, wanted in (("warm", names), ("without", without), ("with", names)):
            env.invalidate_all()
            before = env.cr.sql_log_count
            month.partner_id.browse(month.partner_id.id).read(wanted)
            counts[title] = env.cr.sql_log_count - before
        return {"form_queries": counts["with"] - counts["without"], "form_queries_all": counts["with"]}

    # ------------------------------------------------------------
    # Ratios
    # ------------------------------------------------------------
    def get_ratios(self, result):
        floor = statistics.median(self.floors)
        ratios = {
            "floor_s": floor,
            "floors": self.floors,
            "score_ratio": result["score_s"] / floor,
            "total_ratio": (result["load_s"] + result["fit_s"] + result["score_s"]) / floor,
            "incremental_ratio": result["incremental_s"] / result["score_s"],
        }
        if "script_s" in result:
            ratios["speedup_over_script"] = result["script_s"] / result["five_s"]
        if "scaling" in result:
            ratios["scaling_2"] = result["scaling"][1]["parallel_s"] / result["scaling"][2]["parallel_s"]
        if "scaling" in result and "load_2_s" in result:
            two = result["load_2_s"] + result["fit_s"] + result["scaling"][2]["score_s"]
            ratios["total_ratio_2"] = two / floor
        return {name: value if name == "floors" else round(value, 3) for name, value in ratios.items()}
