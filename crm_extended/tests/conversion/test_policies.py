from odoo.tests import Form, tagged

from ..common import ConversionCase

POLICIES = (
    "crm_win_policy",
    "crm_win_without_quotation",
    "crm_confirm_policy",
    "crm_lost_policy",
    "crm_amount_policy",
)


@tagged("post_install", "-at_install")
class TestPolicies(ConversionCase):
    def test_a_new_company_behaves_like_odoo(self):
        company = self._create_company(name="Rila Services")
        self.assertEqual([company[name] for name in POLICIES], ["none", "allow", "none", "none", "none"])

    def test_a_new_team_follows_its_company(self):
        team = self.env["crm.team"].create({"name": "New team"})
        self.assertFalse(any(team[name] for name in POLICIES))

    def test_settings_write_the_company(self):
        with Form(self.env["res.config.settings"]) as form:
            form.crm_win_policy = "confirm"
        form.record.execute()
        self.assertEqual(self.company.crm_win_policy, "confirm")

    def test_team_over_company(self):
        lead = self._create_lead()
        self._set_policies(crm_lost_policy="propose")
        self.assertEqual(lead._get_conversion_policy("crm_lost_policy"), "propose")
        self.team.crm_lost_policy = "none"
        self.assertEqual(lead._get_conversion_policy("crm_lost_policy"), "none")

    def test_company_of_the_opportunity(self):
        other = self._create_company(name="Rila Services")
        other.crm_lost_policy = "propose"
        lead = self._create_lead(company_id=other.id, team_id=False, user_id=False, partner_id=False)
        self.assertEqual(lead._get_conversion_policy("crm_lost_policy"), "propose")
