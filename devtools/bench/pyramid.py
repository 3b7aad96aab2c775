"""Value pyramids, ABC/XYZ and clusters of a large company: a first month, a month after it, the same month again.

The data are those of `./dev bench seven_p`: 200,000 customers with 4.5 million lines of orders, loaded into the
warehouse. Then, on the same data:

floor_s         revenue per customer over the sales facts, as `./dev bench seven_p` measures it.
first_s         the pyramid (places, snapshot, movements, tiers of all customers) and ABC/XYZ of customers and of
                products, of a month: nothing is there yet, every row is written.
following_s     the same of the month after, which is scored: every row is compared with the one of the month before.
again_s         the month after counted again, as every night: only what changed is written.
sales_*         the same without a scoring: the pyramid is counted from the sales themselves.
*_steps         seconds of the pyramid and of ABC/XYZ of both kinds.
alerts_s        an activity for each of the alerts_count who fell out of a tier in the month after, which comes on top:
                activities are made one by one by the ORM, and there are as many as were asked for.
kmeans_s        clusters of all scored customers by 12 measures: reading and fitting, with the memory beyond what the
                process held before. Left out where there is no engine for it, or no library.
kmeans_full_s   fitting alone for 200,000 customers, with its memory: where there are fewer, they are repeated.

ratio is following_s / floor_s, first_ratio, again_ratio and sales_ratio in the same way; ratio_with_alerts is
(following_s + alerts_s) / floor_s. Parallel query is off, as
there.
"""

import statistics
from pathlib import Path

from ..seven_p.company import Clock, CompanyBench, peak_mb

KINDS = ("customer", "product")
CLUSTERS = 6
ALL_CUSTOMERS = 200_000
# what is counted, and how many months ago
TITLES = (("first", 1), ("following", 0), ("again", 0))
KIB = 1024


def add_arguments(parser):
    parser.add_argument("--scale", type=float, default=1.0, help="part of the 200,000 customers (default 1)")
    parser.add_argument("--skip", nargs="*", default=[], choices=("scored", "kmeans"), help="parts to leave out")


def run(env, args):
    bench = PyramidBench(env)
    result = {"bench": "pyramid", "scale": args.scale, **bench.make(args.scale)}
    result |= {name: value for name, value in bench.load().items() if name == "load_s"}
    bench.measure_floor()
    result |= {f"sales_{name}": value for name, value in bench.count_months().items()}
    bench.measure_floor()
    if "scored" not in args.skip:
        bench.score()
        result |= bench.count_months()
        bench.measure_floor()
    if not {"scored", "kmeans"} & set(args.skip):
        result |= bench.find_clusters()
    result["peak_mb"] = peak_mb()
    result |= bench.get_ratios(result)
    return result


class PyramidBench(CompanyBench):
    """The company, its pyramid, and its profiles of customers and products."""

    def __init__(self, env):
        super().__init__(env)
        self.pyramid = self.env["crm.pyramid"]._get_for_company(self.company)[:1]
        profiles = self.env["crm.abc.profile"]
        self.profiles = profiles.union(*(profiles._get_leading(self.company, kind) for kind in KINDS))

    def count_months(self):
        """Count last month and this one from nothing, then this one again; return the seconds of each."""
        from dateutil.relativedelta import relativedelta

        from odoo import fields

        today = fields.Date.context_today(self.env.user)
        self.forget()
        found = {}
        for title, ago in TITLES:
            # the classes are those of the last complete month, the pyramid is that of the month itself
            ends = [today - relativedelta(months=months, day=31) for months in (ago, ago + 1)]
            steps = self.count(title, min(today, ends[0]), ends[1])
            found |= {f"{title}_s": round(sum(steps.values()), 2), f"{title}_steps": steps}
            if title == "following":
                found |= self.report_falls(min(today, ends[0]))
        self.check()
        return found

    def forget(self):
        """Take away what a scoring run has counted, and the tiers that follow from it."""
        cr = self.env.cr
        for table in ("crm_pyramid_snapshot", "crm_pyramid_month", "crm_abc_item", "crm_abc_result"):
            cr.execute(self.sql("DELETE FROM %s", self.sql.identifier(table)))
        self.env["crm.tier.assignment"].search([("company_id", "=", self.company.id)]).unlink()
        cr.commit()
        for table in ("crm_pyramid_snapshot", "crm_abc_item"):
            cr.execute(self.sql("TRUNCATE %s", self.sql.identifier(table)))
        cr.commit()
        self.env.invalidate_all()

    def count(self, title, as_of, last_complete):
        """Count the pyramid as of a day, the classes as of the last complete month; return the seconds of each."""
        steps = {}
        self.pyramid.alert_on_fall = False
        with self.timed(f"Pyramid ({title})") as clock:
            self.env["crm.pyramid.engine"]._rebuild(self.pyramid, self.company, as_of)
        steps["pyramid"] = clock.seconds
        with self.timed(f"ABC/XYZ of customers and products ({title})") as clock:
            self.env["crm.abc.engine"]._rebuild_all(self.profiles, self.company, last_complete)
        steps["abc_xyz"] = clock.seconds
        return steps

    def report_falls(self, as_of):
        """Report who fell out of a tier in the month of a day; return the seconds and the number of activities."""
        engine, activities = self.env["crm.pyramid.engine"], self.env["mail.activity"]
        month = engine._get_month(self.pyramid, self.company, as_of.replace(day=1))
        before = activities.search_count([])
        with self.timed("Alerts") as clock:
            engine._alert(month)
        count = activities.search_count([]) - before
        assert count, "nobody fell"
        return {"alerts_s": clock.seconds, "alerts_count": count}

    def check(self):
        """See that something was counted."""
        months = self.env["crm.pyramid.month"].search_count([("pyramid_id", "=", self.pyramid.id)])
        assert months == 2, "the pyramid has not two months"
        for profile in self.profiles:
            results = self.env["crm.abc.result"].search([("profile_id", "=", profile.id)])
            assert len(results) == 2 and all(results.mapped("item_count")), f"{profile.name} has not two months"

    # ------------------------------------------------------------
    # Clusters
    # ------------------------------------------------------------
    def find_clusters(self):
        """Find clusters of all customers by the shipped measures; return seconds and memory, nothing without them."""
        if "crm.segment.cluster" not in self.env:
            self.say("No engine of clusters: left out.")
            return {}
        search = self.env["crm.segment.cluster"].create(
            {"company_id": self.company.id, "choice": "fixed", "cluster_count": CLUSTERS}
        )
        if search.missing_library:
            self.say(f"Clusters left out: {search.missing_library}")
            return {}
        # the library alone, which a worker has loaded long ago
        import sklearn.cluster  # noqa: F401

        self.env.flush_all()
        before = self.start_memory()
        with Clock() as reading:
            partner_ids, rows = search._read_measures()
        with Clock() as fitting:
            found = search._fit(rows, [CLUSTERS], search.seed)
        assert len(found.centres) == CLUSTERS, "not all clusters were found"
        measured = {
            "kmeans_customers": len(partner_ids),
            "kmeans_measures": rows.shape[1],
            "kmeans_s": round(reading.seconds + fitting.seconds, 2),
            "kmeans_steps": {"read": reading.seconds, "fit": fitting.seconds},
            "kmeans_mb": round(self.read_memory("VmHWM") - before),
            **self.fit_all(search, rows),
        }
        self.env.cr.rollback()
        return measured

    def fit_all(self, search, rows):
        """Fit as many customers as the full size has; return the seconds and the memory of it."""
        import numpy as np

        rows = np.resize(rows, (ALL_CUSTOMERS, rows.shape[1]))
        before = self.start_memory()
        with Clock() as clock:
            search._fit(rows, [CLUSTERS], search.seed)
        return {"kmeans_full_s": clock.seconds, "kmeans_full_mb": round(self.read_memory("VmHWM") - before)}

    def start_memory(self):
        """Forget the peak of the memory, so that the next one is of what follows; return what is held now, in MB."""
        Path("/proc/self/clear_refs").write_text("5")
        return self.read_memory("VmRSS")

    def read_memory(self, name):
        """Return a figure of the memory of this process, in MB."""
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / KIB

    # ------------------------------------------------------------
    # Ratios
    # ------------------------------------------------------------
    def get_ratios(self, result):
        floor = statistics.median(self.floors)
        ratios = {"floor_s": floor, "floors": self.floors}
        if "following_s" in result:
            names = {"ratio": "following_s", "first_ratio": "first_s", "again_ratio": "again_s"}
            ratios |= {name: round(result[seconds] / floor, 3) for name, seconds in names.items()}
            ratios["ratio_with_alerts"] = round((result["following_s"] + result["alerts_s"]) / floor, 3)
        return ratios | {"sales_ratio": round(result["sales_following_s"] / floor, 3)}
