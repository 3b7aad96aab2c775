from odoo import api, fields, models
from odoo.tools import SQL

from .known_float import KnownFloat

SLOTS = 32  # ids of one month and customer: so many different P fit


class CrmCustomerScore(models.Model):
    """One score of a customer: the months' narrow rows, read as one row per P, beside the month before.

    A view and not a table: the same numbers are stored once, so that a run writes one row per customer instead of
    eight, and history and current scores cannot differ. The explanation is made from the measures, which are
    stored for the last scored month and made again for the months before (``crm.measure.recall``).
    """

    _name = "crm.customer.score"
    _description = "Score of a Customer"
    _auto = False
    _order = "period desc, partner_id, sequence"
    _rec_name = "p"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Customer", readonly=True)
    p = fields.Selection(selection="_selection_p", readonly=True)
    sequence = fields.Integer(readonly=True, aggregator=None)
    period = fields.Date(string="Month", readonly=True)
    as_of = fields.Date(readonly=True, help="Day up to which facts were read.")
    score = KnownFloat(
        readonly=True,
        aggregator="avg",
        help="0 to 100: weighted mean, over the measures of the method, of the share of customers he is ahead of.",
    )
    previous_score = KnownFloat(readonly=True, aggregator="avg", help="Score of the month before.")
    change = KnownFloat(readonly=True, aggregator="avg", help="Score - score of the month before.")
    is_measurable = fields.Boolean(readonly=True)
    quintile = fields.Integer(
        readonly=True, aggregator=None, help="Fifth of the scale: 5 is 80 to 100. 0: not measurable."
    )
    is_current = fields.Boolean(
        string="Last Scored Month",
        compute="_compute_is_current",
        search="_search_is_current",
        help="Of the last month that was scored in the company, which may be long ago.",
    )
    method_id = fields.Many2one(comodel_name="crm.scoring.method", readonly=True)
    run_id = fields.Many2one(comodel_name="crm.scoring.run", readonly=True)
    explanation = fields.Json(
        string="Explanation Codes", compute="_compute_explanation", help="Codes and numbers of the explanation."
    )
    explanation_text = fields.Text(string="Explanation", compute="_compute_explanation")
    missing = fields.Char(compute="_compute_explanation", help="Code of what is missing for a score.")

    @api.model
    def _selection_p(self):
        return [(p._p_code, p._get_label()) for p in self.env["crm.scoring.p"]._get_all()]

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT month.id * %(slots)s + slot.sequence AS id, month.company_id, month.partner_id, slot.p,
                   slot.sequence, month.period, month.as_of, slot.score, slot.previous AS previous_score,
                   slot.score - slot.previous AS change, slot.score IS NOT NULL AS is_measurable,
                   COALESCE(LEAST(floor(slot.score / 20)::int + 1, 5), 0) AS quintile,
                   month.method_id, month.run_id
              FROM crm_customer_score_month month
              LEFT JOIN crm_customer_score_month earlier
                     ON earlier.partner_id = month.partner_id AND earlier.company_id = month.company_id
                    AND earlier.period = (month.period - interval '1 month')::date
             CROSS JOIN LATERAL (VALUES %(values)s) slot (sequence, p, score, previous)
            """,
            slots=SLOTS,
            values=SQL(", ").join(self._get_slots()),
        )

    @api.model
    def _get_slots(self):
        """Return a row of SQL per P that has a column in the history."""
        months = self.env["crm.customer.score.month"]
        codes = [p._p_code for p in self.env["crm.scoring.p"]._get_all()]
        return [
            SQL(
                "(%s, %s, %s, %s)",
                number,
                code,
                SQL.identifier("month", f"score_{code}"),
                SQL.identifier("earlier", f"score_{code}"),
            )
            for number, code in enumerate(codes)
            if f"score_{code}" in months._fields
        ]

    @api.depends("company_id", "period")
    def _compute_is_current(self):
        last = self.env["crm.customer.score.month"]._get_last_periods()
        for score in self:
            score.is_current = score.period == last.get(score.company_id.id)

    @api.model
    def _search_is_current(self, operator, value):
        return self.env["crm.customer.score.month"]._get_current_domain(operator)

    @api.depends_context("lang")
    def _compute_explanation(self):
        """Explain from the measures of the month."""
        months = self.env["crm.customer.score.month"].browse({score.id // SLOTS for score in self})
        measures = self.env["crm.measure.recall"]._recall(months)
        classes = {p._p_code: p for p in self.env["crm.scoring.p"]._get_all()}
        for score in self:
            p = classes[score.p]
            row = measures.get(score.id // SLOTS)
            score.missing = False if score.is_measurable else p._get_missing(row)
            codes = p._explain(row) if row and score.is_measurable else []
            score.explanation = codes
            if score.missing:
                score.explanation_text = p._render_missing(score.missing)
            else:
                currency = score.company_id.currency_id
                sentences = [p._render_explanation(code, numbers, currency) for code, numbers in codes]
                score.explanation_text = "\n".join(sentences)
