from odoo import api, fields, models
from odoo.tools import SQL

from ..seven_p.known_float import KnownFloat


def figure(label, help_text):
    """Return a figure of a member, counted over the months of the pyramid; empty where it is not measurable."""
    return KnownFloat(label, readonly=True, aggregator="avg", help=help_text)


class CrmPyramidFigureMixin(models.AbstractModel):
    """The figures beside the value of a member: of partners, suppliers and employees; each kind has some of them."""

    _name = "crm.pyramid.figure.mixin"
    _description = "Figures of a Member of a Pyramid"

    sales = KnownFloat(
        "Net Sales",
        readonly=True,
        help="Partners: sales that name the partner on the order, else on its opportunity, else on the customer, less "
        "credit notes. Employees: own sales less credit notes. Suppliers: vendor bills less refunds. Without taxes.",
    )
    margin = KnownFloat(
        "Margin",
        readonly=True,
        help="Net sales - cost of goods; empty where too little of the cost is known, as in the profit of customers.",
    )
    commission = KnownFloat(
        "Commissions",
        readonly=True,
        help="Partner costs of the kind commission that fall on the months + net sales x commission of the level.",
    )
    funds = KnownFloat("Funds", readonly=True, help="Partner costs of the kind funds that fall on the months.")
    support = KnownFloat(
        "Support",
        readonly=True,
        help="Partner costs of the kind support that fall on the months + his own service cases and meetings x their "
        "costs of the scoring method.",
    )
    acceptance_pct = figure(
        "Accepted (%)", "Forwarded leads that he accepted / those that he accepted or declined, in percent."
    )
    answer_days = figure(
        "Days to Answer", "Mean of the days from the assignment of a lead to the first message of his people on it."
    )
    close_days = figure("Days to Win", "Mean of the days from the creation of won opportunities to their end.")
    win_pct = figure("Won (%)", "Won opportunities / won and lost ones, in percent.")
    retention_pct = figure(
        "Customers Kept (%)",
        "Customers who bought through him in the months before and again in these months / all who bought in the "
        "months before, in percent.",
    )
    on_time_pct = figure(
        "On Time (%)", "Quantity received by the promised day / quantity ordered for days of these months, in percent."
    )
    late_days = figure("Days Late", "Mean of the days between the promised day and the receipt of late receipts.")
    done_pct = figure(
        "Done in Time (%)",
        "Activities on customers, opportunities and orders that were done by their day / those that were due, in "
        "percent.",
    )
    knowledge_pct = figure(
        "Knowledge (%)", "Mean of the levels of his skills that are valid on the last day, in percent of mastery."
    )
    trainings = KnownFloat(
        "Courses",
        readonly=True,
        aggregator="sum",
        digits=(16, 0),
        help="Courses of his resume that ended in the months; one without an end counts on its first day.",
    )
    answers = fields.Integer(readonly=True, aggregator="sum", help="Ratings of the last 12 months.")
    satisfaction_pct = figure("Satisfied (%)", "Ratings of 4 and 5 / all ratings of the last 12 months, in percent.")
    nps = figure(
        "NPS", "Answers of 9 and 10 - answers of 0 to 6, in percent of all answers from 0 to 10 in the last 12 months."
    )

    @api.model
    def _get_figure_names(self):
        mixin = self.env["crm.pyramid.figure.mixin"]
        return [name for name, field in mixin._fields.items() if field.store and name != "id"]

    @api.model
    def _get_figure_columns(self, alias):
        """Return SQL of all figures of a table."""
        return SQL(", ").join(SQL.identifier(alias, name) for name in self._get_figure_names())
