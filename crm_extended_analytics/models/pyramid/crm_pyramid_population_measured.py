from odoo import models
from odoo.tools import SQL

from ..known_margin import known_margin
from ..seven_p.scoring_scope import exact
from .crm_pyramid_scope import PyramidScope


class CrmPyramidPopulationMeasured(models.AbstractModel):
    """A kind whose members have figures beside the value, counted from parts that are joined to the members.

    Another addon adds a figure: a part with its rows, the figure made of it, and the field that keeps it.
    """

    _name = "crm.pyramid.population.measured"
    _inherit = ["crm.pyramid.population"]
    _description = "Population with Figures"

    def _get_parts(self, scope):
        """Return ``{alias: SQL with a column partner_id}``: what is known of members, each in a part once at most."""
        raise NotImplementedError

    def _get_figures(self, scope):
        """Return ``{figure: SQL over the columns of the parts}``."""
        raise NotImplementedError

    def _get_member_condition(self, scope):
        """Return the SQL condition which contacts (alias ``member``) are in pyramids of the kind."""
        raise NotImplementedError

    def _get_role(self, scope):
        """Return SQL of the role of a member."""
        raise NotImplementedError

    def _get_value(self, scope):
        """Return SQL of the value, over the figures."""
        raise NotImplementedError

    def _get_ctes(self, scope):
        """Return ``{name: SQL}`` of what several parts read."""
        return {}

    def _get_members_sql(self, pyramid, company, as_of, source):
        scope = PyramidScope(pyramid, company, as_of)
        unmeasured = self._get_unmeasured(pyramid, company)
        figures = {
            name: SQL("NULL::float8") if name in unmeasured else SQL("(%s)::float8", figure)
            for name, figure in self._get_figures(scope).items()
        }
        ctes = [
            SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), sql) for name, sql in self._get_ctes(scope).items()
        ]
        return SQL(
            """
            %(ctes)s
            SELECT measured.*, CASE WHEN measured.role = 'active' THEN %(value)s END AS value
              FROM (SELECT member.id AS partner_id, %(role)s AS role, %(figures)s
                      FROM res_partner member %(joins)s
                     WHERE member.crm_profiling_opt_out IS NOT TRUE AND %(condition)s) measured
            """,
            ctes=SQL("WITH %s", SQL(", ").join(ctes)) if ctes else SQL(""),
            value=exact(SQL("(%s)", self._get_value(scope))),
            role=self._get_role(scope),
            figures=SQL(", ").join(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in figures.items()),
            joins=SQL(" ").join(
                SQL("LEFT JOIN (%s) %s ON %s.partner_id = member.id", sql, SQL.identifier(name), SQL.identifier(name))
                for name, sql in self._get_parts(scope).items()
            ),
            condition=self._get_member_condition(scope),
        )

    def _count_opt_outs(self, company):
        """Return the contacts of the company who object, whatever kind they would be of."""
        return 0

    # ------------------------------------------------------------------
    # Parts of several kinds
    # ------------------------------------------------------------------
    def _get_margin_figure(self, scope):
        """Return SQL of net sales - cost of goods over a part ``sales``, where enough of the cost is known.

        The known part stands for the little that is not known, as in the profit of customers.
        """
        return SQL(
            "%s - COALESCE(returned.amount, 0) + COALESCE(returned.cost, 0)",
            known_margin(
                sold=SQL("sales.sold"),
                known=SQL("sales.known"),
                margin=SQL("(sales.known - sales.cost)"),
                least=self.env["crm.scoring.method"]._get_least_known_pct(scope.company),
            ),
        )

    def _get_sales_part(self, scope, rows):
        """Return the part ``sales`` of rows with (partner_id, date, amount, cost, is_known)."""
        return SQL(
            """
            SELECT partner_id, MAX(date) FILTER (WHERE amount > 0) AS last_date,
                   SUM(amount) FILTER (WHERE date > %(since)s) AS sold,
                   SUM(amount) FILTER (WHERE date > %(since)s AND cost IS NOT NULL) AS known,
                   SUM(cost) FILTER (WHERE date > %(since)s) AS cost
              FROM %(rows)s GROUP BY partner_id
            """,
            rows=SQL.identifier(rows),
            **scope.values,
        )

    def _get_retention_part(self, scope, rows):
        """Return customers of the window before (``bought``), and those of them who bought again (``again``)."""
        return SQL(
            """
            SELECT partner_id, COUNT(*) FILTER (WHERE was) AS bought, COUNT(*) FILTER (WHERE was AND is_) AS again
              FROM (SELECT partner_id, customer_id,
                           BOOL_OR(date > %(before)s AND date <= %(since)s) AS was, BOOL_OR(date > %(since)s) AS is_
                      FROM %(rows)s WHERE amount > 0 GROUP BY partner_id, customer_id) customer
             GROUP BY partner_id
            """,
            rows=SQL.identifier(rows),
            **scope.values,
        )

    def _get_outcome_part(self, scope, key):
        """Return won and lost opportunities of the window and the days of the won ones, by the SQL of a member."""
        return SQL(
            """
            SELECT %(key)s AS partner_id, COUNT(*) FILTER (WHERE fact.outcome = 'won') AS won, COUNT(*) AS closed,
                   AVG(fact.days_to_close) FILTER (WHERE fact.outcome = 'won') AS days
              FROM crm_fact_opportunity fact
              JOIN crm_lead lead ON lead.id = fact.lead_id
              LEFT JOIN res_users seller ON seller.id = fact.user_id
              %(named)s
             WHERE fact.company_id = %(company)s AND fact.date > %(since)s AND fact.date <= %(as_of)s
               AND %(key)s IS NOT NULL
             GROUP BY 1
            """,
            key=key,
            named=self._get_outcome_join(),
            **scope.values,
        )

    def _get_outcome_join(self):
        return SQL("")
