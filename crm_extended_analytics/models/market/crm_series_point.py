from odoo import api, fields, models


class CrmSeriesPoint(models.Model):
    """A figure of a competitor or an indicator, of one period."""

    _name = "crm.series.point"
    _inherit = ["crm.import.good.rows.mixin"]
    _description = "Figure of a Period"
    _order = "series_id, date desc, id desc"
    _rec_name = "date"

    series_id = fields.Many2one(
        comodel_name="crm.series", string="Competitor or Indicator", required=True, ondelete="cascade"
    )
    date = fields.Date(
        string="Period",
        required=True,
        help="Any day of the period; it is kept as the first day of the month, quarter or year.",
    )
    value = fields.Float(string="Figure", required=True, digits=0, aggregator="avg", help="In the unit of the series.")
    unit = fields.Char(related="series_id.unit")
    kind = fields.Selection(related="series_id.kind", store=True)
    is_estimate = fields.Boolean(string="Estimate", help="Not counted but estimated; may still be corrected.")

    _period_uniq = models.UniqueIndex("(series_id, date)", "This series has a figure of this period already.")
    _value_finite = models.Constraint(
        "CHECK (value > '-Infinity' AND value < 'Infinity')", "A figure is a finite number."
    )

    @api.model_create_multi
    def create(self, vals_list):
        series = self.env["crm.series"].browse({vals["series_id"] for vals in vals_list if vals.get("series_id")})
        frequencies = {each.id: each.frequency for each in series}
        return super().create(
            [self._prepare_period(vals, frequencies.get(vals.get("series_id"), "month")) for vals in vals_list]
        )

    def write(self, vals):
        if not vals.keys() & {"date", "series_id"}:
            return super().write(vals)
        for point in self:
            series = self.env["crm.series"].browse(vals.get("series_id")) or point.series_id
            own = self._prepare_period({"date": point.date, **vals}, series.frequency)
            super(CrmSeriesPoint, point).write(own)
        return True

    @api.model
    def _prepare_period(self, vals, frequency):
        """Return the values with the first day of the period in place of any day of it."""
        day = fields.Date.to_date(vals.get("date"))
        if not day:
            return vals
        month = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}[frequency]
        return {**vals, "date": day.replace(month=month, day=1)}
