from odoo import fields, models


class CrmPopulationReportHoldout(models.AbstractModel):
    """Measures the hold-outs that are under way again whenever all customers are scored."""

    _name = "crm.population.report.holdout"
    _inherit = ["crm.population.report"]
    _description = "Hold-Outs (Analysis)"
    _report_code = "holdout"
    _report_sequence = 65

    def _rebuild(self, run):
        today = fields.Date.context_today(self)
        if run.period == today.replace(day=1):
            self.env["crm.holdout"].search(
                [("company_id", "=", run.company_id.id), ("state", "=", "drawn"), ("date_start", "<=", today)]
            )._measure()
