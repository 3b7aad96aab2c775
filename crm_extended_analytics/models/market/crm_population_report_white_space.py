from odoo import models
from odoo.tools import SQL

from ...scoring.white_space import CLEAR, LEAST_CUSTOMERS, LEAST_PEERS
from ..database_settings import hash_joins

FEATURE = "market"
# sales whose way nobody noted
UNKNOWN_CHANNEL = "unknown"


class CrmPopulationReportWhiteSpace(models.AbstractModel):
    """Where customers buy less than their peers: territory x group x product category x channel.

    The arithmetic of a cell is that of `scoring.white_space`. Peers are the customers of the same group in all other
    territories; where these are too few, the customers of the other groups in the same territory.

    Customers who are alike in all that is asked for (country, state, tier, industry, segments) are counted together
    first: the combinations are few, however many the customers are, and a customer of three segments is read once.
    """

    _name = "crm.population.report.white.space"
    _inherit = ["crm.population.report"]
    _description = "White Space (Analysis)"
    _report_code = "white_space"
    # after tiers and segments
    _report_sequence = 96

    def _rebuild(self, run):
        cells = self.env["crm.market.cell"]
        if not run.company_id._has_feature(FEATURE) or cells._is_of_later_month(run):
            return
        scope = run._get_scope()
        self._make_customers(run)
        self._make_places()
        self._make_sold(scope)
        with hash_joins(self.env.cr):
            cells._replace(run, self._get_cells(scope))
        self.env.cr.execute("DROP TABLE crm_tmp_market_customer, crm_tmp_market_place, crm_tmp_market_sold")

    def _make_customers(self, run):
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_market_customer ON COMMIT DROP AS
                SELECT customer.*,
                       dense_rank() OVER (ORDER BY country_id, state_id, tier_id, industry_id, segments) AS alike
                  FROM (%s) customer
                """,
                self._get_customers_sql(run.company_id, run.period, run.as_of),
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_market_customer")

    def _get_customers_sql(self, company, period, as_of):
        """Return SQL of the customers of a month, one row each: where they are, and in which groups.

        The country is that of the measures; state and industry are today's, the tier is that of the day, the
        segments are those of the last refresh.
        """
        self.env["crm.segment.member"].flush_model()
        return SQL(
            """
            SELECT m.partner_id, m.country_id, state.id AS state_id, stay.tier_id, partner.industry_id, member.segments
              FROM crm_customer_measure m
              JOIN res_partner partner ON partner.id = m.partner_id
              LEFT JOIN res_country_state state ON state.id = partner.state_id AND state.country_id = m.country_id
              LEFT JOIN crm_tier_assignment stay ON stay.partner_id = m.partner_id AND stay.company_id = m.company_id
                    AND stay.date_from <= %(as_of)s AND (stay.date_to IS NULL OR stay.date_to > %(as_of)s)
              LEFT JOIN (SELECT member.partner_id, array_agg(segment.id ORDER BY segment.id) AS segments
                           FROM crm_segment_member member
                           JOIN crm_segment segment ON segment.id = member.segment_id
                          WHERE segment.company_id = %(company)s AND segment.active
                          GROUP BY 1) member ON member.partner_id = m.partner_id
             WHERE m.company_id = %(company)s AND m.period = %(period)s AND m.country_id IS NOT NULL
            """,
            company=company.id,
            period=period,
            as_of=as_of,
        )

    def _make_places(self):
        """Make the places (a group in a territory), and who belongs to them: each kind of customers to several."""
        self.env.cr.execute(
            """
            CREATE TEMP TABLE crm_tmp_market_place ON COMMIT DROP AS
            SELECT alike.alike, alike.customers, place.level, place.territory, part.kind, part.group_id
              FROM (SELECT alike, country_id, state_id, tier_id, industry_id, segments, COUNT(*) AS customers
                      FROM crm_tmp_market_customer GROUP BY 1, 2, 3, 4, 5, 6) alike
             CROSS JOIN LATERAL (
                   VALUES ('country', alike.country_id), ('state', alike.state_id)) place (level, territory)
             CROSS JOIN LATERAL (
                   SELECT * FROM (VALUES ('all', 0), ('tier', tier_id), ('industry', industry_id)) one
                    UNION ALL
                   SELECT 'segment', unnest(segments)) part (kind, group_id)
             WHERE place.territory IS NOT NULL AND part.group_id IS NOT NULL
            """
        )
        self.env.cr.execute("ANALYZE crm_tmp_market_place")

    def _get_spent_sql(self, company, since, as_of, categ=None):
        """Return SQL of what customers bought in the window: per category and channel, and of all channels (NULL).

        :param categ: only this category
        """
        return SQL(
            """
            SELECT commercial_partner_id AS partner_id, categ_id,
                   CASE WHEN GROUPING(channel) = 0 THEN COALESCE(channel, %(unknown)s) END AS channel,
                   SUM(amount_company)::float8 AS amount
              FROM crm_fact_sale
             WHERE company_id = %(company)s AND date > %(since)s AND date <= %(as_of)s AND categ_id IS NOT NULL
               AND %(categ)s
             GROUP BY GROUPING SETS (
                   (commercial_partner_id, categ_id, channel), (commercial_partner_id, categ_id))
            HAVING SUM(amount_company) > 0
            """,
            categ=SQL("categ_id = %s", categ.id) if categ else SQL("TRUE"),
            unknown=UNKNOWN_CHANNEL,
            company=company.id,
            since=since,
            as_of=as_of,
        )

    def _make_sold(self, scope):
        """Sum buyers and sales of those who are alike."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_market_sold ON COMMIT DROP AS
                SELECT alike, categ_id, channel, COUNT(*) AS buyers, SUM(amount) AS sales
                  FROM (%s) spent JOIN crm_tmp_market_customer USING (partner_id)
                 GROUP BY 1, 2, 3
                """,
                self._get_spent_sql(scope.company, scope.since, scope.as_of),
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_market_sold")

    def _get_cells(self, scope):
        """Return SQL of the cells; of a place with too few customers one row that says so, without a category."""
        return SQL(
            """
            WITH %(sums)s,
                 compared AS (
                SELECT place.*, offered.categ_id, offered.channel, COALESCE(own.buyers, 0) AS buyers,
                       COALESCE(own.sales, 0) AS sales,
                       CASE WHEN everywhere.customers - place.customers >= %(least_peers)s THEN 'elsewhere'
                            WHEN here.customers - place.customers >= %(least_peers)s THEN 'here' ELSE 'none' END
                            AS peer_rule,
                       everywhere.customers - place.customers AS elsewhere_peers,
                       COALESCE(every_sold.buyers, 0) - COALESCE(own.buyers, 0) AS elsewhere_buyers,
                       COALESCE(every_sold.sales, 0) - COALESCE(own.sales, 0) AS elsewhere_sales,
                       here.customers - place.customers AS here_peers,
                       COALESCE(here_sold.buyers, 0) - COALESCE(own.buyers, 0) AS here_buyers,
                       COALESCE(here_sold.sales, 0) - COALESCE(own.sales, 0) AS here_sales
                  FROM place
                  JOIN place_of_group everywhere USING (level, kind, group_id)
                  JOIN place here ON here.level = place.level AND here.territory = place.territory AND here.kind = 'all'
                  JOIN offered ON offered.level = place.level
                  LEFT JOIN sold own ON (own.level, own.territory, own.kind, own.group_id, own.offer)
                       = (place.level, place.territory, place.kind, place.group_id, offered.offer)
                  LEFT JOIN sold_of_group every_sold ON (every_sold.level, every_sold.kind, every_sold.group_id,
                       every_sold.offer) = (place.level, place.kind, place.group_id, offered.offer)
                  LEFT JOIN sold here_sold ON (here_sold.level, here_sold.territory, here_sold.kind, here_sold.offer)
                       = (place.level, place.territory, 'all', offered.offer)
                 WHERE place.customers >= %(least_customers)s),
                 peered AS (
                SELECT level, territory, kind, group_id, customers, categ_id, channel, buyers, sales, peer_rule,
                       CASE peer_rule WHEN 'elsewhere' THEN elsewhere_peers WHEN 'here' THEN here_peers END AS peers,
                       CASE peer_rule WHEN 'elsewhere' THEN elsewhere_buyers WHEN 'here' THEN here_buyers END
                            AS peer_buyers,
                       CASE peer_rule WHEN 'elsewhere' THEN elsewhere_sales WHEN 'here' THEN here_sales END
                            AS peer_sales
                  FROM compared),
                 shown AS (
                SELECT * FROM peered WHERE buyers > 0 OR peer_buyers > 0
                 UNION ALL
                SELECT level, territory, kind, group_id, customers, NULL, NULL, NULL, NULL, 'few', NULL, NULL, NULL
                  FROM place WHERE customers < %(least_customers)s)
            SELECT %(since)s::date AS date_since, shown.level AS territory_level,
                   COALESCE(state.country_id, shown.territory) AS country_id, state.id AS state_id,
                   kind AS group_kind, CASE WHEN kind = 'tier' THEN group_id END AS tier_id,
                   CASE WHEN kind = 'industry' THEN group_id END AS industry_id,
                   CASE WHEN kind = 'segment' THEN group_id END AS segment_id, categ_id, channel,
                   customers AS customer_count, buyers AS buyer_count, sales, peer_rule,
                   peers AS peer_count, peer_buyers AS peer_buyer_count, peer_sales / NULLIF(peer_buyers, 0)
                   AS sales_per_peer, %(measures)s
              FROM shown
              LEFT JOIN res_country_state state ON shown.level = 'state' AND state.id = shown.territory
            """,
            sums=self._get_sums(),
            measures=self._get_measures(),
            least_peers=LEAST_PEERS,
            least_customers=LEAST_CUSTOMERS,
            since=scope.since,
        )

    def _get_sums(self):
        """Return SQL of the sums of the places and of the groups in all territories.

        An offer is a category in a channel; its number takes the place of the two, of which one may be NULL.
        """
        return SQL(
            """
            place AS MATERIALIZED (
                SELECT level, territory, kind, group_id, SUM(customers)::int AS customers
                  FROM crm_tmp_market_place GROUP BY 1, 2, 3, 4),
                 place_of_group AS (
                SELECT level, kind, group_id, SUM(customers)::int AS customers FROM place GROUP BY 1, 2, 3),
                 offer AS MATERIALIZED (
                SELECT categ_id, channel, row_number() OVER () AS offer
                  FROM (SELECT DISTINCT categ_id, channel FROM crm_tmp_market_sold) each),
                 sold AS MATERIALIZED (
                SELECT place.level, place.territory, place.kind, place.group_id, offer.offer,
                       SUM(sold.buyers)::int AS buyers, SUM(sold.sales) AS sales
                  FROM crm_tmp_market_sold sold
                  JOIN offer ON offer.categ_id = sold.categ_id AND offer.channel IS NOT DISTINCT FROM sold.channel
                  JOIN crm_tmp_market_place place USING (alike)
                 GROUP BY 1, 2, 3, 4, 5),
                 sold_of_group AS (
                SELECT level, kind, group_id, offer, SUM(buyers)::int AS buyers, SUM(sales) AS sales
                  FROM sold GROUP BY 1, 2, 3, 4),
                 offered AS (
                SELECT DISTINCT sold.level, offer.* FROM sold JOIN offer USING (offer))
            """
        )

    def _get_measures(self):
        """Return SQL of what `scoring.white_space` makes of a cell."""
        gap = SQL("(peer_buyers::float8 / peers - buyers::float8 / customers)")
        pooled = SQL("((buyers + peer_buyers)::float8 / (customers + peers))")
        missing = SQL("(CASE WHEN peers IS NOT NULL THEN GREATEST(%s, 0) * customers END)", gap)
        return SQL(
            """
            100.0 * buyers / customers AS penetration, 100.0 * peer_buyers / NULLIF(peers, 0) AS peer_penetration,
            %(missing)s AS missing_buyers,
            CASE WHEN peer_buyers = 0 THEN 0 ELSE %(missing)s * peer_sales / peer_buyers END AS white_space,
            COALESCE(%(pooled)s NOT IN (0, 1) AND %(gap)s >= %(clear)s
                     * sqrt(%(pooled)s * (1 - %(pooled)s) * (1.0 / customers + 1.0 / peers)), FALSE) AS is_clear
            """,
            missing=missing,
            pooled=pooled,
            gap=gap,
            clear=CLEAR,
        )

    def _get_missing(self, cell):
        """Return the ids of the customers of a cell who do not buy its category in its channel, as facts say today.

        Of a place with too few customers: all of them.
        """
        place = [
            SQL("%s = %s", SQL.identifier(name), cell[name].id)
            for name in ("country_id", "state_id", "tier_id", "industry_id")
            if cell[name]
        ]
        if cell.segment_id:
            place.append(SQL("%s = ANY(segments)", cell.segment_id.id))
        if cell.categ_id:
            spent = self._get_spent_sql(cell.company_id, cell.date_since, cell.as_of, cell.categ_id)
            place.append(
                SQL(
                    "partner_id NOT IN (SELECT partner_id FROM (%s) spent WHERE channel IS NOT DISTINCT FROM %s)",
                    spent,
                    cell.channel or None,
                )
            )
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM (%s) customer WHERE %s ORDER BY partner_id",
                self._get_customers_sql(cell.company_id, cell.period, cell.as_of),
                SQL(" AND ").join(place),
            )
        )
        return [partner for (partner,) in rows]
