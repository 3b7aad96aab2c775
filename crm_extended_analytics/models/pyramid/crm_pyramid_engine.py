from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...scoring.pyramid import ROUNDING, percentile_ends
from ..database_settings import hash_joins, use_memory
from .crm_pyramid import FEATURE
from .crm_pyramid_answers import ANSWER_FIGURES

# months that are counted beside this one when a pyramid is counted for the first time
FIRST_MONTHS = 2
ALERT_TYPE = "crm_extended_analytics.mail_activity_type_tier_fall"


class CrmPyramidEngine(models.AbstractModel):
    """Places all members of a pyramid in a few statements, and keeps the month.

    Ties: members of equal value are in the order of their ids, the lower one above, so a boundary between equals is
    the same every time. Fixed amounts never part equals.
    """

    _name = "crm.pyramid.engine"
    _description = "Counting of Value Pyramids"

    # ------------------------------------------------------------------
    # Entry
    # ------------------------------------------------------------------
    @api.model
    def _cron_rebuild(self):
        """Every night: the pyramids of companies that are not scored, which are counted from the sales alone."""
        today = fields.Date.context_today(self)
        for company in self.env["res.company"].search([("active", "=", True)]):
            if not company._has_feature("seven_p"):
                for pyramid in self.env["crm.pyramid"]._get_for_company(company):
                    self._rebuild(pyramid, company, today)

    @api.model
    def _rebuild_on_demand(self, pyramid, company):
        """Count this month, and the first time the two before as well, so that there is something to compare."""
        self._check_can_rebuild(pyramid, company)
        today = fields.Date.context_today(self)
        self.env["crm.scoring.period"]._check_open(company, today.replace(day=1))
        is_first = not self._get_month(pyramid, company, None)
        for number in range(FIRST_MONTHS if is_first else 0, 0, -1):
            self._rebuild(pyramid, company, today - relativedelta(months=number, day=31))
        return self._rebuild(pyramid, company, today)

    def _check_can_rebuild(self, pyramid, company):
        if not company._has_feature(FEATURE):
            raise UserError(
                self.env._(
                    "%(company)s does not use value pyramids. Switch the feature on under CRM > Configuration > "
                    "Features.",
                    company=company.name,
                )
            )
        if not self._get_source(pyramid, company, fields.Date.context_today(self)):
            raise UserError(
                self.env._(
                    "%(pyramid)s ranks by %(measure)s, which needs a scoring of this day. Score the customers first "
                    "(CRM > Reporting > 7P > Scoring Runs).",
                    pyramid=pyramid.name,
                    measure=pyramid._get_measure_label(),
                )
            )

    def _get_source(self, pyramid, company, as_of):
        self.env.flush_all()
        return pyramid._get_population()._get_source(pyramid, company, as_of)

    def _get_month(self, pyramid, company, period):
        """Return the month, or without a period the last one."""
        domain = [("pyramid_id", "=", pyramid.id), ("company_id", "=", company.id)]
        return self.env["crm.pyramid.month"].search(domain + ([("period", "=", period)] if period else []), limit=1)

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------
    @api.model
    def _rebuild(self, pyramid, company, as_of):
        """Count a pyramid as of a day, in place of what was counted of the month; return the month.

        Nothing is done, and an empty record returned, where the measure is not known.
        """
        source = self._get_source(pyramid, company, as_of)
        if not source:
            return self.env["crm.pyramid.month"]
        use_memory(self.env.cr)
        self._rank(pyramid, company, as_of, source)
        month = self._write_month(pyramid, company, as_of, source)
        with hash_joins(self.env.cr):
            self._write_snapshot(month)
            self._link_following(month)
        self.env.cr.execute(SQL("DROP TABLE crm_pyramid_work"))
        self.env["crm.pyramid.snapshot"].invalidate_model()
        if month == self._get_month(pyramid, company, None):
            self._use(month)
        return month

    def _rank(self, pyramid, company, as_of, source):
        """Put the members into a table of this transaction, in their order; who has no known value has no place."""
        members = pyramid._get_population()._get_ranked_sql(pyramid, company, as_of, source)
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_pyramid_work ON COMMIT DROP AS
                SELECT ranked.*, CASE WHEN is_placed THEN number END AS place,
                       CASE WHEN is_placed THEN above END AS before
                  FROM (SELECT member.*, role = 'active' AND value IS NOT NULL AS is_placed,
                               row_number() OVER ordered AS number,
                               SUM(GREATEST(value, 0)) OVER ordered - GREATEST(value, 0) AS above
                          FROM (%s) member
                        WINDOW ordered AS (PARTITION BY role COLLATE "C" ORDER BY value DESC NULLS LAST, partner_id
                               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) ranked
                """,
                members,
            )
        )

    def _write_month(self, pyramid, company, as_of, source):
        ((placed, unknown, total, positive),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(place), COUNT(*) - COUNT(place), COALESCE(SUM(value), 0),
                       COALESCE(SUM(GREATEST(value, 0)), 0)
                  FROM crm_pyramid_work WHERE role = 'active'
                """
            )
        )
        period = as_of.replace(day=1)
        months = self.env["crm.pyramid.month"]
        values = {
            "as_of": as_of,
            "previous_period": months._get_previous_period(pyramid, company, period),
            "rule": self._get_rule(pyramid, placed),
            "source": source,
            "active_count": placed + unknown,
            "unknown_count": unknown,
            "opt_out_count": pyramid._get_population()._count_opt_outs(company),
            "total_value": total,
        }
        month = self._get_month(pyramid, company, period)
        if month:
            month.write(values)
        else:
            month = months.create({"pyramid_id": pyramid.id, "company_id": company.id, "period": period, **values})
        self.env.flush_all()
        return month.with_context(crm_pyramid_placed=placed, crm_pyramid_positive=positive)

    def _get_rule(self, pyramid, count):
        if pyramid.method != "percentile":
            return pyramid.method
        smallest = min(pyramid._get_cut_lines().mapped("share_pct"))
        return "least_one" if count * smallest < 100 else "percentile"

    def _get_rank_sql(self, month):
        """Return SQL of the layer of a row of the work table, as the functions in scoring/pyramid.py place it."""
        pyramid = month.pyramid_id
        lines, cut = pyramid.line_ids.sorted(), pyramid._get_cut_lines()
        numbers = {line: number for number, line in enumerate(lines)}
        arms = [SQL("WHEN role = %s THEN %s", line.role, numbers[line]) for line in lines if line.role != "active"]
        arms.append(SQL("WHEN place IS NULL THEN NULL::int"))
        limits = self._get_limits(month, cut)
        arms += [SQL("WHEN %s THEN %s", limit, numbers[line]) for line, limit in zip(cut, limits, strict=False)]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(arms), numbers[cut[-1]])

    def _get_limits(self, month, cut):
        """Return a condition per tier of active members but the last one: the first that holds is the tier."""
        context, method = month.env.context, month.pyramid_id.method
        if method == "amount":
            return [SQL("value >= %s::float8", line.amount) for line in cut[:-1]]
        shares = [line.share_pct / 100 for line in cut]
        # thirds in percent do not sum to 1: the last tier takes the rest
        shares[-1] = 1 - sum(shares[:-1])
        if method == "percentile":
            return [SQL("place <= %s", end) for end in percentile_ends(context["crm_pyramid_placed"], shares)[:-1]]
        positive, reached, limits = context["crm_pyramid_positive"], 0.0, []
        for share in shares[:-1]:
            reached += share
            limits.append(
                SQL("value > 0 AND before < %s::float8", (reached - ROUNDING) * positive if positive else 0.0)
            )
        return limits

    def _write_snapshot(self, month):
        """Write the rows of the month that changed, delete those of members who are gone, and add those who are new."""
        names = ["tier_id", "rank", "value", "previous_tier_id", "previous_rank", "previous_value", "movement"]
        names += [*month.pyramid_id._get_population()._get_columns(), *ANSWER_FIGURES]
        values = {"company": month.company_id.id, "pyramid": month.pyramid_id.id, "period": month.period}
        here = SQL(
            "stored.company_id = %(company)s AND stored.pyramid_id = %(pyramid)s AND stored.period = %(period)s",
            **values,
        )
        self.env.cr.execute(
            SQL(
                """
                WITH counted AS MATERIALIZED (%(counted_rows)s),
                     changed AS (
                    UPDATE crm_pyramid_snapshot stored SET (%(names)s) = ROW(%(counted)s)
                      FROM counted
                     WHERE %(here)s AND stored.partner_id = counted.partner_id
                       AND (%(stored)s) IS DISTINCT FROM (%(counted)s)),
                     gone AS (
                    DELETE FROM crm_pyramid_snapshot stored
                     WHERE %(here)s
                       AND NOT EXISTS (SELECT FROM counted WHERE counted.partner_id = stored.partner_id))
                INSERT INTO crm_pyramid_snapshot (company_id, pyramid_id, period, partner_id, %(names)s)
                SELECT %(company)s, %(pyramid)s, %(period)s, partner_id, %(names)s FROM counted
                 WHERE NOT EXISTS (
                       SELECT FROM crm_pyramid_snapshot stored
                        WHERE %(here)s AND stored.partner_id = counted.partner_id)
                 ORDER BY partner_id
                """,
                here=here,
                counted_rows=self._get_counted_sql(month),
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                stored=self._get_columns_sql("stored", names),
                counted=self._get_columns_sql("counted", names),
                **values,
            )
        )

    def _get_counted_sql(self, month):
        """Return SQL of the rows of the month: the work table with the tier, and with what was before."""
        return SQL(
            """
            SELECT placed.*, (%(tiers)s::int[])[placed.rank + 1] AS tier_id, %(movement)s AS movement,
                   before.tier_id AS previous_tier_id, before.rank AS previous_rank, before.value AS previous_value
              FROM (SELECT work.*, %(rank)s AS rank FROM crm_pyramid_work work) placed
              LEFT JOIN crm_pyramid_snapshot before
                     ON before.partner_id = placed.partner_id AND before.company_id = %(company)s
                    AND before.pyramid_id = %(pyramid)s AND before.period = %(previous)s
             WHERE placed.rank IS NOT NULL
            """,
            tiers=month.pyramid_id.line_ids.sorted().tier_id.ids,
            movement=self._get_movement_sql(SQL("placed")),
            rank=self._get_rank_sql(month),
            company=month.company_id.id,
            pyramid=month.pyramid_id.id,
            previous=month.previous_period or None,
        )

    def _get_columns_sql(self, alias, names):
        return SQL(", ").join(SQL.identifier(alias, name) for name in names)

    def _get_movement_sql(self, now):
        return SQL(
            "CASE WHEN before.rank IS NULL THEN 'new' WHEN before.rank > %(now)s.rank THEN 'rose'"
            " WHEN before.rank < %(now)s.rank THEN 'fell' ELSE 'stayed' END",
            now=now,
        )

    def _link_following(self, month):
        """Tell the month after about the one that was counted now, where a past month was counted."""
        following = self.env["crm.pyramid.month"].search(
            [
                ("pyramid_id", "=", month.pyramid_id.id),
                ("company_id", "=", month.company_id.id),
                ("period", ">", month.period),
            ],
            order="period",
            limit=1,
        )
        if not following:
            return
        following.previous_period = month.period
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_pyramid_snapshot stored
                   SET previous_tier_id = before.tier_id, previous_rank = before.rank, previous_value = before.value,
                       movement = %(movement)s
                  FROM crm_pyramid_snapshot later
                  LEFT JOIN crm_pyramid_snapshot before
                         ON before.partner_id = later.partner_id AND before.company_id = later.company_id
                        AND before.pyramid_id = later.pyramid_id AND before.period = %(period)s
                 WHERE later.company_id = %(company)s AND later.pyramid_id = %(pyramid)s
                   AND later.period = %(following)s AND stored.id = later.id
                """,
                movement=self._get_movement_sql(SQL("later")),
                period=month.period,
                company=month.company_id.id,
                pyramid=month.pyramid_id.id,
                following=following.period,
            )
        )

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------
    def _use(self, month):
        """Let the last month set the tiers of customers, and report those who fell."""
        pyramid, company = month.pyramid_id, month.company_id
        population = pyramid._get_population()
        if pyramid.is_leading and population._has_service_tiers() and company._has_feature("service_tiers"):
            placed = SQL(
                "SELECT partner_id, tier_id FROM crm_pyramid_snapshot"
                " WHERE company_id = %s AND pyramid_id = %s AND period = %s",
                company.id,
                pyramid.id,
                month.period,
            )
            with hash_joins(self.env.cr):
                self.env["crm.tier.assignment"]._apply(company, placed, month.as_of)
        if pyramid.line_ids.grade_id and population._kind == "partner":
            # `sudo`: nobody writes proposals by hand
            self.env["crm.partner.grade.proposal"].sudo()._propose(month)
        if (
            pyramid.alert_on_fall
            and population._has_alerts()
            and month.period == fields.Date.context_today(self).replace(day=1)
        ):
            self._alert(month)

    def _alert(self, month):
        """Give an activity for each new fall out of a tier that is marked; a fall of a month is reported once."""
        alert_type = self.env.ref(ALERT_TYPE, raise_if_not_found=False)
        tiers = month.pyramid_id.line_ids.filtered("alert").tier_id
        if not alert_type or not tiers:
            return
        rows = self.env["crm.pyramid.snapshot"].search(
            [
                ("company_id", "=", month.company_id.id),
                ("pyramid_id", "=", month.pyramid_id.id),
                ("period", "=", month.period),
                ("movement", "=", "fell"),
                ("previous_tier_id", "in", tiers.ids),
                ("is_alerted", "=", False),
            ]
        )
        # no e-mail for each: hundreds of them would reach one salesperson in a night, and the activities count anyway
        activities = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        activities.create(self._prepare_alerts(month, rows, alert_type))
        rows.write({"is_alerted": True})

    def _prepare_alerts(self, month, rows, alert_type):
        model = self.env["ir.model"]._get("res.partner")
        return [
            {
                "res_model_id": model.id,
                "res_id": row.partner_id.id,
                "activity_type_id": alert_type.id,
                "summary": self.env._(
                    "Fell from %(before)s to %(now)s", before=row.previous_tier_id.name, now=row.tier_id.name
                ),
                "note": row.reason,
                "date_deadline": fields.Date.context_today(self),
                "user_id": self._get_alert_user(month, row).id,
            }
            for row in rows
        ]

    def _get_alert_user(self, month, row):
        """Return who looks after the customer: his salesperson, else the owner of the tier he fell from."""
        tier = row.previous_tier_id.with_company(month.company_id)
        return row.partner_id.user_id or tier.user_id or self.env.user
