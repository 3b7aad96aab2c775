from ast import literal_eval

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from ...scoring import romi, uplift
from ..customer_sales import MEASURES, means_of_sales, sales_per_customer
from ..seven_p.known_float import KnownFloat


class CrmHoldout(models.Model):
    """A test of what an action does: part of its customers, drawn at random before it begins, is left out of it.

    What happens to the others and not to these was caused by the action. The draw depends on the seed and on the
    ids of the customers only, so anybody can draw it again; it is made before the action starts and kept. The
    sales of both groups from the first to the last day are compared, whoever of them really was reached: leaving out
    the unreached would compare other customers.
    """

    _name = "crm.holdout"
    _description = "Hold-Out Test"
    _inherit = ["mail.thread"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Responsible", default=lambda self: self.env.user)
    campaign_id = fields.Many2one(
        comodel_name="utm.campaign", index="btree_not_null", ondelete="restrict", help="The campaign that is tested."
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("drawn", "Under way"), ("measured", "Measured"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    audience_domain = fields.Char(
        string="Audience",
        default="[]",
        required=True,
        help="Contacts whom the action is meant for. Their commercial entities are the customers of the test.",
    )
    share_pct = fields.Float(
        string="Held Out (%)", default=20.0, required=True, help="Share of the audience that is left out, in percent."
    )
    seed = fields.Integer(
        default=1, required=True, help="The same seed and the same audience give the same draw. Change it for another."
    )
    date_start = fields.Date(
        string="From", required=True, default=lambda self: fields.Date.context_today(self), help="Day of the action."
    )
    date_end = fields.Date(
        string="To",
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(days=29),
        help="Last day whose sales count.",
    )
    metric = fields.Selection(
        selection=[("conversion", "Customers who bought"), ("revenue", "Net sales"), ("margin", "Margin")],
        string="Judged By",
        default="conversion",
        required=True,
        help="What the verdict speaks of; all three are measured.",
    )

    # before the draw
    audience_count = fields.Integer(
        string="Customers of the Audience",
        compute="_compute_audience",
        help="Commercial entities; no profiling objectors.",
    )
    planned_count = fields.Integer(
        string="To Be Held Out", compute="_compute_needed", help="Customers of the audience x share, rounded."
    )
    base_rate_pct = fields.Float(
        string="Buy Anyway (%)",
        compute="_compute_base_rate_pct",
        store=True,
        readonly=False,
        help="Share of the audience expected to buy without the action, in percent. Proposed: those who bought in the "
        "same number of days before.",
    )
    least_uplift_pct = fields.Float(
        string="Smallest Effect (Points)",
        default=3.0,
        required=True,
        help="Difference of the shares that buy which would be worth the action, in percentage points.",
    )
    needed_count = fields.Integer(
        string="Least Hold-Out",
        compute="_compute_needed",
        help="Customers to hold out so that an effect of that size is seen with 80 % power at 5 % significance "
        "(Fleiss, two proportions).",
    )
    is_too_small = fields.Boolean(compute="_compute_needed")

    # the draw
    member_ids = fields.One2many(comodel_name="crm.holdout.member", inverse_name="holdout_id", readonly=True)
    date_drawn = fields.Datetime(readonly=True, copy=False)
    treated_count = fields.Integer(string="Treated", readonly=True, copy=False, help="Customers of the action.")
    held_out_count = fields.Integer(string="Held Out", readonly=True, copy=False, help="Customers left out.")
    recipients_domain = fields.Char(
        string="Filter of the Treated",
        compute="_compute_recipients_domain",
        help="Recipients of a mailing or a list of contacts: the audience without those held out.",
    )

    # the measurement
    date_measured = fields.Date(string="Measured up to", readonly=True, copy=False)
    treated_converted = fields.Integer(
        string="Treated Who Bought", readonly=True, copy=False, help="Treated customers with an order in the window."
    )
    held_out_converted = fields.Integer(
        string="Held Out Who Bought", readonly=True, copy=False, help="Held-out customers with an order in the window."
    )
    treated_pct = KnownFloat(
        string="Bought: Treated (%)", readonly=True, copy=False, help="In percent.", digits=(16, 2)
    )
    held_out_pct = KnownFloat(
        string="Bought: Held Out (%)", readonly=True, copy=False, help="In percent.", digits=(16, 2)
    )
    difference = KnownFloat(
        string="Effect (Points)",
        readonly=True,
        copy=False,
        digits=(16, 2),
        help="Share of the treated who bought - share of the held out who bought, in percentage points.",
    )
    difference_low = KnownFloat(
        string="From (Points)", readonly=True, copy=False, digits=(16, 2), help="Newcombe's 95 % interval: lower end."
    )
    difference_high = KnownFloat(
        string="To (Points)", readonly=True, copy=False, digits=(16, 2), help="Newcombe's 95 % interval: upper end."
    )
    p_value = KnownFloat(
        string="p-Value",
        readonly=True,
        copy=False,
        digits=(16, 4),
        help="Chance of so large a difference when the action does nothing: two-sided test of two proportions.",
    )
    is_significant = fields.Boolean(string="Significant", readonly=True, copy=False, help="p-value below 0.05.")
    is_testable = fields.Boolean(
        string="Large Enough for the Test",
        readonly=True,
        copy=False,
        help="At least five buyers and five non-buyers are expected in each group.",
    )
    incremental_conversions = KnownFloat(
        string="Caused Buyers", readonly=True, copy=False, digits=(16, 1), help="Effect x treated customers."
    )
    revenue_difference = KnownFloat(
        string="Net Sales per Customer", readonly=True, copy=False, help="Mean of the treated - mean of the held out."
    )
    revenue_low = KnownFloat(string="Sales From", readonly=True, copy=False, help="95 % interval: lower end.")
    revenue_high = KnownFloat(string="Sales To", readonly=True, copy=False, help="95 % interval: upper end.")
    margin_difference = KnownFloat(
        string="Margin per Customer", readonly=True, copy=False, help="Mean of the treated - mean of the held out."
    )
    margin_low = KnownFloat(string="Margin From", readonly=True, copy=False, help="95 % interval: lower end.")
    margin_high = KnownFloat(string="Margin To", readonly=True, copy=False, help="95 % interval: upper end.")
    incremental_revenue = fields.Monetary(
        string="Caused Net Sales", readonly=True, copy=False, help="Net sales per customer, difference x treated."
    )
    incremental_margin = fields.Monetary(
        string="Caused Margin", readonly=True, copy=False, help="Margin per customer, difference x treated customers."
    )
    other_spend = fields.Monetary(help="Spend of the action that is not among the costs of the campaign.")
    spend = fields.Monetary(
        readonly=True, copy=False, help="Costs of the campaign on the days of the test + other spend."
    )
    romi_pct = KnownFloat(
        string="ROMI, Incremental (%)",
        readonly=True,
        copy=False,
        digits=(16, 1),
        help="(Caused margin - spend) / spend, in percent: 0 when the money came back.",
    )
    verdict = fields.Text(compute="_compute_verdict", help="What the test says, in words.")

    _share_between = models.Constraint(
        "CHECK (share_pct > 0 AND share_pct < 100)", "The share that is held out lies between 0 and 100 percent."
    )
    _period_order = models.Constraint("CHECK (date_end >= date_start)", "A test does not end before it begins.")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("audience_domain", "company_id")
    def _compute_audience(self):
        for holdout in self:
            ((holdout.audience_count,),) = self.env.execute_query(
                SQL("SELECT COUNT(*) FROM (%s) audience", holdout._get_audience())
            )

    @api.depends("audience_domain", "company_id", "date_start", "date_end")
    def _compute_base_rate_pct(self):
        for holdout in self:
            days = holdout.date_end - holdout.date_start if holdout.date_end and holdout.date_start else None
            if days is None:
                holdout.base_rate_pct = 0.0
                continue
            last = min(holdout.date_start, fields.Date.context_today(self)) - relativedelta(days=1)
            ((share,),) = self.env.execute_query(
                SQL(
                    "SELECT 100.0 * COUNT(*) FILTER (WHERE EXISTS (SELECT FROM crm_fact_sale WHERE company_id = %s"
                    " AND commercial_partner_id = audience.id AND date BETWEEN %s AND %s AND amount_company > 0))"
                    " / NULLIF(COUNT(*), 0) FROM (%s) audience",
                    holdout.company_id.id,
                    last - days,
                    last,
                    holdout._get_audience(),
                )
            )
            holdout.base_rate_pct = share or 0.0

    @api.depends("audience_count", "share_pct", "base_rate_pct", "least_uplift_pct")
    def _compute_needed(self):
        for holdout in self:
            share = holdout.share_pct / 100
            needed = None
            if 0 < share < 1 and 0 <= holdout.base_rate_pct <= 100:
                needed = uplift.minimum_holdout(
                    base_rate=holdout.base_rate_pct / 100,
                    least_uplift=holdout.least_uplift_pct / 100,
                    treated_per_holdout=(1 - share) / share,
                )
            holdout.planned_count = round(holdout.audience_count * share)
            holdout.needed_count = needed or 0
            holdout.is_too_small = bool(needed) and holdout.planned_count < needed

    @api.depends("audience_domain", "state")
    def _compute_recipients_domain(self):
        for holdout in self:
            holdout.recipients_domain = (
                str(
                    [
                        "&",
                        *Domain(literal_eval(holdout.audience_domain or "[]")),
                        (
                            "commercial_partner_id.crm_holdout_member_ids",
                            "any",
                            [("holdout_id", "=", holdout.id), ("is_held_out", "=", False)],
                        ),
                    ]
                )
                if holdout.state == "drawn"
                else False
            )

    @api.depends("date_measured", "metric", "romi_pct", "state")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for holdout in self:
            holdout.verdict = "\n".join(holdout._get_sentences()) if holdout.date_measured else False

    def _get_sentences(self):
        """Return what was found: the groups, the effect, and what came back of the spend."""
        sentences = [
            self.env._(
                "%(treated)s %% of %(treated_count)s treated customers bought, and %(held_out)s %% of "
                "%(held_out_count)s held out.",
                treated=round(self.treated_pct, 1),
                treated_count=self.treated_count,
                held_out=round(self.held_out_pct, 1),
                held_out_count=self.held_out_count,
            ),
            self._get_effect_sentence(),
        ]
        if self.romi_pct is not False:
            sentences.append(
                self.env._(
                    "The action caused a margin of %(margin)s for a spend of %(spend)s: ROMI %(romi)s %%, incremental.",
                    margin=format_amount(self.env, self.incremental_margin, self.currency_id),
                    spend=format_amount(self.env, self.spend, self.currency_id),
                    romi=round(self.romi_pct),
                )
            )
        return sentences

    def _get_effect_sentence(self):
        if self.metric == "conversion":
            return self._get_points_sentence()
        return self._get_money_sentence()

    def _get_points_sentence(self):
        numbers = dict(
            zip(
                ("low", "effect", "high"),
                (f"{value:+.1f}" for value in (self.difference_low, self.difference, self.difference_high)),
                strict=True,
            )
        )
        if not self.is_testable:
            return self.env._(
                "The groups are too small for a test: the effect of %(effect)s points may be chance (95 %%: "
                "%(low)s to %(high)s).",
                **numbers,
            )
        if self.is_significant:
            return self.env._(
                "The effect is %(effect)s points (95 %%: %(low)s to %(high)s): more than chance.", **numbers
            )
        return self.env._(
            "The effect is %(effect)s points (95 %%: %(low)s to %(high)s): this may be chance.", **numbers
        )

    def _get_money_sentence(self):
        low, middle, high = (self[f"{self.metric}_{name}"] for name in ("low", "difference", "high"))
        if middle is False:
            return self.env._("The effect on money is not measurable: each group needs two customers at least.")
        amounts = {
            name: format_amount(self.env, value, self.currency_id)
            for name, value in (("low", low), ("effect", middle), ("high", high))
        }
        if low > 0 or high < 0:
            return self.env._(
                "The action changes a customer by %(effect)s (95 %%: %(low)s to %(high)s): more than chance.",
                **amounts,
            )
        return self.env._(
            "The action changes a customer by %(effect)s (95 %%: %(low)s to %(high)s): this may be chance.", **amounts
        )

    @api.constrains("audience_domain")
    def _check_audience_domain(self):
        for holdout in self:
            try:
                Domain(literal_eval(holdout.audience_domain or "[]")).validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._("The audience of %(holdout)s is no filter of contacts.", holdout=holdout.name)
                ) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        for holdout in self:
            if holdout.state in ("drawn", "measured"):
                raise UserError(
                    self.env._(
                        "%(holdout)s was drawn, and its customers may be under way. Cancel it instead.",
                        holdout=holdout.name,
                    )
                )

    def write(self, vals):
        fixed = {"audience_domain", "share_pct", "seed", "date_start", "company_id"}
        if fixed & set(vals):
            drawn = self.filtered(lambda holdout: holdout.state != "draft")
            if drawn:
                raise UserError(
                    self.env._(
                        "%(holdout)s was drawn: its audience, share, seed and start stay as they are. Copy it for "
                        "another test.",
                        holdout=drawn[0].name,
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_draw(self):
        """Draw the hold-out."""
        self.check_access("write")
        for holdout in self:
            holdout._draw()

    def action_measure(self):
        """Measure the effect up to today."""
        self.check_access("write")
        self._measure()

    def action_cancel(self):
        """Give the test up; nobody is held out any more."""
        self.write({"state": "cancelled"})

    def action_open_treated(self):
        """Show the customers of the action, to be exported."""
        return self._get_members_action(self.env._("Treated"), held_out=False)

    def action_open_held_out(self):
        """Show the customers who are left out."""
        return self._get_members_action(self.env._("Held Out"), held_out=True)

    def _get_members_action(self, name, *, held_out):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_holdout_member_action")
        domain = [("holdout_id", "=", self.id), ("is_held_out", "=", held_out)]
        return {**action, "name": f"{self.name}: {name}", "domain": domain}

    # ------------------------------------------------------------------
    # Draw
    # ------------------------------------------------------------------
    def _get_audience(self):
        """Return SQL of the ids of the customers of the test; another addon may name them in another way."""
        self.ensure_one()
        contacts = self.env["res.partner"]._search(Domain(literal_eval(self.audience_domain or "[]")))
        return self._get_customers(self.company_id, contacts.subselect())

    @api.model
    def _get_customers(self, company, contacts):
        """Return SQL of the ids of the customers of a company to whom contacts belong, without profiling objectors.

        :param contacts: SQL of the ids of contacts
        """
        self.env["res.partner"].flush_model(["commercial_partner_id", "company_id", "crm_profiling_opt_out", "active"])
        return SQL(
            """
            SELECT customer.id FROM res_partner customer
             WHERE customer.crm_profiling_opt_out IS NOT TRUE AND customer.active
               AND customer.id IN (SELECT contact.commercial_partner_id FROM res_partner contact
                                    WHERE (contact.company_id = %(company)s OR contact.company_id IS NULL)
                                      AND contact.id IN (%(contacts)s))
            """,
            company=company.id,
            contacts=contacts,
        )

    def _draw(self, partners=None):
        """Draw who is held out, before the action starts.

        :param partners: customers of the test, instead of those of the audience
        :raise UserError: when the test was drawn already, has begun, or leaves a group empty
        """
        self.ensure_one()
        self._check_can_draw()
        audience = self._get_audience()
        if partners is not None:
            audience = SQL("%s AND customer.id = ANY(%s)", audience, partners.commercial_partner_id.ids)
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_holdout_member (holdout_id, partner_id, is_held_out)
                SELECT %(holdout)s, id,
                       row_number() OVER (ORDER BY md5(%(seed)s || ':' || id), id)
                       <= round(COUNT(*) OVER () * %(share)s::numeric / 100)
                  FROM (%(audience)s) audience
                """,
                holdout=self.id,
                seed=str(self.seed),
                share=self.share_pct,
                audience=audience,
            )
        )
        self.env["crm.holdout.member"].invalidate_model()
        counts = dict(
            self.env["crm.holdout.member"]
            .sudo()
            ._read_group([("holdout_id", "=", self.id)], ["is_held_out"], ["__count"])
        )
        if not (counts.get(True) and counts.get(False)):
            raise UserError(
                self.env._(
                    "%(holdout)s would leave a group empty: its audience has %(count)s customers. Widen the audience "
                    "or change the share.",
                    holdout=self.name,
                    count=sum(counts.values()),
                )
            )
        self.write(
            {
                "state": "drawn",
                "date_drawn": fields.Datetime.now(),
                "treated_count": counts[False],
                "held_out_count": counts[True],
            }
        )

    def _check_can_draw(self):
        if self.state != "draft":
            raise UserError(self.env._("%(holdout)s was drawn already. Copy it for another test.", holdout=self.name))
        if self.date_start < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(holdout)s has begun on %(day)s: a hold-out that is drawn afterwards proves nothing. Move "
                    "the start.",
                    holdout=self.name,
                    day=self.date_start,
                )
            )

    def _prolong(self, day):
        """Hold the same customers out up to a later day."""
        self.write({"state": "drawn", "date_end": day})

    def _end(self, day):
        """Hold nobody out any more after a day; what was measured stays."""
        for holdout in self.filtered(lambda holdout: holdout.state == "drawn" and holdout.date_end > day):
            holdout.date_end = max(day, holdout.date_start)

    # ------------------------------------------------------------------
    # Measurement
    # ------------------------------------------------------------------
    def _measure(self):
        """Compare the sales of both groups up to today; after the last day the result is final."""
        today = fields.Date.context_today(self)
        for holdout in self.filtered(lambda holdout: holdout.state in ("drawn", "measured")):
            last = min(today, holdout.date_end)
            if last < holdout.date_start:
                raise UserError(
                    self.env._(
                        "%(holdout)s begins on %(day)s: there is nothing to measure yet.",
                        holdout=holdout.name,
                        day=holdout.date_start,
                    )
                )
            groups = holdout._get_groups(last)
            values = {**holdout._prepare_rates(groups), **holdout._prepare_amounts(groups)}
            values |= holdout._prepare_return(values, last)
            holdout.write(
                values | {"date_measured": last, "state": "measured" if today > holdout.date_end else "drawn"}
            )

    def _get_groups(self, last, first=None):
        """Return ``{held out or not: count, converted, means and deviations per customer}`` up to a day.

        :param first: first day whose sales count, by default that of the test
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT member.is_held_out, COUNT(*) AS count, COUNT(*) FILTER (WHERE sold.buyers > 0) AS converted,
                       %(means)s
                  FROM crm_holdout_member member
                  JOIN res_partner customer ON customer.id = member.partner_id
                  LEFT JOIN (%(sales)s) sold ON sold.commercial_partner_id = member.partner_id
                 WHERE member.holdout_id = %(holdout)s AND customer.crm_profiling_opt_out IS NOT TRUE
                 GROUP BY member.is_held_out
                """,
                means=means_of_sales("sold"),
                sales=sales_per_customer(self.company_id, first or self.date_start, last),
                holdout=self.id,
            )
        )
        empty = {"count": 0, "converted": 0}
        empty |= {name: 0.0 for measure in MEASURES for name in (measure, f"{measure}_deviation")}
        groups = {row["is_held_out"]: row for row in rows}
        return {is_held_out: groups.get(is_held_out, empty) for is_held_out in (False, True)}

    def _prepare_rates(self, groups):
        treated, held_out = groups[False], groups[True]
        found = uplift.uplift(
            treated=treated["count"],
            treated_converted=treated["converted"],
            holdout=held_out["count"],
            holdout_converted=held_out["converted"],
        )
        values = {
            "treated_count": treated["count"],
            "held_out_count": held_out["count"],
            "treated_converted": treated["converted"],
            "held_out_converted": held_out["converted"],
        }
        if not found:
            raise UserError(self.env._("%(holdout)s has an empty group: its customers are gone.", holdout=self.name))
        return values | {
            "treated_pct": 100 * found.rate_treated,
            "held_out_pct": 100 * found.rate_holdout,
            "difference": 100 * found.difference,
            "difference_low": 100 * found.low,
            "difference_high": 100 * found.high,
            "p_value": found.p_value,
            "is_significant": found.is_significant,
            "is_testable": found.is_testable,
            "incremental_conversions": found.incremental,
        }

    def _prepare_amounts(self, groups):
        """Return the differences of sales and margin per customer, with their intervals, and the caused sums."""
        values = {}
        treated, held_out = groups[False], groups[True]
        for measure in ("revenue", "margin"):
            found = uplift.difference_of_means(
                treated=treated["count"],
                treated_mean=treated[measure],
                treated_deviation=treated[f"{measure}_deviation"],
                holdout=held_out["count"],
                holdout_mean=held_out[measure],
                holdout_deviation=held_out[f"{measure}_deviation"],
            )
            difference, low, high, _p_value = found or (None,) * 4
            values |= {f"{measure}_difference": difference, f"{measure}_low": low, f"{measure}_high": high}
            values[f"incremental_{measure}"] = (treated[measure] - held_out[measure]) * treated["count"]
        return values

    def _prepare_return(self, values, last):
        costs = self.env["crm.campaign.cost"]
        if self.campaign_id:
            costs = costs.search([("company_id", "=", self.company_id.id), ("campaign_id", "=", self.campaign_id.id)])
        spend = costs._sum_days(self.date_start, last) + self.other_spend
        found = romi.romi(values["incremental_margin"], spend)
        return {"spend": spend, "romi_pct": None if found is None else 100 * found}
