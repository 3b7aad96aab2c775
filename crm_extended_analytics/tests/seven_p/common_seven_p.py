from datetime import date, timedelta

from odoo.tests import freeze_time

from ..warehouse.common_warehouse import WarehouseCase

TODAY = date(2026, 6, 30)
# customers of the RFM test set: days since the last purchase, orders, money -> class
RFM_SET = (
    (5, 12, 9000, 555),
    (12, 8, 7000, 545),
    (20, 9, 1500, 453),
    (33, 5, 4000, 434),
    (48, 6, 800, 342),
    (70, 3, 2500, 323),
    (95, 2, 600, 221),
    (150, 4, 1200, 232),
    (240, 1, 300, 111),
    (400, 1, 5000, 114),
)


class SevenPCase(WarehouseCase):
    """A company whose past sales are facts, and whose method asks for few customers; the day is 2026-06-30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time("2026-06-30 12:00:00")
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        cls.method = cls.env.ref("crm_extended_analytics.crm_scoring_method_standard").copy(
            {"name": "Test", "company_id": cls.company.id}
        )
        cls.method.min_customers = 2
        cls.fact_number = 0

    @classmethod
    def _customers(cls, count, **values):
        """Return customers in the order of their ids."""
        partners = cls.env["res.partner"].create([{"name": f"Customer {n}", **values} for n in range(count)])
        return partners.sorted("id")

    @classmethod
    def _sale(cls, partner, day, amount=100.0, cost=None, discount=0.0, quantity=1.0, product=None):
        """Write the fact of an order with one line, as the load would."""
        cls.fact_number += 1
        return cls.env["crm.fact.sale"].create(
            {
                "res_model": "sale.order.line",
                "res_id": -cls.fact_number,
                "order_key": -cls.fact_number,
                "date": day,
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "commercial_partner_id": partner.id,
                "country_id": partner.country_id.id,
                "product_id": (product or cls.lamp).id,
                "categ_id": (product or cls.lamp).categ_id.id,
                "quantity": quantity,
                "amount": amount,
                "amount_company": amount,
                "gross_company": amount + discount,
                "discount_company": discount,
                "cost_company": cost or 0.0,
                "margin_company": amount - (cost or 0.0),
                "cost_origin": "order" if cost is not None else "unknown",
            }
        )

    @classmethod
    def _return(cls, partner, day, amount):
        cls.fact_number += 1
        return cls.env["crm.fact.return"].create(
            {
                "res_model": "account.move.line",
                "res_id": -cls.fact_number,
                "kind": "credit_note",
                "date": day,
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "commercial_partner_id": partner.id,
                "product_id": cls.lamp.id,
                "quantity": 1,
                "amount_company": amount,
            }
        )

    @classmethod
    def _forget_zero_costs(cls):
        """A cost that is not known is NULL in a fact, which the ORM would write as 0."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE crm_fact_sale SET cost_company = NULL, margin_company = NULL WHERE cost_origin = 'unknown'"
        )
        cls.env.cr.execute("UPDATE crm_fact_return SET cost_company = NULL WHERE cost_origin IS NULL")

    @classmethod
    def _make_rfm_set(cls):
        """Sales that give the test set: the last purchase so many days ago, the others each a day earlier."""
        customers = cls._customers(len(RFM_SET))
        for customer, (days, orders, money, _score) in zip(customers, RFM_SET, strict=True):
            for number in range(orders):
                cls._sale(
                    customer, TODAY - timedelta(days=days + number), amount=money / orders, cost=money / orders / 2
                )
        return customers

    @classmethod
    def _run(cls, **values):
        """Run a whole scoring here and now, and return it."""
        cls._forget_zero_costs()
        if cls.method.state == "draft":
            cls.method.action_activate()
        run = cls.env["crm.scoring.run"]._create_run(cls.company, **values)
        run._run_all()
        cls.env.flush_all()
        cls.env.invalidate_all()
        return run

    @classmethod
    def _measure(cls, partner):
        return cls.env["crm.customer.measure"].search(
            [("company_id", "=", cls.company.id), ("partner_id", "=", partner.id)]
        )

    @classmethod
    def _month(cls, partner, period=None):
        domain = [("company_id", "=", cls.company.id), ("partner_id", "=", partner.id)]
        return cls.env["crm.customer.score.month"].search(domain + ([("period", "=", period)] if period else []))

    @classmethod
    def _scores(cls, partner):
        """Return ``{p: score record}`` of the last scored month."""
        scores = cls.env["crm.customer.score"].search(
            [("company_id", "=", cls.company.id), ("partner_id", "=", partner.id), ("is_current", "=", True)]
        )
        return {score.p: score for score in scores}

    def _snapshot(self):
        """Return all scores of the company as plain values."""
        months = self.env["crm.customer.score.month"].search([("company_id", "=", self.company.id)], order="partner_id")
        names = [name for name in months._fields if name.startswith("score_")] + ["total", "period", "partner_id"]
        return [tuple(month[name] for name in names) for month in months]
