from odoo import models
from odoo.tools import SQL

from .crm_scoring_p import round_days


class CrmScoringPProfiling(models.AbstractModel):
    """Who he is as a customer: how he pays, how large his orders are, how regular and on which day they come."""

    _name = "crm.scoring.p.profiling"
    _inherit = ["crm.scoring.p.profiling.contact.mixin", "crm.scoring.p"]
    _description = "Profiling (7P)"
    _p_code = "profiling"
    _p_sequence = 10
    _p_money = ("value", "receivable")

    def _get_label(self):
        return self.env._("Profiling")

    def _needs(self):
        return ("crm.fact.sale", "crm.fact.payment", "crm.fact.receivable", "crm.fact.interaction")

    def _get_measures(self, scope):
        recent = SQL("FILTER (WHERE r.is_purchase AND r.date > %s)", scope.since)
        paid = SQL("SUM(r.amount) FILTER (WHERE r.amount > 0)")
        return {
            "order": {
                "basket_value": SQL("AVG(r.amount) %s", recent),
                "basket_lines": SQL("AVG(r.lines) %s", recent),
                "largest_order_share": self._ratio(SQL("MAX(r.amount) %s", recent), SQL("SUM(r.amount) %s", recent)),
                "gap_deviation": SQL("STDDEV_POP(r.gap) FILTER (WHERE r.gap > 0)"),
                "rhythm_variation": SQL(
                    "CASE WHEN COUNT(*) FILTER (WHERE r.gap > 0) > 1"
                    " THEN STDDEV_POP(r.gap) FILTER (WHERE r.gap > 0) / AVG(r.gap) FILTER (WHERE r.gap > 0) END"
                ),
                # 2001-01-01 was a Monday
                "weekday": SQL("1 + mode() WITHIN GROUP (ORDER BY (r.date - '2001-01-01'::date) %% 7) %s", recent),
                "usual_channel": SQL('mode() WITHIN GROUP (ORDER BY r.channel COLLATE "C") %s', recent),
                "usual_hour": SQL(
                    "mode() WITHIN GROUP (ORDER BY date_part('hour', r.moment AT TIME ZONE 'UTC' AT TIME ZONE %s)::int)"
                    " FILTER (WHERE r.is_purchase AND r.date > %s AND r.moment IS NOT NULL)",
                    scope.company.partner_id.tz or "UTC",
                    scope.since,
                ),
                "country_id": SQL(
                    "NULLIF(MAX((r.date - '2001-01-01'::date)::bigint * 10000000 + COALESCE(r.country_id, 0))"
                    " %% 10000000, 0)"
                ),
            },
            "product": {
                # the category of the product of the largest sales: its id in the last digits of them
                "top_categ_id": SQL(
                    "NULLIF(MAX(round(r.amount)::bigint * 10000000 + COALESCE(r.categ_id, 0))"
                    " FILTER (WHERE r.amount > 0) %% 10000000, 0)"
                ),
            },
            "payment": {
                "delay_days": SQL("SUM(r.amount * r.days_late) / %s", SQL("NULLIF(%s, 0)", paid)),
                "late_share": SQL(
                    "100 * COALESCE(SUM(r.amount) FILTER (WHERE r.days_late > 0), 0) / NULLIF(%s, 0)", paid
                ),
            },
            "interaction": {"interaction_count": SQL("COUNT(*)")},
        }

    def _get_computed(self, scope):
        return [self._get_contact_share()]

    # ------------------------------------------------------------------
    # The contact, and what he owes
    # ------------------------------------------------------------------
    def _get_own_sql(self, scope):
        """Return what the contact and his debts say: the contact as he is now, the debts as of the day."""
        columns = {
            "profile_complete": self._get_complete_sql(scope),
            "data_age": SQL(
                "GREATEST(0, %s - GREATEST(p.crm_profile_confirmed_on, COALESCE(p.write_date, p.create_date)::date))",
                scope.as_of,
            ),
            "receivable": SQL("debt.receivable"),
            "overdue_share": self._ratio(SQL("debt.overdue"), SQL("debt.receivable")),
            "dso": self._ratio(
                SQL("debt.receivable"), SQL("debt.billed"), factor=float((scope.as_of - scope.since).days)
            ),
            "dso_countback": SQL("debt.countback"),
            "limit_use": SQL("NULL::float8"),
            **self._get_contact_columns(),
        }
        joins = SQL(
            "LEFT JOIN (%s) debt ON debt.partner_id = p.id %s",
            self._get_debt_sql(scope),
            self._get_contact_joins(scope),
        )
        if scope.company.account_use_credit_limit:
            columns["limit_use"], limit = self._get_limit_sql(scope)
            joins = SQL("%s %s", joins, limit)
        # contacts are left to the join: the planner would take "commercial" for one of two hundred
        return list(columns), SQL(
            "SELECT p.id AS partner_id, %s FROM res_partner p %s WHERE %s",
            SQL(", ").join(SQL("%s AS %s", value, SQL.identifier(name)) for name, value in columns.items()),
            joins,
            scope.partners(SQL("p.id")),
        )

    def _get_complete_sql(self, scope):
        """Return the share of the profile that is filled, as `profiling.completeness`."""
        parts = [
            SQL("CASE WHEN %s THEN %s::float8 ELSE 0 END", filled, field.weight)
            for field in scope.method.field_ids
            if (filled := field._get_filled_sql(scope.company))
        ]
        total = sum(scope.method.field_ids.mapped("weight"))
        return SQL("100 * (%s) / %s::float8", SQL(" + ").join(parts), total) if parts else SQL("NULL::float8")

    def _get_debt_sql(self, scope):
        """Return what each customer owes on the day, how much of it is past due, and the days of sales it is.

        Debts less what was paid for them up to the day, by month of the invoice; counting back, the newest months
        are consumed first, as `profiling.dso_countback`. A debt that is older than all invoices has all their days.
        """
        rest = SQL("receivable - (upto - billed)")
        return SQL(
            """
            SELECT partner_id, round(MAX(receivable) * 1e4) / 1e4 AS receivable,
                   round(SUM(overdue) * 1e4) / 1e4 AS overdue, SUM(recent) AS billed,
                   COALESCE(SUM(CASE WHEN %(rest)s > 0.005 THEN newer - until
                        + (until - month) * LEAST(1, (%(rest)s) / NULLIF(billed, 0)) END), 0)::float8 AS countback
              FROM (SELECT month.*, SUM(open) OVER (PARTITION BY partner_id) AS receivable,
                           SUM(billed) OVER latest AS upto,
                           LEAST((month + interval '1 month')::date, %(day)s + 1) AS until,
                           COALESCE(LAG(month) OVER latest, %(day)s + 1) AS newer
                      FROM (SELECT partner_id, date_trunc('month', date::timestamp)::date AS month,
                                   SUM(billed) AS billed, SUM(billed - settled) AS open,
                                   SUM(billed - settled) FILTER (WHERE date_due < %(day)s) AS overdue,
                                   SUM(billed) FILTER (WHERE date > %(since)s) AS recent
                              FROM (%(moves)s) move GROUP BY 1, 2) month
                    WINDOW latest AS (PARTITION BY partner_id ORDER BY month DESC)) counted
             GROUP BY partner_id
            """,
            rest=rest,
            day=SQL("%s::date", scope.as_of),
            since=scope.since,
            moves=self._get_debt_moves_sql(scope),
        )

    def _get_debt_moves_sql(self, scope):
        """Return what was billed and what was settled up to the day, each at the date of its invoice."""
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, date, date_due, amount_company::float8 AS billed,
                   0::float8 AS settled
              FROM crm_fact_receivable WHERE %(facts)s
             UNION ALL
            SELECT commercial_partner_id, LEAST(date_invoice, date), date_due, 0, amount_company::float8
              FROM crm_fact_payment WHERE %(facts)s
            """,
            facts=scope.facts(),
        )

    def _get_limit_sql(self, scope):
        """Return ``(use of the credit limit in percent, join)``: the debt and the orders not yet billed by the limit.

        The limit is that of now. What is ordered and not billed is without taxes.
        """
        key = str(scope.company.id)
        fallback = (
            self.env["res.partner"]
            ._fields["credit_limit"]
            .get_company_dependent_fallback(self.env["res.partner"].with_company(scope.company))
        )
        limit = SQL("COALESCE((p.credit_limit ->> %s)::float8, %s::float8)", key, fallback or 0.0)
        join = SQL(
            """
            LEFT JOIN (
                SELECT ordered.commercial_partner_id AS partner_id,
                       SUM(GREATEST(0, ordered.amount_company - COALESCE(billed.amount, 0)))::float8 AS amount
                  FROM crm_fact_sale ordered
                  LEFT JOIN (SELECT rel.order_line_id, SUM(invoice.amount_company) AS amount
                               FROM crm_fact_invoice invoice
                               JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = invoice.res_id
                              WHERE %(facts)s GROUP BY rel.order_line_id) billed
                    ON billed.order_line_id = ordered.res_id
                 WHERE %(facts)s AND ordered.res_model = 'sale.order.line'
                 GROUP BY ordered.commercial_partner_id) waiting ON waiting.partner_id = p.id
            """,
            facts=scope.facts(since=scope.since),
        )
        return self._ratio(SQL("COALESCE(debt.receivable, 0) + COALESCE(waiting.amount, 0)"), limit), join

    # ------------------------------------------------------------------
    # Explanation
    # ------------------------------------------------------------------
    def _get_missing(self, row):
        return "facts" if row and row["purchase_days"] else "purchase"

    def _explain_level(self, row):
        """Return ``[(code, {number})]`` about the level of the customer: for an addon that has levels."""
        return []

    def _explain(self, row):
        found = self._explain_level(row)
        if row["delay_days"] is not None:
            code = "pays_late" if row["delay_days"] > 0 else "pays_in_time"
            found.append((code, {"days": abs(round(row["delay_days"], 1)), "share": round(row["late_share"])}))
        if row["receivable"]:
            found.append(("owes", {"receivable": row["receivable"], "share": round(row["overdue_share"] or 0)}))
        if row["limit_use"] is not None:
            found.append(("limit", {"share": round(row["limit_use"])}))
        if row["basket_value"] is not None:
            found.append(("basket", {"value": row["basket_value"], "lines": round(row["basket_lines"], 1)}))
        if row["rhythm_variation"] is not None:
            code = "regular" if row["rhythm_variation"] < 0.5 else "irregular"
            found.append((code, {"days": round_days(row["rhythm_days"]), "spread": round_days(row["gap_deviation"])}))
        if row["profile_complete"] is not None and row["profile_complete"] < 100:
            found.append(("profile", {"share": round(row["profile_complete"])}))
        return found + self._explain_contacts(row)

    def _get_sentences(self):
        return self._get_contact_sentences() | {
            "pays_late": self.env._(
                "Pays %(days)s days after the due date on average; %(share)s %% of the money came late."
            ),
            "pays_in_time": self.env._(
                "Pays %(days)s days before the due date on average; %(share)s %% of the money came late."
            ),
            "owes": self.env._("Owes %(receivable)s; %(share)s %% of it is overdue."),
            "limit": self.env._("Uses %(share)s %% of the credit limit."),
            "profile": self.env._("What is known of the customer is %(share)s %% complete."),
            "basket": self.env._("An order is worth %(value)s and has %(lines)s lines."),
            "regular": self.env._("Buys regularly: every %(days)s days, give or take %(spread)s."),
            "irregular": self.env._("Buys irregularly: every %(days)s days, give or take %(spread)s."),
        }
