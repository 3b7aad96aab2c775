from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmScoringPeriod(models.Model):
    """A month of a company whose scores are closed: no run may write them again."""

    _name = "crm.scoring.period"
    _description = "Closed Month of Scores"
    _order = "period desc, id desc"
    _rec_name = "period"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    period = fields.Date(string="Month", required=True, help="Any day of the month; the first day is kept.")
    is_locked = fields.Boolean(string="Closed", default=True, help="No run writes scores of this month any more.")

    _period_uniq = models.UniqueIndex("(company_id, period)", "This month of this company is in the list already.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._at_first_day(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._at_first_day(vals))

    @api.model
    def _at_first_day(self, vals):
        if vals.get("period"):
            return {**vals, "period": fields.Date.to_date(vals["period"]).replace(day=1)}
        return vals

    @api.model
    def _check_open(self, company, period):
        """Raise when the month is closed."""
        if self._is_locked(company, period):
            raise UserError(
                self.env._(
                    "The scores of %(company)s for %(month)s are closed. Open the month again under CRM > "
                    "Configuration > Closed Months of Scores.",
                    company=company.name,
                    month=period.strftime("%Y-%m"),
                )
            )

    @api.model
    def _is_locked(self, company, period):
        """Return whether the month is closed."""
        locked = [("company_id", "=", company.id), ("period", "=", period), ("is_locked", "=", True)]
        return bool(self.search_count(locked, limit=1))
