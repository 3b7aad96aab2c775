from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..warehouse.fact_fields import FactMany2one


class CrmAbcResult(models.Model):
    """One counting of a profile for a company and a month: how the classes were cut, and of how many items."""

    _name = "crm.abc.result"
    _description = "ABC/XYZ of a Month"
    _log_access = False
    _order = "period desc, id desc"

    profile_id = fields.Many2one(
        comodel_name="crm.abc.profile", required=True, readonly=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(related="profile_id.kind")
    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    period = fields.Date(string="Month", required=True, readonly=True, help="The last complete month of the window.")
    date_from = fields.Date(string="From", readonly=True, help="First day of the window.")
    date_to = fields.Date(string="To", readonly=True, help="Last day of the window.")
    previous_period = fields.Date(string="Compared With", readonly=True, help="The month before that was counted.")
    settings = fields.Json(readonly=True, help="Measure, limits and rules of the profile, as they were then.")
    rule = fields.Selection(
        selection=[("classes", "Classes"), ("ranks", "Ranks only")],
        readonly=True,
        help="With fewer items than the profile asks for, there are ranks and shares, and no A, B, C.",
    )
    item_count = fields.Integer(
        string="Items", readonly=True, aggregator=None, help="Items with sales or returns in the window."
    )
    positive_count = fields.Integer(
        string="Above 0", readonly=True, aggregator=None, help="Items with a known value above 0."
    )
    unknown_count = fields.Integer(
        string="Not Measurable",
        readonly=True,
        aggregator=None,
        help="Items whose margin is not known, because the cost of something that was sold is not.",
    )
    short_count = fields.Integer(
        string="Too New", readonly=True, aggregator=None, help="Items with too few months since their first sale."
    )
    gone_count = fields.Integer(
        string="Gone", readonly=True, aggregator=None, help="Items of the month before that was counted, not here now."
    )
    opt_out_count = fields.Integer(
        string="Not Profiled", readonly=True, aggregator=None, help="Customers who object to being profiled."
    )
    total_value = fields.Float(
        string="Value", readonly=True, aggregator=None, help="Sum of the values above 0: what shares are shares of."
    )
    other_value = fields.Float(
        string="Value of Nobody",
        readonly=True,
        aggregator=None,
        help="Value of sales without such an item, such as orders without a salesperson. In no share.",
    )

    _period_uniq = models.UniqueIndex("(company_id, profile_id, period)", "This month is counted already.")

    @api.depends("profile_id", "period")
    def _compute_display_name(self):
        for result in self:
            period = format_date(self.env, result.period, date_format="MMMM y")
            result.display_name = f"{result.profile_id.name}, {period}"

    @api.model
    def _get_result(self, profile, company, period=None):
        """Return the result of a month, or without one the last."""
        domain = [("profile_id", "=", profile.id), ("company_id", "=", company.id)]
        return self.search(domain + ([("period", "=", period)] if period else []), limit=1)

    def _get_neighbours(self, profile, company, period):
        """Return the last result before a month, and the first one after it."""
        domain = [("profile_id", "=", profile.id), ("company_id", "=", company.id)]
        before = self.search([*domain, ("period", "<", period)], order="period desc", limit=1)
        after = self.search([*domain, ("period", ">", period)], order="period", limit=1)
        return before, after

    def action_open_items(self):
        """Show the items of the month."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_abc_item_action")
        return action | {"domain": [("result_id", "=", self.id)], "context": {}, "name": self.display_name}

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _get_rule_sentence(self):
        """Return by which measure, limits and rules the classes were made."""
        self.ensure_one()
        settings, profiles = self.settings, self.env["crm.abc.profile"]

        def label(name):
            return dict(profiles._fields[name]._description_selection(self.env))[settings[name]]

        return self.env._(
            "%(measure)s of the months from %(first)s to %(last)s. A up to %(share_a)s %%, B up to %(share_b)s %% of "
            "the cumulated value (%(boundary)s). Variation of the months up to %(x)s %%: X, up to %(y)s %%: Y, else Z; "
            "standard deviation: %(deviation)s. N: more than %(empty)s %% of the months are empty.",
            measure=label("measure"),
            first=format_date(self.env, self.date_from, date_format="MMMM y"),
            last=format_date(self.env, self.date_to, date_format="MMMM y"),
            share_a=f"{settings['share_a']:g}",
            share_b=f"{settings['share_b']:g}",
            boundary=label("boundary").lower(),
            x=f"{settings['variation_x']:g}",
            y=f"{settings['variation_y']:g}",
            deviation=label("deviation").lower(),
            empty=f"{settings['empty_pct']:g}",
        )

    def _get_notes(self):
        """Return sentences about what is simpler than asked, left out, or not comparable."""
        self.ensure_one()
        notes = [self._get_ranks_note(), self._get_short_note(), self._get_change_note(), self._get_other_note()]
        if self.unknown_count:
            notes.append(
                self.env._(
                    "Not measurable: %(count)s items. The cost of something they sold is not known, and an unknown "
                    "cost is not 0. Enter the costs of the products to include them.",
                    count=self.unknown_count,
                )
            )
        if self.opt_out_count and self.profile_id.kind == "customer":
            notes.append(
                self.env._("%(count)s customers object to being profiled and are left out.", count=self.opt_out_count)
            )
        return [note for note in notes if note]

    def _get_ranks_note(self):
        if self.rule != "ranks":
            return None
        return self.env._(
            "Items with a value: %(count)s. Classes need %(least)s, because a share of fewer says little; so they are "
            "shown in their order, without A, B, C. The least number is set in the profile.",
            count=self.positive_count,
            least=self.settings["least_items"],
        )

    def _get_short_note(self):
        if not self.short_count:
            return None
        least = self.settings["least_periods"]
        if self.short_count == self.item_count:
            return self.env._(
                "No item has %(least)s complete months of sales yet, so there is no X, Y, Z: only the value is "
                "divided.",
                least=least,
            )
        return self.env._(
            "Items sold for the first time less than %(least)s complete months ago: %(count)s. They have no X, Y, Z "
            "yet.",
            count=self.short_count,
            least=least,
        )

    def _get_change_note(self):
        before = self._get_result(self.profile_id, self.company_id, self.previous_period)
        if not self.previous_period or before.settings == self.settings:
            return None
        return self.env._(
            "The profile was changed after %(month)s was counted: a part of the movements is from that.",
            month=format_date(self.env, self.previous_period, date_format="MMMM y"),
        )

    def _get_other_note(self):
        whole = self.total_value + self.other_value
        if not self.other_value or whole <= 0:
            return None
        labels = dict(self.env["crm.abc.profile"]._fields["kind"]._description_selection(self.env))
        return self.env._(
            "%(share)s %% of the value belongs to none of the %(kind)s and is left out.",
            share=formatLang(self.env, 100 * self.other_value / whole, digits=1),
            kind=labels[self.profile_id.kind].lower(),
        )
