from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .crm_tier import FEATURE
from .unchecked_many2one import UncheckedMany2one

VISIT_TYPE = "crm_extended.mail_activity_type_tier_visit"
# visits are proposed so many days ahead, and so many customers in one transaction
VISIT_HORIZON_DAYS = 7
VISIT_BATCH = 200


class CrmTierAssignment(models.Model):
    """In which tier a customer was, from one day to another: one row per company, customer and stay.

    A table of its own, and not a property on the contact: the tier of any past day is one look-up, a pyramid of
    200,000 customers writes only those who move, and the wide rows of contacts are left alone. A stay begins on
    ``date_from`` and ends on the day before ``date_to``; the current one has no end.
    """

    _name = "crm.tier.assignment"
    _description = "Customer in a Tier"
    _log_access = False
    _order = "date_from desc, id desc"
    _rec_name = "partner_id"

    company_id = UncheckedMany2one(
        comodel_name="res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, readonly=True, ondelete="cascade", index=True
    )
    tier_id = UncheckedMany2one(comodel_name="crm.tier", required=True, readonly=True)
    tier_sequence = fields.Integer(related="tier_id.sequence", string="Rank")
    owner_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    date_from = fields.Date(string="From", required=True, readonly=True, default=fields.Date.context_today)
    date_to = fields.Date(string="Until", readonly=True, help="First day on which he was in the tier no more.")
    is_locked = fields.Boolean(
        string="Fixed", help="Chosen by hand: a pyramid leaves the customer where he is until this is taken away."
    )
    source = fields.Selection(
        selection=[("manual", "By hand"), ("pyramid", "Value pyramid")], default="manual", required=True, readonly=True
    )

    _current_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE date_to IS NULL", "This customer is in a tier of this company already."
    )
    _stay_check = models.Constraint("CHECK (date_to > date_from)", "A stay in a tier ends after it began.")

    # ------------------------------------------------------------------
    # Read
    # ------------------------------------------------------------------
    @api.model
    def _get_tiers(self, partners, company, day=None):
        """Return ``{customer id: tier}`` as of a day, by default today; whoever asks.

        :param partners: contacts; those of a customer are in his tier
        :param day: the stay that includes this day
        """
        domain = [("partner_id", "in", partners.commercial_partner_id.ids), ("company_id", "=", company.id)]
        if day:
            domain += [("date_from", "<=", day), "|", ("date_to", "=", False), ("date_to", ">", day)]
        else:
            domain += [("date_to", "=", False)]
        # `sudo`: the rules of a tier hold whoever serves the customer
        stays = self.sudo().search(domain)
        return {stay.partner_id.id: stay.tier_id.with_company(company) for stay in stays}

    # ------------------------------------------------------------------
    # Write
    # ------------------------------------------------------------------
    @api.model
    def _assign(self, partners, tier, company, is_locked=True, source="manual"):
        """Put customers into a tier from today on, by hand unless told otherwise; an empty tier takes them out.

        :raises ValidationError: when the tier belongs to another company
        """
        if tier.company_id and tier.company_id != company:
            raise ValidationError(
                self.env._(
                    "The tier %(tier)s belongs to %(owner)s. Choose one of %(company)s or a shared one.",
                    tier=tier.display_name,
                    owner=tier.company_id.name,
                    company=company.name,
                )
            )
        today = fields.Date.context_today(self)
        current = self.search(
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("date_to", "=", False),
            ]
        )
        kept = current.filtered(lambda stay: stay.tier_id == tier)
        kept.write({"is_locked": is_locked, "source": source})
        leaving = current - kept
        leaving.filtered(lambda stay: stay.date_from >= today).unlink()
        leaving.exists().write({"date_to": today})
        # the ends before the beginnings: a customer has one current stay
        self.flush_model()
        if tier:
            self.create(
                [
                    {
                        "company_id": company.id,
                        "partner_id": customer.id,
                        "tier_id": tier.id,
                        "date_from": today,
                        "is_locked": is_locked,
                        "source": source,
                    }
                    for customer in partners.commercial_partner_id - kept.partner_id
                ]
            )

    @api.model
    def _put_back(self, partners, tier, company, *, is_locked, source):
        """Put customers back where they were before they were assigned elsewhere; see `_assign`.

        A stay that ended today goes on as it was; where it ended earlier, another begins that is marked alike.
        """
        ended = self.search(
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "=", company.id),
                ("tier_id", "=", tier.id),
                ("date_to", "=", fields.Date.context_today(self)),
            ]
        )
        self._assign(ended.partner_id, tier.browse(), company)
        ended.write({"date_to": False})
        others = partners.commercial_partner_id - ended.partner_id
        self._assign(others, tier, company, is_locked=is_locked, source=source)

    @api.model
    def _apply(self, company, placed, day):
        """Put many customers where a pyramid placed them, in a few statements; only those who move are written.

        PostgreSQL has no statistics of rows of this transaction: a caller who made many keeps it from nested loops.

        :param placed: SQL of the columns partner_id, tier_id; who is in no row of it is left alone
        :param day: first day of the new stays
        :return: number of customers who moved
        """
        self.env.flush_all()
        # who moves is known before anything is written: a look-up beside the additions would read those again
        self.env.cr.execute(
            SQL(
                """
                CREATE TEMP TABLE crm_tier_work ON COMMIT DROP AS
                SELECT placed.partner_id, placed.tier_id, stay.id AS left_id, stay.date_from >= %(day)s AS is_new
                  FROM (%(placed)s) placed
                  LEFT JOIN crm_tier_assignment stay
                         ON stay.partner_id = placed.partner_id AND stay.company_id = %(company)s
                        AND stay.date_to IS NULL
                 WHERE stay.id IS NULL OR (stay.is_locked IS NOT TRUE AND stay.tier_id <> placed.tier_id)
                """,
                placed=placed,
                company=company.id,
                day=day,
            )
        )
        self.env.cr.execute(
            SQL("DELETE FROM crm_tier_assignment WHERE id IN (SELECT left_id FROM crm_tier_work WHERE is_new)")
        )
        # the ends before the beginnings: a customer has one current stay
        self.env.cr.execute(
            SQL(
                "UPDATE crm_tier_assignment SET date_to = %s"
                " WHERE id IN (SELECT left_id FROM crm_tier_work WHERE NOT is_new)",
                day,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_tier_assignment (company_id, partner_id, tier_id, date_from, is_locked, source)
                SELECT %s, partner_id, tier_id, %s, FALSE, 'pyramid' FROM crm_tier_work
                """,
                company.id,
                day,
            )
        )
        moved = self.env.cr.rowcount
        self.env.cr.execute(SQL("DROP TABLE crm_tier_work"))
        self.env.invalidate_all()
        return moved

    @api.model
    def _follow_merge(self, source_ids, destination):
        """Give the stays of merged contacts to the one that remains, if it has none; two histories are not mixed."""
        customer = destination.commercial_partner_id
        stays = self.search([("partner_id", "in", [*source_ids, customer.id])])
        for _company, of_company in stays.grouped("company_id").items():
            by_customer = dict(of_company.grouped("partner_id"))
            kept = by_customer.pop(customer, None)
            others = list(by_customer.values())
            if others and not kept:
                others.pop(0).write({"partner_id": customer.id})
            self.browse().union(*others).unlink()
        self.flush_model()

    # ------------------------------------------------------------------
    # Visits
    # ------------------------------------------------------------------
    @api.model
    def _cron_propose_visits(self):
        """Plan the next visit of customers whose tier has a rhythm."""
        visit_type = self.env.ref(VISIT_TYPE, raise_if_not_found=False)
        if not visit_type:
            return
        for company in self.env["res.company"].search([("active", "=", True)]):
            if company._has_feature(FEATURE):
                self.with_company(company)._propose_visits(company, visit_type)

    @api.model
    def _propose_visits(self, company, visit_type):
        tiers = self.env["crm.tier"].search([("company_id", "in", [company.id, False])])
        rhythms = [(tier.id, tier.visit_days) for tier in tiers if tier.visit_days > 0]
        if not rhythms:
            return
        due = self._get_due_visits(company, visit_type, rhythms)
        for start in range(0, len(due), VISIT_BATCH):
            batch = due[start : start + VISIT_BATCH]
            self.env["mail.activity"].create(self._prepare_visits(company, visit_type, batch))
            if not self.env["ir.cron"]._commit_progress(len(batch), remaining=len(due) - start - len(batch)):
                break

    @api.model
    def _get_due_visits(self, company, visit_type, rhythms):
        """Return ``(customer, tier, last visit or None, due day)``; who has a visit planned is not due.

        A visit is a past meeting with the customer or one of his contacts, or a visit that was marked as done; before
        the first one the days count from the day on which he came into the tier.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT stay.partner_id, stay.tier_id, seen.last,
                       COALESCE(seen.last, stay.date_from) + rhythm.days AS due
                  FROM crm_tier_assignment stay
                  JOIN (VALUES %(rhythms)s) rhythm (tier_id, days) ON rhythm.tier_id = stay.tier_id
                  JOIN res_partner customer ON customer.id = stay.partner_id AND customer.active
                  LEFT JOIN LATERAL (
                       SELECT MAX(visit.day) AS last FROM (
                           SELECT MAX(event.start::date) AS day
                             FROM res_partner contact
                             JOIN calendar_event_res_partner_rel guest ON guest.res_partner_id = contact.id
                             JOIN calendar_event event ON event.id = guest.calendar_event_id AND event.active
                            WHERE contact.commercial_partner_id = stay.partner_id AND event.start <= %(now)s
                            UNION ALL
                           SELECT MAX(message.date::date) FROM mail_message message
                            WHERE message.model = 'res.partner' AND message.res_id = stay.partner_id
                              AND message.mail_activity_type_id = %(type)s) visit) seen ON TRUE
                 WHERE stay.company_id = %(company)s AND stay.date_to IS NULL
                   AND COALESCE(seen.last, stay.date_from) + rhythm.days <= %(until)s
                   AND NOT EXISTS (
                       SELECT FROM mail_activity planned
                        WHERE planned.res_model = 'res.partner' AND planned.res_id = stay.partner_id
                          AND planned.activity_type_id = %(type)s AND planned.active)
                 ORDER BY due, stay.partner_id
                """,
                rhythms=SQL(", ").join(SQL("(%s, %s)", *rhythm) for rhythm in rhythms),
                now=fields.Datetime.now(),
                type=visit_type.id,
                company=company.id,
                until=fields.Date.add(fields.Date.context_today(self), days=VISIT_HORIZON_DAYS),
            )
        )

    @api.model
    def _prepare_visits(self, company, visit_type, due):
        """Return the values of the activities, for the salesperson of the customer, else the owner of the tier."""
        today = fields.Date.context_today(self)
        customers = self.env["res.partner"].browse([row[0] for row in due])
        tiers = {tier.id: tier for tier in self.env["crm.tier"].browse({row[1] for row in due})}
        model = self.env["ir.model"]._get("res.partner")
        return [
            {
                "res_model_id": model.id,
                "res_id": customer.id,
                "activity_type_id": visit_type.id,
                "summary": self._get_visit_summary(tiers[tier_id], last),
                "date_deadline": max(day, today),
                "user_id": (customer.user_id or tiers[tier_id].user_id or self.env.user).id,
            }
            for customer, (_id, tier_id, last, day) in zip(customers, due, strict=True)
        ]

    @api.model
    def _get_visit_summary(self, tier, last):
        if last:
            return self.env._(
                "%(tier)s: every %(days)s days, last on %(day)s", tier=tier.name, days=tier.visit_days, day=last
            )
        return self.env._("%(tier)s: every %(days)s days, not visited yet", tier=tier.name, days=tier.visit_days)
