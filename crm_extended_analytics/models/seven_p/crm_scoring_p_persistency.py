from odoo import fields, models
from odoo.tools import SQL

from ...scoring import rfm
from . import scoring_models
from .crm_scoring_p import round_days
from .scoring_scope import exact

# RFM: (measure, class field, lower is better)
RFM = (
    ("recency_days", "rfm_recency_class", True),
    ("rfm_orders", "rfm_frequency_class", False),
    ("rfm_money", "rfm_money_class", False),
)

# days of a rhythm beyond which a date would have no meaning; unit: days; a hundred years
LONGEST_RHYTHM = 36_500


class CrmScoringPPersistency(models.AbstractModel):
    """Whether he stays: recency, frequency and money in classes, and the probability that he still buys."""

    _name = "crm.scoring.p.persistency"
    _inherit = ["crm.scoring.p.persistency.contract.mixin", "crm.scoring.p"]
    _description = "Persistency (7P)"
    _p_code = "persistency"
    _p_sequence = 20
    _p_money = ("money",)

    def _get_label(self):
        return self.env._("Persistency")

    def _get_measures(self, scope):
        bought = SQL("FILTER (WHERE r.is_purchase)")
        first, last = SQL("MIN(r.date) %s", bought), SQL("MAX(r.date) %s", bought)
        days = SQL("COUNT(*) FILTER (WHERE r.is_purchase AND (r.gap IS NULL OR r.gap > 0))")
        rhythm = SQL("(%s - %s)::float8 / NULLIF(%s - 1, 0)", last, first, days)
        rfm_since = scope.months_ago(scope.method.rfm_months)
        in_rfm = SQL("FILTER (WHERE r.is_purchase AND r.date > %s)", rfm_since)
        return {
            "order": {
                "first_date": first,
                "last_date": last,
                "recency_days": SQL("%s - %s", scope.as_of, last),
                "order_count": SQL("COUNT(*) %s", bought),
                "purchase_days": days,
                "tenure_days": SQL("%s - %s", scope.as_of, first),
                "active_days": SQL("%s - %s", last, first),
                "rhythm_days": rhythm,
                "days_late": SQL("%s - %s - %s", scope.as_of, last, rhythm),
                # who never bought has no frequency; who did not buy lately has one of 0
                "rfm_orders": SQL("CASE WHEN %s IS NOT NULL THEN COUNT(*) %s END", last, in_rfm),
                "rfm_money": SQL(
                    "CASE WHEN %s IS NOT NULL THEN COALESCE(SUM(r.amount) FILTER (WHERE r.date > %s), 0) END",
                    last,
                    rfm_since,
                ),
                "mean_purchase": SQL(
                    "CASE WHEN %(days)s > 1 THEN SUM(r.amount) FILTER (WHERE r.is_purchase AND r.date > r.first_date)"
                    " / (%(days)s - 1) END",
                    days=days,
                ),
                # the mean of it over customers is the repeat rate
                "repeat_rate": SQL("CASE WHEN %(days)s > 0 THEN 100.0 * (%(days)s > 1)::int END", days=days),
            }
        }

    def _get_computed(self, scope):
        """Return the day of the next purchase: half days count in full, as `lateness.expected_next`."""
        due = SQL("CASE WHEN rhythm_days <= %s THEN last_date + ceil(rhythm_days)::int END", LONGEST_RHYTHM)
        return [{"next_date": due}]

    def _get_own_sql(self, scope):
        """Return why he said no most often in the window: lost opportunities and cancelled orders together."""
        names = ["lost_reason_id"]
        lost = SQL(
            "SELECT commercial_partner_id AS partner_id, lost_reason_id FROM crm_fact_opportunity"
            " WHERE %s AND lost_reason_id IS NOT NULL",
            scope.facts(since=scope.since),
        )
        cancelled = SQL(
            """
            SELECT customer.commercial_partner_id, sale.cancel_reason_id
              FROM sale_order sale JOIN res_partner customer ON customer.id = sale.partner_id
             WHERE sale.cancel_reason_id IS NOT NULL AND sale.state = 'cancel' AND sale.company_id = %s
               AND sale.date_order::date <= %s AND sale.date_order::date > %s AND %s
            """,
            scope.company.id,
            scope.as_of,
            scope.since,
            scope.partners(SQL("customer.commercial_partner_id")),
        )
        return names, SQL(
            "SELECT partner_id, mode() WITHIN GROUP (ORDER BY lost_reason_id) AS lost_reason_id"
            " FROM (%s UNION ALL %s) refused GROUP BY partner_id",
            lost,
            cancelled,
        )

    # ------------------------------------------------------------------
    # Population
    # ------------------------------------------------------------------
    def _fit(self, run, parameters):
        found = {"rfm": self._fit_rfm(run), "median_rhythm": self._fit_rhythm(run)} | scoring_models.fit(run)
        return self._fit_contracts(run, found)

    def _fit_rfm(self, run):
        """Return the limits of the classes: (value, customer) of the last customer of each class."""
        return {measure: self._fit_classes(run, measure, lower) for measure, _field, lower in RFM}

    def _fit_classes(self, run, measure, lower):
        column = exact(SQL.identifier("m", measure))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT cost, partner_id, place, total FROM (
                    SELECT %(sign)s * (%(column)s) AS cost, m.partner_id, COUNT(*) OVER () AS total,
                           row_number() OVER (ORDER BY %(sign)s * (%(column)s), m.partner_id) AS place
                      FROM crm_customer_measure m
                     WHERE %(rows)s AND m.recency_days IS NOT NULL AND %(column)s IS NOT NULL) ranked
                 WHERE place = ANY(%(ends)s)
                 ORDER BY place
                """,
                sign=1 if lower else -1,
                column=column,
                rows=run._get_scope().rows(),
                # "worst": who ties with the first of the next class belongs to it
                ends=[end + (run.method_id.rfm_tie_rule == "worst") for end in self._get_ends(run, column)],
            )
        )
        sign = 1 if lower else -1
        bounds = tuple((sign * cost, partner) for cost, partner, _place, _total in rows)
        return rfm.Cutoffs(bounds, lower, "record").as_dict() | {"tie": run.method_id.rfm_tie_rule}

    def _get_ends(self, run, column):
        """Return the places at which classes end, as NTILE divides: the better classes get one more."""
        ((total,),) = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM crm_customer_measure m"
                " WHERE %s AND m.recency_days IS NOT NULL AND %s IS NOT NULL",
                run._get_scope().rows(),
                column,
            )
        )
        size, larger = divmod(total, rfm.CLASSES)
        return [size * number + min(number, larger) for number in range(1, rfm.CLASSES)]

    def _fit_rhythm(self, run):
        """Return the median interval of repeat buyers, the yardstick for those who bought once."""
        ((median,),) = self.env.execute_query(
            SQL(
                "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY m.rhythm_days)"
                " FROM crm_customer_measure m WHERE %s",
                run._get_scope().rows(),
            )
        )
        return median

    # ------------------------------------------------------------------
    # Derived
    # ------------------------------------------------------------------
    def _prepare(self, scope, parameters):
        future = scoring_models.prepare_future(self.env, scope, parameters)
        return SQL("%s %s", future, self._get_contract_join(scope, parameters))

    def _get_steps(self, scope, parameters):
        classes = {f"_{field}": self._get_class_sql(parameters["rfm"][name], name) for name, field, _lower in RFM}
        first, *others = scoring_models.get_steps(parameters)
        return [first | classes | self._get_contract_steps(parameters), *others]

    def _get_derived(self, scope, parameters):
        r, f, m = (SQL.identifier("m", f"_{field}") for _measure, field, _lower in RFM)
        return {
            "rfm_recency_class": r,
            "rfm_frequency_class": f,
            "rfm_money_class": m,
            "rfm_score": SQL("100 * %s + 10 * %s + %s", r, f, m),
            "lateness_ratio": SQL(
                "m.recency_days / NULLIF(COALESCE(m.rhythm_days, %s), 0)", parameters["median_rhythm"]
            ),
            "p_alive": SQL("m._alive"),
            "p_alive_repeat": SQL("CASE WHEN m.purchase_days > 1 THEN m._alive END"),
            "contract_count": SQL("m._contracts"),
            "contract_retention": SQL("m._retention"),
        }

    def _get_class_sql(self, limits, measure):
        """Return the class of a measure; ties at a limit go as the limits say.

        A limit is the last customer of the better class, and for the rule "worst" the first of the next one.
        """
        column, bounds = exact(SQL.identifier("m", measure)), limits["bounds"]
        if len(bounds) < rfm.CLASSES - 1:
            return SQL("NULL::int")
        sign = 1 if limits["lower"] else -1
        tests = {
            "record": lambda value, key: SQL(
                "(%s * (%s), m.partner_id) <= (%s::float8, %s)", sign, column, sign * value, key
            ),
            "best": lambda value, key: SQL("%s * (%s) <= %s::float8", sign, column, sign * value),
            "worst": lambda value, key: SQL("%s * (%s) < %s::float8", sign, column, sign * value),
        }
        arms = SQL(" ").join(
            SQL("WHEN %s THEN %s", tests[limits["tie"]](value, key), rfm.CLASSES - number)
            for number, (value, key) in enumerate(bounds)
        )
        return SQL("CASE WHEN %s IS NULL OR m.recency_days IS NULL THEN NULL %s ELSE 1 END", column, arms)

    # ------------------------------------------------------------------
    # Explanation
    # ------------------------------------------------------------------
    def _get_missing(self, row):
        return "facts" if row and row["purchase_days"] else "purchase"

    def _complete(self, rows):
        """Add the names of the reasons of loss; one that was deleted since has none."""
        wanted = {row["lost_reason_id"] for row in rows if row.get("lost_reason_id")}
        if not wanted:
            return
        # `sudo`: who reads the score may read why the customer said no
        reasons = self.env["crm.lost.reason"].sudo().with_context(active_test=False)
        reasons = reasons.search_fetch([("id", "in", list(wanted))], ["name"])
        names = {reason.id: reason.name for reason in reasons}
        for row in rows:
            row["lost_reason"] = names.get(row.get("lost_reason_id"))

    def _explain(self, row):
        found = []
        if row["rhythm_days"]:
            late = row["days_late"]
            numbers = {"rhythm": round_days(row["rhythm_days"]), "days": round_days(abs(late))}
            found.append(("late" if late > 0 else "in_time", numbers | {"quintile": row["rfm_frequency_class"] or 0}))
            if row["next_date"]:
                code = "due" if row["next_date"] >= row["as_of"] else "was_due"
                found.append((code, {"day": str(row["next_date"])}))
        else:
            found.append(("once", {"days": round(row["recency_days"])}))
        if row["rfm_score"]:
            found.append(
                ("rfm", {"rfm": str(row["rfm_score"]), "orders": row["rfm_orders"], "money": row["rfm_money"]})
            )
        if row["p_alive_repeat"] is not None:
            found.append(("alive", {"share": round(100 * row["p_alive_repeat"])}))
        found += self._explain_contracts(row)
        if row.get("lost_reason"):
            found.append(("lost", {"reason": row["lost_reason"]}))
        return found

    def _render_explanation(self, code, numbers, currency):
        """Say the day as the reader writes it."""
        if "day" in numbers:
            numbers = {"day": self._format_date(fields.Date.to_date(numbers["day"]))}
        return super()._render_explanation(code, numbers, currency)

    def _get_sentences(self):
        return self._get_contract_sentences() | {
            "late": self.env._(
                "Buys every %(rhythm)s days, %(days)s days late now; class %(quintile)s of 5 by frequency."
            ),
            "in_time": self.env._(
                "Buys every %(rhythm)s days, the next time in %(days)s days; class %(quintile)s of 5 by frequency."
            ),
            "due": self.env._("The next purchase is due on %(day)s."),
            "was_due": self.env._("The next purchase was due on %(day)s."),
            "lost": self.env._("Said no mostly for this reason: %(reason)s."),
            "once": self.env._("Bought once, %(days)s days ago."),
            "rfm": self.env._("RFM %(rfm)s; orders: %(orders)s, money: %(money)s."),
            "alive": self.env._("Still a customer with a probability of %(share)s %%."),
        }
