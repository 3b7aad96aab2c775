from datetime import date

from ..seven_p.common_seven_p import SevenPCase


class PopulationCase(SevenPCase):
    """A company whose population is analysed as of 2026-06-30; June is a whole month."""

    PERIOD = date(2026, 6, 1)

    @classmethod
    def _rows(cls, model, *domain):
        return cls.env[model].search([("company_id", "=", cls.company.id), *domain])

    @classmethod
    def _products(cls, *names):
        return cls.env["product.product"].create([{"name": name, "categ_id": cls.indoor.id} for name in names])
