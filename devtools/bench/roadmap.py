"""All criteria of the roadmap on the data of the bench seven_p: 200,000 customers, 4.5 million lines.

floor_s       revenue per customer over the sales facts, as in the bench seven_p, on the same data.
measure_s     all shipped criteria of all stages once, with their results; the median of several.
page_s        the picture of the road.
switch_s      entering a stage: its gate is measured, the menus are made anew.

ratio = measure_s / floor. The criteria that need an app which is not installed are among them: they cost nothing.
"""

import statistics

from ..seven_p.company import Clock, CompanyBench

REPEATS = 3


def add_arguments(parser):
    parser.add_argument("--scale", type=float, default=1.0, help="part of the 200,000 customers (default 1)")
    parser.add_argument("--no-score", action="store_true", help="leave out the scoring: no shipped criterion needs it")


def run(env, args):
    bench = CompanyBench(env)
    result = {"bench": "roadmap", "scale": args.scale, **bench.make(args.scale)}
    bench.load()
    if not args.no_score:
        bench.run_scoring("full")
    bench.measure_floor()
    result |= measure(bench)
    bench.measure_floor()
    result["floor_s"] = round(statistics.median(bench.floors), 3)
    result["ratio"] = round(result["measure_s"] / result["floor_s"], 2)
    return result


def measure(bench):
    env = bench.env(user=bench.user_env.uid)
    criteria = env["crm.roadmap.criterion"].search([])
    seconds = []
    for _number in range(REPEATS):
        with bench.timed("Criteria") as clock:
            criteria._measure_and_store(bench.company)
        seconds.append(clock.seconds)
    slowest = {}
    for criterion in criteria:
        with Clock() as clock:
            criterion._measure_safely(bench.company)
        slowest[criterion.name] = clock.seconds
    with bench.timed("Page") as page:
        env["crm.roadmap.page"].get_board()
    # The orders were written past Odoo and have no conversions: a stage would make a million and a half of them
    chain = env["crm.roadmap.feature"].search([("key", "=", "conversion_chain")])
    env["crm.roadmap.feature.pin"].create({"feature_id": chain.id, "company_id": bench.company.id, "state": "off"})
    with bench.timed("Stage") as switch:
        env["crm.roadmap.step"].enter_next("bench")
        env["ir.ui.menu"].load_menus(False)
    return {
        "criteria": len(criteria),
        "measure_s": statistics.median(seconds),
        "page_s": page.seconds,
        "switch_s": switch.seconds,
        "slowest": dict(sorted(slowest.items(), key=lambda item: -item[1])[:5]),
    }
