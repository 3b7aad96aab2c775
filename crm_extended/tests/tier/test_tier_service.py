from datetime import date, datetime

from odoo.tests import Form, tagged

from .common_tier import TierCase


@tagged("post_install", "-at_install")
class TestTierService(TierCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("product.group_product_pricelist")
        cls.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        cls.list_top, cls.list_own = cls.env["product.pricelist"].create([{"name": "Of the tier"}, {"name": "Own"}])
        cls.term = cls.env["account.payment.term"].create({"name": "60 days"})
        cls.own_term = cls.env["account.payment.term"].create({"name": "7 days"})
        cls.team = cls.env["crm.team"].create({"name": "Key Accounts", "company_id": cls.company.id})
        cls.top.write(
            {
                "pricelist_id": cls.list_top.id,
                "payment_term_id": cls.term.id,
                "user_id": cls.keeper.id,
                "team_id": cls.team.id,
                "response_hours": 4,
                "visit_days": 30,
            }
        )
        cls.customer.crm_tier_id = cls.top

    def _set_feature(self, state):
        self.env["crm.roadmap.feature.pin"].create(
            {
                "feature_id": self.env.ref("crm_extended.crm_roadmap_feature_service_tiers").id,
                "company_id": self.company.id,
                "state": state,
            }
        )

    def _quotation(self, **values):
        return self.env["sale.order"].create({"partner_id": self.buyer.id, **values})

    # ------------------------------------------------------------------
    # Quotations
    # ------------------------------------------------------------------
    def test_quotation_takes_pricelist_and_terms(self):
        order = self._quotation()
        self.assertEqual((order.pricelist_id, order.payment_term_id), (self.list_top, self.term))

    def test_the_salesman_gets_them_for_a_colleagues_customer_too(self):
        self.customer.user_id = self.keeper
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create({"partner_id": self.customer.id, "user_id": self.seller.id})
        )
        self.assertEqual((order.pricelist_id, order.payment_term_id), (self.list_top, self.term))

    def test_what_the_customer_has_of_his_own_comes_first(self):
        self.customer.specific_property_product_pricelist = self.list_own
        self.customer.property_payment_term_id = self.own_term
        order = self._quotation()
        self.assertEqual((order.pricelist_id, order.payment_term_id), (self.list_own, self.own_term))

    def test_manual_choice_stays(self):
        order = self._quotation(pricelist_id=self.list_own.id, payment_term_id=self.own_term.id)
        self.assertEqual((order.pricelist_id, order.payment_term_id), (self.list_own, self.own_term))
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.customer
            self.assertEqual(form.payment_term_id, self.term)
            form.payment_term_id = self.own_term
        self.assertEqual(form.record.payment_term_id, self.own_term)

    def test_later_change_of_the_tier_leaves_quotations(self):
        order = self._quotation()
        self.customer.crm_tier_id = self.small
        self.assertEqual(order.payment_term_id, self.term)

    def test_switched_off(self):
        self._set_feature("off")
        order = self._quotation()
        self.assertNotEqual(order.pricelist_id, self.list_top)
        self.assertFalse(order.payment_term_id)
        self.env.invalidate_all()
        self.assertFalse(self.customer.crm_tier_id)

    def test_queries_of_quotations_do_not_grow(self):
        customers = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(40)])
        customers.crm_tier_id = self.top
        counts = []
        for group in (customers[:1], customers):
            orders = self.env["sale.order"].create([{"partner_id": customer.id} for customer in group])
            self.env.flush_all()
            self.env.invalidate_all()
            orders.mapped("partner_id.commercial_partner_id.property_payment_term_id")
            orders.mapped("company_id.name")
            orders.mapped("state")
            start = self.cr.sql_log_count
            orders._apply_tier_payment_term()
            counts.append(self.cr.sql_log_count - start)
        self.assertEqual(*counts)

    # ------------------------------------------------------------------
    # Opportunities
    # ------------------------------------------------------------------
    def test_lead_of_nobody_goes_to_the_owner(self):
        lead = self.env["crm.lead"].create({"name": "Lobby", "partner_id": self.buyer.id})
        self.assertEqual((lead.user_id, lead.team_id), (self.keeper, self.team))

    def test_named_salesperson_stays(self):
        for user in (self.seller, self.env["res.users"]):
            lead = self.env["crm.lead"].create({"name": "L", "partner_id": self.buyer.id, "user_id": user.id})
            self.assertEqual(lead.user_id, user)
        proposed = self.env["crm.lead"].with_context(default_user_id=self.seller.id)
        self.assertEqual(proposed.create({"name": "L", "partner_id": self.buyer.id}).user_id, self.seller)

    def test_own_salesperson_of_the_customer_comes_first(self):
        self.customer.user_id = self.seller
        lead = self.env["crm.lead"].create({"name": "Lobby", "partner_id": self.buyer.id})
        self.assertEqual(lead.user_id, self.env.user)

    def test_owner_is_proposed_on_the_form(self):
        form = Form(self.env["crm.lead"].with_context(default_type="opportunity"), "crm.crm_lead_view_form")
        form.partner_id = self.customer
        self.assertEqual(form.user_id, self.keeper)
        form.user_id = self.seller
        self.assertEqual(form.save().user_id, self.seller)

    def test_answer_until(self):
        """Four hours after nine o'clock."""
        lead = self.env["crm.lead"].create({"name": "Lobby", "partner_id": self.buyer.id})
        lead._write_multi([{"create_date": datetime(2026, 6, 10, 9)}])
        lead.invalidate_recordset()
        self.assertEqual(lead.crm_response_deadline, datetime(2026, 6, 10, 13))
        self.assertEqual(lead.crm_tier_id, self.top)

    # ------------------------------------------------------------------
    # Visits
    # ------------------------------------------------------------------
    def _run_night(self):
        # the cron commits after each batch, which a test may not
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 60)
        self.stays._cron_propose_visits()

    def _visits(self):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "=", self.customer.id),
                ("activity_type_id", "=", self.env.ref("crm_extended.mail_activity_type_tier_visit").id),
            ]
        )

    def _met(self, day):
        self.env["calendar.event"].create(
            {"name": "Met", "start": f"{day} 10:00:00", "stop": f"{day} 11:00:00", "partner_ids": self.buyer.ids}
        )

    def test_next_visit_is_planned_once(self):
        """Every 30 days, the last meeting with his buyer on May 15: due on June 14."""
        self._met("2026-05-15")
        for _night in range(2):
            self._run_night()
        visit = self._visits()
        self.assertEqual((visit.date_deadline, visit.user_id), (date(2026, 6, 14), self.keeper))
        self.assertIn("Test Top", visit.summary)

    def test_overdue_visit_is_due_today_for_his_salesperson(self):
        self.customer.user_id = self.seller
        self._met("2026-01-15")
        self._run_night()
        self.assertEqual((self._visits().date_deadline, self._visits().user_id), (date(2026, 6, 10), self.seller))

    def test_recent_visit_or_no_rhythm(self):
        self._met("2026-06-05")
        self._run_night()
        self.assertFalse(self._visits())
        self._met("2026-01-05")
        self.top.visit_days = 0
        self._run_night()
        self.assertFalse(self._visits())
