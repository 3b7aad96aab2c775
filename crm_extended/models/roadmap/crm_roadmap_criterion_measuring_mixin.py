import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class CrmRoadmapCriterionMeasuringMixin(models.AbstractModel):
    """Measures criteria of the roadmap and keeps what was found, one row a day."""

    _name = "crm.roadmap.criterion.measuring.mixin"
    _description = "Measuring of Criteria"

    @api.model
    def _cron_measure(self):
        """Every night: measure all criteria of every company, and see who slipped."""
        criteria = self.search([("active", "=", True)])
        benefits = self.env["crm.roadmap.benefit"]
        for company in self.env["res.company"].search([("active", "=", True)]):
            try:
                with self.env.cr.savepoint():
                    criteria._measure_and_store(company)
                    self.env["crm.roadmap.step"]._watch(company)
                    benefits.search([("company_id", "=", company.id)])._measure_now()
            # whatever is wrong in one company, the others are measured
            except Exception:
                _logger.exception("The roadmap of company %s could not be measured", company.id)
                self.env.invalidate_all(flush=False)

    def _measure_and_store(self, company):
        """Measure the criteria for a company and its units, in place of what was measured today."""
        criteria = self.filtered(lambda criterion: criterion.company_id in (company, company.browse()))
        today = fields.Date.context_today(self)
        # `sudo`: what is measured is the same for everybody, and only this method writes it
        results = self.env["crm.roadmap.result"].sudo()
        units = self.env["crm.roadmap.unit"].sudo().search([("company_id", "=", company.id)])
        results.search(
            [("criterion_id", "in", criteria.ids), ("company_id", "=", company.id), ("date", "=", today)]
        ).unlink()
        values = []
        for criterion in criteria:
            for unit in (units.browse(), *units) if criterion._is_by_team() else (units.browse(),):
                found = criterion._measure_safely(company, unit.team_ids if unit else None)
                values.append(criterion._prepare_result(company, unit, today, found))
        results.create(values)
        criteria.invalidate_recordset(["result_ids", "last_value", "last_text", "last_state", "last_date"])

    def _prepare_result(self, company, unit, date, found):
        return {
            "criterion_id": self.id,
            "company_id": company.id,
            "unit_id": unit.id,
            "date": date,
            "value": found.value or 0,
            "part": found.part,
            "whole": found.whole,
            "target": self.target,
            "state": self._judge(found.value),
            "reason": found.reason,
        }

    def _judge(self, value):
        """Return the state of a measured value; the tolerance is on the wrong side of the target."""
        if value is None:
            return "unknown"
        sign = 1 if self.direction == "least" else -1
        distance = sign * (value - self.target)
        if distance >= 0:
            return "passed"
        return "tolerated" if distance >= -self.tolerance else "failed"

    def _is_by_team(self):
        """Return whether departments and regions can be measured apart."""
        measure = self._get_measure()
        return measure._by_team if measure is not None else bool(self.team_field_id)
