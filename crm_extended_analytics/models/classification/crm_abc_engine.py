from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...scoring.abc_xyz import ROUNDING
from ..database_settings import hash_groups, hash_joins, use_memory
from ..seven_p.scoring_scope import exact
from .crm_abc_item import ITEM_FIELDS
from .crm_abc_profile import FEATURE

# months that are counted beside the last one when a profile is counted for the first time
FIRST_MONTHS = 2
# columns of an item that the work table has by the same names
COLUMNS = (
    "place",
    "value",
    "share",
    "cumulated_share",
    "variation",
    "period_count",
    "filled_count",
    "abc_class",
    "xyz_class",
    "previous_abc_class",
    "previous_xyz_class",
    "movement",
)


class CrmAbcEngine(models.AbstractModel):
    """Divides all items of a profile in a few statements, by the formulas of `scoring.abc_xyz`, and keeps the month.

    One way for all kinds: only the lines that are read differ. A month that is counted again writes the items that
    changed.
    """

    _name = "crm.abc.engine"
    _description = "Counting of ABC/XYZ Classes"

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------
    @api.model
    def _cron_rebuild(self):
        """Every night: the profiles of companies that are not scored, which have no other moment for it."""
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].search([("active", "=", True)]):
            if not company._has_feature("seven_p"):
                self._rebuild_all(self.env["crm.abc.profile"]._get_for_company(company), company, today)

    @api.model
    def _rebuild_on_demand(self, profile, company):
        """Count the last complete month; the first time the two before as well, so that there is something to compare.

        :raise UserError: where the company does not use the feature, or has closed the month
        """
        if not company._has_feature(FEATURE):
            raise UserError(
                self.env._(
                    "%(company)s does not use ABC/XYZ. Switch the feature on under CRM > Configuration > Features.",
                    company=company.name,
                )
            )
        today = fields.Date.context_today(self)
        self.env["crm.scoring.period"]._check_open(company, self._get_period(today))
        is_first = not self.env["crm.abc.result"]._get_result(profile, company)
        for number in range(FIRST_MONTHS if is_first else 0, 0, -1):
            self._rebuild(profile, company, self._get_period(today) - relativedelta(months=number, day=31))
        return self._rebuild(profile, company, today)

    @api.model
    def _get_period(self, as_of):
        """Return the first day of the last month that is complete on a day, the day included."""
        return (as_of + relativedelta(days=1)).replace(day=1) - relativedelta(months=1)

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------
    @api.model
    def _rebuild_all(self, profiles, company, as_of):
        """Count several profiles as `_rebuild` does; sales with the same measure and window are read once for all."""
        results, series = self.env["crm.abc.result"], self.env["crm.abc.series"]
        period = self._get_period(as_of)
        if self.env["crm.scoring.period"]._is_locked(company, period):
            return results
        self.env.flush_all()
        use_memory(self.env.cr)
        for (measure, months), alike in profiles.grouped(lambda each: (each.measure, each.window_months)).items():
            kinds = sorted(set(alike.filtered(series._can_share).mapped("kind")))
            is_shared = len(kinds) > 1
            if is_shared:
                with hash_groups(self.env.cr):
                    series._add_up_together(kinds, measure, company, self._get_date_from(alike[0], period), months)
            for profile in alike:
                results |= self._rebuild(profile, company, as_of, is_shared=is_shared and profile.kind in kinds)
            if is_shared:
                self.env.cr.execute(SQL("DROP TABLE crm_abc_months"))
        return results

    @api.model
    def _rebuild(self, profile, company, as_of, is_shared=False):
        """Count a profile for the last complete month of a day; return its result.

        A closed month stays as it is, and nothing is returned for it.

        :param is_shared: the sales of the window were added up by the series already
        """
        results, period = self.env["crm.abc.result"], self._get_period(as_of)
        if self.env["crm.scoring.period"]._is_locked(company, period):
            return results
        self.env.flush_all()
        use_memory(self.env.cr)
        before, after = results._get_neighbours(profile, company, period)
        with hash_joins(self.env.cr):
            self._divide(profile, company, period, before, is_shared)
            result = self._write_result(profile, company, period, before)
            self._write_items(result)
            if after:
                self._link(after, result)
        self.env.cr.execute(SQL("DROP TABLE crm_abc_work"))
        self.env["crm.abc.item"].invalidate_model()
        return result

    def _get_date_from(self, profile, period):
        return period - relativedelta(months=profile.window_months - 1)

    def _divide(self, profile, company, period, before, is_shared):
        """Put the items with their classes into a table of this transaction; the row without an item has no place."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_abc_work ON COMMIT DROP AS
                WITH placed AS (
                    SELECT item, period_count, filled_count, place, amount AS value,
                           positive / NULLIF(total, 0) AS share, reached / NULLIF(total, 0) AS reached,
                           CASE WHEN period_count >= %(least_periods)s AND amount > 0
                                THEN sqrt(GREATEST(squares, 0) / (period_count - %(sample)s)) / (amount / period_count)
                           END AS variation, number
                      FROM (SELECT found.*, row_number() OVER ordered AS place, SUM(positive) OVER ordered AS reached,
                                   SUM(positive) OVER (PARTITION BY item IS NULL) AS total,
                                   COUNT(*) FILTER (WHERE positive > 0) OVER (PARTITION BY item IS NULL) AS number
                              FROM (SELECT series.*, CASE WHEN is_known THEN %(exact)s END AS amount,
                                           CASE WHEN is_known AND item IS NOT NULL THEN GREATEST(%(exact)s, 0)
                                           ELSE 0 END AS positive
                                      FROM (%(series)s) series WHERE %(members)s) found
                            WINDOW ordered AS (PARTITION BY item IS NULL ORDER BY amount DESC NULLS LAST, item
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) ranked),
                     classed AS (
                    SELECT item, place::int, value, 100 * NULLIF(share, 0) AS share,
                           CASE WHEN value > 0 THEN 100 * reached END AS cumulated_share, 100 * variation AS variation,
                           period_count, filled_count, %(abc)s AS abc_class, %(xyz)s AS xyz_class
                      FROM placed)
                SELECT classed.*, before.abc_class AS previous_abc_class, before.xyz_class AS previous_xyz_class,
                       %(movement)s AS movement
                  FROM classed LEFT JOIN crm_abc_item before
                    ON before.result_id = %(before)s AND before.%(column)s = classed.item
                """,
                series=self.env["crm.abc.series"]._get_statistics(
                    profile.kind,
                    profile.measure,
                    company,
                    self._get_date_from(profile, period),
                    profile.window_months,
                    is_shared,
                ),
                members=self._get_members(profile),
                exact=exact(SQL("value")),
                least_periods=profile.least_periods,
                sample=1 if profile.deviation == "sample" else 0,
                abc=self._get_abc_sql(profile),
                xyz=self._get_xyz_sql(profile),
                movement=self._get_movement_sql(SQL("classed")),
                before=before.id or None,
                column=SQL.identifier(ITEM_FIELDS[profile.kind]),
            )
        )

    def _get_members(self, profile):
        """Return the SQL condition of the items that may be divided: not customers who object to being profiled."""
        if profile.kind != "customer":
            return SQL("TRUE")
        return SQL("(item IS NULL OR item NOT IN (SELECT id FROM res_partner WHERE crm_profiling_opt_out))")

    def _get_abc_sql(self, profile):
        """Return SQL of the class by the cumulated share, as `abc_classes` has it."""
        limits = [
            SQL("reached <= %s::float8", share / 100 + ROUNDING)
            if profile.boundary == "included"
            else SQL("reached - share < %s::float8", share / 100 - ROUNDING)
            for share in (profile.share_a, profile.share_b)
        ]
        return SQL(
            "CASE WHEN item IS NULL THEN NULL WHEN value IS NULL THEN '?' WHEN value <= 0 THEN '-'"
            " WHEN number < %s THEN NULL WHEN %s THEN 'A' WHEN %s THEN 'B' ELSE 'C' END",
            profile.least_items,
            *limits,
        )

    def _get_xyz_sql(self, profile):
        """Return SQL of the class by the regularity, as `xyz_class` has it."""
        return SQL(
            "CASE WHEN item IS NULL OR period_count < %s OR value IS NULL THEN NULL"
            " WHEN (period_count - filled_count)::float8 / period_count > %s::float8 THEN 'N'"
            " WHEN variation IS NULL THEN NULL"
            " WHEN variation <= %s::float8 THEN 'X' WHEN variation <= %s::float8 THEN 'Y' ELSE 'Z' END",
            profile.least_periods,
            profile.empty_pct / 100,
            profile.variation_x / 100,
            profile.variation_y / 100,
        )

    def _get_movement_sql(self, now):
        """Return SQL of the movement between the rows `before` and `now`.

        What has no class now, or had none, stayed: it cannot be said where it went.
        """
        abc_then, abc_now = SQL("strpos('ABC-', before.abc_class)"), SQL("strpos('ABC-', %s.abc_class)", now)
        xyz_then, xyz_now = SQL("strpos('XYZN', before.xyz_class)"), SQL("strpos('XYZN', %s.xyz_class)", now)
        return SQL(
            """
            CASE WHEN before.id IS NULL THEN 'new'
                 WHEN %(abc_then)s * %(abc_now)s > 0 AND %(abc_now)s < %(abc_then)s THEN 'rose'
                 WHEN %(abc_then)s * %(abc_now)s > 0 AND %(abc_now)s > %(abc_then)s THEN 'fell'
                 WHEN %(xyz_then)s * %(xyz_now)s > 0 AND %(xyz_now)s < %(xyz_then)s THEN 'steadier'
                 WHEN %(xyz_then)s * %(xyz_now)s > 0 AND %(xyz_now)s > %(xyz_then)s THEN 'unsteadier'
                 ELSE 'stayed' END
            """,
            abc_then=abc_then,
            abc_now=abc_now,
            xyz_then=xyz_then,
            xyz_now=xyz_now,
        )

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    def _write_result(self, profile, company, period, before):
        """Write what is known of the month as a whole; return its record."""
        ((items, positive, unknown, short, total, other, met),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(item), COUNT(*) FILTER (WHERE value > 0 AND item IS NOT NULL),
                       COUNT(*) FILTER (WHERE value IS NULL AND item IS NOT NULL),
                       COUNT(*) FILTER (WHERE period_count < %s AND item IS NOT NULL),
                       COALESCE(SUM(value) FILTER (WHERE value > 0 AND item IS NOT NULL), 0),
                       COALESCE(SUM(value) FILTER (WHERE item IS NULL), 0),
                       COUNT(*) FILTER (WHERE movement <> 'new')
                  FROM crm_abc_work
                """,
                profile.least_periods,
            )
        )
        results = self.env["crm.abc.result"]
        values = {
            "date_from": self._get_date_from(profile, period),
            "date_to": period + relativedelta(day=31),
            "previous_period": before.period,
            "settings": profile._get_settings(),
            "rule": "ranks" if positive < profile.least_items else "classes",
            "item_count": items,
            "positive_count": positive,
            "unknown_count": unknown,
            "short_count": short,
            "gone_count": before.item_count - met,
            "opt_out_count": self._count_opt_outs(profile, company),
            "total_value": total,
            "other_value": other,
        }
        result = results._get_result(profile, company, period)
        if result:
            result.write(values)
        else:
            result = results.create({"profile_id": profile.id, "company_id": company.id, "period": period, **values})
        self.env.flush_all()
        return result

    def _count_opt_outs(self, profile, company):
        if profile.kind != "customer":
            return 0
        return self.env["crm.pyramid.population"]._get("customer")._count_opt_outs(company)

    def _write_items(self, result):
        """Delete the items of the result that are gone or changed, and insert those that are not there."""
        names = [SQL.identifier(name) for name in COLUMNS]
        values = {
            "result": result.id,
            "item": SQL.identifier(ITEM_FIELDS[result.profile_id.kind]),
            "names": SQL(", ").join(names),
        }
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_abc_item stored
                 WHERE result_id = %(result)s AND NOT EXISTS (
                       SELECT FROM crm_abc_work work
                        WHERE work.item = stored.%(item)s
                          AND (%(works)s) IS NOT DISTINCT FROM (%(stored)s))
                """,
                works=SQL(", ").join(SQL("work.%s", name) for name in names),
                stored=SQL(", ").join(SQL("stored.%s", name) for name in names),
                **values,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_abc_item (result_id, profile_id, company_id, period, %(item)s, %(names)s)
                SELECT %(result)s, %(profile)s, %(company)s, %(period)s, item, %(names)s
                  FROM crm_abc_work work
                 WHERE item IS NOT NULL AND NOT EXISTS (
                       SELECT FROM crm_abc_item stored
                        WHERE stored.result_id = %(result)s AND stored.%(item)s = work.item)
                 ORDER BY place
                """,
                profile=result.profile_id.id,
                company=result.company_id.id,
                period=result.period,
                **values,
            )
        )

    def _link(self, after, result):
        """Tell the month after about the one that was counted now, where a past month was counted."""
        column = SQL.identifier(ITEM_FIELDS[result.profile_id.kind])
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_abc_item stored
                   SET previous_abc_class = before.abc_class, previous_xyz_class = before.xyz_class,
                       movement = %(movement)s
                  FROM crm_abc_item later
                  LEFT JOIN crm_abc_item before
                         ON before.result_id = %(result)s AND before.%(column)s = later.%(column)s
                 WHERE later.result_id = %(after)s AND stored.id = later.id
                """,
                movement=self._get_movement_sql(SQL("later")),
                result=result.id,
                after=after.id,
                column=column,
            )
        )
        ((met,),) = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM crm_abc_item WHERE result_id = %s AND movement <> 'new'", after.id)
        )
        after.write({"previous_period": result.period, "gone_count": result.item_count - met})
        self.env.flush_all()
