from odoo import models
from odoo.exceptions import UserError


class CrmDecisionSourceMixin(models.AbstractModel):
    """Rows of customers of which a decision can be made: a button of their list."""

    _name = "crm.decision.source.mixin"
    _description = "Analysis of Which Decisions Are Made"

    def action_decide(self):
        """Write a decision about the customers of the chosen rows, or of all rows of the list, and show it."""
        rows = self or self.search(self.env.context.get("active_domain") or [("id", "in", [])])
        return rows._make_decision()

    def _make_decision(self):
        partners = self.partner_id.exists()
        if not partners:
            raise UserError(self.env._("Select the customers whom the decision is about."))
        company, name = self.company_id[:1], self._get_decision_name()
        decision = self.env["crm.decision"].create(
            {
                "name": name,
                "finding": self._get_decision_finding(),
                "found_in": self._get_analysis(),
                "found_model": self._name,
                "company_id": company.id,
                "segment_id": self.env["crm.segment"]._create_from_partners(name, partners, company).id,
                **self._prepare_decision(),
            }
        )
        return decision._get_form_action()

    def _prepare_decision(self):
        """Return other values of the decision."""
        return {}

    def _get_decision_name(self):
        """Return the name of a decision about the rows."""
        return self.env._("%(count)s customers: %(analysis)s", count=len(self), analysis=self._get_analysis())

    def _get_analysis(self):
        return self.env["ir.model"]._get(self._name).name

    def _get_decision_finding(self):
        """Return what is seen in the rows, in words."""
        raise NotImplementedError
