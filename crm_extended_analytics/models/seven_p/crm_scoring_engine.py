from contextlib import nullcontext

from odoo import api, models
from odoo.tools import SQL

from ...scoring.step_scale import LIMITS, step_scale
from ..database_settings import hash_joins, use_memory
from .scoring_scope import KINDS, doubles, exact

# values that one statement sorts at the same time; unit: values; each takes some 30 bytes of the database's memory
SORTED_AT_ONCE = 8_000_000
# columns of facts that rows have under another meaning, or not at all
NOT_IN_ROWS = {"id", "amount", "partner_id", "create_uid", "create_date", "write_uid", "write_date"}


class CrmScoringEngine(models.AbstractModel):
    """The SQL of a run: all P of a range of customers in one statement per step.

    Measures: each fact is read once and grouped by customer ("grain"); every P adds its aggregates to it.
    Derived measures: formulas over the rows of measures, with the parameters of the population.
    Cut-offs: percentiles of the measures that count. Scores: a look-up in these, weighted.
    """

    _name = "crm.scoring.engine"
    _description = "Scoring Engine"

    # ------------------------------------------------------------------
    # Grains: rows that all P share, with the customer as partner_id
    # ------------------------------------------------------------------
    def _get_grains(self, scope):
        """Return ``{grain: SQL of its rows}``; the rows of an order are the base: who has none is no customer."""
        return {
            "order": self._get_order_rows(scope),
            "product": self._get_product_rows(scope),
            "payment": self._get_fact_rows("crm.fact.payment", scope, scope.since, SQL("AND kind = 'payment'")),
            "return": self._get_fact_rows("crm.fact.return", scope, None, SQL("AND kind = 'credit_note'")),
            "opportunity": self._get_fact_rows("crm.fact.opportunity", scope, scope.since),
            "touch": self._get_fact_rows("crm.fact.touch", scope, scope.since),
            "interaction": self._get_fact_rows("crm.fact.interaction", scope, scope.since),
            "service": self._get_fact_rows("crm.fact.service", scope, scope.since),
        }

    def _get_fact_rows(self, model, scope, since, condition=None):
        """Return the facts of a model as they are, their amounts being doubles."""
        money = [name for name in ("amount_company", "cost_company") if name in self.env[model]._fields]
        kept = [
            name
            for name, field in self.env[model]._fields.items()
            if field.store and field.column_type and name not in NOT_IN_ROWS
        ]
        columns = [SQL.identifier(name) for name in kept]
        columns += [SQL("%s::float8 AS %s", SQL.identifier(name), SQL.identifier(name[:-8])) for name in money]
        return SQL(
            "SELECT commercial_partner_id AS partner_id, %s FROM %s WHERE %s %s",
            SQL(", ").join(columns),
            SQL.identifier(self.env[model]._table),
            scope.facts(since=since),
            condition or SQL(""),
        )

    def _get_order_rows(self, scope):
        """Return one row per order, with the days since the purchase before; an order above 0 is a purchase.

        ``first_date`` is the day of the first purchase before the order, empty for the first one. Most lines have no
        discount and a known cost: only what differs is added up.
        """
        return SQL(
            """
            SELECT o.*, MIN(date) FILTER (WHERE is_purchase) OVER earlier AS first_date,
                   CASE WHEN is_purchase THEN (date - MAX(date) FILTER (WHERE is_purchase) OVER earlier)::float8
                        END AS gap
              FROM (SELECT line.*, amount > 0 AS is_purchase, %(gross)s AS gross,
                           CASE WHEN cost IS NULL THEN NULL WHEN unknown IS NULL THEN amount ELSE %(known)s END AS known
                      FROM (SELECT commercial_partner_id AS partner_id, date, order_key, %(amount)s AS amount,
                                   COALESCE(%(discount)s, 0) AS discount, %(cost)s AS cost,
                                   SUM(amount_company::float8) FILTER (WHERE cost_company IS NULL) AS unknown,
                                   COUNT(*)::float8 AS lines, MAX(country_id) AS country_id,
                                   MAX(channel COLLATE "C") AS channel, MAX(date_time) AS moment,
                                   MAX(campaign_id) AS campaign_id
                              FROM crm_fact_sale WHERE %(facts)s
                             GROUP BY commercial_partner_id, date, order_key) line) o
            WINDOW earlier AS (PARTITION BY partner_id ORDER BY date, order_key
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            """,
            amount=exact(SQL("SUM(amount_company::float8)")),
            cost=exact(SQL("SUM(cost_company::float8)")),
            discount=exact(SQL("SUM(discount_company::float8) FILTER (WHERE discount_company <> 0)")),
            gross=exact(SQL("amount + discount")),
            known=exact(SQL("amount - unknown")),
            facts=scope.facts(),
        )

    def _get_product_rows(self, scope):
        """Return one row per product: amount and quantity in the window and in the one before."""
        windows = {"": SQL("date > %s", scope.since), "_before": SQL("date <= %s", scope.since)}
        sums = [
            SQL(
                "COALESCE(%s, 0) AS %s",
                exact(SQL("SUM(%s::float8) FILTER (WHERE %s)", SQL.identifier(column), window)),
                SQL.identifier(f"{name}{suffix}"),
            )
            for name, column in (("amount", "amount_company"), ("quantity", "quantity"))
            for suffix, window in windows.items()
        ]
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, product_id, MAX(categ_id) AS categ_id, %s
              FROM crm_fact_sale WHERE %s
             GROUP BY commercial_partner_id, product_id
            """,
            SQL(", ").join(sums),
            scope.facts(since=scope.before),
        )

    # ------------------------------------------------------------------
    # Measures
    # ------------------------------------------------------------------
    @api.model
    def _measure(self, scope, run):
        """Write the measures of the customers of the scope, and return their number.

        Rows of customers who have no sales any more, or must not be profiled, go.
        """
        use_memory(self.env.cr)
        columns, body = self._get_measure_sql(scope)
        stored = [name for name in columns if not name.startswith("_")]
        names = SQL(", ").join(map(SQL.identifier, stored))
        statement = SQL(
            """
            WITH written AS (
                INSERT INTO crm_customer_measure (company_id, partner_id, period, as_of, run_id, %(names)s)
                SELECT %(company)s, partner_id, %(period)s, %(as_of)s, %(run)s, %(names)s FROM (%(body)s) measured
                ON CONFLICT (company_id, partner_id, period)
                DO UPDATE SET as_of = EXCLUDED.as_of, run_id = EXCLUDED.run_id, %(assignments)s
             RETURNING 1)
            SELECT COUNT(*) FROM written
            """,
            names=names,
            company=scope.company.id,
            period=scope.period,
            as_of=scope.as_of,
            run=run.id,
            body=body,
            assignments=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in stored
            ),
        )
        # Facts that came in just now are not in the statistics: each customer would be compared with every one of them
        with hash_joins(self.env.cr) if scope.partner_ids is None else nullcontext():
            rows = self.env.execute_query(statement)
        self._forget("crm.customer.measure", scope, run)
        return rows[0][0]

    def _forget(self, model, scope, run):
        """Delete the rows of the scope that the run did not write."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s m WHERE %s AND m.run_id IS DISTINCT FROM %s",
                SQL.identifier(self.env[model]._table),
                scope.rows(),
                run.id,
            )
        )

    def _get_measure_sql(self, scope):
        """Return ``(columns, SQL)`` of the measures of a scope."""
        grains, joined, columns = self._get_grains(scope), [], {}
        for grain, measures in self._collect(scope).items():
            alias = SQL.identifier(f"of_{grain}")
            columns |= {name: SQL("%s.%s", alias, SQL.identifier(name)) for name in measures}
            select = SQL(
                "(SELECT r.partner_id, %s FROM (%s) r GROUP BY r.partner_id) %s",
                SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in measures.items()),
                grains[grain],
                alias,
            )
            joined.append(
                select
                if grain == "order"
                else SQL("LEFT JOIN %s ON %s.partner_id = of_order.partner_id", select, alias)
            )
        for number, own in enumerate(self._get_own_selects(scope)):
            names, select = own
            alias = SQL.identifier(f"own_{number}")
            columns |= {name: SQL("%s.%s", alias, SQL.identifier(name)) for name in names}
            joined.append(SQL("LEFT JOIN (%s) %s ON %s.partner_id = of_order.partner_id", select, alias, alias))
        columns["customer_kind"] = SQL("CASE WHEN partner.is_company THEN 'company' ELSE 'person' END")
        body = SQL(
            "SELECT of_order.partner_id, %s FROM %s"
            " JOIN res_partner partner ON partner.id = of_order.partner_id"
            " AND partner.crm_profiling_opt_out IS NOT TRUE",
            SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in columns.items()),
            SQL(" ").join(joined),
        )
        return self._add_computed(scope, list(columns), body)

    def _collect(self, scope):
        """Return ``{grain: {measure: SQL}}`` of all P, orders first."""
        collected = {"order": {}}
        for p in self._get_available():
            for grain, measures in p._get_measures(scope).items():
                collected.setdefault(grain, {}).update(measures)
        return collected

    def _get_own_selects(self, scope):
        """Return ``(measures, SQL)`` of the P that read something of their own."""
        return [own for p in self._get_available() if (own := p._get_own_sql(scope))]

    def _add_computed(self, scope, columns, body):
        """Wrap the rows in one SELECT per level of measures that are made of others."""
        for level in self._get_levels(scope):
            values = {name: SQL.identifier(name) for name in columns} | level
            columns = list(values)
            body = SQL(
                "SELECT partner_id, %s FROM (%s) measured",
                SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in values.items()),
                body,
            )
        return columns, body

    def _get_levels(self, scope):
        return self._merge(p._get_computed(scope) for p in self._get_available())

    def _merge(self, lists):
        """Return the levels of all P: the first ones together, then the second ones, and so on."""
        levels = []
        for own in lists:
            levels += [{} for _ in own[len(levels) :]]
            for level, values in zip(levels, own, strict=False):
                level.update(values)
        return [level for level in levels if level]

    def _get_available(self):
        """Return the P all of whose sources are installed."""
        return [p for p in self.env["crm.scoring.p"]._get_all() if not p._get_absent()]

    # ------------------------------------------------------------------
    # Population
    # ------------------------------------------------------------------
    @api.model
    def _fit(self, run):
        """Return the parameters of the population, of all P: of all customers, or of each kind of them."""
        use_memory(self.env.cr)
        # the rows are new to the planner: without statistics it joins them one by one
        self.env.cr.execute(SQL("ANALYZE crm_customer_measure"))
        kinds = self._get_kinds(run)
        if not kinds:
            return self._fit_kind(run)
        return {"kinds": {kind: self._fit_kind(run.with_context(crm_customer_kind=kind)) for kind in kinds}}

    def _get_kinds(self, run):
        """Return the kinds of customers that are compared apart: none, or all, each with enough customers."""
        if not run.method_id.kinds_apart:
            return []
        counts = self.env.execute_query(
            SQL(
                """
                SELECT m.customer_kind, COUNT(*)
                  FROM crm_customer_measure m WHERE %s AND m.purchase_days > 0 GROUP BY 1
                """,
                run._get_scope().rows(),
            )
        )
        least = min(dict(counts).get(kind, 0) for kind in KINDS)
        return list(KINDS) if least >= max(run.method_id.min_model_customers, 1) else []

    def _fit_kind(self, run):
        parameters = {"interest": run.method_id.interest_rate / 100}
        for p in self._get_available():
            parameters |= p._fit(run, parameters)
        return parameters

    def _split(self, scope, parameters):
        """Return ``[(scope, parameters)]``, one of each kind of customers that is compared apart."""
        kinds = parameters.get("kinds")
        if not kinds:
            return [(scope, parameters)]
        return [(scope._replace(kind=kind), own) for kind, own in kinds.items()]

    @api.model
    def _derive(self, scope, parameters):
        """Write the measures that need the parameters."""
        use_memory(self.env.cr)
        for part, own in self._split(scope, parameters):
            self._derive_kind(part, own)

    def _derive_kind(self, scope, parameters):
        every, derived = self._get_available(), {}
        joins = SQL(" ").join([p._prepare(scope, parameters) for p in every])
        for p in every:
            derived |= p._get_derived(scope, parameters)
        names = {name: SQL.identifier(name) for name in derived}
        statement = SQL(
            "UPDATE crm_customer_measure m SET %s FROM (SELECT m.partner_id, %s FROM %s) derived"
            " WHERE %s AND m.partner_id = derived.partner_id",
            SQL(", ").join(SQL("%s = derived.%s", name, name) for name in names.values()),
            SQL(", ").join(SQL("%s AS %s", derived[name], names[name]) for name in names),
            self._add_steps(
                SQL("crm_customer_measure m %s WHERE %s", joins, scope.rows()),
                self._merge(p._get_steps(scope, parameters) for p in every),
            ),
            scope.rows(),
        )
        # the planner does not know that both sides are the same customers: it would read the table in full for each
        with hash_joins(self.env.cr):
            self.env.cr.execute(statement)

    def _add_steps(self, body, levels):
        """Return the SQL of the rows ``m`` with all steps; OFFSET keeps each from being computed again."""
        for level in levels:
            values = SQL("").join(SQL(", %s AS %s", value, SQL.identifier(name)) for name, value in level.items())
            body = SQL("(SELECT m.*%s FROM %s OFFSET 0) m", values, body)
        return body

    @api.model
    def _cut(self, run):
        """Return the parameters of the run with the cut-offs of the measures that count."""
        use_memory(self.env.cr)
        kinds = run.parameters.get("kinds")
        if not kinds:
            return {**run.parameters, "scales": self._cut_kind(run)}
        cut = {
            kind: {**own, "scales": self._cut_kind(run.with_context(crm_customer_kind=kind))}
            for kind, own in kinds.items()
        }
        return {**run.parameters, "kinds": cut}

    def _cut_kind(self, run):
        """Return ``{measure: staircase of its percentiles}``."""
        measures = sorted(set(run.method_id.weight_ids.mapped("measure")))
        # one reading of the wide rows for as many measures as may be sorted at the same time
        size = max(SORTED_AT_ONCE // max(run.customer_count, 1), 1)
        limits = {}
        for start in range(0, len(measures), size):
            limits |= self._get_limits(run, measures[start : start + size])
        scales = {measure: step_scale(found) for measure, found in limits.items() if found}
        return {measure: [list(scale.steps), list(scale.scores)] for measure, scale in scales.items()}

    def _get_limits(self, run, measures):
        """Return ``{measure: its percentiles}``, None for one that is known of nobody."""
        shares = doubles(number / (LIMITS + 1) for number in range(1, LIMITS + 1))
        columns = SQL(", ").join(
            SQL("percentile_disc(%s) WITHIN GROUP (ORDER BY %s)", shares, exact(SQL.identifier("m", measure)))
            for measure in measures
        )
        (row,) = self.env.execute_query(
            SQL("SELECT %s FROM crm_customer_measure m WHERE %s", columns, run._get_scope().rows())
        )
        return dict(zip(measures, row, strict=True))

    # ------------------------------------------------------------------
    # Scores
    # ------------------------------------------------------------------
    @api.model
    def _score(self, scope, run):
        """Write the scores of the customers of the scope."""
        codes = [p._p_code for p in self._get_available() if f"score_{p._p_code}" in self._get_score_fields()]
        for part, own in self._split(scope, run.parameters):
            self._score_kind(part, run, codes, own["scales"])
        self._forget("crm.customer.score.month", scope, run)

    def _score_kind(self, scope, run, codes, scales):
        scores = {f"score_{code}": self._get_score_sql(run, code, scales) for code in codes}
        names = SQL(", ").join(map(SQL.identifier, [*scores, "total"]))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_customer_score_month
                       (company_id, partner_id, period, as_of, method_id, run_id, %(names)s)
                SELECT company_id, partner_id, period, as_of, %(method)s, run_id, %(columns)s, %(total)s
                  FROM (SELECT m.company_id, m.partner_id, m.period, m.as_of, m.run_id, %(scores)s
                          FROM crm_customer_measure m WHERE %(rows)s) scored
                ON CONFLICT (partner_id, company_id, period)
                DO UPDATE SET as_of = EXCLUDED.as_of, method_id = EXCLUDED.method_id, run_id = EXCLUDED.run_id,
                              %(assignments)s
                """,
                names=names,
                method=run.method_id.id,
                columns=SQL(", ").join(map(SQL.identifier, scores)),
                total=self._get_total_sql(run, codes),
                scores=SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in scores.items()),
                rows=scope.rows(),
                assignments=SQL(", ").join(
                    SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in [*scores, "total"]
                ),
            )
        )

    def _get_score_fields(self):
        return self.env["crm.customer.score.month"]._fields

    def _get_score_sql(self, run, code, scales):
        """Return the score of a P: the weighted mean over the measures that are known."""
        parts = [
            (SQL.identifier("m", weight.measure), self._get_place_sql(scales[weight.measure], weight), weight.weight)
            for weight in run.method_id.weight_ids
            if weight.p == code and weight.measure in scales
        ]
        return self._get_mean_sql(parts)

    def _get_place_sql(self, scale, weight):
        """Return the score of one measure, as `step_scale.step_score`."""
        steps, scores = scale
        place = SQL(
            "(%s)[width_bucket(%s, %s) + 1]",
            doubles(scores),
            exact(SQL.identifier("m", weight.measure)),
            doubles(steps),
        )
        return SQL("(100 - %s)", place) if weight.direction == "lower" else place

    def _get_mean_sql(self, parts):
        """Return the weighted mean of what is known.

        :param parts: [(what is empty when the value is not known, and cheaper to look at, value, weight)]
        """
        if not parts:
            return SQL("NULL::float8")
        total = SQL(" + ").join(SQL("COALESCE(%s * %s::float8, 0)", value, weight) for _key, value, weight in parts)
        known = SQL(" + ").join(
            SQL("CASE WHEN %s IS NULL THEN 0 ELSE %s::float8 END", key, weight) for key, _value, weight in parts
        )
        return SQL("(%s) / NULLIF(%s, 0)", total, known)

    def _get_total_sql(self, run, codes):
        weights = run.method_id._get_total_weights()
        return self._get_mean_sql(
            [(*[SQL.identifier(f"score_{code}")] * 2, weights[code]) for code in codes if weights[code] > 0]
        )
