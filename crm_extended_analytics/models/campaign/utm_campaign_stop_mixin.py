from odoo import api, fields, models
from odoo.fields import Domain


class UtmCampaignStopMixin(models.AbstractModel):
    """What stop rules say of a campaign, and what was decided, in the companies that the user works in."""

    _name = "utm.campaign.stop.mixin"
    _description = "Stop Rules of a Campaign"

    crm_budget = fields.Float(
        string="Budget",
        company_dependent=True,
        digits=(16, 2),
        groups="sales_team.group_sale_manager,crm_extended.crm_extended_group_implementer,"
        "crm_extended.crm_extended_group_analyst",
        help="What the campaign may cost in your company in all, in its currency; 0: no budget. Stop rules compare the "
        "campaign costs with it.",
    )
    crm_stop_ids = fields.One2many(
        comodel_name="crm.campaign.stop",
        inverse_name="campaign_id",
        string="Proposals to Stop",
        groups="sales_team.group_sale_salesman",
    )
    crm_stop_state = fields.Selection(
        selection=[("proposed", "Stop?"), ("stopped", "Stopped")],
        string="Stop Rules",
        compute="_compute_crm_stop",
        search="_search_crm_stop_state",
        groups="sales_team.group_sale_salesman",
        help="Whether a stop rule proposes to stop the campaign, or somebody stopped it after such a proposal.",
    )
    crm_stop_note = fields.Text(string="Why Stop", compute="_compute_crm_stop", groups="sales_team.group_sale_salesman")

    @api.depends("crm_stop_ids.state")
    @api.depends_context("allowed_company_ids", "uid", "lang")
    def _compute_crm_stop(self):
        stops = self.env["crm.campaign.stop"].search(
            [("campaign_id", "in", self.ids), ("state", "in", ("proposed", "stopped"))]
        )
        by_campaign = stops.grouped("campaign_id")
        for campaign in self:
            found = by_campaign.get(campaign._origin, stops.browse())
            proposed = found.filtered(lambda stop: stop.state == "proposed")
            campaign.crm_stop_state = "proposed" if proposed else "stopped" if found else False
            campaign.crm_stop_note = (
                "\n".join(proposed.mapped("note"))
                if proposed
                else "\n".join(stop._get_decision_sentence() for stop in found)
            )

    def _search_crm_stop_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        proposed = Domain("crm_stop_ids", "any", [("state", "=", "proposed")])
        stopped = Domain("crm_stop_ids", "any", [("state", "=", "stopped")])
        parts = {"proposed": proposed, "stopped": ~proposed & stopped, False: ~proposed & ~stopped}
        return Domain.OR(parts[each] for each in value if each in parts)

    # ------------------------------------------------------------------
    # Decision
    # ------------------------------------------------------------------
    def _get_stops(self, *states):
        return self.crm_stop_ids.filtered(lambda stop: stop.state in states)

    def action_crm_stop(self):
        """Stop the campaign, as the rules propose."""
        self._get_stops("proposed").action_stop()

    def action_crm_go_on(self):
        """Go on with the campaign, though the rules propose to stop it or somebody did."""
        return (self._get_stops("proposed") or self._get_stops("stopped")).action_go_on()

    def _crm_stop_in(self, company):
        """Take back what waits to be sent, and end the hold-out tests of the campaign in a company."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        holdouts = self.env["crm.holdout"].search(
            [("campaign_id", "=", self.id), ("company_id", "=", company.id), ("state", "=", "drawn")]
        )
        holdouts._end(today)
        if "mailing.mailing" in self.env:
            # a mailing has no company of its own
            self.env["mailing.mailing"].search(
                [
                    ("campaign_id", "=", self.id),
                    ("state", "=", "in_queue"),
                    ("user_id.company_id", "=", company.id),
                ]
            ).action_cancel()
