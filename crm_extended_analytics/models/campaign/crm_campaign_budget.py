from odoo import Command, api, fields, models
from odoo.tools import format_amount

from ...scoring import budget as scoring
from ..population.crm_attribution_credit import ATTRIBUTION_MODELS
from ..seven_p.known_float import KnownFloat


class CrmCampaignBudget(models.TransientModel):
    """What if so much were spent in a month: how campaigns would share it, by what they brought month by month."""

    _name = "crm.campaign.budget"
    _description = "Split of a Campaign Budget"

    company_id = fields.Many2one(comodel_name="res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    model = fields.Selection(
        selection=ATTRIBUTION_MODELS,
        string="Way of Sharing",
        required=True,
        default="linear",
        help="Way of sharing the orders among campaigns, from which the margin of a campaign is known.",
    )
    budget = fields.Monetary(
        string="Budget a Month",
        required=True,
        compute="_compute_budget",
        store=True,
        precompute=True,
        readonly=False,
        help="What all campaigns together may cost in a month. Proposed: what they cost on average in the months in "
        "which they cost anything. Change it to see what would follow.",
    )
    line_ids = fields.One2many(
        comodel_name="crm.campaign.budget.line",
        inverse_name="budget_id",
        string="Campaigns",
        compute="_compute_line_ids",
        store=True,
    )
    summary = fields.Text(compute="_compute_summary")

    _budget_not_negative = models.Constraint("CHECK (budget >= 0)", "A budget is not negative.")

    def _get_months(self):
        """Return ``{campaign: [(spend, margin or False) of a month]}``, as the reader may read it; one query."""
        groups = self.env["crm.campaign.return"]._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("dimension", "=", "campaign"),
                ("model", "=", self.model),
                ("campaign_id", "!=", False),
            ],
            ["campaign_id", "month:month"],
            ["spend:sum", "margin:sum"],
        )
        months = {}
        for campaign, _month, spend, margin in groups:
            # False: the margin of the month is not measurable
            months.setdefault(campaign, []).append((spend or 0.0, margin))
        return {campaign: found for campaign, found in months.items() if any(spend for spend, _margin in found)}

    @api.depends("company_id")
    def _compute_budget(self):
        for wizard in self:
            wizard.budget = sum(map(wizard._get_usual, wizard._get_months().values()))

    @api.model
    def _get_usual(self, months):
        """Return the mean spend of the months with spend."""
        spends = [spend for spend, _margin in months if spend]
        return sum(spends) / len(spends)

    @api.depends("company_id", "model", "budget")
    def _compute_line_ids(self):
        for wizard in self:
            values = wizard._prepare_lines(wizard._get_months())
            wizard.line_ids = [Command.clear(), *map(Command.create, values)]

    def _prepare_lines(self, months):
        """Return the values of a line per campaign: those that can be judged share what the others leave."""
        curves = {campaign: self._get_curve(found) for campaign, found in months.items()}
        usual = {campaign: self._get_usual(found) for campaign, found in months.items()}
        slopes = {campaign: curve.slope for campaign, curve in curves.items() if curve and curve.is_clear}
        kept = sum(spend for campaign, spend in usual.items() if campaign not in slopes)
        parts, _left = scoring.split(slopes, max(self.budget - kept, 0.0))
        return [
            {
                "campaign_id": campaign.id,
                "month_count": len(months[campaign]),
                "usual": usual[campaign],
                **self._prepare_line(curves[campaign], usual[campaign], parts.get(campaign)),
            }
            for campaign in sorted(months, key=lambda found: (-parts.get(found, 0.0), found.id))
        ]

    @api.model
    def _get_curve(self, months):
        """Return how margin follows spend, over the months whose margin is measurable, or None."""
        known = [(spend, margin) for spend, margin in months if margin is not False]
        return scoring.response(*zip(*known, strict=True)) if known else None

    def _prepare_line(self, curve, usual, proposed):
        """Return what is known of a campaign; without a proposal it is not judged, and keeps what it costs."""
        values = {"next_usual": scoring.marginal_return(curve.slope, usual) if curve else False}
        if proposed is None:
            return values | {"proposed": usual}
        compared = self.currency_id.compare_amounts(proposed, usual)
        return values | {
            "proposed": proposed,
            "next_proposed": scoring.marginal_return(curve.slope, proposed) if proposed else False,
            "change": curve.slope * (proposed**0.5 - usual**0.5),
            "advice": "stop" if curve.slope <= 0 else ("less", "same", "more")[compared + 1],
        }

    @api.depends("line_ids", "budget")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard._get_summary()

    def _get_summary(self):
        """Return what the split says in words."""
        if not self.line_ids:
            return self.env._(
                "No campaign has costs in the months whose orders are attributed. Enter campaign costs, and have all "
                "customers scored."
            )
        unknown = self.line_ids.filtered(lambda line: line.advice == "unknown")
        left = max(self.budget - sum(self.line_ids.mapped("proposed")), 0.0)
        sentences = []
        if unknown:
            sentences.append(
                self.env._(
                    "Not judged, and left as they are: %(count)s. It takes %(least)s months at least, not the same "
                    "spend in all, and margin that follows the spend more closely than by chance (t-test, 5 %%).",
                    count=len(unknown),
                    least=scoring.LEAST_MONTHS,
                )
            )
        if len(unknown) < len(self.line_ids) and not self.currency_id.is_zero(left):
            sentences.append(
                self.env._(
                    "%(left)s are better not spent: the next one would bring back less than itself.",
                    left=format_amount(self.env, left, self.currency_id),
                )
            )
        sentences.append(
            self.env._(
                "Margin and spend of the same month only. Part of the attributed margin would have come anyway, so "
                "what is shown is rather too good: change a budget in steps, and prove it by a hold-out test."
            )
        )
        return "\n".join(sentences)


class CrmCampaignBudgetLine(models.TransientModel):
    """A campaign in the split of a budget."""

    _name = "crm.campaign.budget.line"
    _description = "Campaign in a Split Budget"

    budget_id = fields.Many2one(comodel_name="crm.campaign.budget", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="budget_id.currency_id")
    campaign_id = fields.Many2one(comodel_name="utm.campaign", required=True, ondelete="cascade")
    month_count = fields.Integer(
        string="Months",
        help="Months with spend or attributed orders. Those whose margin is not measurable tell nothing of the return.",
    )
    usual = fields.Monetary(string="Spend Now", help="Mean of the months with spend.")
    next_usual = KnownFloat(
        string="Next Brings",
        digits=(16, 2),
        help="Margin that one more unit of money would bring at the spend of now: slope / (2 x root of the spend). "
        "Below 1 it costs more than it brings. The slope: margin = base + slope x root of the spend, by least squares.",
    )
    proposed = fields.Monetary(
        help="So that the next unit of money brings the same in each campaign, and at least itself: in the ratio of "
        "the squared slopes, up to slope² / 4. What is not judged keeps its spend."
    )
    next_proposed = KnownFloat(
        string="Then", digits=(16, 2), help="Margin that one more unit of money would bring at the proposed spend."
    )
    change = fields.Monetary(
        string="More Margin", help="Slope x (root of the proposed spend - root of the spend of now), a month."
    )
    advice = fields.Selection(
        selection=[
            ("more", "Spend more"),
            ("same", "Leave it"),
            ("less", "Spend less"),
            ("stop", "Stop"),
            ("unknown", "Not judged"),
        ],
        default="unknown",
        help="Stop: in months of more spend there was not more margin. Not judged: fewer than 3 months, the "
        "same spend in all, or a margin that follows the spend no closer than chance alone would show.",
    )
