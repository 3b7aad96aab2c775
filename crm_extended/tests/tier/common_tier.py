from datetime import date

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.base.tests.common import BaseCommon

from ..roadmap.whole_road import leave_the_road

# A Wednesday, away from the ends of month and year.
TODAY = date(2026, 6, 10)


class TierCase(BaseCommon):
    """A company with two tiers, a customer with a contact, a salesperson and a key account manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.startClassPatcher(freeze_time(f"{TODAY} 09:00:00"))
        cls.company = cls.env["res.company"].create({"name": "Lamps Ltd"})
        cls.env.user.company_ids |= cls.company
        cls.env.user.company_id = cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.seller, cls.keeper, cls.leader = (
            cls._user(login, groups)
            for login, groups in (
                ("tierx_seller", "sales_team.group_sale_salesman"),
                ("tierx_keeper", "sales_team.group_sale_salesman"),
                ("tierx_leader", "crm_extended.crm_extended_group_team_leader"),
            )
        )
        cls.top, cls.small = cls.env["crm.tier"].create(
            [{"name": "Test Top", "sequence": 1}, {"name": "Test Small", "sequence": 9}]
        )
        cls.stays = cls.env["crm.tier.assignment"]
        cls.customer = cls.env["res.partner"].create({"name": "Hotel Balkan", "is_company": True})
        cls.buyer = cls.env["res.partner"].create({"name": "Boris Buyer", "parent_id": cls.customer.id})

    @classmethod
    def _user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, login, groups, company_id=company.id, company_ids=[Command.set(company.ids)], name=login
        )

    def _history(self, partner):
        """Return ``[(tier, from, to)]`` of a customer, the oldest stay first."""
        stays = self.stays.search([("partner_id", "=", partner.id)], order="date_from, id")
        return [(stay.tier_id, stay.date_from, stay.date_to or None) for stay in stays]
