from odoo import api, fields, models
from odoo.exceptions import UserError

from .empty_number import EmptyFloat, EmptyInteger

FEATURE = "service_tiers"


class CrmTier(models.Model):
    """A class of customers, and how those in it are served: price, terms, owner, response and visits.

    A tier may be shared by all companies; its service rules are those of each company, because pricelists, terms and
    owners are. A rule that is empty changes nothing. Rules fill in what nobody chose: what the customer has of his
    own, and what a salesperson picks, always comes first.
    """

    _name = "crm.tier"
    _description = "Tier of Customers"
    _order = "kind, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help="The lowest number is the top of the pyramid and is served first.")
    color = fields.Integer()
    kind = fields.Selection(
        selection=[("customer", "Customers"), ("partner", "Partners"), ("employee", "Employees")],
        default="customer",
        required=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: the tier is shared by all companies."
    )
    description = fields.Text(translate=True)
    response_hours = EmptyFloat(
        string="Response Within (Hours)",
        company_dependent=True,
        help="Hours by the clock from the creation of a lead to its first answer; 0 is no target. For your company.",
    )
    visit_days = EmptyInteger(
        string="Visit Every (Days)",
        company_dependent=True,
        help="Days from one visit to the next; 0 proposes no visits. For your company.",
    )
    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        company_dependent=True,
        check_company=True,
        help="Of quotations of customers without a pricelist of their own. For your company.",
    )
    payment_term_id = fields.Many2one(
        comodel_name="account.payment.term",
        string="Payment Terms",
        company_dependent=True,
        check_company=True,
        help="Of quotations of customers without payment terms of their own. For your company.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        company_dependent=True,
        check_company=True,
        domain="[('share', '=', False)]",
        help="Salesperson of new opportunities of customers without one of their own. For your company.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        company_dependent=True,
        check_company=True,
        help="Sales team of new opportunities. For your company.",
    )
    customer_count = fields.Integer(
        string="Customers", compute="_compute_customer_count", help="Customers of your company in the tier today."
    )

    @api.depends_context("company", "uid")
    def _compute_customer_count(self):
        groups = self.env["crm.tier.assignment"]._read_group(
            [("tier_id", "in", self.ids), ("company_id", "=", self.env.company.id), ("date_to", "=", False)],
            ["tier_id"],
            ["__count"],
        )
        counts = {tier.id: count for tier, count in groups}
        for tier in self:
            tier.customer_count = counts.get(tier.id, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # `sudo`: customers that the user may not read count too
        used = self.env["crm.tier.assignment"].sudo().search([("tier_id", "in", self.ids)], limit=1).tier_id
        if used:
            raise UserError(
                self.env._("Customers are or were in the tier %(tier)s. Archive it instead.", tier=used.display_name)
            )

    def action_open_customers(self):
        """Show the customers who are in the tier today."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers of the tier %(tier)s", tier=self.display_name),
            "res_model": "crm.tier.assignment",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("tier_id", "=", self.id), ("company_id", "=", self.env.company.id), ("date_to", "=", False)],
        }
