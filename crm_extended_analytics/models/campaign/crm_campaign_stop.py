from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date
from odoo.tools.misc import formatLang

from ..population.crm_attribution_credit import ATTRIBUTION_MODELS
from ..seven_p.known_float import KnownFloat
from .crm_campaign_stop_engine import NUMBERS
from .crm_campaign_stop_rule import MEASURES

ACTIVITY_TYPE = "crm_extended_analytics.mail_activity_type_campaign_stop"
# days to decide
DECISION_DAYS = 7


class CrmCampaignStop(models.Model):
    """A rule that proposes to stop a running campaign, with the numbers behind it, and what a person decided.

    Nothing is stopped by itself. A proposal whose campaign has come back within the limit is withdrawn; one that was
    dismissed is not made again, unless a day was named.
    """

    _name = "crm.campaign.stop"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.campaign.stop.engine"]
    _description = "Proposal to Stop a Campaign"
    _order = "date_proposed desc, id desc"
    _rec_name = "campaign_id"
    _mail_post_access = "read"

    campaign_id = fields.Many2one(
        comodel_name="utm.campaign", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    rule_id = fields.Many2one(comodel_name="crm.campaign.stop.rule", readonly=True, ondelete="set null", index=True)
    measure = fields.Selection(selection=MEASURES, required=True, readonly=True)
    threshold = fields.Float(string="Limit", readonly=True, digits=(16, 2), help="As the rule had it.")
    model = fields.Selection(selection=ATTRIBUTION_MODELS, string="Way of Sharing", readonly=True)
    user_id = fields.Many2one(comodel_name="res.users", string="Asked", readonly=True, index=True)
    state = fields.Selection(
        selection=[
            ("proposed", "Proposed"),
            ("stopped", "Stopped"),
            ("dismissed", "Goes on"),
            ("withdrawn", "Withdrawn"),
        ],
        default="proposed",
        required=True,
        readonly=True,
        tracking=True,
        help="Withdrawn: the campaign came back within the limit, or ended.",
    )
    date_proposed = fields.Date(string="Proposed On", required=True, readonly=True)
    date_decided = fields.Date(string="Decided On", readonly=True)
    decided_user_id = fields.Many2one(comodel_name="res.users", string="Decided By", readonly=True)
    reason = fields.Text(readonly=True, tracking=True, help="Why the campaign goes on.")
    date_again = fields.Date(
        string="Ask Again From", readonly=True, help="Before this day the rule is silent; empty: for good."
    )
    value = KnownFloat(
        string="Measured", readonly=True, digits=(16, 2), help="Of the measure, when it was looked at last."
    )
    spend = KnownFloat(
        readonly=True,
        digits=(16, 2),
        help="Campaign costs of the days that the measure looks at, in the currency of the company.",
    )
    margin = KnownFloat(
        readonly=True, digits=(16, 2), help="Margin that the way of sharing credits, as in the return on campaigns."
    )
    conversions = KnownFloat(
        string="Orders", readonly=True, digits=(16, 2), help="Orders that the way of sharing credits."
    )
    contact_count = fields.Integer(
        string="Touches", readonly=True, help="Leads and mailings; of a response, mailings received."
    )
    response_count = fields.Integer(string="Responses", readonly=True, help="Mailings opened, clicked or answered.")
    budget = KnownFloat(readonly=True, digits=(16, 2), help="Budget of the campaign in the company.")
    day_count = fields.Integer(
        string="Days", readonly=True, help="Days since the first spend or touch of the campaign."
    )
    note = fields.Text(string="Why", compute="_compute_note")

    _open_uniq = models.UniqueIndex(
        "(company_id, campaign_id, rule_id) WHERE state = 'proposed'", "This is proposed already."
    )

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    @api.depends("measure", "threshold", *NUMBERS)
    @api.depends_context("lang")
    def _compute_note(self):
        for stop in self:
            stop.note = stop._get_sentence()

    def _get_sentence(self):
        """Return why, with its numbers, in the language of the reader."""
        self.ensure_one()
        money = {
            name: format_amount(self.env, amount or 0.0, self.currency_id)
            for name, amount in (("spend", self.spend), ("margin", self.margin), ("budget", self.budget))
        }
        days = self.day_count
        if self.measure == "order_cost":
            limit = format_amount(self.env, self.threshold, self.currency_id)
            if not self.conversions:
                return self.env._(
                    "%(spend)s were spent and no order came of it in %(days)s days; the limit is %(limit)s an order.",
                    spend=money["spend"],
                    days=days,
                    limit=limit,
                )
            return self.env._(
                "An order cost %(value)s, above the limit of %(limit)s: %(spend)s for %(orders)s orders, after "
                "%(days)s days.",
                value=format_amount(self.env, self.value or 0.0, self.currency_id),
                limit=limit,
                spend=money["spend"],
                orders=formatLang(self.env, self.conversions, digits=1),
                days=days,
            )
        numbers = {
            "value": formatLang(self.env, self.value or 0.0, digits=0 if self.measure != "response" else 1),
            "limit": formatLang(self.env, self.threshold, digits=0 if self.threshold % 1 == 0 else 1),
            "days": days,
        }
        if self.measure == "romi":
            return self.env._(
                "ROMI is %(value)s %%, below the limit of %(limit)s %%: a margin of %(margin)s came back of %(spend)s, "
                "after %(days)s days.",
                margin=money["margin"],
                spend=money["spend"],
                **numbers,
            )
        if self.measure == "response":
            return self.env._(
                "%(responses)s of %(count)s mailings were opened, clicked or answered: %(value)s %%, below the limit "
                "of %(limit)s %%, after %(days)s days.",
                responses=self.response_count,
                count=self.contact_count,
                **numbers,
            )
        return self.env._(
            "%(spend)s are spent of a budget of %(budget)s: %(value)s %%, above the limit of %(limit)s %%, after "
            "%(days)s days.",
            spend=money["spend"],
            budget=money["budget"],
            **numbers,
        )

    def _get_decision_sentence(self):
        """Return who stopped the campaign, when and why."""
        return self.env._(
            "Stopped on %(day)s by %(user)s. %(why)s",
            day=format_date(self.env, self.date_decided),
            # `sudo`: the name of who decided, who may be of another company
            user=self.decided_user_id.sudo().name,
            why=self.note,
        )

    # ------------------------------------------------------------------
    # Every night
    # ------------------------------------------------------------------
    @api.model
    def _propose(self, companies):
        """Compare the running campaigns of companies with the rules: propose, bring numbers up to date, withdraw."""
        # `sudo`: proposals are made by the rules, whoever asks for a look at them
        stops = self.sudo()
        beyond = stops._find(companies)
        known = {
            (stop.company_id.id, stop.campaign_id.id, stop.rule_id.id): stop
            for stop in stops.search([("company_id", "in", companies.ids), ("state", "=", "proposed")])
        }
        stops._write_numbers({known[key].id: beyond[key] for key in known.keys() & beyond.keys()})
        stops.union(*(stop for key, stop in known.items() if key not in beyond))._withdraw()
        silent = stops._get_silent(companies)
        new = {key: numbers for key, numbers in beyond.items() if key not in known and key not in silent}
        stops.create(stops._prepare_proposals(new))._ask()

    @api.model
    def _get_silent(self, companies):
        """Return the keys of what was dismissed and is not to be proposed again today."""
        today = fields.Date.context_today(self)
        groups = self._read_group(
            [
                ("company_id", "in", companies.ids),
                ("state", "=", "dismissed"),
                "|",
                ("date_again", "=", False),
                ("date_again", ">", today),
            ],
            ["company_id", "campaign_id", "rule_id"],
        )
        return {tuple(record.id for record in group) for group in groups}

    @api.model
    def _write_numbers(self, numbers):
        """Bring the numbers of open proposals up to date, in one statement."""
        if not numbers:
            return
        casts = {"contact_count": SQL("int4"), "response_count": SQL("int4"), "day_count": SQL("int4")}
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE crm_campaign_stop stop SET %s FROM (VALUES %s) found (id, %s) WHERE found.id = stop.id",
                SQL(", ").join(
                    SQL(
                        "%s = found.%s::%s", SQL.identifier(name), SQL.identifier(name), casts.get(name, SQL("numeric"))
                    )
                    for name in NUMBERS
                ),
                SQL(", ").join(SQL("%s", (stop, *(row[name] for name in NUMBERS))) for stop, row in numbers.items()),
                SQL(", ").join(map(SQL.identifier, NUMBERS)),
            )
        )
        self.invalidate_model()

    @api.model
    def _prepare_proposals(self, beyond):
        today = fields.Date.context_today(self)
        values = []
        for (company_id, campaign_id, rule_id), numbers in beyond.items():
            rule = self.env["crm.campaign.stop.rule"].browse(rule_id)
            company = self.env["res.company"].browse(company_id)
            campaign = self.env["utm.campaign"].browse(campaign_id)
            values.append(
                {
                    "company_id": company_id,
                    "campaign_id": campaign_id,
                    "rule_id": rule_id,
                    "measure": rule.measure,
                    "threshold": rule.threshold,
                    "model": rule.model,
                    "user_id": self._get_asked(campaign, rule, company).id,
                    "date_proposed": today,
                    **{name: numbers[name] for name in NUMBERS},
                }
            )
        return values

    @api.model
    def _get_asked(self, campaign, rule, company):
        """Return who decides: the responsible of the campaign, who must be a salesperson of the company, or another."""
        for user in (campaign.user_id, rule.user_id):
            if user.active and company in user.company_ids and user.has_group("sales_team.group_sale_salesman"):
                return user
        return self.env["res.users"]

    def _ask(self):
        """Give each who decides an activity with the sentence, in his language."""
        deadline = fields.Date.add(fields.Date.context_today(self), days=DECISION_DAYS)
        kind = self.env.ref(ACTIVITY_TYPE)
        model = self.env["ir.model"]._get(self._name)
        activities = []
        for stop in self.filtered("user_id"):
            stop = stop.with_context(lang=stop.user_id.lang)
            activities.append(
                {
                    "res_model_id": model.id,
                    "res_id": stop.id,
                    "activity_type_id": kind.id,
                    "summary": stop.env._("%(campaign)s: stop it?", campaign=stop.campaign_id.title),
                    "note": stop.note,
                    "date_deadline": deadline,
                    "user_id": stop.user_id.id,
                    # the decision ends it
                    "automated": True,
                }
            )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(activities)

    def _withdraw(self):
        if self:
            self.write({"state": "withdrawn", "date_decided": fields.Date.context_today(self)})
            self.activity_unlink([ACTIVITY_TYPE])

    # ------------------------------------------------------------------
    # Decision
    # ------------------------------------------------------------------
    def action_stop(self):
        """Stop the campaigns in the company: what waits to be sent is taken back, and hold-out tests end."""
        stops = self._for_decision(("proposed",))
        groups = stops._read_group([("id", "in", stops.ids)], ["company_id", "campaign_id"])
        for company, campaign in groups:
            campaign._crm_stop_in(company)
        # every rule that spoke of the campaign is answered by it
        siblings = stops.search(
            [
                ("campaign_id", "in", stops.campaign_id.ids),
                ("company_id", "in", stops.company_id.ids),
                ("state", "=", "proposed"),
            ]
        ).filtered(lambda stop: (stop.company_id, stop.campaign_id) in groups)
        siblings._decide({"state": "stopped"})

    def action_go_on(self):
        """Ask why the campaign goes on."""
        self._for_decision(("proposed", "stopped"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Go On"),
            "res_model": "crm.campaign.stop.dismiss",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_stop_ids": self.ids},
        }

    def _dismiss(self, reason, date_again=False):
        self._for_decision(("proposed", "stopped"))._decide(
            {"state": "dismissed", "reason": reason, "date_again": date_again}
        )

    def _for_decision(self, states):
        """Return the proposals on which the user may decide now.

        :raises AccessError: when he is neither the one who was asked nor may write proposals
        :raises UserError: when there is nothing to decide
        """
        for stop in self:
            stop.check_access("read" if stop.user_id == self.env.user else "write")
            if stop.state not in states:
                raise UserError(
                    self.env._("%(campaign)s: this is decided already.", campaign=stop.campaign_id.display_name)
                )
        # `sudo`: who was asked decides, though a salesperson may not edit proposals
        return self.sudo()

    def _decide(self, values):
        self.write(
            {
                **values,
                "date_decided": fields.Date.context_today(self),
                "decided_user_id": self.env.user.id,
            }
        )
        self.activity_unlink([ACTIVITY_TYPE])
