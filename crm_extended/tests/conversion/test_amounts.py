from odoo.tests import Form, tagged

from ..common import ConversionCase


@tagged("post_install", "-at_install")
class TestAmounts(ConversionCase):
    """1 USD (company currency) is 0.8 EUR, so 100 EUR are 125 USD."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.setup_other_currency("EUR", rates=[("2026-01-01", 0.8)])
        cls.usd = cls.company.currency_id
        cls.pricelist_eur = cls.env["product.pricelist"].create({"name": "Euro", "currency_id": cls.eur.id})
        cls._set_policies(crm_amount_policy="sum")
        cls.lead = cls._create_lead()

    def test_odoo_behaviour_as_shipped(self):
        """Without the policy only a confirmed order raises the figure, and never lowers it."""
        self._set_policies(crm_amount_policy="none")
        quotation = self._create_quotation(self.lead, price=70)
        self.assertEqual(self.lead.expected_revenue, 0)
        quotation.action_confirm()
        self.assertEqual(self.lead.expected_revenue, 70)
        self.assertEqual(self.lead.opportunity_amount, 70)
        self.assertEqual(self.lead.amount_source, "quotations")

    def test_follows_up_and_down(self):
        quotation = self._create_quotation(self.lead, price=100)
        self.assertEqual(self.lead.expected_revenue, 100)
        quotation.order_line.price_unit = 140
        self.assertEqual(self.lead.expected_revenue, 140)
        second = self._create_quotation(self.lead, price=60)
        self.assertEqual(self.lead.expected_revenue, 200)
        quotation.order_line.price_unit = 50
        self.assertEqual(self.lead.expected_revenue, 110)
        second._action_cancel()
        self.assertEqual(self.lead.expected_revenue, 50)
        self.assertEqual(self.lead.opportunity_amount, 50)

    def test_highest_of_alternatives(self):
        self._set_policies(crm_amount_policy="highest")
        self._create_quotation(self.lead, price=100)
        self._create_quotation(self.lead, price=80)
        in_euro = self._create_quotation(self.lead, price=90, pricelist_id=self.pricelist_eur.id)
        self.assertEqual(self.lead.expected_revenue, 112.5, "90 EUR are more than 100 USD")
        in_euro._action_cancel()
        self.assertEqual(self.lead.expected_revenue, 100)

    def test_highest_gives_way_to_the_orders(self):
        self._set_policies(crm_amount_policy="highest")
        self._create_quotation(self.lead, price=100)
        self._create_quotation(self.lead, price=80).action_confirm()
        self.assertEqual(self.lead.expected_revenue, 80)

    def test_won_deal_is_worth_its_orders(self):
        self._set_policies(crm_confirm_policy="first")
        self._create_quotation(self.lead, price=100).action_confirm()
        upsell = self._create_quotation(self.lead, price=30)
        self.assertEqual(self.lead.expected_revenue, 100)
        upsell.action_confirm()
        self.assertEqual(self.lead.expected_revenue, 130)

    def test_lost_deal_is_worth_what_was_refused(self):
        self._create_quotation(self.lead, price=100)._action_cancel()
        self._create_quotation(self.lead, price=80)._action_cancel()
        self.assertEqual(self.lead.expected_revenue, 0)
        self.lead.action_set_lost(lost_reason_id=self.lost_reason.id)
        self.assertEqual(self.lead.expected_revenue, 100)

    def test_opportunity_in_its_own_currency(self):
        self.lead.opportunity_currency_id = self.eur
        self._create_quotation(self.lead, price=100, pricelist_id=self.pricelist_eur.id)
        self.assertEqual(self.lead.opportunity_amount, 100)
        self.assertEqual(self.lead.expected_revenue, 125)

    def test_quotations_in_two_currencies(self):
        self.lead.opportunity_currency_id = self.eur
        self._create_quotation(self.lead, price=100, pricelist_id=self.pricelist_eur.id)
        self._create_quotation(self.lead, price=50)
        self.assertEqual(self.lead.opportunity_amount, 140, "100 EUR + 50 USD x 0.8")
        self.assertEqual(self.lead.expected_revenue, 175, "100 EUR / 0.8 + 50 USD")

    def test_sums_over_mixed_currencies(self):
        """The figure Odoo adds up is in company currency: 50 USD and 50 EUR are 112.50 USD, not 100."""
        dollars = self._create_lead(expected_revenue=50)
        euros = self._create_lead(opportunity_currency_id=self.eur.id, opportunity_amount=50)
        [(total,)] = self.env["crm.lead"]._read_group(
            [("id", "in", (dollars | euros).ids)], [], ["expected_revenue:sum"]
        )
        self.assertEqual(total, 112.5)

    def test_typed_figure_stays(self):
        self._create_quotation(self.lead, price=100)
        self.lead.with_user(self.user_sales).write({"expected_revenue": 500})
        self.assertEqual(self.lead.amount_source, "manual")
        self._create_quotation(self.lead, price=60).action_confirm()
        self.assertEqual(self.lead.expected_revenue, 500)
        self.assertEqual(self.lead.opportunity_amount, 500)

    def test_follow_again(self):
        self._create_quotation(self.lead, price=100)
        self.lead.expected_revenue = 500
        self.lead.action_follow_quotations()
        self.assertEqual(self.lead.amount_source, "quotations")
        self.assertEqual(self.lead.expected_revenue, 100)

    def test_typed_in_the_form(self):
        self._create_quotation(self.lead, price=100)
        with Form(self.lead.with_user(self.user_sales)) as form:
            form.expected_revenue = 500
        self.assertEqual(self.lead.amount_source, "manual")
        self.assertEqual(self.lead.opportunity_amount, 500)

    def test_saving_the_form_untouched_types_nothing(self):
        self._create_quotation(self.lead, price=100)
        with Form(self.lead.with_user(self.user_sales)) as form:
            form.name = "Lamps for the terrace"
        self.assertEqual(self.lead.amount_source, "quotations")

    def test_created_with_a_figure(self):
        lead = self._create_lead(expected_revenue=300)
        self.assertEqual(lead.amount_source, "manual")
        self.assertEqual(lead.opportunity_amount, 300)

    def test_created_without_a_figure(self):
        lead = self._create_lead(expected_revenue=0)
        self.assertEqual(lead.amount_source, "quotations")

    def test_typed_in_foreign_currency(self):
        self.lead.opportunity_currency_id = self.eur
        self.lead.opportunity_amount = 80
        self.assertEqual(self.lead.expected_revenue, 100)
        self.lead.expected_revenue = 50
        self.assertEqual(self.lead.opportunity_amount, 40)

    def test_open_foreign_deal_is_valued_at_todays_rate(self):
        self.lead.write({"opportunity_currency_id": self.eur.id, "opportunity_amount": 80})
        won = self._create_lead(opportunity_currency_id=self.eur.id, opportunity_amount=80)
        won.action_set_won()
        self.env["res.currency.rate"].create(
            {"name": "2026-06-10", "rate": 1.0, "currency_id": self.eur.id, "company_id": self.company.id}
        )
        self.env.invalidate_all()
        self.env["crm.lead"]._cron_refresh_foreign_amounts()
        self.assertEqual(self.lead.expected_revenue, 80)
        self.assertEqual(won.expected_revenue, 100, "a closed deal keeps its value")

    def test_refresh_knows_what_is_foreign_to_each_company(self):
        """A deal in dollars is foreign to a company that keeps its books in euro."""
        other = self._create_company(name="Rila Services", currency_id=self.eur.id)
        lead = self._create_lead(
            company_id=other.id,
            team_id=False,
            user_id=False,
            opportunity_currency_id=self.usd.id,
            opportunity_amount=100,
        )
        at_home = self._create_lead(
            company_id=other.id, team_id=False, user_id=False, opportunity_currency_id=self.eur.id
        )
        domain = self.env["crm.lead"]._get_foreign_currency_domain()
        self.assertIn(lead, lead.search(domain))
        self.assertNotIn(at_home, lead.search(domain))
        self.assertNotIn(self.lead, lead.search(domain))

    def test_policy_switched_on_later(self):
        self._set_policies(crm_amount_policy="none")
        self._create_quotation(self.lead, price=100)
        self.assertEqual(self.lead.expected_revenue, 0)
        self._set_policies(crm_amount_policy="sum")
        self.assertEqual(self.lead.expected_revenue, 100)

    def test_query_count_does_not_grow(self):
        def count_queries(number):
            leads = self.env["crm.lead"].browse([self._create_lead().id for _index in range(number)])
            for lead in leads:
                self._create_quotation(lead)
            self.env.flush_all()
            self.env.invalidate_all()
            self.env.add_to_compute(leads._fields["expected_revenue"], leads)
            before = self.cr.sql_log_count
            leads._recompute_recordset(["expected_revenue"])
            return self.cr.sql_log_count - before

        count_queries(1)
        self.assertEqual(count_queries(1), count_queries(200))

    def test_typing_for_many_at_once_is_one_update(self):
        def count_queries(number):
            leads = self.env["crm.lead"].browse([self._create_lead().id for _index in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads.write({"expected_revenue": 500})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count_queries(1)
        self.assertEqual(count_queries(1), count_queries(100))
