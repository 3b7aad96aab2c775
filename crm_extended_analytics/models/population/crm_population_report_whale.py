from odoo import models
from odoo.tools import SQL

# points of the curve that are stored besides the marked ones
POINTS = 200
# the share of customers that the sentence speaks of
BEST = 0.2


class CrmPopulationReportWhale(models.AbstractModel):
    """The cumulated share of the profit from the best customer to the worst, as `scoring.profit` defines it.

    By net profit; where the net profit of nobody is known, by the first margin. A customer whose costs are not known
    is left out and counted.
    """

    _name = "crm.population.report.whale"
    _inherit = ["crm.population.report"]
    _description = "Whale Curve (Analysis)"
    _report_code = "whale"
    _report_sequence = 20

    def _rebuild(self, run):
        basis = self._get_basis(run)
        points = self.env["crm.whale.point"]
        points._forget_rows(run)
        if basis:
            points._add(run, self._get_points(run, basis))

    def _get_basis(self, run):
        """Return the measure of the curve: the most complete profit that is known of somebody."""
        ((net, margin),) = self.env.execute_query(
            SQL(
                "SELECT COUNT(net_profit), COUNT(margin_1) FROM crm_customer_measure m WHERE %s",
                run._get_scope().rows(),
            )
        )
        return ("net_profit" if net else "margin_1") if net or margin else None

    def _get_points(self, run, basis):
        """Return SQL of the marked points and of about `POINTS` others, evenly spread."""
        return SQL(
            """
            WITH ranked AS (
                SELECT row_number() OVER place AS place, SUM(profit) OVER (place ROWS UNBOUNDED PRECEDING) AS profit
                  FROM (SELECT %(column)s AS profit, partner_id FROM crm_customer_measure m
                         WHERE %(rows)s AND %(column)s IS NOT NULL) known
                WINDOW place AS (ORDER BY profit DESC, partner_id)),
                 whole AS (
                SELECT COUNT(%(column)s) AS customers, COUNT(*) FILTER (WHERE %(column)s > 0) AS winners,
                       COUNT(*) FILTER (WHERE %(column)s < 0) AS losers, COUNT(*) - COUNT(%(column)s) AS unknown,
                       SUM(%(column)s) AS profit
                  FROM crm_customer_measure m WHERE %(rows)s)
            SELECT %(basis)s AS basis, ranked.place, whole.customers AS customer_count,
                   100.0 * ranked.place / whole.customers AS customer_share,
                   ranked.profit, whole.profit AS total_profit,
                   CASE WHEN whole.profit > 0 THEN 100.0 * ranked.profit / whole.profit END AS profit_share,
                   ranked.place = winners AS is_peak,
                   ranked.place = CEIL(%(best)s * whole.customers) AS is_best,
                   losers AS loser_count, unknown AS unknown_count
              FROM ranked, whole
             WHERE ranked.place %% (whole.customers / %(points)s + 1) = 0
                OR ranked.place IN (1, winners, whole.customers - losers, whole.customers,
                                    CEIL(%(best)s * whole.customers))
             ORDER BY ranked.place
            """,
            basis=basis,
            column=SQL.identifier("m", basis),
            rows=run._get_scope().rows(),
            best=BEST,
            points=POINTS,
        )
