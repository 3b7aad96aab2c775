from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ...scoring.white_space import LEAST_CUSTOMERS, LEAST_PEERS
from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one
from .crm_population_report_white_space import UNKNOWN_CHANNEL

# the largest ones on the screen; the others are in the list
SHOWN_TERRITORIES, SHOWN_CATEGORIES = 25, 12
GROUP_FIELDS = {"tier": "tier_id", "industry": "industry_id", "segment": "segment_id"}


class CrmMarketCell(models.Model):
    """What customers of a group in a territory buy of a category in a channel, and what their peers buy."""

    _name = "crm.market.cell"
    _inherit = ["crm.population.row.mixin"]
    _description = "White Space"
    _log_access = False
    _order = "period desc, white_space desc nulls last, id"
    _rec_name = "categ_id"
    _keeps_months = False

    date_since = fields.Date(string="After", readonly=True, help="The window of sales begins after this day.")
    territory_level = fields.Selection(
        selection=[("country", "Country"), ("state", "State")],
        string="Territories Are",
        readonly=True,
        help="States hold the customers whose address has one.",
    )
    country_id = FactMany2one(comodel_name="res.country", string="Country", readonly=True)
    state_id = FactMany2one(comodel_name="res.country.state", string="State", readonly=True)
    group_kind = fields.Selection(
        selection=[("all", "All customers"), ("tier", "Tier"), ("industry", "Industry"), ("segment", "Segment")],
        string="Groups Are",
        readonly=True,
        help="The customers of a territory are looked at together, by tier, by industry, and by segment.",
    )
    tier_id = fields.Many2one(comodel_name="crm.tier", readonly=True, ondelete="cascade")
    industry_id = fields.Many2one(comodel_name="res.partner.industry", readonly=True, ondelete="cascade")
    segment_id = fields.Many2one(comodel_name="crm.segment", readonly=True, ondelete="cascade")
    categ_id = fields.Many2one(
        comodel_name="product.category", string="Product Category", readonly=True, ondelete="cascade"
    )
    channel = fields.Char(readonly=True, help="Way of the sale; empty: all ways together.")
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator="max",
        help="Customers of the group in the territory who ever bought anything from us, no profiling objectors.",
    )
    buyer_count = fields.Integer(
        string="Buyers",
        readonly=True,
        help="Customers whose purchases of the category in the channel, in the window, sum above 0.",
    )
    penetration = KnownFloat(
        string="Penetration (%)", readonly=True, aggregator="avg", help="Buyers / customers, in percent."
    )
    sales = fields.Monetary(readonly=True, help="What the buyers spent on it in the window, without taxes.")
    peer_rule = fields.Selection(
        selection=[
            ("elsewhere", "The same group in all other territories"),
            ("here", "The other groups in the same territory"),
            ("none", "Too few peers"),
            ("few", "Too few customers"),
        ],
        string="Peers Are",
        readonly=True,
        help="The customers of the same group in all other territories; where they are fewer than ten, the customers "
        "of the other groups in the same territory. Fewer than five customers or ten peers say nothing.",
    )
    peer_count = fields.Integer(
        string="Peers", readonly=True, aggregator=None, help="Customers to compare with, as the rule says."
    )
    peer_buyer_count = fields.Integer(
        string="Peers Who Buy", readonly=True, aggregator=None, help="Peers who bought it in the window."
    )
    peer_penetration = KnownFloat(
        string="Penetration of Peers (%)",
        readonly=True,
        aggregator="avg",
        help="Peers who buy / peers, in percent.",
    )
    sales_per_peer = KnownFloat(
        string="Sales per Buying Peer",
        readonly=True,
        aggregator=None,
        help="Sales to the peers who buy / their number, in the currency of the company.",
    )
    missing_buyers = KnownFloat(
        readonly=True,
        digits=(16, 1),
        help="(Penetration of peers - penetration) x customers; 0 where the group buys as much as its peers.",
    )
    white_space = KnownFloat(
        readonly=True,
        help="Sales that would come if the penetration reached that of the peers: missing buyers x sales per buying "
        "peer, in the currency of the company. A chance, not a forecast. Do not add up groups, channels and levels of "
        "territories: each holds the same customers.",
    )
    is_clear = fields.Boolean(
        string="Clear",
        readonly=True,
        help="The test of two proportions, one-sided, at 5 %: were there no difference, chance would show so large a "
        "one in fewer than one of twenty cells.",
    )

    @api.depends("country_id", "state_id", "categ_id", "channel")
    def _compute_display_name(self):
        for cell in self:
            parts = [cell._get_territory(), cell._get_group(), cell.categ_id.display_name, cell._get_channel()]
            cell.display_name = ", ".join(part for part in parts if part)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_customers(self):
        """Show the customers of the cell who do not buy there."""
        self.ensure_one()
        self.check_access("read")
        name = self.env._("Do not buy yet: %(cell)s", cell=self.display_name) if self.categ_id else self.display_name
        return self._get_customers_action(name, self.env["crm.population.report.white.space"]._get_missing(self))

    def action_make_segment(self):
        """Make a segment of the customers of the cell who do not buy there, and open it."""
        self.ensure_one()
        self.check_access("read")
        segments = self.env["crm.segment"]
        segments.check_access("create")
        partners = self.env["res.partner"].browse(self.env["crm.population.report.white.space"]._get_missing(self))
        segment = segments._create_from_partners(
            self.env._("White space: %(cell)s", cell=self.display_name), partners, self.company_id
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.segment",
            "res_id": segment.id,
            "views": [[False, "form"]],
        }

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _get_territory(self):
        return self.state_id.display_name or self.country_id.display_name

    def _get_group(self):
        """Return the name of the group; none for all customers."""
        name = GROUP_FIELDS.get(self.group_kind)
        return self[name].display_name if name else None

    def _get_channel(self):
        return self._get_channel_label(self.channel) if self.channel else None

    @api.model
    def _get_channel_label(self, channel):
        known = {
            "sales": self.env._("Sales"),
            "website": self.env._("Website"),
            "invoice": self.env._("Invoice without an order"),
            UNKNOWN_CHANNEL: self.env._("Not known"),
        }
        return known.get(channel, channel)

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------
    @api.model
    def _get_screen_domain(self, period, option):
        option = self._get_option(period, option)
        kind, _sep, group = option["group"].partition(":")
        domain = [
            *self._get_month_domain(period),
            ("territory_level", "=", option["level"]),
            ("group_kind", "=", kind),
            "|",
            ("channel", "=", option["channel"] or False),
            ("categ_id", "=", False),
        ]
        return domain + ([(GROUP_FIELDS[kind], "=", int(group))] if group else [])

    @api.model
    def _get_option(self, period, option):
        """Return what is shown: what the reader chose, where it is there in that month, else the first choice."""
        option = option if isinstance(option, dict) else {}
        choices = self._get_choices(period)
        return {
            name: chosen if (chosen := option.get(name)) in dict(found) else next(iter(found))[0]
            for name, found in choices.items()
        }

    @api.model
    def _get_choices(self, period):
        """Return ``{filter: [(value, label)]}`` of the month; the first is shown first.

        Countries come first where there are several to compare, else states.
        """
        domain = self._get_month_domain(period)
        groups = self._read_group(
            domain,
            ["territory_level", "group_kind", "tier_id", "industry_id", "segment_id"],
            ["country_id:count_distinct"],
        )
        channels = self._read_group([*domain, ("channel", "!=", False)], ["channel"])
        countries = max((count for level, *_group, count in groups if level == "country"), default=0)
        kinds = dict(self._fields["group_kind"]._description_selection(self.env))
        found = {("all", kinds["all"])}
        for _level, kind, tier, industry, segment, _count in groups:
            group = tier or industry or segment
            if group:
                found.add((f"{kind}:{group.id}", f"{kinds[kind]}: {group.display_name}"))
        levels = [
            pair
            for pair in self._fields["territory_level"]._description_selection(self.env)
            if any(level == pair[0] for level, *_rest in groups)
        ]
        return {
            "level": levels if countries > 1 else levels[::-1],
            "group": sorted(found, key=lambda pair: (pair[0] != "all", pair[1])),
            "channel": [
                ("", self.env._("All channels")),
                *((channel, self._get_channel_label(channel)) for (channel,) in channels),
            ],
        }

    def _prepare_screen(self, rows, option):
        period = rows[:1].period
        categories = self._get_largest(rows.filtered("categ_id"), "categ_id", SHOWN_CATEGORIES)
        places = rows.grouped(lambda cell: cell.state_id or cell.country_id)
        ranked = sorted(places, key=lambda place: (-sum(map(float, places[place].mapped("white_space"))), place.id))
        shown = [place for place in ranked if places[place].categ_id][:SHOWN_TERRITORIES]
        return {
            "option": self._get_option(period, option),
            "filters": [
                {"name": name, "label": label, "choices": choices}
                for (name, choices), label in zip(
                    self._get_choices(period).items(),
                    (self.env._("Territories"), self.env._("Customers"), self.env._("Channel")),
                    strict=True,
                )
            ],
            "measures": [
                ["amount", self.env._("White space")],
                ["count", self.env._("Missing buyers")],
                ["share", self.env._("Penetration")],
            ],
            "corner": self.env._("Territory"),
            "size_label": self.env._("Customers"),
            "total_label": self.env._("White space"),
            "currency_id": self.env.company.currency_id.id,
            "columns": categories.mapped("name"),
            "rows": [places[place]._prepare_row(categories) for place in shown],
            "largest": max(map(float, rows.mapped("white_space")), default=0),
            "sentences": rows._get_sentences(len(ranked) - len(shown)),
        }

    @api.model
    def _get_largest(self, rows, name, count):
        """Return the records of a field with the largest white space, in that order."""
        sums = {record: sum(map(float, cells.mapped("white_space"))) for record, cells in rows.grouped(name).items()}
        ranked = sorted(sums, key=lambda record: (-sums[record], record.id))
        return rows[name].browse([record.id for record in ranked[:count]])

    def _prepare_row(self, categories):
        by_category = self.grouped("categ_id")
        return {
            "label": self[0]._get_territory(),
            "size": self[0].customer_count,
            "total": sum(map(float, self.mapped("white_space"))),
            "cells": [
                by_category[category]._prepare_cell() if category in by_category else False for category in categories
            ],
        }

    def _prepare_cell(self):
        return {
            "id": self.id,
            "amount": self.white_space,
            "count": self.missing_buyers,
            "share": self.penetration,
            "is_known": self.peer_rule in ("elsewhere", "here"),
            "is_clear": self.is_clear,
            "note": self._get_note(),
        }

    def _get_note(self):
        """Return the numbers behind the cell, as a sentence."""
        here = self.env._(
            "%(buyers)s of %(customers)s customers buy it.", buyers=self.buyer_count, customers=self.customer_count
        )
        if self.peer_rule == "none":
            few = self.env._("There are fewer than %(least)s peers to compare them with.", least=LEAST_PEERS)
            return f"{here} {few}"
        peers = self.env._(
            "Of the peers: %(buyers)s of %(peers)s, %(spent)s each. Click: who does not buy it.",
            buyers=self.peer_buyer_count,
            peers=self.peer_count,
            spent=format_amount(self.env, self.sales_per_peer or 0, self.currency_id),
        )
        return f"{here} {peers}"

    def _get_sentences(self, hidden):
        """Return what the table says in words: the largest space, how it is counted, and of whom nothing is said.

        :param hidden: number of territories that are not shown
        """
        sentences = []
        best = max(self, key=lambda cell: float(cell.white_space), default=self)
        if best and best.white_space:
            sentences.append(
                self.env._(
                    "Largest white space: %(categ)s in %(territory)s. %(buyers)s of %(customers)s customers buy it, "
                    "of their peers %(share)s %%; at that share sales would be %(amount)s higher.",
                    categ=best.categ_id.name,
                    territory=best._get_territory(),
                    buyers=best.buyer_count,
                    customers=best.customer_count,
                    share=round(best.peer_penetration),
                    amount=format_amount(self.env, best.white_space, best.currency_id),
                )
            )
        sentences.append(
            self.env._(
                "White space = (share of buyers among the peers - share here) x customers here x what a buying peer "
                "spends, in the sales after %(since)s. Peers: the same customers in all other territories; where they "
                "are fewer than %(peers)s, the other customers of the same territory. Bold: chance alone would rarely "
                "show so large a gap. It is a chance to look at, not a forecast.",
                since=format_date(self.env, self[:1].date_since),
                peers=LEAST_PEERS,
            )
        )
        few = len(self.filtered(lambda cell: cell.peer_rule == "few"))
        if few:
            sentences.append(
                self.env._(
                    "Territories with fewer than %(least)s customers of this group: %(count)s. Of so few nothing can "
                    "be said; they are in the list.",
                    count=few,
                    least=LEAST_CUSTOMERS,
                )
            )
        if hidden > few:
            sentences.append(
                self.env._("Territories with less white space, in the list only: %(count)s.", count=hidden - few)
            )
        return sentences
