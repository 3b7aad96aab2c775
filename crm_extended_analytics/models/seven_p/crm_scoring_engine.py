from contextlib import nullcontext

from odoo import api, models
from odoo.tools import SQL

from ...scoring.step_scale import LIMITS, step_scale
from ..database_settings import hash_joins, use_memory
from .scoring_scope import KINDS, doubles, exact

# values that one statement sorts at the same time; unit: values; each takes some 30 bytes of the database's memory
SORTED_AT_ONCE = 8_000_000


class CrmScoringEngine(models.AbstractModel):
    """The SQL of a run: all P of a range of customers in one statement per step.

    Measures: each fact is read once and grouped by customer ("grain", of a mixin); every P adds its aggregates to it.
    Derived measures: formulas over the rows of measures, with the parameters of the population.
    Cut-offs: percentiles of the measures that count. Scores: a look-up in these, weighted, of another mixin.
    """

    _name = "crm.scoring.engine"
    _inherit = ["crm.scoring.grain.mixin", "crm.scoring.place.mixin"]
    _description = "Scoring Engine"

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
