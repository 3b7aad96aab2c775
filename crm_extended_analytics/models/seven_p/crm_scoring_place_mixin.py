from odoo import api, models
from odoo.tools import SQL

from .scoring_scope import doubles, exact


class CrmScoringPlaceMixin(models.AbstractModel):
    """From measures to scores: the place of each measure among the cut-offs, and the weighted means of places."""

    _name = "crm.scoring.place.mixin"
    _description = "Scores of the Scoring Engine"

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
