from odoo import Command, fields
from odoo.tests import tagged

from .common_warehouse import WarehouseCase


@tagged("post_install", "-at_install")
class TestWarehouseFacts(WarehouseCase):
    """Each kind of fact from documents made by hand."""

    def test_sale(self):
        """3 lamps at 100 less 10 % are 270, cost 3 * 60 = 180: a margin of 90."""
        order = self._order(quantity=3, discount=10)
        self._load()
        fact = self._facts("sale", order.order_line)
        self.assertRecordValues(
            fact,
            [
                {
                    "document_name": order.name,
                    "order_id": order.id,
                    "order_key": order.id,
                    "date": fields.Date.to_date("2026-02-10"),
                    "partner_id": self.buyer.id,
                    "commercial_partner_id": self.hotel.id,
                    "user_id": self.seller.id,
                    "owner_id": self.seller.id,
                    "grade_id": self.grade.id,
                    "country_id": self.env.ref("base.bg").id,
                    "product_id": self.lamp.id,
                    "categ_id": self.indoor.id,
                    "quantity": 3,
                    "amount": 270,
                    "amount_company": 270,
                    "gross_company": 300,
                    "discount_company": 30,
                    "cost_company": 180,
                    "margin_company": 90,
                    "cost_origin": "order",
                    "currency_rate": 1,
                    "channel": "sales",
                }
            ],
        )

    def test_sale_in_foreign_currency_keeps_the_rate_of_its_date(self):
        """200 dollars are 160 euros at 1.25 and 125 euros at 1.6."""
        before = self._order(currency=self.usd, date="2026-02-10 10:00:00")
        after = self._order(currency=self.usd, date="2026-03-10 10:00:00")
        self._load()
        facts = self._facts("sale", before.order_line) + self._facts("sale", after.order_line)
        self.assertRecordValues(
            facts,
            [
                {"currency_id": self.usd.id, "currency_rate": 1.25, "amount": 200, "amount_company": 160},
                {"currency_id": self.usd.id, "currency_rate": 1.6, "amount": 200, "amount_company": 125},
            ],
        )

    def test_date_is_that_of_the_company(self):
        """22:30 UTC on the last of January is February in Sofia."""
        order = self._order(date="2026-01-31 22:30:00")
        self._load()
        self.assertEqual(self._facts("sale", order.order_line).date, fields.Date.to_date("2026-02-01"))

    def test_sale_in_another_unit(self):
        """2 dozens are 24 pieces."""
        dozen = self.env.ref("uom.product_uom_dozen")
        values = {"product_id": self.lamp.id, "product_uom_id": dozen.id, "product_uom_qty": 2, "price_unit": 1000}
        order = self._order(order_line=[Command.create(values)])
        self._load()
        self.assertRecordValues(
            self._facts("sale", order.order_line), [{"quantity": 24, "amount": 2000, "cost_company": 24 * 60}]
        )

    def test_quotations_are_no_sales(self):
        order = self.env["sale.order"].create(
            {"partner_id": self.hotel.id, "order_line": [Command.create({"product_id": self.lamp.id})]}
        )
        self._load()
        self.assertFalse(self._facts("sale", order.order_line))

    def test_cost_of_nothing_is_unknown(self):
        """A product without a cost has no margin: it is not all profit."""
        self.lamp.with_company(self.company).standard_price = 0
        order = self._order()
        self._load()
        fact = self._facts("sale", order.order_line)
        self.assertEqual(fact.cost_origin, "unknown")
        self.env.cr.execute("SELECT cost_company, margin_company FROM crm_fact_sale WHERE id = %s", [fact.id])
        self.assertEqual(self.env.cr.fetchone(), (None, None))

    def test_invoice(self):
        """2 lamps at 100 less 25 % are 150; without an order the cost is not known."""
        invoice = self._invoice(discount=25)
        self._load()
        self.assertRecordValues(
            self._facts("invoice", invoice.invoice_line_ids),
            [
                {
                    "document_name": invoice.name,
                    "move_id": invoice.id,
                    "move_type": "out_invoice",
                    "date": fields.Date.to_date("2026-02-15"),
                    "commercial_partner_id": self.hotel.id,
                    "user_id": self.seller.id,
                    "quantity": 2,
                    "amount": 150,
                    "amount_company": 150,
                    "gross_company": 200,
                    "discount_company": 50,
                    "cost_origin": "unknown",
                }
            ],
        )

    def test_invoice_of_an_order_has_its_cost(self):
        order = self._order()
        invoice = order._create_invoices()
        invoice.invoice_date = "2026-02-20"
        invoice.action_post()
        self._load()
        expected = [{"amount_company": 200, "cost_company": 120, "margin_company": 80, "cost_origin": "order"}]
        if "stock.move" not in self.env:
            self.assertRecordValues(self._facts("invoice", invoice.invoice_line_ids), expected)
        else:
            self.assertEqual(self._facts("invoice", invoice.invoice_line_ids).cost_company, 120)

    def test_invoice_with_tax_in_the_price(self):
        """The gross amount has no tax either: 120 with 20 % tax included are 100."""
        tax = self.env["account.tax"].create(
            {"name": "Included", "amount": 20, "price_include_override": "tax_included", "company_id": self.company.id}
        )
        invoice = self._invoice(quantity=1, price=120)
        invoice.button_draft()
        invoice.invoice_line_ids.tax_ids = tax
        invoice.action_post()
        self._load()
        self.assertRecordValues(
            self._facts("invoice", invoice.invoice_line_ids),
            [{"amount_company": 100, "gross_company": 100, "discount_company": 0}],
        )

    def test_credit_note_is_negative_and_a_return(self):
        refund = self._invoice(quantity=1, price=80, move_type="out_refund", currency_id=self.usd.id)
        self._load()
        self.assertRecordValues(
            self._facts("invoice", refund.invoice_line_ids),
            [{"quantity": -1, "amount": -80, "amount_company": -64, "currency_rate": 1.25}],
        )
        self.assertRecordValues(
            self._facts("return", refund.invoice_line_ids),
            [{"kind": "credit_note", "quantity": 1, "amount_company": 64, "document_id": refund.id}],
        )

    def test_payment_late(self):
        """Due on the 15th, paid on the 25th: ten days late."""
        invoice = self._invoice()
        self._pay(invoice, "2026-02-25")
        self._load()
        self.assertRecordValues(
            self._facts("payment"),
            [
                {
                    "move_id": invoice.id,
                    "kind": "payment",
                    "amount": 200,
                    "amount_company": 200,
                    "days_late": 10,
                    "days_to_pay": 10,
                    "date": fields.Date.to_date("2026-02-25"),
                    "commercial_partner_id": self.hotel.id,
                }
            ],
        )

    def test_payment_by_credit_note(self):
        invoice = self._invoice()
        refund = self._invoice(quantity=1, move_type="out_refund")
        (invoice + refund).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        ).reconcile()
        self._load()
        self.assertRecordValues(self._facts("payment"), [{"kind": "credit_note", "amount_company": 100}])

    def test_opportunities(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too late"})
        won, lost, _pending = leads = self.env["crm.lead"].create(
            [
                {
                    "name": name,
                    "type": "opportunity",
                    "partner_id": self.hotel.id,
                    "user_id": self.seller.id,
                    "company_id": self.company.id,
                    "expected_revenue": 500,
                }
                for name in ("Won", "Lost", "Pending")
            ]
        )
        won.action_set_won()
        lost.action_set_lost(lost_reason_id=reason.id)
        self._load()
        self.assertRecordValues(
            self._facts("opportunity", leads),
            [
                {"lead_id": won.id, "outcome": "won", "amount_company": 500, "lost_reason_id": False},
                {"lead_id": lost.id, "outcome": "lost", "amount_company": 500, "lost_reason_id": reason.id},
            ],
        )

    def test_touches_of_leads_and_orders(self):
        campaign = self.env["utm.campaign"].create({"name": "Spring"})
        lead = self.env["crm.lead"].create(
            {
                "name": "From the campaign",
                "partner_id": self.hotel.id,
                "campaign_id": campaign.id,
                "company_id": self.company.id,
            }
        )
        order = self._order(campaign_id=campaign.id)
        self._load()
        self.assertRecordValues(
            self._facts("touch", lead), [{"kind": "lead", "campaign_id": campaign.id, "is_conversion": False}]
        )
        self.assertRecordValues(
            self._facts("touch", order), [{"kind": "order", "is_conversion": True, "amount_company": 200}]
        )

    def test_interactions(self):
        """A message of ours, one of the customer, a call and a meeting; notes and notifications are none."""
        order = self._order()
        contact, text = order.with_user(self.seller), {"body": "Your offer"}
        sent = contact.message_post(**text, message_type="comment", subtype_xmlid="mail.mt_comment")
        received = order.message_post(
            **text, message_type="email", subtype_xmlid="mail.mt_comment", author_id=self.buyer.id
        )
        contact.message_post(**text, message_type="comment", subtype_xmlid="mail.mt_note")
        activity = self.hotel.activity_schedule("mail.mail_activity_data_call", user_id=self.seller.id)
        activity.action_feedback(feedback="Called")
        self.env["calendar.event"].create(
            {
                "name": "Visit",
                "user_id": self.seller.id,
                "start": "2026-02-11 09:00:00",
                "stop": "2026-02-11 11:00:00",
                "partner_ids": [Command.set((self.buyer + self.seller.partner_id).ids)],
            }
        )
        self._load()
        self.assertRecordValues(
            self._facts("interaction", sent + received),
            [
                {"kind": "message", "direction": "out", "channel": "email", "document_name": order.name},
                {"kind": "message", "direction": "in", "channel": "email", "document_name": order.name},
            ],
        )
        facts = self._facts("interaction").filtered(lambda fact: fact.kind != "message")
        self.assertEqual(
            sorted(facts.mapped(lambda fact: (fact.kind, fact.channel, fact.duration))),
            [("activity", "phone", 0.0), ("meeting", "meeting", 2.0)],
        )
        self.assertEqual(self._facts("interaction").commercial_partner_id, self.hotel)
        self.assertEqual(len(self._facts("interaction")), 4)

    def test_optional_sources_are_absent_without_their_addon(self):
        sources = self.env["crm.warehouse.source"]._get_sources()
        for name, model in (
            ("mailing", "mailing.trace"),
            ("repair", "repair.order"),
            ("ticket", "helpdesk.ticket"),
            ("contract", "contract.contract"),
        ):
            self.assertEqual(f"crm.warehouse.source.{name}" in sources, model in self.env, name)

    def test_document_opens(self):
        order = self._order()
        self._load()
        action = self._facts("sale", order.order_line).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
