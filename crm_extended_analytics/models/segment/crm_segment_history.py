from odoo import fields, models


class CrmSegmentHistory(models.Model):
    """How many customers were in a segment on a day, and who came and left on it."""

    _name = "crm.segment.history"
    _description = "Size of a Segment"
    _log_access = False
    _order = "date desc, segment_id, id desc"
    _rec_name = "date"

    segment_id = fields.Many2one(
        comodel_name="crm.segment", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="segment_id.company_id", store=True, precompute=True)
    date = fields.Date(required=True, readonly=True)
    size = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Customers in the segment after the last refresh of the day; of a month, the most of any day.",
    )
    joined = fields.Integer(readonly=True, help="Customers who came in on this day.")
    left = fields.Integer(readonly=True, help="Customers who left on this day.")

    _day_uniq = models.UniqueIndex("(segment_id, date)", "The size of this day is noted already.")
