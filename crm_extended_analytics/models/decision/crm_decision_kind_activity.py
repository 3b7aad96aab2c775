from odoo import models
from odoo.exceptions import UserError


class CrmDecisionKindActivity(models.AbstractModel):
    """Plans an activity for the salesperson of each customer."""

    _name = "crm.decision.kind.activity"
    _inherit = ["crm.decision.kind"]
    _description = "Action: Activities"
    _kind = "activity"
    _sequence = 10

    def _get_label(self):
        return self.env._("Activities of salespeople")

    def _get_note(self):
        return self.env._("At the start the salesperson of each treated customer gets an activity.")

    def _check(self, decision):
        if not decision.task_type_id:
            raise UserError(self.env._("Choose the activity that the salespeople of the customers get."))

    def _start(self, decision, members):
        model = self.env["ir.model"]._get("res.partner")
        # one message a customer would bury the salespeople: their list of activities shows them all
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create([self._prepare_activity(decision, member.partner_id, model) for member in members])
        )
        members._remember({activity.res_id: activity.id for activity in activities})

    def _prepare_activity(self, decision, partner, model):
        return {
            "res_model_id": model.id,
            "res_id": partner.id,
            "activity_type_id": decision.task_type_id.id,
            "summary": decision.name,
            "note": decision.activity_note or decision.finding,
            "date_deadline": decision.task_type_id._get_date_deadline(),
            "user_id": (partner.user_id or decision.user_id).id,
        }

    def _undo(self, decision, members):
        open_ones = self.env["mail.activity"].search(
            [("id", "in", [member.before for member in members if member.before])]
        )
        count = len(open_ones)
        open_ones.unlink()
        return count

    def _open(self, decision):
        return {
            "type": "ir.actions.act_window",
            "name": decision.name,
            "res_model": "mail.activity",
            "views": [[False, "list"], [False, "form"]],
            "domain": [("id", "in", [member.before for member in decision.member_ids if member.before])],
            "context": {"active_test": False},
        }
