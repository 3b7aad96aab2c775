from datetime import date

from odoo import Command

from ..seven_p.common_seven_p import SevenPCase

VALUES = (50, 20, 10, 6, 4, 3, 3, 2, 1, 1)


class PyramidCase(SevenPCase):
    """Ten buyers with the values of the ABC example, and a pyramid of three tiers cut 10 / 30 / 60; 2026-06-30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.pyramid"].search([]).write({"is_leading": False, "active": False})
        names = ("Test Top", "Test Middle", "Test Small", "Test Inactive", "Test Prospect", "Test Suspect")
        cls.tiers = cls.env["crm.tier"].create([{"name": name, "sequence": n} for n, name in enumerate(names)])
        cls.top, cls.middle, cls.small, cls.inactive, cls.prospect, cls.suspect = cls.tiers
        cls.pyramid = cls._pyramid()
        cls.engine = cls.env["crm.pyramid.engine"]
        cls.buyers = cls._customers(len(VALUES))
        for buyer, value in zip(cls.buyers, VALUES, strict=True):
            cls._sale(buyer, "2026-05-01", amount=value, cost=value / 2)

    @classmethod
    def _pyramid(cls, shares=(10, 30, 60), amounts=(0, 0, 0), **values):
        lines = [
            {"tier_id": tier.id, "share_pct": share, "amount": amount, "alert": number == 0}
            for number, (tier, share, amount) in enumerate(
                zip((cls.top, cls.middle, cls.small), shares, amounts, strict=True)
            )
        ]
        lines += [
            {"tier_id": tier.id, "role": role}
            for tier, role in ((cls.inactive, "inactive"), (cls.prospect, "prospect"), (cls.suspect, "suspect"))
        ]
        return cls.env["crm.pyramid"].create(
            {
                "name": "Test",
                "company_id": cls.company.id,
                "is_leading": True,
                "line_ids": [Command.create({"sequence": n, **line}) for n, line in enumerate(lines)],
                **values,
            }
        )

    @classmethod
    def _count(cls, as_of="2026-06-30", pyramid=None):
        cls._forget_zero_costs()
        month = cls.engine._rebuild(pyramid or cls.pyramid, cls.company, date.fromisoformat(as_of))
        cls.env.invalidate_all()
        return month

    @classmethod
    def _rows(cls, period="2026-06-01", partners=None, pyramid=None):
        domain = [
            ("company_id", "=", cls.company.id),
            ("pyramid_id", "=", (pyramid or cls.pyramid).id),
            ("period", "=", period),
        ]
        if partners is not None:
            domain.append(("partner_id", "in", partners.ids))
        return cls.env["crm.pyramid.snapshot"].search(domain, order="partner_id")

    @classmethod
    def _places(cls, partners, **values):
        """Return the tiers of customers in their order."""
        found = {row.partner_id: row.tier_id for row in cls._rows(partners=partners, **values)}
        return [found.get(partner) for partner in partners]
