from odoo import models


class CrmDecisionKindCampaign(models.AbstractModel):
    """Makes a campaign, and a mailing to the treated customers where mailings are installed."""

    _name = "crm.decision.kind.campaign"
    _inherit = ["crm.decision.kind"]
    _description = "Action: Campaign"
    _kind = "campaign"
    _sequence = 20

    def _get_label(self):
        return self.env._("Campaign")

    def _get_note(self):
        if self._get_mailings() is None:
            return self.env._(
                "At the start a campaign is made, if none is chosen. Its recipients are the treated customers: "
                "mailings are not installed (module Email Marketing), so send to the list of the treated."
            )
        return self.env._(
            "At the start a campaign is made, if none is chosen, with a draft of a mailing to the treated customers."
        )

    def _get_mailings(self):
        """Return the model of mailings, which may not be installed."""
        return self.env["mailing.mailing"] if "mailing.mailing" in self.env else None

    def _start(self, decision, members):
        campaign = decision.campaign_id or self.env["utm.campaign"].create(
            {"title": decision.name, "user_id": decision.user_id.id}
        )
        values = {"campaign_id": campaign.id}
        mailings = self._get_mailings()
        if mailings is not None:
            mailing = mailings.create(self._prepare_mailing(decision, campaign))
            values["kind_data"] = {"mailing_id": mailing.id}
        decision.write(values)

    def _prepare_mailing(self, decision, campaign):
        treated = [("decision_id", "=", decision.id), ("is_held_out", "=", False)]
        return {
            "subject": decision.name,
            "user_id": decision.user_id.id,
            "campaign_id": campaign.id,
            "mailing_model_id": self.env["ir.model"]._get("res.partner").id,
            "mailing_domain": str([("commercial_partner_id.crm_decision_member_ids", "any", treated)]),
        }

    def _undo(self, decision, members):
        """Delete the mailing while nobody has got it."""
        mailing_id = (decision.kind_data or {}).get("mailing_id")
        mailing = mailing_id and self._get_mailings() is not None and self._get_mailings().browse(mailing_id).exists()
        if mailing and mailing.state in ("draft", "in_queue"):
            mailing.unlink()
            return len(members)
        return 0

    def _get_cost(self, decision, first, last):
        return self.env["crm.campaign.cost"]._sum_campaign(decision.company_id, decision.campaign_id, first, last)

    def _open(self, decision):
        return {
            "type": "ir.actions.act_window",
            "res_model": "utm.campaign",
            "res_id": decision.campaign_id.id,
            "views": [[False, "form"]],
        }
