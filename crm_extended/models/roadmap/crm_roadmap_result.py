from odoo import api, fields, models
from odoo.tools import SQL


class CrmRoadmapResult(models.Model):
    """What a criterion measured on a day, for a company or for a unit of it. Written by the measuring only."""

    _name = "crm.roadmap.result"
    _description = "Measured Criterion"
    _order = "date DESC, criterion_id, unit_id"
    _log_access = False

    criterion_id = fields.Many2one(
        comodel_name="crm.roadmap.criterion", required=True, readonly=True, ondelete="cascade", index=True
    )
    stage_id = fields.Many2one(related="criterion_id.stage_id")
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    unit_id = fields.Many2one(
        comodel_name="crm.roadmap.unit", string="Department or Region", readonly=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    value = fields.Float(readonly=True, aggregator="avg", help="What was measured, in the unit of the criterion.")
    part = fields.Float(
        string="Counted", readonly=True, aggregator=None, help="Of a share: how many records count as good."
    )
    whole = fields.Float(string="Of", readonly=True, aggregator=None, help="Of a share: how many records there are.")
    target = fields.Float(readonly=True, aggregator="avg", help="The target on that day.")
    state = fields.Selection(
        selection=[
            ("passed", "Reached"),
            ("tolerated", "Within tolerance"),
            ("failed", "Not reached"),
            ("unknown", "Not measurable"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True, help="Why it could not be measured.")

    _day_uniq = models.UniqueIndex(
        "(criterion_id, company_id, COALESCE(unit_id, 0), date)", "A criterion is measured once a day."
    )

    @api.model
    def _get_last(self, criteria, companies, units=None):
        """Return the last result of each criterion: ``{(criterion id, company id, unit id or None): result}``.

        :param units: also those of the departments and regions
        """
        self.flush_model(["criterion_id", "company_id", "unit_id", "date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (criterion_id, company_id, unit_id) id, criterion_id, company_id, unit_id
                  FROM crm_roadmap_result
                 WHERE criterion_id = ANY(%s) AND company_id = ANY(%s) AND (unit_id IS NULL OR unit_id = ANY(%s))
                 ORDER BY criterion_id, company_id, unit_id, date DESC
                """,
                list(criteria.ids),
                list(companies.ids),
                list(units.ids) if units else [],
            )
        )
        results = self.browse([row[0] for row in rows])
        return {tuple(row[1:]): result for row, result in zip(rows, results, strict=True)}
