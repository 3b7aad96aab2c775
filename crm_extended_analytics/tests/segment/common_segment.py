from odoo import Command
from odoo.tests import new_test_user

from ..seven_p.common_seven_p import SevenPCase

PERIOD = "2026-06-01"


class SegmentCase(SevenPCase):
    """A company whose customers have the measures and scores that a test writes; 2026-06-30."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["crm.segment"]
        cls.tiers = cls.env["crm.tier"].create([{"name": name} for name in ("Test Gold", "Test Silver")])

    @classmethod
    def _measured(cls, partner, scores=None, **measures):
        """Write the measures and scores of a customer in the last scored month; None is not known."""
        key = {"company_id": cls.company.id, "partner_id": partner.id, "period": PERIOD}
        cls.env["crm.customer.measure"].create(cls._known({**key, **measures}))
        cls.env["crm.customer.score.month"].create(cls._known({**key, **(scores or {})}))

    @classmethod
    def _known(cls, values):
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def _segment(cls, *rules, **values):
        """Return a segment of the company by rules, with its members."""
        segment = cls.segments.create(
            {
                "name": "Test Segment",
                "company_id": cls.company.id,
                "rule_ids": [Command.create(rule) for rule in rules],
                **values,
            }
        )
        segment._refresh()
        return segment

    @classmethod
    def _members(cls, segment):
        """Return the customers of a segment in the order of their ids."""
        return cls.env["res.partner"].browse(segment._get_partner_ids())

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(
            cls.env, login, groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)]
        )

    def _as(self, user, model="crm.segment"):
        return self.env[model].with_user(user).with_context(allowed_company_ids=self.company.ids)
