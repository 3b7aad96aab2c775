import logging

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_roadmap_measure import Measured

_logger = logging.getLogger(__name__)


class CrmRoadmapCriterionMeasuringMixin(models.AbstractModel):
    """Measures criteria of the roadmap and keeps what was found, one row a day."""

    _name = "crm.roadmap.criterion.measuring.mixin"
    _description = "Measuring of Criteria"

    @api.model
    def _cron_measure(self):
        """Every night: measure all criteria of every company, and see who slipped."""
        for company in self.env["res.company"].search([]):
            self.search([])._measure_and_store(company)
            self.env["crm.roadmap.step"]._watch(company)

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

    # ------------------------------------------------------------------
    # One criterion
    # ------------------------------------------------------------------
    def _measure_safely(self, company, teams=None):
        """Return what one criterion finds; one that cannot be measured any more does not keep the others from it."""
        try:
            with self.env.cr.savepoint():
                return self._measure(company, teams)
        except (ValueError, KeyError, TypeError, SyntaxError, psycopg2.DataError, psycopg2.ProgrammingError) as error:
            _logger.info("Criterion %s cannot be measured", self.id, exc_info=True)
            return Measured(
                None, reason=self.env._("not measurable: its definition does not fit any more (%(error)s)", error=error)
            )

    def _measure(self, company, teams=None):
        """Return what one criterion finds for a company, or for some teams of it."""
        if self.kind == "measure":
            measure = self._get_measure()
            missing = self._get_missing(measure)
            if missing:
                return Measured(None, reason=self.env._("not measurable: needs %(what)s", what=missing))
            return measure.with_company(company)._measure(company, teams)
        if self.model_id.model not in self.env:
            return Measured(None, reason=self.env._("not measurable: needs %(what)s", what=self.model_id.name))
        return getattr(self, f"_measure_{self.kind}")(*self._get_records(company, teams))

    def _get_missing(self, measure):
        """Return what a ready-made measure needs before it can be counted; nothing when it can."""
        if measure is not None:
            return measure._get_missing()
        awaited = self.env["crm.roadmap.measure"]._get_awaited().get(self.measure_code)
        return awaited[1] if awaited else self.env._("the app that brings this measure")

    def _get_records(self, company, teams=None):
        """Return the model and the domain of the records of a company."""
        # `sudo`: all records of the company count, whoever looks; who defines a criterion was checked when it was saved
        records = self.env[self.model_id.model].sudo().with_company(company)
        domain = self._read_domain(self.domain)
        if "company_id" in records._fields and records._fields["company_id"]._description_searchable:
            domain &= Domain("company_id", "in", [company.id, False])
        if teams is not None:
            domain &= Domain(self.team_field_id.name, "in", teams.ids)
        return records, domain

    def _measure_count(self, records, domain):
        return Measured(records.search_count(domain))

    def _measure_share(self, records, domain):
        whole = records.search_count(domain)
        if not whole:
            return Measured(None, reason=self.env._("nothing to count yet"))
        part = records.search_count(domain & self._read_domain(self.part_domain))
        return Measured(100.0 * part / whole, part=part, whole=whole)

    def _measure_sum(self, records, domain):
        ((total,),) = records._read_group(domain, [], [f"{self.field_id.name}:sum"])
        return Measured(total or 0)

    def _measure_age(self, records, domain):
        ((last,),) = records._read_group(domain, [], [f"{self.field_id.name}:max"])
        if not last:
            return Measured(None, reason=self.env._("nothing to count yet"))
        return Measured((fields.Date.context_today(self) - fields.Date.to_date(last)).days)

    def _get_failing_action(self, company, teams=None):
        """Return the action that opens what fails, as the reader may see it; False where there is nothing to list."""
        if self.kind == "measure":
            measure = self._get_measure()
            return not self._get_missing(measure) and measure._get_failing_action(company, teams)
        if self.model_id.model not in self.env:
            return False
        _records, domain = self._get_records(company, teams)
        if self.kind == "share":
            domain &= ~self._read_domain(self.part_domain)
        return self.env["crm.roadmap.measure"]._open(self.name, self.model_id.model, domain)
