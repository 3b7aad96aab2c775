from odoo import api, fields, models
from odoo.tools import formatLang

from ...scoring.basket import LARGEST_BASKET
from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one
from .crm_population_report_basket import KEPT_PAIRS, SAMPLE

NEARLY_ALL = 0.95


class CrmBasketRule(models.Model):
    """Who buys one product also buys another: how often, and how much more often than by chance.

    The confidence alone says nothing: a product that everybody buys has it for free. So the lift decides the order.
    """

    _name = "crm.basket.rule"
    _inherit = ["crm.population.row.mixin"]
    _description = "Basket Rule"
    _log_access = False
    _order = "period desc, lift desc, together_count desc, id"

    kind = fields.Selection(
        selection=[("order", "In one order"), ("customer", "By one customer")],
        string="Basket",
        required=True,
        readonly=True,
        help="What a basket is: an order, or all that a customer bought in the window of the scoring method.",
    )
    level = fields.Selection(
        selection=[("product", "Products"), ("category", "Categories")], string="Of", required=True, readonly=True
    )
    product_id = FactMany2one(comodel_name="product.product", string="Who Buys", readonly=True)
    other_product_id = FactMany2one(comodel_name="product.product", string="Also Buys", readonly=True)
    categ_id = FactMany2one(comodel_name="product.category", string="Who Buys of", readonly=True)
    other_categ_id = FactMany2one(comodel_name="product.category", string="Also Buys of", readonly=True)
    together_count = fields.Integer(string="With Both", readonly=True, aggregator=None, help="Baskets with both.")
    antecedent_count = fields.Integer(
        string="With the First",
        readonly=True,
        aggregator=None,
        help="Baskets with the first one, whether alone or not.",
    )
    consequent_count = fields.Integer(
        string="With the Second",
        readonly=True,
        aggregator=None,
        help="Baskets with the second one, whether alone or not.",
    )
    basket_count = fields.Integer(string="Baskets", readonly=True, aggregator=None, help="Baskets that were counted.")
    least_count = fields.Integer(
        string="At Least", readonly=True, aggregator=None, help="In fewer baskets than these a pair is left out."
    )
    support = fields.Float(
        string="Support (%)", readonly=True, aggregator=None, help="Baskets with both / all baskets, in percent."
    )
    confidence = fields.Float(
        string="Confidence (%)",
        readonly=True,
        aggregator=None,
        help="Baskets with both / baskets with the first one, in percent. Compare it with the share by chance.",
    )
    expected_confidence = fields.Float(
        string="By Chance (%)",
        readonly=True,
        aggregator=None,
        help="Baskets with the second one / all baskets, in percent: the confidence if the two had nothing to do with "
        "each other.",
    )
    lift = fields.Float(
        readonly=True,
        aggregator=None,
        help="Confidence / confidence by chance. Above 1: bought together more often than by chance; below 1: less.",
    )
    leverage = fields.Float(
        string="Leverage (%)",
        readonly=True,
        aggregator=None,
        help="Support - support by chance, in percent of all baskets: how many baskets the relation makes.",
    )
    conviction = KnownFloat(
        readonly=True,
        aggregator=None,
        help="(1 - share of the second one) / (1 - confidence); 1 by chance. Empty: nobody buys the first one alone.",
    )
    note = fields.Char(string="Together", compute="_compute_note")
    limits = fields.Text(string="How It Was Counted", compute="_compute_limits")

    @api.depends("lift")
    @api.depends_context("lang")
    def _compute_note(self):
        for rule in self:
            lift = formatLang(self.env, rule.lift, digits=1)
            rule.note = (
                self.env._("Less often than by chance")
                if rule.lift < 1
                else self.env._("%(lift)s times as often as by chance", lift=lift)
            )

    @api.depends("least_count", "basket_count", "kind")
    @api.depends_context("lang")
    def _compute_limits(self):
        for rule in self:
            rule.limits = self.env._(
                "Counted in %(baskets)s baskets of the window of the scoring method. Pairs in fewer than %(least)s of "
                "them are left out, and so are the pairs of baskets with more than %(largest)s products. The %(kept)s "
                "pairs farthest from chance are kept.",
                baskets=rule.basket_count,
                least=rule.least_count,
                largest=LARGEST_BASKET,
                kept=KEPT_PAIRS,
            )
            # a basket without an item of the level is drawn and not counted, so a sample may be a little smaller
            if rule.basket_count >= SAMPLE[rule.kind] * NEARLY_ALL:
                rule.limits += " " + self.env._(
                    "No more than %(sample)s baskets are counted: where there are more, these are a sample of them, "
                    "drawn by a fixed rule, so that the same data give the same numbers.",
                    sample=SAMPLE[rule.kind],
                )

    @api.depends("product_id", "other_product_id", "categ_id", "other_categ_id")
    def _compute_display_name(self):
        for rule in self:
            one, other = rule._get_items()
            rule.display_name = f"{one.display_name} → {other.display_name}"

    def _get_items(self):
        """Return the two products, or the two categories."""
        if self.level == "product":
            return self.product_id, self.other_product_id
        return self.categ_id, self.other_categ_id

    def action_open_customers(self):
        """Show who bought the first one and never the second one: to whom it can be offered."""
        self.ensure_one()
        self.check_access("read")
        one, other = self._get_items()
        name = self.env._("Bought %(one)s, never %(other)s", one=one.display_name, other=other.display_name)
        return self._get_customers_action(name, self.env["crm.population.report.basket"]._get_customers(self))
