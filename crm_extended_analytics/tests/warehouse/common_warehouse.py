from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.crm_extended.tests.roadmap.whole_road import leave_the_road


class WarehouseCase(BaseCommon):
    """A maker of lamps, in a company of its own with euros, whose documents become facts.

    The rate of the dollar is 1.25 to the euro from 2026-01-01 on and 1.6 from 2026-03-01 on.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.company = cls._make_company("Lamps Ltd")
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.env.user.company_id = cls.company
        cls._set_only_company(cls.company)
        cls.eur, cls.usd = cls.env.ref("base.EUR"), cls.env.ref("base.USD")
        cls.usd.active = True
        cls.env["res.currency.rate"].search([("company_id", "in", [False, cls.company.id])]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": cls.usd.id, "company_id": cls.company.id, "name": day, "rate": rate}
                for day, rate in (("2026-01-01", 1.25), ("2026-03-01", 1.6))
            ]
        )
        cls.pricelists = {
            currency: cls.env["product.pricelist"].create({"name": currency.name, "currency_id": currency.id})
            for currency in (cls.eur, cls.usd)
        }
        cls.seller = new_test_user(
            cls.env,
            "whx_seller",
            "sales_team.group_sale_salesman",
            name="Sofia Seller",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.colleague = new_test_user(
            cls.env,
            "whx_colleague",
            "sales_team.group_sale_salesman",
            name="Petar Peer",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.grade = cls.env["res.partner.grade"].create({"name": "Gold"})
        cls.hotel = cls.env["res.partner"].create(
            {
                "name": "Hotel Balkan",
                "is_company": True,
                "ref": "WHX-1",
                "user_id": cls.seller.id,
                "grade_id": cls.grade.id,
                "country_id": cls.env.ref("base.bg").id,
            }
        )
        cls.buyer = cls.env["res.partner"].create({"name": "Boris Buyer", "parent_id": cls.hotel.id})
        cls.indoor, cls.outdoor = cls.env["product.category"].create([{"name": "Indoor"}, {"name": "Outdoor"}])
        cls.lamp = cls.env["product.product"].create(
            {
                "name": "Floor Lamp WHX",
                "default_code": "WHX-LAMP",
                "type": "consu",
                "categ_id": cls.indoor.id,
                "list_price": 100.0,
                "standard_price": 60.0,
                "taxes_id": False,
                "invoice_policy": "order",
            }
        )

    @classmethod
    def _make_company(cls, name):
        company = cls.env["res.company"].create(
            {"name": name, "currency_id": cls.env.ref("base.EUR").id, "country_id": cls.env.ref("base.bg").id}
        )
        company.partner_id.tz = "Europe/Sofia"
        cls.env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
        company.currency_id = cls.env.ref("base.EUR")
        return company

    @classmethod
    def _set_only_company(cls, companies):
        """Leave the warehouse to ``companies``: those of the database have documents of their own."""
        pins = cls.env["crm.roadmap.feature.pin"]
        feature = cls.env["crm.roadmap.feature"].search([("key", "=", "sales_warehouse")])
        pins.search([("feature_id", "=", feature.id)]).unlink()
        pins.create(
            [
                {"feature_id": feature.id, "company_id": other.id, "state": "off"}
                for other in cls.env["res.company"].search([]) - companies
            ]
        )

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------
    @classmethod
    def _order(cls, quantity=2, price=100.0, discount=0.0, date="2026-02-10 10:00:00", currency=None, **values):
        """Confirmed order of lamps; its date stays what it is."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.buyer.id,
                "user_id": cls.seller.id,
                "pricelist_id": cls.pricelists[currency or cls.eur].id,
                "date_order": date,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.lamp.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "discount": discount,
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = date
        return order

    @classmethod
    def _invoice(cls, quantity=2, price=100.0, discount=0.0, date="2026-02-15", move_type="out_invoice", **values):
        """Posted invoice or credit note of lamps."""
        invoice = cls.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": cls.hotel.id,
                "invoice_user_id": cls.seller.id,
                "invoice_date": date,
                "invoice_date_due": date,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": cls.lamp.id,
                            "quantity": quantity,
                            "price_unit": price,
                            "discount": discount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    @classmethod
    def _pay(cls, invoice, date):
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": date})
        )
        wizard.action_create_payments()

    # ------------------------------------------------------------------
    # Warehouse
    # ------------------------------------------------------------------
    @classmethod
    def _load(cls, **values):
        """Run a whole load here and now, and return it."""
        cls.env.flush_all()
        load = cls.env["crm.warehouse.load"]._create_load(**values)
        load._run_all()
        cls.env.invalidate_all()
        return load

    @classmethod
    def _facts(cls, name, documents=None):
        """Return the facts of a kind, such as "sale", of the company or of some source records."""
        domain = [("company_id", "=", cls.company.id)]
        if documents is not None:
            domain += [("res_model", "=", documents._name), ("res_id", "in", documents.ids)]
        return cls.env[f"crm.fact.{name}"].search(domain, order="res_id")

    def _line_of(self, load, source):
        return load.line_ids.filtered(lambda line: line.source == f"crm.warehouse.source.{source}")
