from datetime import date

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.base.tests.common import BaseCommon

from .roadmap.whole_road import leave_the_road

# A Wednesday, away from the ends of month and year.
TODAY = date(2026, 6, 10)


class ConversionCase(BaseCommon):
    """A maker of lamps with one salesperson, one customer and the shipped policies (Odoo's own behaviour)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.startClassPatcher(freeze_time(f"{TODAY} 09:00:00"))
        cls.company = cls.env.company
        # the policies of a database are its own; the tests start from the shipped ones
        cls._set_policies(
            crm_win_policy="none",
            crm_win_without_quotation="allow",
            crm_confirm_policy="none",
            crm_lost_policy="none",
            crm_amount_policy="none",
        )
        cls.user_sales = new_test_user(
            cls.env, "crmx_sales", "sales_team.group_sale_salesman", name="Sofia Sales", email="sofia@example.com"
        )
        cls.user_colleague = new_test_user(
            cls.env, "crmx_colleague", "sales_team.group_sale_salesman", name="Petar Peer", email="petar@example.com"
        )
        cls.user_plain = new_test_user(cls.env, "crmx_plain", "base.group_user", email="plain@example.com")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Lamps",
                "company_id": False,
                "member_ids": [Command.set([cls.user_sales.id, cls.user_colleague.id])],
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Hotel Balkan", "is_company": True, "email": "hotel@example.com"}
        )
        cls.lamp = cls.env["product.product"].create(
            {"name": "Floor Lamp", "type": "service", "list_price": 100.0, "taxes_id": False}
        )
        cls.stage_new = cls.env["crm.stage"].create({"name": "Test New", "sequence": 1})
        cls.stage_won = cls.env["crm.stage"].create({"name": "Test Won", "sequence": 900, "is_won": True})
        cls.lost_reason = cls.env["crm.lost.reason"].create({"name": "Too late"})

    @classmethod
    def _set_policies(cls, **policies):
        cls.env.company.write(policies)

    @classmethod
    def _create_lead(cls, **values):
        return cls.env["crm.lead"].create(
            {
                "name": "Lamps for the lobby",
                "type": "opportunity",
                "partner_id": cls.customer.id,
                "user_id": cls.user_sales.id,
                "team_id": cls.team.id,
                "stage_id": cls.stage_new.id,
                **values,
            }
        )

    @classmethod
    def _create_quotation(cls, lead, price=100.0, **values):
        """Quotation of one lamp at `price`; `values` override the order's own."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "opportunity_id": lead.id,
                "user_id": cls.user_sales.id,
                "team_id": cls.team.id,
                "order_line": [Command.create({"product_id": cls.lamp.id, "price_unit": price})],
                **values,
            }
        )
