from odoo import api, fields, models
from odoo.tools import formatLang

from ..seven_p.known_float import KnownFloat


class CrmWhalePoint(models.Model):
    """A point of the whale curve: so many of the best customers bring so much of the whole profit."""

    _name = "crm.whale.point"
    _inherit = ["crm.population.row.mixin"]
    _description = "Whale Curve"
    _log_access = False
    _order = "period desc, place, id"

    basis = fields.Selection(
        selection=[("net_profit", "Net profit"), ("margin_1", "Margin (CM1)")],
        required=True,
        readonly=True,
        help="What is cumulated: the net profit of each customer, or the first margin where no net profit is known.",
    )
    place = fields.Integer(
        readonly=True, aggregator=None, help="Customers up to this point, the most profitable one first."
    )
    customer_count = fields.Integer(
        string="Customers", readonly=True, aggregator=None, help="Customers on the whole curve: of known profit."
    )
    customer_share = fields.Float(
        string="Customers (%)", readonly=True, aggregator=None, help="Place / customers, in percent."
    )
    profit = fields.Monetary(
        string="Cumulated Profit", readonly=True, aggregator=None, help="Profit of the customers up to this place."
    )
    total_profit = fields.Monetary(readonly=True, aggregator=None, help="Profit of all customers of the curve.")
    profit_share = KnownFloat(
        string="Profit (%)",
        readonly=True,
        aggregator="max",
        help="Cumulated profit / profit of all customers, in percent; empty when all together bring no profit.",
    )
    is_peak = fields.Boolean(string="Peak", readonly=True, help="After this place no customer brings a profit.")
    is_best = fields.Boolean(string="Best Fifth", readonly=True, help="The place at 20 % of the customers.")
    loser_count = fields.Integer(
        string="Customers at a Loss", readonly=True, aggregator=None, help="Customers with a negative profit."
    )
    unknown_count = fields.Integer(
        string="Left Out", readonly=True, aggregator=None, help="Customers whose costs are not known well enough."
    )

    @api.model
    def action_open_losers(self, period):
        """Show the measures of the customers who bring a loss."""
        self.browse().check_access("read")
        point = self.search(self._get_month_domain(fields.Date.to_date(period)), limit=1)
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_customer_measure_action")
        name = self.env._("Customers at a loss")
        return action | {
            "name": name,
            "display_name": name,
            "domain": [
                ("company_id", "=", self.env.company.id),
                ("period", "=", str(point.period)),
                (point.basis or "net_profit", "<", 0),
            ],
            "view_mode": "list,form",
            "views": [[False, "list"], [False, "form"]],
        }

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    def _prepare_screen(self, rows, option):
        peak = rows.filtered("is_peak")
        is_share = rows[:1].profit_share is not False
        return {
            "label": self.env._("Share of the profit (%)") if is_share else self.env._("Cumulated profit"),
            "is_share": is_share,
            "points": [[0, 0]] + [[row.customer_share, row.profit_share if is_share else row.profit] for row in rows],
            "peak": [peak.customer_share, peak.profit_share if is_share else peak.profit] if peak else False,
            "peak_label": self.env._("Peak"),
            "axis_label": self.env._("Customers, the most profitable first (%)"),
            "loser_count": rows[:1].loser_count,
            "sentences": rows._get_sentences(),
        }

    def _get_sentences(self):
        """Return what the curve says in words."""
        first, best, peak = self[:1], self.filtered("is_best"), self.filtered("is_peak")
        sentences = []
        if first.profit_share is False:
            sentences.append(self.env._("All customers together bring no profit, so no share of it can be read."))
        else:
            sentences += self._get_share_sentences(first, best, peak)
        sentences.append(
            self.env._("By the first margin (CM1), as no net profit is known.")
            if first.basis == "margin_1"
            else self.env._("By the net profit in the window of the scoring method.")
        )
        if first.unknown_count:
            sentences.append(
                self.env._(
                    "%(count)s customers are left out: too little of the cost of what they bought is known.",
                    count=first.unknown_count,
                )
            )
        return sentences

    def _get_share_sentences(self, first, best, peak):
        sentences = [
            self.env._(
                "The best %(customers)s %% of the customers earn %(share)s %% of the profit.",
                customers=round(best.customer_share),
                share=round(best.profit_share),
            )
        ]
        if first.loser_count:
            sentences.append(
                self.env._(
                    "At the peak %(peak_customers)s %% of the customers have earned %(peak)s %%; the last "
                    "%(customers)s %% (%(count)s customers) lose %(loss)s %% of it again.",
                    peak_customers=round(peak.customer_share),
                    peak=formatLang(self.env, peak.profit_share, digits=1),
                    customers=round(100 * first.loser_count / first.customer_count),
                    count=first.loser_count,
                    loss=formatLang(self.env, peak.profit_share - 100, digits=1),
                )
            )
        else:
            sentences.append(self.env._("No customer brings a loss."))
        return sentences
