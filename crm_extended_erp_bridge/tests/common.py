from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon
from odoo.addons.crm_extended.tests.roadmap.whole_road import leave_the_road

# A Monday; dates in the tests are counted from here.
TODAY = "2026-03-02"
NOW = "2026-03-02 09:00:00"


class BridgeCommon(BaseCommon):
    """A small maker of lamps: a lamp made of modules (made too) and parts (bought), all to order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.frozen = freeze_time(NOW)
        cls.frozen.start()
        cls.addClassCleanup(cls.frozen.stop)
        cls.env.user.tz = "UTC"
        cls.company = cls.env.company
        cls._create_accounting()
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.mto_route = cls.warehouse.mto_pull_id.route_id
        cls.mto_route.active = True
        cls.partner = cls.env["res.partner"].create({"name": "Hotel Sofia"})
        cls.vendor = cls.env["res.partner"].create({"name": "Chips Ltd"})
        cls.team = cls.env["crm.team"].create({"name": "Bridge Team"})
        cls.salesman = cls._create_user("bridge_salesman", "sales_team.group_sale_salesman")
        cls.other_salesman = cls._create_user("bridge_other", "sales_team.group_sale_salesman")
        cls.manager = cls._create_user("bridge_manager", "sales_team.group_sale_manager")
        cls.accountant = cls._create_user("bridge_accountant", "account.group_account_invoice")
        cls.plain_user = cls._create_user("bridge_plain", "base.group_user")

    @classmethod
    def _create_user(cls, login, groups):
        return new_test_user(cls.env, login=login, groups=groups, tz="UTC")

    @classmethod
    def _create_accounting(cls):
        """The few accounts that an invoice needs; no chart of accounts is assumed and none is disturbed."""
        Account = cls.env["account.account"]
        cls.receivable = Account.create(
            {"name": "Receivable", "code": "BR1200", "account_type": "asset_receivable", "reconcile": True}
        )
        cls.payable = Account.create(
            {"name": "Payable", "code": "BR2100", "account_type": "liability_payable", "reconcile": True}
        )
        cls.income = Account.create({"name": "Income", "code": "BR4000", "account_type": "income"})
        cls.expense = Account.create({"name": "Expense", "code": "BR6000", "account_type": "expense"})
        cls.bank_account = Account.create({"name": "Bank", "code": "BR1000", "account_type": "asset_cash"})
        cls.transit = Account.create(
            {"name": "Outstanding", "code": "BR1010", "account_type": "asset_current", "reconcile": True}
        )
        default = cls.env["ir.default"]
        for fname, account in (("receivable", cls.receivable), ("payable", cls.payable)):
            default.set("res.partner", f"property_account_{fname}_id", account.id, company_id=cls.company.id)
        default.set("product.category", "property_account_income_categ_id", cls.income.id, company_id=cls.company.id)
        default.set("product.category", "property_account_expense_categ_id", cls.expense.id, company_id=cls.company.id)
        cls.sale_journal = cls.env["account.journal"].create(
            {
                "name": "Bridge Sales",
                "code": "BRS",
                "type": "sale",
                "default_account_id": cls.income.id,
                "sequence": 0,
            }
        )
        cls.bank_journal = cls.env["account.journal"].create(
            {"name": "Bridge Bank", "code": "BRB", "type": "bank", "default_account_id": cls.bank_account.id}
        )
        cls.bank_journal.inbound_payment_method_line_ids.payment_account_id = cls.transit
        cls.bank_journal.outbound_payment_method_line_ids.payment_account_id = cls.transit

    # ------------------------------------------------------------
    # Products
    # ------------------------------------------------------------

    @classmethod
    def _create_product(cls, name, price=100.0, **values):
        category = cls.env["product.category"].create({"name": f"{name} category"})
        category.property_account_income_categ_id = cls.income
        category.property_account_expense_categ_id = cls.expense
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "list_price": price,
                "standard_price": price * 0.6,
                "taxes_id": False,
                "supplier_taxes_id": False,
                "invoice_policy": "delivery",
                "categ_id": category.id,
                **values,
            }
        )

    @classmethod
    def _create_service(cls, name="Planning", price=100.0, **values):
        return cls._create_product(
            name, price, **{"type": "service", "is_storable": False, "invoice_policy": "order", **values}
        )

    @classmethod
    def _create_to_order(cls, name, **values):
        return cls._create_product(name, route_ids=[Command.set(cls.mto_route.ids)], **values)

    @classmethod
    def _create_bom(cls, product, components, **values):
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "product_qty": 1.0,
                "bom_line_ids": [
                    Command.create({"product_id": component.id, "product_qty": qty}) for component, qty in components
                ],
                **values,
            }
        )

    @classmethod
    def _add_vendor(cls, product, delay=5, price=10.0):
        return cls.env["product.supplierinfo"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "partner_id": cls.vendor.id,
                "delay": delay,
                "price": price,
            }
        )

    @classmethod
    def _create_lamp(cls):
        """Lamp <- module (made) <- chip (bought); lamp <- box (bought). Everything to order."""
        cls.chip = cls._create_to_order("LED chip")
        cls.box = cls._create_to_order("Box")
        cls.module = cls._create_to_order("LED module")
        cls.lamp = cls._create_to_order("Lamp")
        cls._add_vendor(cls.chip)
        cls._add_vendor(cls.box)
        cls._create_bom(cls.module, [(cls.chip, 2)])
        cls._create_bom(cls.lamp, [(cls.module, 1), (cls.box, 1)])

    # ------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------

    @classmethod
    def _create_order(cls, lines, **values):
        """A quotation; `lines` are (product, quantity, unit price)."""
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.salesman.id,
                "team_id": cls.team.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": qty, "price_unit": price})
                    for product, qty, price in lines
                ],
                **values,
            }
        )

    @classmethod
    def _confirm(cls, lines, **values):
        """A confirmed order; returns its conversion."""
        order = cls._create_order(lines, **values)
        order.action_confirm()
        return order.conversion_ids

    @classmethod
    def _set_stock(cls, product, qty):
        cls.env["stock.quant"]._update_available_quantity(product, cls.warehouse.lot_stock_id, qty)

    @staticmethod
    def _deliver(order, qty=None):
        """Ship the open transfers of the order, `qty` of each move; the rest becomes a back order."""
        for picking in order.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")):
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty if qty is None else qty
                move.picked = True
            picking.with_context(skip_backorder=True).button_validate()

    def _receive(self, purchases):
        purchases.button_confirm()
        for picking in purchases.picking_ids.filtered(lambda p: p.state not in ("done", "cancel")):
            picking.move_ids.picked = True
            picking.button_validate()

    @staticmethod
    def _produce(production):
        production.qty_producing = production.product_qty
        production._set_qty_producing()
        production.move_raw_ids.picked = True
        production.button_mark_done()

    def _invoice(self, orders, post=True):
        # final: down payments are taken off
        moves = orders._create_invoices(final=True)
        moves.invoice_date = fields.Date.to_date(TODAY)
        if post:
            moves.action_post()
        return moves

    def _pay(self, moves, amount=None):
        values = {"journal_id": self.bank_journal.id, "payment_date": TODAY}
        if amount is not None:
            values["amount"] = amount
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=moves.ids)
        return wizard.create(values)._create_payments()

    def _credit(self, move, qty=None):
        """A posted credit note over the whole invoice or over `qty` of each line, set against the invoice."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": TODAY})
        )
        refund = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
        if qty is not None:
            refund.invoice_line_ids.quantity = qty
        refund.action_post()
        lines = (move | refund).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )
        if lines.move_id == move | refund:
            lines.reconcile()
        return refund

    def assertState(self, conversion, state):
        """The stored state, as the database has it."""
        self.env.flush_all()
        conversion.invalidate_recordset()
        self.assertEqual(conversion.state, state)
