from odoo import api, fields, models
from odoo.tools import SQL, format_amount, format_date

from ..warehouse.fact_fields import FactMany2one


class CrmPyramidMonth(models.Model):
    """A pyramid of a company in a month: how it was cut, and of how many customers."""

    _name = "crm.pyramid.month"
    _description = "Value Pyramid of a Month"
    _log_access = False
    _order = "period desc, id desc"

    pyramid_id = fields.Many2one(
        comodel_name="crm.pyramid", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    period = fields.Date(string="Month", required=True, readonly=True)
    as_of = fields.Date(readonly=True, help="Day up to which sales were read.")
    previous_period = fields.Date(string="Compared With", readonly=True, help="The month before that was counted.")
    rule = fields.Selection(
        selection=[
            ("percentile", "Share of the customers"),
            ("least_one", "Share of the customers, one at least in each tier"),
            ("share", "Share of the value"),
            ("amount", "Amount"),
        ],
        readonly=True,
        help="How the tiers were cut. With few customers the smallest tier would be empty: then one is in it.",
    )
    source = fields.Selection(
        selection=[("scores", "Measures of the 7P"), ("facts", "Sales"), ("bills", "Vendor bills")],
        readonly=True,
        help="Where the values are from.",
    )
    active_count = fields.Integer(
        string="Active",
        readonly=True,
        aggregator=None,
        help="Customers who bought in the months; of other kinds those who were active in them.",
    )
    unknown_count = fields.Integer(
        string="Not Measurable", readonly=True, aggregator=None, help="Active ones whose value is not known."
    )
    opt_out_count = fields.Integer(
        string="Not Profiled", readonly=True, aggregator=None, help="Those who object to being profiled."
    )
    total_value = fields.Float(
        string="Value", readonly=True, aggregator=None, help="Sum over the active ones, in company currency."
    )

    _period_uniq = models.UniqueIndex("(company_id, pyramid_id, period)", "This month is counted already.")

    def _compute_display_name(self):
        for month in self:
            period = format_date(self.env, month.period, date_format="MMMM y")
            month.display_name = f"{month.pyramid_id.name}, {period}"

    @api.model
    def _get_previous_period(self, pyramid, company, period):
        """Return the last month before that was counted, else None."""
        rows = self.env.execute_query(
            SQL(
                "SELECT MAX(period) FROM crm_pyramid_month WHERE pyramid_id = %s AND company_id = %s AND period < %s",
                pyramid.id,
                company.id,
                period,
            )
        )
        return rows[0][0]

    def _get_notes(self):
        """Return sentences about what the reader of the pyramid has to know."""
        self.ensure_one()
        pyramid, notes = self.pyramid_id, []
        words = pyramid._get_population()._get_words()
        if self.rule == "least_one":
            share = min(pyramid._get_cut_lines().mapped("share_pct"))
            notes.append(
                self.env._(
                    "%(share)s %% of %(count)s active %(many)s is less than one. The simpler rule is used: %(many)s "
                    "in the order of their value, and at least one in each tier.",
                    share=f"{share:g}",
                    count=self.active_count,
                    many=words["many"],
                )
            )
        if self.unknown_count:
            notes.append(
                self.env._(
                    "Active %(many)s left out: %(count)s. Their %(measure)s is not known, because the cost of too much "
                    "of what was sold is not.",
                    count=self.unknown_count,
                    many=words["many"],
                    measure=pyramid._get_measure_label().lower(),
                )
            )
        if self.opt_out_count:
            notes.append(
                self.env._(
                    "%(count)s %(many)s object to being profiled and are left out.",
                    count=self.opt_out_count,
                    many=words["many"],
                )
            )
        return notes

    def _get_rule_sentence(self):
        """Return how the tiers are cut, in words."""
        self.ensure_one()
        pyramid = self.pyramid_id
        values = {"measure": pyramid._get_measure_label(), "months": pyramid.window_months}
        cut = pyramid._get_cut_lines()
        if pyramid.method == "amount":
            limits = [format_amount(self.env, line.amount, self.currency_id) for line in cut[:-1]]
            return self.env._(
                "%(measure)s of %(months)s months, from %(limits)s on.", limits=", ".join(limits), **values
            )
        limits = " / ".join(f"{line.share_pct:g}" for line in cut)
        if pyramid.method == "share":
            return self.env._(
                "%(measure)s of %(months)s months; those who together bring %(limits)s %% of it.",
                limits=limits,
                **values,
            )
        return self.env._(
            "%(measure)s of %(months)s months; %(limits)s %% of the active %(many)s, of equal ones the older contact "
            "first.",
            limits=limits,
            many=pyramid._get_population()._get_words()["many"],
            **values,
        )
