from odoo import models
from odoo.exceptions import UserError


class ResPartnerComparisonMixin(models.AbstractModel):
    """The way from a customer to the comparison of his scores."""

    _name = "res.partner.comparison.mixin"
    _description = "Comparison of Scores on the Customer"

    def action_compare_scores(self):
        """Compare the last month of the customer with the month before; both may be changed on the screen."""
        self.ensure_one()
        months = self.env["crm.score.comparison"]._search_months(self.id, limit=2)
        if not months:
            raise UserError(self.env._("%(customer)s has no scores in this company yet.", customer=self.display_name))
        return months.action_compare()
