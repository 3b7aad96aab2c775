from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..population.crm_attribution_credit import ATTRIBUTION_MODELS

MEASURES = [
    ("order_cost", "Cost per order above"),
    ("romi", "ROMI below (%)"),
    ("response", "Response below (%)"),
    ("budget", "Budget spent above (%)"),
]


class CrmCampaignStopRule(models.Model):
    """When a running campaign is proposed to be stopped; the proposal is a person's to decide."""

    _name = "crm.campaign.stop.rule"
    _description = "Stop Rule of Campaigns"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: the rule holds for the campaigns of every company."
    )
    measure = fields.Selection(
        selection=MEASURES,
        required=True,
        default="romi",
        help="Cost per order: spend / orders; before the first whole order, the spend itself. ROMI: (margin - "
        "spend) / spend. Both over the months of the last analysis, spend up to its day. Response: mailings "
        "opened, clicked or answered / mailings received. Budget: spend up to today / budget of the campaign.",
    )
    threshold = fields.Float(
        string="Limit",
        required=True,
        digits=(16, 2),
        help="Beyond it the campaign is proposed to be stopped. Of a cost: in the currency of the company; otherwise "
        "percent.",
    )
    model = fields.Selection(
        selection=ATTRIBUTION_MODELS,
        string="Way of Sharing",
        required=True,
        default="linear",
        help="Way of sharing the orders among campaigns, from which orders and margin of a campaign are known.",
    )
    least_days = fields.Integer(
        string="After Days",
        default=30,
        help="Days from the first spend or touch of the campaign before the rule speaks: orders take their time.",
    )
    least_touches = fields.Integer(
        string="After Touches",
        default=0,
        help="Leads and mailings of the campaign before the rule speaks; of a response, mailings received.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Otherwise Ask",
        domain="[('share', '=', False)]",
        help="Is asked where the responsible of a campaign is no salesperson of the company.",
    )
    stop_ids = fields.One2many(comodel_name="crm.campaign.stop", inverse_name="rule_id", string="All Proposals")
    open_count = fields.Integer(
        string="Proposals", compute="_compute_open_count", help="Campaigns that the rule proposes to stop now."
    )

    _least_not_negative = models.Constraint(
        "CHECK (least_days >= 0 AND least_touches >= 0)", "Days and touches before a rule speaks are not negative."
    )

    @api.depends("stop_ids.state")
    def _compute_open_count(self):
        groups = self.env["crm.campaign.stop"]._read_group(
            [("rule_id", "in", self.ids), ("state", "=", "proposed")], ["rule_id"], ["__count"]
        )
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.open_count = counts.get(rule.id, 0)

    @api.constrains("measure", "threshold")
    def _check_threshold(self):
        for rule in self:
            lowest = -100 if rule.measure == "romi" else 0
            if rule.threshold < lowest:
                raise ValidationError(
                    self.env._("The limit of %(rule)s is %(lowest)s at least.", rule=rule.name, lowest=lowest)
                )

    def action_check(self):
        """Look at the running campaigns now; else it is done every night."""
        self.check_access("write")
        self.env["crm.campaign.stop"]._propose(self.env.companies)

    def action_open_stops(self):
        """Show what the rule has proposed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_campaign_stop_action")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}
