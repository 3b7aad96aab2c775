from odoo import models
from odoo.exceptions import UserError


class CrmDecisionKindTier(models.AbstractModel):
    """Serves the treated customers by the rules of a tier, and by those of the one before when it is stopped."""

    _name = "crm.decision.kind.tier"
    _inherit = ["crm.decision.kind"]
    _description = "Action: Tier"
    _kind = "tier"
    _sequence = 40

    def _get_label(self):
        return self.env._("Rules of a tier")

    def _get_note(self):
        return self.env._(
            "At the start the treated customers are put into the tier and stay there, whatever a pyramid says: they "
            "are served by its price, terms, visits and response. A stop puts them back."
        )

    def _check(self, decision):
        if not decision.tier_id:
            raise UserError(self.env._("Choose the tier by whose rules the customers are served."))

    def _get_stays(self, decision, members):
        return self.env["crm.tier.assignment"].search(
            [
                ("partner_id", "in", members.partner_id.ids),
                ("company_id", "=", decision.company_id.id),
                ("date_to", "=", False),
            ]
        )

    def _start(self, decision, members):
        before = {
            stay.partner_id.id: {"tier_id": stay.tier_id.id, "is_locked": stay.is_locked, "source": stay.source}
            for stay in self._get_stays(decision, members)
        }
        members._remember(before)
        self.env["crm.tier.assignment"]._assign(members.partner_id, decision.tier_id, decision.company_id)

    def _undo(self, decision, members):
        stays = self._get_stays(decision, members)
        placed = stays.filtered(lambda stay: stay.is_locked and stay.tier_id == decision.tier_id).partner_id
        groups = {}
        for member in members.filtered(lambda member: member.partner_id in placed):
            before = member.before or {}
            was = (before.get("tier_id"), before.get("is_locked", False), before.get("source", "manual"))
            groups.setdefault(was, []).append(member.partner_id.id)
        for (tier_id, is_locked, source), ids in groups.items():
            self.env["crm.tier.assignment"]._put_back(
                self.env["res.partner"].browse(ids),
                self.env["crm.tier"].browse(tier_id or []).exists(),
                decision.company_id,
                is_locked=is_locked,
                source=source,
            )
        return len(placed)

    def _open(self, decision):
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.tier",
            "res_id": decision.tier_id.id,
            "views": [[False, "form"]],
        }
