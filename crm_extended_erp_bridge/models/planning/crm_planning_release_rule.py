from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import date_utils

SUPPLY_ACTIONS = {
    "make": ("manufacture",),
    "buy": ("buy",),
    "both": ("manufacture", "buy", "pull", "push", "pull_push"),
}


class CrmPlanningReleaseRule(models.Model):
    """Which proposals of a plan are released without a planner, right after the run."""

    _name = "crm.planning.release.rule"
    _description = "Release Rule"
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_ids = fields.Many2many(
        comodel_name="product.product",
        string="Products",
        check_company=True,
        help="Only these products and those of the categories. Both empty: all products.",
    )
    categ_ids = fields.Many2many(
        comodel_name="product.category",
        string="Product Categories",
        help="Only products of these categories and of those below them. Both empty: all products.",
    )
    supply_method = fields.Selection(
        selection=[("make", "Manufacture"), ("buy", "Buy"), ("both", "Everything")],
        default="both",
        required=True,
    )
    horizon_days = fields.Integer(
        string="Horizon",
        default=7,
        help="Released are proposals whose release date is at most so many days after today; 0 = what is due today or "
        "late. Release date = due date - lead time.",
    )
    value_max = fields.Monetary(
        string="Maximum Value",
        help="Proposals of a higher value are left to a planner; 0 = no limit. Value = quantity to release x unit "
        "cost: price of the main vendor for what is bought, else standard cost.",
    )
    confirm_purchase = fields.Boolean(
        string="Confirm Purchases",
        help="Confirm the purchase orders at once. Otherwise they stay requests for quotation, which the plan counts "
        "as supply.",
    )
    date_last_run = fields.Datetime(string="Last Run", readonly=True, copy=False)
    last_released_count = fields.Integer(
        string="Released Last Time",
        readonly=True,
        copy=False,
        help="Proposals that the rule released after the last run of a plan.",
    )
    last_problem = fields.Text(
        string="Left Last Time",
        readonly=True,
        copy=False,
        help="Why proposals that the rule chose could not be released.",
    )

    _horizon_not_negative = models.Constraint(
        "CHECK (horizon_days >= 0)",
        "The horizon of a release rule is a number of days from today: enter 0 or more.",
    )
    _value_not_negative = models.Constraint(
        "CHECK (value_max >= 0)",
        "The maximum value of a release rule cannot be negative: enter 0 for no limit.",
    )

    @api.model
    def _apply(self, area):
        """Release what the active rules of the company choose in `area`, in their order; called after each run.

        :return: the proposals that were released
        """
        orders = self.env["mrp.planned.order"]
        company = area.company_id
        if not company._has_feature("production_planning"):
            return orders
        # sudo: a run may be started by a planner, who cannot write on rules what they did
        for rule in self.sudo().search([("company_id", "=", company.id)]):
            orders |= rule.with_company(company)._apply_rule(area)
        return orders.sudo(False)

    def _apply_rule(self, area):
        """A rule that fails leaves its proposals and says why; the plan itself and the other rules are kept."""
        orders = self._get_proposals(area)
        problems = []
        try:
            with self.env.cr.savepoint():
                result = orders._release(confirm=self.confirm_purchase, rule=self)
            orders = result.released
            problems = list(dict.fromkeys(reason for _order, reason in result.skipped))
        except UserError as error:
            orders = orders.browse()
            problems = [str(error)]
        self.write(
            {
                "date_last_run": fields.Datetime.now(),
                "last_released_count": len(orders),
                "last_problem": "\n".join(problems),
            }
        )
        return orders

    def _get_proposals(self, area):
        orders = self.env["mrp.planned.order"].search(self._get_proposal_domain(area))
        if not self.value_max:
            return orders
        return orders.filtered(lambda order: self.currency_id.compare_amounts(order.value, self.value_max) <= 0)

    def _get_proposal_domain(self, area):
        last = date_utils.add(area._datetime_to_date_tz(), days=self.horizon_days)
        domain = (
            Domain("mrp_area_id", "=", area.id)
            & Domain("is_released", "=", False)
            & Domain("order_release_date", "<=", last)
            & Domain("mrp_action", "in", SUPPLY_ACTIONS[self.supply_method])
        )
        products = Domain("product_id", "in", self.product_ids.ids)
        categories = Domain("product_id.categ_id", "child_of", self.categ_ids.ids)
        if self.product_ids and self.categ_ids:
            return domain & (products | categories)
        if self.product_ids:
            return domain & products
        return domain & categories if self.categ_ids else domain
