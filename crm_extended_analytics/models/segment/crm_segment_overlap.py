from odoo import fields, models
from odoo.tools import SQL

from ..seven_p.known_float import KnownFloat


class CrmSegmentOverlap(models.Model):
    """How many customers two segments share, counted over all customers of the company."""

    _name = "crm.segment.overlap"
    _description = "Overlap of Segments"
    _auto = False
    _order = "both desc, segment_id, other_id"
    _rec_name = "segment_id"

    segment_id = fields.Many2one(comodel_name="crm.segment", readonly=True)
    other_id = fields.Many2one(comodel_name="crm.segment", string="Also In", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    size = fields.Integer(string="Customers", readonly=True, aggregator="max", help="Customers of the segment.")
    both = fields.Integer(string="In Both", readonly=True, help="Customers who are in both segments.")
    share_pct = KnownFloat(
        string="Share (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Customers in both / customers of the segment, in percent. It differs when read the other way round.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH member AS (
                SELECT member.segment_id, member.partner_id, member.company_id
                  FROM crm_segment_member member JOIN crm_segment segment ON segment.id = member.segment_id
                 WHERE segment.active AND member.company_id = ANY(%s)),
            size AS (SELECT segment_id, COUNT(*) AS size FROM member GROUP BY segment_id)
            SELECT one.segment_id::bigint << 31 | other.segment_id AS id, one.segment_id, other.segment_id AS other_id,
                   one.company_id, size.size, COUNT(*) AS both, 100.0 * COUNT(*) / size.size AS share_pct
              FROM member one
              JOIN member other ON other.partner_id = one.partner_id AND other.company_id = one.company_id
                   AND other.segment_id <> one.segment_id
              JOIN size ON size.segment_id = one.segment_id
             GROUP BY one.segment_id, other.segment_id, one.company_id, size.size
            """,
            self.env.companies.ids,
        )

    def action_open_both(self):
        """Show the customers who are in both segments."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "In %(segment)s and in %(other)s", segment=self.segment_id.name, other=self.other_id.name
            ),
            "res_model": "crm.segment.member",
            "views": [[False, "list"]],
            "domain": [
                ("segment_id", "=", self.segment_id.id),
                ("partner_id.crm_segment_ids", "in", self.other_id.ids),
            ],
        }
