from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..seven_p.known_float import KnownFloat


class CrmMarketSize(models.Model):
    """How large a market was in a period, as a source says; never a figure of our own.

    The market is that of a country, of a group of countries, or of the world; of a product category with those below
    it, or of all; of the customers of an industry, or of all.
    """

    _name = "crm.market.size"
    _inherit = ["crm.import.good.rows.mixin"]
    _description = "Market Size"
    _order = "date_from desc, id desc"

    company_id = fields.Many2one(
        comodel_name="res.company", index=True, help="Empty: every company sees it beside its own sales."
    )
    country_id = fields.Many2one(
        comodel_name="res.country", index="btree_not_null", help="Empty, without a group: the whole world."
    )
    country_group_id = fields.Many2one(comodel_name="res.country.group", string="Group of Countries")
    categ_id = fields.Many2one(
        comodel_name="product.category",
        string="Product Category",
        help="With the categories below it; empty: all products.",
    )
    industry_id = fields.Many2one(
        comodel_name="res.partner.industry",
        help="Market of the customers of this industry; empty: of all customers.",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    value = fields.Monetary(
        string="Market Value", required=True, help="Sales of all suppliers on the market in the period, without taxes."
    )
    quantity = fields.Float(
        string="Market Quantity",
        digits="Product Unit",
        help="Units that all suppliers sold, in the unit of our products; 0: not known.",
    )
    source = fields.Char(required=True, help="Who says so: study, statistical office, association, year.")
    source_url = fields.Char(string="Address of the Source")
    is_estimate = fields.Boolean(string="Estimate", help="Not counted but estimated, by the source or by us.")
    note = fields.Text()
    share_ids = fields.One2many(comodel_name="crm.market.share", inverse_name="size_id", string="Shares", readonly=True)
    own_value = KnownFloat(
        string="Own Sales",
        compute="_compute_share",
        help="Sales of your company less credit notes on this market in the period, in the currency of the market.",
    )
    share_pct = KnownFloat(
        string="Share (%)",
        compute="_compute_share",
        digits=(16, 2),
        help="Own sales / market value, in percent, for your company.",
    )
    growth_pct = KnownFloat(
        string="Market Growth (%)",
        compute="_compute_share",
        digits=(16, 1),
        help="Market value against that of the same market, source and currency in the period just before.",
    )
    verdict = fields.Text(string="What to Know", compute="_compute_share")

    _period_order = models.Constraint("CHECK (date_to >= date_from)", "A period does not end before it begins.")
    _value_positive = models.Constraint(
        "CHECK (value > 0 AND value < 'Infinity')", "The value of a market is above 0: leave out what is not known."
    )
    _quantity_not_negative = models.Constraint(
        "CHECK (quantity >= 0 AND quantity < 'Infinity')", "The quantity of a market is not negative."
    )
    _one_territory = models.Constraint(
        "CHECK (country_id IS NULL OR country_group_id IS NULL)",
        "A market is that of a country or of a group of countries: choose one of them.",
    )
    _market_uniq = models.UniqueIndex(
        "(date_from, date_to, source, currency_id, COALESCE(country_id, 0), COALESCE(country_group_id, 0),"
        " COALESCE(categ_id, 0), COALESCE(industry_id, 0), COALESCE(company_id, 0))",
        "This source has a figure of this market and period already.",
    )

    @api.depends("country_id", "country_group_id", "categ_id", "industry_id", "date_from", "date_to")
    def _compute_display_name(self):
        for size in self:
            parts = [size._get_market(), size._get_period()]
            size.display_name = ", ".join(part for part in parts if part)

    @api.depends("share_ids", "value")
    @api.depends_context("company", "lang")
    def _compute_share(self):
        company = self.env.company
        shares = {share.size_id: share for share in self.share_ids if share.company_id == company}
        for size in self:
            share = shares.get(size, self.env["crm.market.share"])
            size.own_value = share.own_value if share else False
            size.share_pct = share.share_pct if share else False
            size.growth_pct = share.growth_pct if share else False
            size.verdict = share.verdict

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        sizes = super().create(vals_list)
        sizes._refresh_shares()
        return sizes

    def write(self, vals):
        before = self._with_next()
        result = super().write(vals)
        (before | self)._refresh_shares()
        return result

    def unlink(self):
        following = self._with_next() - self
        result = super().unlink()
        following._refresh_shares()
        return result

    def _with_next(self):
        """Return the figures with those of the periods that begin when these end: their growth depends on these."""
        starts = [size.date_to + relativedelta(days=1) for size in self if size.date_to]
        return self | self.search([("date_from", "in", starts)])

    def _refresh_shares(self):
        # `sudo`: the shares of all companies follow a shared figure, and nobody writes them by hand
        self.env["crm.market.share"].sudo()._refresh(sizes=self._with_next())

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------
    @api.model
    def get_import_templates(self):
        return [
            {
                "label": self.env._("Import Template for Market Sizes"),
                "template": "/crm_extended_analytics/static/xls/market_size_import_template.xlsx",
            }
        ]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_refresh(self):
        """Compare with own sales again now, of all markets where none is chosen; else it is done every night."""
        self.check_access("write")
        (self or self.search(Domain.TRUE))._refresh_shares()

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _get_market(self):
        territory = self.country_id.name or self.country_group_id.name or self.env._("World")
        return ", ".join(part for part in (territory, self.categ_id.name, self.industry_id.name) if part)

    def _get_period(self):
        """Return the year where the period is one, else both days."""
        if not self.date_from or not self.date_to:
            return ""
        if self.date_to == self.date_from + relativedelta(years=1, days=-1) and self.date_from.month == 1:
            return str(self.date_from.year)
        return f"{self.date_from} - {self.date_to}"
