from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one
from .crm_population_report_white_space import FEATURE


class CrmMarketShare(models.Model):
    """Own sales of a company beside the size of a market, in the currency and for the period of the market.

    The rows are written when a market size is, and after each load of the warehouse.
    """

    _name = "crm.market.share"
    _description = "Market Share"
    _log_access = False
    _order = "date_to desc, share_pct desc nulls last, id desc"
    _rec_name = "size_id"

    size_id = fields.Many2one(
        comodel_name="crm.market.size", string="Market", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True, index=True)
    country_id = fields.Many2one(related="size_id.country_id", store=True)
    country_group_id = fields.Many2one(related="size_id.country_group_id", store=True)
    categ_id = fields.Many2one(related="size_id.categ_id", store=True, string="Product Category")
    industry_id = fields.Many2one(related="size_id.industry_id", store=True)
    date_from = fields.Date(related="size_id.date_from", store=True)
    date_to = fields.Date(related="size_id.date_to", store=True, string="Period")
    currency_id = fields.Many2one(related="size_id.currency_id", store=True)
    market_value = fields.Monetary(related="size_id.value", store=True, string="Market Value")
    source = fields.Char(related="size_id.source")
    is_estimate = fields.Boolean(related="size_id.is_estimate", store=True)
    as_of = fields.Date(readonly=True, help="Last day of which sales are in the warehouse.")
    first_date = fields.Date(string="Since", readonly=True, help="First day of which sales are in the warehouse.")
    own_value = KnownFloat(
        string="Own Sales",
        readonly=True,
        aggregator="sum",
        help="Sales less credit notes in the period, without taxes: facts of the country, category and industry, in "
        "the currency of the market at the rate of the last day of the period. Empty without a rate.",
    )
    own_quantity = fields.Float(
        digits="Product Unit", readonly=True, help="Units sold less units credited in the period."
    )
    share_pct = KnownFloat(
        string="Share (%)",
        readonly=True,
        digits=(16, 2),
        aggregator="avg",
        help="Own sales / market value, in percent.",
    )
    quantity_share_pct = KnownFloat(
        string="Share of Quantity (%)",
        readonly=True,
        digits=(16, 2),
        aggregator="avg",
        help="Own quantity / market quantity, in percent; empty where the market quantity is not known.",
    )
    growth_pct = KnownFloat(
        string="Market Growth (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Market value against that of the same market, source and currency in the period just before, in percent.",
    )
    own_growth_pct = KnownFloat(
        string="Own Growth (%)",
        readonly=True,
        digits=(16, 1),
        aggregator="avg",
        help="Own sales against those in the period just before, in percent.",
    )
    verdict = fields.Text(string="What to Know", compute="_compute_verdict")

    _company_uniq = models.UniqueIndex("(size_id, company_id)", "A market has one share per company.")

    @api.depends("share_pct", "own_value", "as_of", "first_date", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for share in self:
            share.verdict = " ".join(share._get_sentences())

    def _get_sentences(self):
        """Return what a reader must know before believing the share."""
        if not self.as_of:
            return [self.env._("There are no sales in the warehouse yet.")]
        if self.own_value is False:
            return [
                self.env._(
                    "There is no exchange rate between %(own)s and %(market)s: enter one, or enter the market "
                    "value in %(own)s.",
                    own=self.company_id.sudo().currency_id.name,
                    market=self.currency_id.name,
                )
            ]
        sentences = []
        if self.share_pct > 100:
            sentences.append(
                self.env._(
                    "Own sales are larger than the market: the market figure is too small, or speaks of another "
                    "territory or product group."
                )
            )
        if self.as_of < self.date_to:
            sentences.append(
                self.env._(
                    "Own sales are known up to %(day)s only: the share of the period is not complete.",
                    day=format_date(self.env, self.as_of),
                )
            )
        if self.first_date > self.date_from:
            sentences.append(
                self.env._(
                    "The warehouse begins on %(day)s, after the period does: own sales before are missing.",
                    day=format_date(self.env, self.first_date),
                )
            )
        if self.is_estimate:
            sentences.append(self.env._("The market figure is an estimate."))
        return sentences

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------
    @api.model
    def _refresh(self, companies=None, sizes=None):
        """Write the shares again: of these companies and these market sizes, by default of all that use the feature."""
        companies = companies or self.env["res.company"].search([("active", "=", True)])
        companies = companies.filtered(lambda company: company._has_feature(FEATURE))
        chosen = self.env["crm.market.size"].search(Domain.TRUE) if sizes is None else sizes
        chosen.flush_recordset()
        self.flush_model()
        self.env["crm.fact.sale"].flush_model()
        self.env["crm.fact.return"].flush_model()
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_market_share WHERE size_id = ANY(%s) AND company_id = ANY(%s)",
                chosen.ids,
                companies.ids,
            )
        )
        rates = self._get_rates(chosen, companies)
        if rates:
            self.env.cr.execute(self._get_insert(rates, chosen, companies))
            self.env.cr.execute(self._get_growth(chosen))
        self.invalidate_model()
        self.env["crm.market.size"].invalidate_model(["share_ids", "own_value", "share_pct", "growth_pct", "verdict"])

    @api.model
    def _get_rates(self, sizes, companies):
        """Return ``[(size id, company id, rate or None)]``: units of the market's currency for one of the company's.

        One query per company and last day of a period, as Odoo keeps its rates.
        """
        currencies = sizes.currency_id | companies.currency_id
        rated = self.env["res.currency.rate"]._read_group(
            [("currency_id", "in", currencies.ids)], ["currency_id", "company_id"]
        )
        known = {(currency.id, company.id) for currency, company in rated}
        tables, rates = {}, []
        for company in companies:
            root, own = company.root_id, company.currency_id
            for size in sizes.filtered(lambda size, company=company: size.company_id in (company, company.browse())):
                market = size.currency_id
                pair = {(currency.id, place) for currency in (own, market) for place in (root.id, False)}
                rate = 1.0 if own == market else None
                if rate is None and known & pair:
                    key = root, size.date_to
                    if key not in tables:
                        tables[key] = currencies._get_rates(company, size.date_to)
                    rate = tables[key][market.id] / tables[key][own.id]
                rates.append((size.id, company.id, rate))
        return rates

    def _get_insert(self, rates, sizes, companies):
        """Return the statement that writes the rows of the pairs of a market size and a company.

        Facts are summed once per company and period, then shared out among the markets of that period: markets are
        many, periods are few.
        """
        return SQL(
            """
            WITH pair (size_id, company_id, rate) AS (VALUES %(rates)s),
                 period AS (
                SELECT DISTINCT pair.company_id, size.date_from, size.date_to
                  FROM pair JOIN crm_market_size size ON size.id = pair.size_id),
                 fact AS (
                SELECT company_id, commercial_partner_id, country_id, categ_id, date, amount_company AS amount, quantity
                  FROM crm_fact_sale
                 WHERE company_id = ANY(%(companies)s) AND date BETWEEN %(first)s AND %(last)s
                 UNION ALL
                SELECT company_id, commercial_partner_id, country_id, categ_id, date, -amount_company, -quantity
                  FROM crm_fact_return
                 WHERE company_id = ANY(%(companies)s) AND date BETWEEN %(first)s AND %(last)s
                   AND kind = 'credit_note'),
                 sold AS MATERIALIZED (
                SELECT period.*, fact.country_id, fact.categ_id, partner.industry_id, SUM(fact.amount) AS amount,
                       SUM(fact.quantity) AS quantity
                  FROM period
                  JOIN fact ON fact.company_id = period.company_id
                       AND fact.date BETWEEN period.date_from AND period.date_to
                  LEFT JOIN res_partner partner ON partner.id = fact.commercial_partner_id
                 GROUP BY 1, 2, 3, 4, 5, 6),
                 known AS (
                SELECT company_id, MIN(date) AS first_date, MAX(date) AS as_of FROM crm_fact_sale
                 WHERE company_id = ANY(%(companies)s) GROUP BY 1)
            INSERT INTO crm_market_share (size_id, company_id, country_id, country_group_id, categ_id, industry_id,
                   date_from, date_to, currency_id, market_value, is_estimate, first_date, as_of, own_value,
                   own_quantity, share_pct, quantity_share_pct)
            SELECT size.id, pair.company_id, size.country_id, size.country_group_id, size.categ_id, size.industry_id,
                   size.date_from, size.date_to, size.currency_id, size.value, size.is_estimate, known.first_date,
                   known.as_of, own.amount * pair.rate, own.quantity, 100 * own.amount * pair.rate / size.value,
                   100 * own.quantity / NULLIF(size.quantity, 0)
              FROM pair
              JOIN crm_market_size size ON size.id = pair.size_id
              LEFT JOIN known ON known.company_id = pair.company_id
              LEFT JOIN product_category category ON category.id = size.categ_id
             CROSS JOIN LATERAL (
                   SELECT COALESCE(SUM(sold.amount), 0)::float8 AS amount,
                          COALESCE(SUM(sold.quantity), 0)::float8 AS quantity
                     FROM sold
                     LEFT JOIN product_category below ON below.id = sold.categ_id
                    WHERE sold.company_id = pair.company_id
                      AND sold.date_from = size.date_from AND sold.date_to = size.date_to
                      AND (size.country_id IS NULL OR sold.country_id = size.country_id)
                      AND (size.country_group_id IS NULL OR sold.country_id IN (
                           SELECT res_country_id FROM res_country_res_country_group_rel
                            WHERE res_country_group_id = size.country_group_id))
                      AND (size.categ_id IS NULL OR starts_with(below.parent_path, category.parent_path))
                      AND (size.industry_id IS NULL OR sold.industry_id = size.industry_id)) own
            """,
            rates=SQL(", ").join(SQL("(%s, %s, %s::float8)", *rate) for rate in rates),
            companies=companies.ids,
            first=min(sizes.mapped("date_from")),
            last=max(sizes.mapped("date_to")),
        )

    def _get_growth(self, sizes):
        """Return the statement that compares the rows of the market sizes with those of the periods just before."""
        return SQL(
            """
            UPDATE crm_market_share share
               SET growth_pct = 100.0 * (size.value - before.value) / before.value,
                   own_growth_pct = 100.0 * (share.own_value - earlier.own_value) / NULLIF(earlier.own_value, 0)
              FROM crm_market_size size, crm_market_size before, crm_market_share earlier
             WHERE size.id = share.size_id AND size.id = ANY(%(sizes)s)
               AND before.date_to = size.date_from - 1
               -- as long as this one, give or take the days of months and leap years
               AND abs((before.date_to - before.date_from) - (size.date_to - size.date_from)) <= 3
               AND (before.source, before.currency_id) = (size.source, size.currency_id)
               AND (before.country_id, before.country_group_id, before.categ_id, before.industry_id, before.company_id)
                   IS NOT DISTINCT FROM
                   (size.country_id, size.country_group_id, size.categ_id, size.industry_id, size.company_id)
               AND earlier.size_id = before.id AND earlier.company_id = share.company_id
            """,
            sizes=sizes.ids,
        )
