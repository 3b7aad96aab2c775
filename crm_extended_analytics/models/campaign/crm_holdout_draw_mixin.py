from ast import literal_eval

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...scoring import uplift


class CrmHoldoutDrawMixin(models.AbstractModel):
    """Who is held out: the audience, how many it takes to see an effect, and the draw.

    The draw depends on the seed and on the ids of the customers only, so anybody can draw it again; it is made before
    the action starts and kept.
    """

    _name = "crm.holdout.draw.mixin"
    _description = "Draw of a Hold-Out Test"

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
    date_drawn = fields.Datetime(string="Drawn On", readonly=True, copy=False)
    treated_count = fields.Integer(string="Treated", readonly=True, copy=False, help="Customers of the action.")
    held_out_count = fields.Integer(string="Held Out", readonly=True, copy=False, help="Customers left out.")
    recipients_domain = fields.Char(
        string="Filter of the Treated",
        compute="_compute_recipients_domain",
        help="Recipients of a mailing or a list of contacts: the audience without those held out.",
    )

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

    @api.constrains("audience_domain")
    def _check_audience_domain(self):
        for holdout in self:
            try:
                Domain(literal_eval(holdout.audience_domain or "[]")).validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._("The audience of %(holdout)s is no filter of contacts.", holdout=holdout.name)
                ) from error

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
