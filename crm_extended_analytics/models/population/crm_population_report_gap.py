from odoo import models
from odoo.tools import SQL

# fifths of the customers by net sales: the size of a customer
SIZES = 5
# a smaller group of peers proves nothing; unit: customers
LEAST_PEERS = 10
# products that are looked at per group of peers, and kept per customer
CANDIDATES, KEPT = 20, 3
# what fewer of the peers buy is no pattern; unit: share of the peers
LEAST_SHARE = 0.1


class CrmPopulationReportGap(models.AbstractModel):
    """What the peers of a customer buy and he never bought.

    Peers are the customers of the same country and the same fifth by net sales; where they are fewer than ten, those
    of the same fifth in all countries; where these are fewer too, all customers.
    """

    _name = "crm.population.report.gap"
    _inherit = ["crm.population.report"]
    _description = "What Peers Buy (Analysis)"
    _report_code = "gap"
    _report_sequence = 50

    def _rebuild(self, run):
        gaps = self.env["crm.customer.gap"]
        if gaps._is_of_later_month(run):
            return
        self._make_groups(run)
        self._make_members()
        self._make_spent(run)
        self._make_candidates()
        gaps._replace(run, self._get_gaps(run))
        self.env.cr.execute("DROP TABLE crm_tmp_peer, crm_tmp_member, crm_tmp_spent, crm_tmp_candidate")

    def _make_groups(self, run):
        """Give each customer the group he is compared with: the narrowest one with enough customers.

        The number of a group tells what it is: 10 x country + fifth, minus the fifth, or 0 for all.
        """
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_peer ON COMMIT DROP AS
                  WITH sized AS (
                SELECT partner_id, COALESCE(country_id, 0) AS country,
                       ntile(%(sizes)s) OVER (ORDER BY net_sales DESC, partner_id) AS size
                  FROM crm_customer_measure m WHERE %(rows)s AND net_sales > 0),
                       counted AS (
                SELECT sized.*, COUNT(*) OVER (PARTITION BY country, size) AS near,
                       COUNT(*) OVER (PARTITION BY size) AS far, COUNT(*) OVER () AS every FROM sized)
                SELECT partner_id, 10 * country + size AS near_group, -size AS far_group,
                       CASE WHEN near >= %(least)s AND country > 0 THEN 10 * country + size
                            WHEN far >= %(least)s THEN -size ELSE 0 END AS peer_group
                  FROM counted WHERE every >= %(least)s
                """,
                sizes=SIZES,
                rows=run._get_scope().rows(),
                least=LEAST_PEERS,
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_peer")

    def _make_members(self):
        """Make the members of each group that somebody is compared with: of the narrow groups, and of the wide ones."""
        self.env.cr.execute(
            """
            CREATE TEMP TABLE crm_tmp_member ON COMMIT DROP AS
              WITH used AS (SELECT DISTINCT peer_group FROM crm_tmp_peer)
            SELECT partner_id, near_group AS peer_group FROM crm_tmp_peer
             WHERE near_group IN (SELECT peer_group FROM used)
             UNION ALL
            SELECT partner_id, far_group FROM crm_tmp_peer WHERE far_group IN (SELECT peer_group FROM used)
             UNION ALL
            SELECT partner_id, 0 FROM crm_tmp_peer WHERE 0 IN (SELECT peer_group FROM used)
            """
        )
        self.env.cr.execute("ANALYZE crm_tmp_member")

    def _make_spent(self, run):
        """Keep what each customer spent on each product in the window."""
        scope = run._get_scope()
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_spent ON COMMIT DROP AS
                SELECT commercial_partner_id AS partner_id, product_id, SUM(amount_company)::float8 AS amount
                  FROM crm_fact_sale WHERE %(facts)s AND product_id IS NOT NULL
                 GROUP BY 1, 2 HAVING SUM(amount_company) > 0
                """,
                facts=scope.facts(since=scope.since),
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_spent")

    def _make_candidates(self):
        """Keep what each group buys most in the window: the share of its customers, and their median spending."""
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tmp_candidate ON COMMIT DROP AS
                  WITH size AS (SELECT peer_group, COUNT(*) AS peers FROM crm_tmp_member GROUP BY 1),
                       popular AS (
                SELECT peer_group, product_id, COUNT(*) AS buyers,
                       row_number() OVER (PARTITION BY peer_group ORDER BY COUNT(*) DESC, product_id) AS place
                  FROM crm_tmp_spent JOIN crm_tmp_member USING (partner_id) GROUP BY 1, 2),
                       chosen AS MATERIALIZED (
                SELECT peer_group, product_id, size.peers, popular.buyers
                  FROM popular JOIN size USING (peer_group)
                 WHERE popular.place <= %(candidates)s AND popular.buyers >= %(share)s * size.peers)
                SELECT peer_group, product_id, peers, buyers,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY spent.amount) AS value
                  FROM crm_tmp_spent spent
                  JOIN crm_tmp_member member USING (partner_id)
                  JOIN chosen USING (peer_group, product_id)
                 GROUP BY 1, 2, 3, 4
                """,
                candidates=CANDIDATES,
                share=LEAST_SHARE,
            )
        )
        self.env.cr.execute("ANALYZE crm_tmp_candidate")

    def _get_gaps(self, run):
        """Return SQL of the products of his peers that a customer never bought, the most usual ones."""
        return SQL(
            """
            WITH bought AS MATERIALIZED (
                SELECT DISTINCT commercial_partner_id AS partner_id, product_id FROM crm_fact_sale
                 WHERE %(facts)s AND product_id IN (SELECT product_id FROM crm_tmp_candidate)),
                 missing AS (
                SELECT peer.partner_id, candidate.*,
                       row_number() OVER (
                       PARTITION BY peer.partner_id ORDER BY candidate.buyers DESC, candidate.product_id) AS place
                  FROM crm_tmp_peer peer
                  JOIN crm_tmp_candidate candidate USING (peer_group)
                  LEFT JOIN bought ON bought.partner_id = peer.partner_id AND bought.product_id = candidate.product_id
                 WHERE bought.partner_id IS NULL)
            SELECT partner_id, product_id, peers AS peer_count, buyers AS buyer_count,
                   100.0 * buyers / peers AS peer_share, value AS expected_value,
                   CASE WHEN peer_group > 0 THEN 'country' WHEN peer_group < 0 THEN 'size' ELSE 'all' END AS peer_rule
              FROM missing WHERE place <= %(kept)s
            """,
            facts=run._get_scope().facts(),
            kept=KEPT,
        )
