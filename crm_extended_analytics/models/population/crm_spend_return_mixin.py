from odoo import api, fields, models
from odoo.tools import SQL, formatLang

from ..known_margin import known_margin
from ..seven_p.known_float import KnownFloat
from .crm_attribution_credit import DIMENSIONS


class CrmSpendReturnMixin(models.AbstractModel):
    """What came by a campaign, medium or source in a month, beside what it cost.

    The cost of the goods may be known in part. A row that cannot be measured for itself may lie in a group that can,
    so the margin of a group is one of its sums, and no sum of margins.
    """

    _name = "crm.spend.return.mixin"
    _description = "Return on Spend"

    # fields of the net sales, and of the margin that stands for all of them
    _sold_field = "revenue"
    _margin_field = "margin"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    dimension = fields.Selection(selection=DIMENSIONS, readonly=True)
    is_touched = fields.Boolean(readonly=True)
    campaign_id = fields.Many2one(comodel_name="utm.campaign", readonly=True)
    medium_id = fields.Many2one(comodel_name="utm.medium", readonly=True)
    source_id = fields.Many2one(comodel_name="utm.source", readonly=True)
    spend = fields.Monetary(readonly=True, help="Campaign costs that fall on the days of the month.")
    known_revenue = fields.Monetary(
        string="Net Sales of Known Cost", readonly=True, help="Those of the net sales whose cost is known."
    )
    known_margin = fields.Monetary(readonly=True, help="Margin of the net sales of known cost.")
    known_pct = KnownFloat(
        string="Known Cost (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Net sales of known cost / net sales, in percent. Of a group: from its sums, those without a touch "
        "left out.",
    )
    least_known_pct = fields.Float(
        string="Least Known Cost (%)",
        readonly=True,
        aggregator="max",
        help="Of the scoring method: with less, the margin of goods is not measurable.",
    )

    missing = fields.Char(
        string="Not Measurable", compute="_compute_missing", help="Why there is no margin, and what it needs."
    )

    @api.depends(lambda self: (self._margin_field, "known_pct", "least_known_pct"))
    @api.depends_context("lang")
    def _compute_missing(self):
        for row in self:
            row.missing = row[row._margin_field] is False and row._get_missing()

    def _get_missing(self):
        """Return what the margin of the row needs."""
        return self.env._(
            "Needs the cost of %(least)s %% of the net sales; that of %(known)s %% is known.",
            known=formatLang(self.env, self.known_pct or 0.0, digits=1),
            least=formatLang(self.env, self.least_known_pct, digits=0),
        )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == f"{self._margin_field}:sum":
            return self._get_margin_of(self._get_sums(query, SQL("TRUE")))
        if aggregate_spec == "known_pct:avg":
            return SQL(
                "100.0 * %(known_revenue)s / NULLIF(%(sold)s, 0)",
                **self._get_touched_sums(query),
            )
        return super()._read_group_select(aggregate_spec, query)

    def _get_return_sql(self, query):
        """Return SQL of the margin of a group beside its spend, in percent of it."""
        sums = self._get_touched_sums(query)
        return SQL(
            "100.0 * (%(margin)s - %(spend)s) / NULLIF(%(spend)s, 0)",
            margin=self._get_margin_of(sums),
            spend=sums["spend"],
        )

    def _get_margin_of(self, sums):
        """Return SQL of the margin of a group, by the strictest of its methods."""
        return known_margin(
            sold=sums["sold"], known=sums["known_revenue"], margin=sums["known_margin"], least=sums["least"]
        )

    def _get_touched_sums(self, query, **others):
        """Return SQL of sums without rows of no known touch, which no spend has earned."""
        return self._get_sums(query, self._field_to_sql(self._table, "is_touched", query), **others)

    def _get_sums(self, query, counted, **others):
        """Return SQL of the sums over the rows of a group that are counted.

        :param others: ``name=field`` of further sums
        """
        names = {"sold": self._sold_field, "known_revenue": "known_revenue", "known_margin": "known_margin"}
        columns = {
            name: self._field_to_sql(self._table, field, query)
            for name, field in {**names, "spend": "spend", **others}.items()
        }
        least = SQL("MAX(%s)::numeric", self._field_to_sql(self._table, "least_known_pct", query))
        sums = {name: SQL("SUM(CASE WHEN %s THEN %s ELSE 0 END)", counted, column) for name, column in columns.items()}
        return sums | {"least": least}

    def _get_label_sql(self, fallback=None):
        """Return SQL of the name of a row's campaign, medium or source, in the language of the reader.

        Of rows with ``dimension``, ``value_id`` and ``is_touched``, joined with `_get_label_joins`.

        :param fallback: SQL of the name of one that was deleted
        """
        return SQL(
            """
            COALESCE(campaign.title ->> %(lang)s, campaign.title ->> 'en_US', medium.name, source.name, %(fallback)s,
                     CASE WHEN NOT is_touched THEN %(none)s WHEN dimension = 'campaign' THEN %(campaign)s
                          WHEN dimension = 'medium' THEN %(medium)s ELSE %(source)s END)
            """,
            lang=self.env.lang or "en_US",
            fallback=fallback or SQL("NULL"),
            **self.env["crm.attribution.credit"]._get_unnamed(),
        )

    def _get_label_joins(self):
        return SQL(
            """
            LEFT JOIN utm_campaign campaign ON dimension = 'campaign' AND campaign.id = value_id
            LEFT JOIN utm_medium medium ON dimension = 'medium' AND medium.id = value_id
            LEFT JOIN utm_source source ON dimension = 'source' AND source.id = value_id
            """
        )

    def _get_margin_sql(self, sold):
        """Return SQL of the margin of a row of the query behind the model, by its columns.

        :param sold: name of the column of net sales
        """
        return known_margin(
            sold=SQL.identifier(sold),
            known=SQL("known_revenue"),
            margin=SQL("known_margin"),
            least=SQL("least_known_pct::numeric"),
        )
