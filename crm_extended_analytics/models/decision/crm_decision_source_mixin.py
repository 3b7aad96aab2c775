from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

# days to start a decision, and days after that in which its effect is measured, unless the user says otherwise
START_DAYS, EFFECT_DAYS = 7, 60


class CrmDecisionSourceMixin(models.AbstractModel):
    """Rows of customers of which a decision can be made: a button of their list."""

    _name = "crm.decision.source.mixin"
    _description = "Analysis of Which Decisions Are Made"

    def action_decide(self):
        """Write a decision about the customers of the selected rows, and show it."""
        partners = self.partner_id.exists()
        if not partners:
            raise UserError(self.env._("Select the customers whom the decision is about."))
        today, company, name = fields.Date.context_today(self), self.company_id[:1], self._get_decision_name()
        decision = self.env["crm.decision"].create(
            {
                "name": name,
                "finding": self._get_decision_finding(),
                "found_in": self._description,
                "found_model": self._name,
                "company_id": company.id,
                "segment_id": self.env["crm.segment"]._create_from_partners(name, partners, company).id,
                "date_deadline": today + timedelta(days=START_DAYS),
                "date_end": today + timedelta(days=START_DAYS + EFFECT_DAYS),
                **self._prepare_decision(),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.decision",
            "res_id": decision.id,
            "views": [[False, "form"]],
        }

    def _prepare_decision(self):
        """Return other values of the decision."""
        return {}

    def _get_decision_name(self):
        """Return the name of a decision about the rows."""
        raise NotImplementedError

    def _get_decision_finding(self):
        """Return what is seen in the rows, in words."""
        raise NotImplementedError
