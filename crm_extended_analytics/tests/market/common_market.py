from odoo import Command
from odoo.tests import new_test_user

from ..population.common_population import PopulationCase


class MarketCase(PopulationCase):
    """A company in Bulgaria that sells indoor and outdoor lamps; the day is 2026-06-30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.street = cls.env["product.product"].create({"name": "Street", "categ_id": cls.outdoor.id})
        cls.bulgaria, cls.greece, cls.spain = (cls.env.ref(f"base.{code}") for code in ("bg", "gr", "es"))

    @classmethod
    def _user(cls, name, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env, f"market_{name}", group, company_id=company.id, company_ids=[Command.set(company.ids)]
        )

    def _as(self, user, model, company=None):
        company = company or self.company
        return self.env[model].with_user(user).with_context(allowed_company_ids=company.ids)
