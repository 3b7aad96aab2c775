from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged

from ..common import ConversionCase


@tagged("post_install", "-at_install")
class TestWinningConfirms(ConversionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_policies(crm_win_policy="confirm", crm_win_without_quotation="refuse")
        cls.lead = cls._create_lead()

    def _decide(self, lead, won, **values):
        """Fill the dialog as a salesperson does, with the quotations `won` ticked."""
        with Form(
            self.env["crm.conversion.decision"].with_user(self.user_sales).with_context(default_lead_ids=lead.ids)
        ) as form:
            for index in range(len(form.line_ids)):
                with form.line_ids.edit(index) as line:
                    line.is_won = line.order_id in won
            for name, value in values.items():
                form[name] = value
        return form.record

    def test_odoo_behaviour_as_shipped(self):
        self._set_policies(crm_win_policy="none", crm_win_without_quotation="allow")
        quotation = self._create_quotation(self.lead)
        self.lead.action_set_won()
        self.assertEqual(self.lead.won_status, "won")
        self.assertEqual(quotation.state, "draft")

    def test_won_button_of_form(self):
        quotation = self._create_quotation(self.lead)
        self.lead.with_user(self.user_sales).action_set_won_rainbowman()
        self.assertEqual(quotation.state, "sale")
        self.assertEqual(self.lead.won_status, "won")
        self.assertEqual(self.lead.stage_id, self.lead._stage_find(domain=[("is_won", "=", True)]))

    def test_kanban_drag(self):
        """A drag is a web_save of the stage."""
        quotation = self._create_quotation(self.lead)
        self.lead.with_user(self.user_sales).web_save({"stage_id": self.stage_won.id}, {"stage_id": {}})
        self.assertEqual(quotation.state, "sale")
        self.assertEqual(self.lead.stage_id, self.stage_won)

    def test_mass_edit_of_list(self):
        other = self._create_lead(name="Lamps for the bar")
        quotations = self._create_quotation(self.lead) | self._create_quotation(other)
        (self.lead | other).with_user(self.user_sales).web_save_multi(
            [{"stage_id": self.stage_won.id}] * 2, {"stage_id": {}}
        )
        self.assertEqual(quotations.mapped("state"), ["sale", "sale"])
        self.assertEqual((self.lead | other).mapped("won_status"), ["won", "won"])

    def test_mass_edit_with_a_choice_changes_nothing(self):
        other = self._create_lead(name="Lamps for the bar")
        quotation = self._create_quotation(self.lead)
        self._create_quotation(other)
        self._create_quotation(other)
        with self.assertRaisesRegex(RedirectWarning, "Lamps for the bar"), self.cr.savepoint():
            (self.lead | other).write({"stage_id": self.stage_won.id})
        self.env.invalidate_all()
        self.assertEqual((self.lead | other).mapped("won_status"), ["pending", "pending"])
        self.assertEqual(quotation.state, "draft")

    def test_warning_opens_the_dialog(self):
        self._create_quotation(self.lead)
        self._create_quotation(self.lead)
        with self.assertRaises(RedirectWarning) as caught:
            self.lead.write({"stage_id": self.stage_won.id})
        _message, action_id, _button, context = caught.exception.args
        self.assertEqual(self.env["ir.actions.act_window"].browse(action_id).res_model, "crm.conversion.decision")
        self.assertEqual(context, {"default_lead_ids": self.lead.ids, "default_stage_id": self.stage_won.id})

    def test_won_button_asks(self):
        self._create_quotation(self.lead)
        self._create_quotation(self.lead)
        action = self.lead.with_user(self.user_sales).action_set_won_rainbowman()
        self.assertEqual(action["res_model"], "crm.conversion.decision")
        self.assertEqual(self.lead.won_status, "pending")

    def test_decision_confirms_and_cancels_the_rest(self):
        chosen = self._create_quotation(self.lead)
        rejected = self._create_quotation(self.lead)
        decision = self._decide(self.lead, chosen, cancel_reason_id=self.lost_reason, cancel_feedback="Too bright")
        decision.action_win()
        self.assertEqual(chosen.state, "sale")
        self.assertEqual(rejected.state, "cancel")
        self.assertEqual(rejected.cancel_reason_id, self.lost_reason)
        self.assertEqual(rejected.cancel_feedback, "Too bright")
        self.assertFalse(chosen.cancel_reason_id)
        self.assertEqual(self.lead.won_status, "won")

    def test_decision_for_several_opportunities(self):
        other = self._create_lead(name="Lamps for the bar")
        won = self._create_quotation(self.lead) | self._create_quotation(other)
        rest = self._create_quotation(self.lead) | self._create_quotation(other)
        self._decide(self.lead | other, won).action_win()
        self.assertEqual(won.mapped("state"), ["sale", "sale"])
        self.assertEqual(rest.mapped("state"), ["cancel", "cancel"])
        self.assertEqual((self.lead | other).mapped("won_status"), ["won", "won"])

    def test_decision_keeps_the_stage_asked_for(self):
        later = self.env["crm.stage"].create({"name": "Won and signed", "sequence": 950, "is_won": True})
        chosen = self._create_quotation(self.lead)
        self._create_quotation(self.lead)
        decision = self._decide(self.lead, chosen)
        decision.stage_id = later
        decision.action_win()
        self.assertEqual(self.lead.stage_id, later)

    def test_decision_needs_a_choice(self):
        self._create_quotation(self.lead)
        self._create_quotation(self.lead)
        decision = self._decide(self.lead, self.env["sale.order"])
        with self.assertRaisesRegex(UserError, "Choose at least one won quotation for Lamps for the lobby"):
            decision.action_win()

    def test_decision_that_is_out_of_date(self):
        chosen = self._create_quotation(self.lead)
        self._create_quotation(self.lead)
        decision = self._decide(self.lead, chosen)
        self._create_quotation(self.lead)
        with self.assertRaisesRegex(UserError, "have changed meanwhile"):
            decision.action_win()
        self.assertEqual(chosen.state, "draft")

    def test_without_quotation_refused(self):
        with self.assertRaisesRegex(UserError, "Lamps for the lobby cannot be won without a quotation"):
            self.lead.action_set_won()

    def test_without_quotation_allowed(self):
        self._set_policies(crm_win_without_quotation="allow")
        self.lead.action_set_won()
        self.assertEqual(self.lead.won_status, "won")

    def test_an_order_is_as_good_as_a_quotation(self):
        self._create_quotation(self.lead).action_confirm()
        self.lead.action_set_won()
        self.assertEqual(self.lead.won_status, "won")

    def test_import_of_a_stage(self):
        """An import writes the stage by name; the row is converted like any other win."""
        quotation = self._create_quotation(self.lead)
        self.env["ir.model.data"].create(
            {"module": "__test__", "name": "lead_lobby", "model": "crm.lead", "res_id": self.lead.id}
        )
        result = self.env["crm.lead"].load(["id", "stage_id"], [["__test__.lead_lobby", "Test Won"]])
        self.assertFalse(result["messages"])
        self.assertEqual(quotation.state, "sale")

    def test_import_that_would_need_a_choice(self):
        quotations = self._create_quotation(self.lead) | self._create_quotation(self.lead)
        self.env["ir.model.data"].create(
            {"module": "__test__", "name": "lead_lobby", "model": "crm.lead", "res_id": self.lead.id}
        )
        result = self.env["crm.lead"].load(["id", "stage_id"], [["__test__.lead_lobby", "Test Won"]])
        self.assertFalse(result["ids"])
        self.assertIn("several quotations are open", result["messages"][0]["message"])
        self.assertEqual(quotations.mapped("state"), ["draft", "draft"])

    def test_import_of_a_won_opportunity_without_quotation(self):
        result = self.env["crm.lead"].load(["name", "type", "stage_id"], [["Old deal", "opportunity", "Test Won"]])
        self.assertFalse(result["ids"])
        self.assertIn("Old deal cannot be won without a quotation", result["messages"][0]["message"])

    def test_second_win_finds_the_first(self):
        quotation = self._create_quotation(self.lead)
        self.lead.action_set_won()
        confirmed_on = quotation.date_order
        self.lead.action_set_won()
        self.assertEqual(quotation.date_order, confirmed_on)
        self.assertEqual(len(self.lead.order_ids), 1)

    def test_moving_between_won_stages_converts_nothing(self):
        later = self.env["crm.stage"].create({"name": "Won and signed", "sequence": 950, "is_won": True})
        self._create_quotation(self.lead)
        self.lead.action_set_won()
        upsell = self._create_quotation(self.lead)
        self.lead.stage_id = later
        self.assertEqual(upsell.state, "draft")

    def test_a_colleagues_quotation_counts(self):
        """What the salesperson cannot see still decides, and is named with its owner."""
        self._create_quotation(self.lead, user_id=self.user_colleague.id)
        with self.assertRaisesRegex(UserError, "belongs to Petar Peer"):
            self.lead.with_user(self.user_sales).action_set_won()

    def test_team_overrides_company(self):
        self.team.crm_win_policy = "none"
        quotation = self._create_quotation(self.lead)
        self.lead.action_set_won()
        self.assertEqual(quotation.state, "draft")

    def test_feature_switched_off(self):
        self.env["crm.roadmap.feature.pin"].create(
            {
                "feature_id": self.env.ref("crm_extended.crm_roadmap_feature_quotation_conversion").id,
                "company_id": self.company.id,
                "state": "off",
            }
        )
        quotation = self._create_quotation(self.lead)
        self.lead.action_set_won()
        self.assertEqual(quotation.state, "draft")

    def test_plain_user_is_refused_the_dialog(self):
        with self.assertRaises(AccessError):
            self.env["crm.conversion.decision"].with_user(self.user_plain).create({"lead_ids": self.lead.ids})

    def test_query_count_does_not_grow(self):
        """Asking the policies and looking up the quotations costs the same for 1 and for 200 opportunities."""

        def count_queries(number):
            leads = self.env["crm.lead"].browse([self._create_lead(name=f"Deal {index}").id for index in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            leads._filter_to_convert()
            leads._get_quotations_by_lead(("draft", "sent"))
            return self.cr.sql_log_count - before

        count_queries(1)
        self.assertEqual(count_queries(1), count_queries(200))
