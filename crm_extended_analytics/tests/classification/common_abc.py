from datetime import date

from ..seven_p.common_seven_p import SevenPCase

VALUES = (50, 20, 10, 6, 4, 3, 3, 2, 1, 1)
# the months of a window that ends in June 2026
MONTHS = ("2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10", "2026-05-10", "2026-06-10")
# variation .129, .013 and 1.437 of the population
STEADY, VARYING, ERRATIC = (100, 102, 98, 101, 99, 100), (100, 120, 80, 110, 90, 100), (0, 300, 0, 20, 150, 0)


class AbcCase(SevenPCase):
    """A company with profiles of its own over six months; it is the evening of 2026-06-30, so June is complete."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.abc.profile"].search([]).active = False
        cls.engine = cls.env["crm.abc.engine"]
        cls.profile = cls._profile()

    @classmethod
    def _profile(cls, kind="customer", **values):
        return cls.env["crm.abc.profile"].create(
            {
                "name": f"Test {kind}",
                "kind": kind,
                "company_id": cls.company.id,
                "window_months": 6,
                "variation_choice": "10_25",
                "boundary": "before",
                "empty_pct": 100,
                "least_items": 1,
                **values,
            }
        )

    @classmethod
    def _count(cls, profile=None, as_of="2026-06-30"):
        cls._forget_zero_costs()
        result = cls.engine._rebuild(profile or cls.profile, cls.company, date.fromisoformat(as_of))
        cls.env.invalidate_all()
        return result

    @classmethod
    def _items(cls, result, order="place"):
        return cls.env["crm.abc.item"].search([("result_id", "=", result.id)], order=order)

    @classmethod
    def _series(cls, amounts, months=MONTHS, is_old=False, **values):
        """Sell month by month; return the customer, who bought long ago too when he is old."""
        partner = cls._customers(1)
        if is_old:
            cls._sale(partner, "2024-01-10", amount=1, cost=0)
        for day, amount in zip(months, amounts, strict=True):
            if amount:
                cls._sale(partner, day, amount=amount, cost=amount / 2, **values)
        return partner

    @classmethod
    def _classes(cls, result, partners):
        found = {item.partner_id: item.class_name for item in cls._items(result)}
        return [found.get(partner) for partner in partners]
