from odoo import fields, models
from odoo.tools.misc import formatLang

from ...scoring.correlation import LEAST_MONTHS
from ..seven_p.known_float import KnownFloat


class CrmSeriesCorrelation(models.Model):
    """How own monthly sales move with a series so many months before."""

    _name = "crm.series.correlation"
    _description = "Series and Own Sales"
    _order = "series_id, basis, lag"

    series_id = fields.Many2one(comodel_name="crm.series", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    basis = fields.Selection(
        selection=[("level", "Levels"), ("change", "Changes")],
        required=True,
        readonly=True,
        help="Levels: the figures as they are. Changes: each month less the month before; two series that grow over "
        "the years have alike levels whatever they are, and need not have alike changes.",
    )
    lag = fields.Integer(
        string="Months Later", readonly=True, help="Months by which own sales come after the figure of the series."
    )
    month_count = fields.Integer(
        string="Pairs", readonly=True, help="Pairs of months; fewer than 24 give no coefficient."
    )
    pearson = KnownFloat(
        string="Straight Line",
        readonly=True,
        digits=(16, 2),
        help="Pearson's r: 1 own sales follow the series in a straight line, 0 not at all, -1 the other way round.",
    )
    pearson_low = KnownFloat(string="From", readonly=True, digits=(16, 2), help="95 % interval (Fisher): lower end.")
    pearson_high = KnownFloat(string="To", readonly=True, digits=(16, 2), help="95 % interval (Fisher): upper end.")
    spearman = KnownFloat(
        string="Same Direction",
        readonly=True,
        digits=(16, 2),
        help="Spearman's rho, the same of the ranks: 1 both always rise and fall together, in a straight line or not.",
    )
    spearman_low = KnownFloat(
        string="Rank: From", readonly=True, digits=(16, 2), help="95 % interval (Bonett and Wright): lower end."
    )
    spearman_high = KnownFloat(
        string="Rank: To", readonly=True, digits=(16, 2), help="95 % interval (Bonett and Wright): upper end."
    )

    _lag_uniq = models.UniqueIndex("(series_id, company_id, basis, lag)", "This comparison is there already.")

    def _get_sentences(self):
        """Return what the comparison says in words, the changes first: they are the harder test."""
        found = [row._get_sentence() for row in map(self._get_strongest, ("change", "level")) if row]
        found = found or [
            self.env._(
                "Nothing to see: with fewer than %(least)s pairs of months, or figures that never change, there is no "
                "coefficient, and the others may be chance.",
                least=LEAST_MONTHS,
            )
        ]
        return [
            *found,
            self.env._(
                "What moves together need not cause each other: a third thing, such as the season, may move both. Of "
                "fourteen comparisons one may look strong by chance."
            ),
        ]

    def _get_strongest(self, basis):
        """Return the row of a basis whose interval is clear of 0 and whose coefficient is the largest."""
        clear = self.filtered(
            lambda row: row.basis == basis and row.pearson is not False and row.pearson_low * row.pearson_high > 0
        )
        return max(clear, key=lambda row: abs(row.pearson), default=self.browse())

    def _get_sentence(self):
        numbers = {
            "lag": self.lag,
            "value": formatLang(self.env, self.pearson, digits=2),
            "low": formatLang(self.env, self.pearson_low, digits=2),
            "high": formatLang(self.env, self.pearson_high, digits=2),
            "count": self.month_count,
        }
        if self.basis == "change":
            return self.env._(
                "Changes of own sales go with changes of the series %(lag)s months before: %(value)s (95 %%: "
                "%(low)s to %(high)s), from %(count)s months.",
                **numbers,
            )
        return self.env._(
            "The level of own sales goes with the level of the series %(lag)s months before: %(value)s (95 %%: %(low)s "
            "to %(high)s), from %(count)s months.",
            **numbers,
        )
