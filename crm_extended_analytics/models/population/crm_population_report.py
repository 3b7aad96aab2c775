from odoo import api, models
from odoo.tools import SQL


class CrmPopulationReport(models.AbstractModel):
    """One analysis of all customers of a company, made after they were scored: cohorts, baskets, attribution.

    A report is an abstract model that inherits this one and has a ``_report_code``. It reads facts, measures and
    scores of a run and writes rows of its own model, in place of those of the same company and month. Another addon
    adds a report in the same way.
    """

    _name = "crm.population.report"
    _description = "Analysis of All Customers"

    _report_code = None
    _report_sequence = 50

    def _needs(self):
        """Return the models that the report reads; it is not made when one of them is not installed."""
        return ("crm.fact.sale",)

    def _rebuild(self, run):
        """Write the rows of the company and month of a scoring run, in place of those that are there."""
        raise NotImplementedError

    def _get_scored(self, company, period):
        """Return SQL of the ids of the customers that were measured: who objects to profiling is not among them."""
        return SQL(
            "SELECT partner_id FROM crm_customer_measure WHERE company_id = %s AND period = %s", company.id, period
        )

    def _get_population(self, run):
        """Return the SQL condition that a fact is of a customer that the run measured."""
        return SQL("commercial_partner_id IN (%s)", self._get_scored(run.company_id, run.period))

    @api.model
    def _get_all(self):
        """Return the reports that can be made, in their order."""
        names = self.env.registry.descendants(["crm.population.report"], "_inherit")
        found = [self.env[name] for name in names if self.env[name]._report_code]
        found = [report for report in found if all(name in self.env for name in report._needs())]
        return sorted(found, key=lambda report: (report._report_sequence, report._report_code))
