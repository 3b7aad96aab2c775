"""Pivots over a million lines of orders: Odoo's sales analysis, the sales facts, and the sales by month.

The data are those of `./dev bench seven_p`, less of them: 1,000,000 of the 4.5 million lines, loaded into the
warehouse. Then, on the same data:

floor_s         revenue per customer over the sales facts, as `./dev bench seven_p` measures it.
months_s        first count of the sales by month, and the comparison with the facts; `rows` are those by customer and
                product, by product, and by neither, and `lines_per_row` what a row of each stands for.
follow_s        count of what changed, after one order of every hundredth customer was changed and loaded.
wide, deep      seconds of what the web client asks of `sale.report`, `crm.fact.sale` and `crm.sales.month`: the
                grouping sets, measures and currencies of a pivot, asked by an administrator of sales with the record
                rules. The median of several, after one that only warms the cache. All models must give the same
                answer. The wide questions need neither customers nor products, the deep ones do.

pivot_ratio_report is the sum of the seconds of the wide questions to sale.report / to the sales by month, and
pivot_ratio_facts that of the facts; deep_ratio_* the same of the deep ones; floor_ratio is the wide ones to the sales
by month / floor_s. Parallel query is off.
"""

import statistics
import time
from typing import NamedTuple

from ..seven_p.company import CompanyBench, peak_mb

ASKED = 3
TABLES = ("crm_sales_month", "crm_sales_month_product", "crm_sales_month_total")
# currencies have cents
EQUAL = 0.01


class Asked(NamedTuple):
    """A model of sales: what its fields are called."""

    model: str
    date: str
    net: str
    margin: str
    currency: str
    customer: str
    domain: tuple = ()


REPORT = Asked(
    "sale.report",
    "date",
    "price_subtotal",
    "margin",
    "currency_id",
    "commercial_partner_id",
    (("state", "not in", ["draft", "cancel", "sent"]),),
)
FACTS = Asked(
    "crm.fact.sale", "date", "amount_company", "margin_company", "company_currency_id", "commercial_partner_id"
)
MONTHS = FACTS._replace(model="crm.sales.month", date="month")
MODELS = {"report": REPORT, "facts": FACTS, "months": MONTHS}


class Question(NamedTuple):
    """A pivot: what its rows and columns are, and whether it is about one year or one product."""

    rows: str
    columns: str
    is_one_year: bool = False
    is_one_product: bool = False


WIDE = {
    "opened": Question("categ_id", "{date}:year"),
    "category_month": Question("categ_id", "{date}:month"),
    "salesperson_year": Question("user_id", "{date}:year"),
    "country_quarter": Question("country_id", "{date}:quarter"),
    "one_year": Question("categ_id", "{date}:month", is_one_year=True),
}
DEEP = {
    "product_year": Question("product_id", "{date}:year"),
    "product_of_one_year": Question("product_id", "{date}:month", is_one_year=True),
    "customers_of_one_year": Question("{customer}", "", is_one_year=True),
    "customers_of_one_product": Question("{customer}", "{date}:year", is_one_product=True),
}


def add_arguments(parser):
    parser.add_argument("--scale", type=float, default=0.22223, help="part of the 4.5 million lines (default 0.22223)")


def run(env, args):
    bench = PivotBench(env)
    result = {"bench": "pivots", "scale": args.scale, **bench.make(args.scale)}
    result |= {name: value for name, value in bench.load().items() if name == "load_s"}
    bench.measure_floor()
    result |= bench.count_months()
    result["wide"], result["deep"] = bench.ask_all(WIDE), bench.ask_all(DEEP)
    bench.measure_floor()
    result |= bench.get_ratios(result["wide"], result["deep"])
    result |= bench.follow_changes()
    result["peak_mb"] = peak_mb()
    return result


class PivotBench(CompanyBench):
    """The company, its sales by month, and the questions."""

    def __init__(self, env):
        super().__init__(env)
        self.asker = env["res.users"].search([("login", "=", "admin")])
        self.asker.group_ids |= env.ref("sales_team.group_sale_manager")
        env.cr.commit()

    def count_months(self):
        """Count the sales by month for the first time; return the seconds and how many lines are in a row."""
        with self.timed("Sales by month") as clock:
            self.env["crm.sales.month.build"]._run_all(self.company)
        lines, rows = self.count_rows("crm_fact_sale"), {table: self.count_rows(table) for table in TABLES}
        self.vacuum(("crm_fact_sale", *TABLES))
        return {
            "months_s": clock.seconds,
            "rows": rows,
            "lines_per_row": {table: round(lines / count, 2) for table, count in rows.items()},
        }

    def count_rows(self, table):
        self.env.cr.execute(self.sql("SELECT COUNT(*) FROM %s", self.sql.identifier(table)))
        return self.env.cr.fetchone()[0]

    def follow_changes(self):
        """Change orders, load them, and count what changed; return the seconds."""
        self.change_orders()
        self.load("changes", is_thorough=False)
        with self.timed("Sales by month (changes)") as clock:
            self.env["crm.sales.month.build"]._run_all(self.company)
        build = self.env["crm.sales.month.build"].search([("company_id", "=", self.company.id)])
        assert not build.is_whole, "all sales were counted again"
        return {"follow_s": clock.seconds, "follow_customers": build.customer_count}

    # ------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------
    def ask_all(self, questions):
        """Ask all models all questions; return ``{question: {model: seconds}}``."""
        found = {}
        for title, question in questions.items():
            answers, seconds = {}, {}
            for name, asked in MODELS.items():
                answers[name], seconds[name] = self.ask_often(asked, question)
            self.compare(title, answers)
            found[title] = seconds
            self.say(f"{title}: {seconds}")
        return found

    def ask_often(self, asked, question):
        """Return the answer of a model, and the median of its seconds."""
        seconds = []
        for number in range(ASKED + 1):
            self.env.invalidate_all()
            started = time.perf_counter()
            answer = self.ask(asked, question)
            if number:
                seconds.append(time.perf_counter() - started)
        self.env.cr.commit()
        return answer, round(statistics.median(seconds), 4)

    def ask(self, asked, question):
        """Ask as the pivot view does: all of its groups at once, with the currencies of the amounts."""
        model = self.env[asked.model].with_user(self.asker).with_context(allowed_company_ids=self.company.ids)
        names = {"date": asked.date, "customer": asked.customer}
        rows, columns = (part.format(**names) for part in (question.rows, question.columns))
        sets = [[], [rows]] if not columns else [[], [columns], [rows], [rows, columns]]
        measures = []
        for name in (asked.net, asked.margin):
            measures.append(f"{name}:sum")
            if model._fields[name].type == "monetary":
                measures += [f"{asked.currency}:array_agg_distinct", f"{name}:sum_currency"]
        # a currency twice when two measures have it, as the client does
        return model.formatted_read_grouping_sets(self.get_domain(asked, question), sets, [*measures, "__count"])

    def get_domain(self, asked, question):
        from dateutil.relativedelta import relativedelta

        from odoo import fields

        domain = list(asked.domain)
        if question.is_one_year:
            first = fields.Date.today().replace(month=1, day=1) - relativedelta(years=1)
            domain += [(asked.date, ">=", str(first)), (asked.date, "<", str(first + relativedelta(years=1)))]
        if question.is_one_product:
            domain.append(("product_id", "=", self.find_product()))
        return domain

    def find_product(self):
        """Return the product of the first fact: all models are asked about the same."""
        self.env.cr.execute("SELECT product_id FROM crm_fact_sale ORDER BY id LIMIT 1")
        return self.env.cr.fetchone()[0]

    def compare(self, title, answers):
        """See that all models say the same: the net of each group, which are in the same order but for those equal."""
        nets = {}
        for name, groups_of_sets in answers.items():
            net = f"{MODELS[name].net}:sum"
            nets[name] = [sorted(round(group[net], 2) for group in groups) for groups in groups_of_sets]
        for name in ("report", "facts"):
            for found, expected in zip(nets["months"], nets[name], strict=True):
                assert len(found) == len(expected), f"{title}: {len(found)} groups, and {len(expected)} of the {name}"
                differences = [a - b for a, b in zip(found, expected, strict=True) if abs(a - b) > EQUAL]
                assert not differences, f"{title}: the sales by month differ from the {name} by {differences[:3]}"

    def get_ratios(self, wide, deep):
        floor = statistics.median(self.floors)
        sums = {
            (kind, name): sum(seconds[name] for seconds in questions.values())
            for kind, questions in (("wide", wide), ("deep", deep))
            for name in MODELS
        }
        ratios = {"floor_s": floor, "floors": self.floors}
        for kind, title in (("wide", "pivot"), ("deep", "deep")):
            for name in ("report", "facts"):
                ratios[f"{title}_ratio_{name}"] = round(sums[kind, name] / (sums[kind, "months"] or EQUAL), 2)
        ratios["floor_ratio"] = round(sums["wide", "months"] / (floor or EQUAL), 3)
        return ratios
