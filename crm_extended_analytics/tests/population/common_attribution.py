from odoo import Command
from odoo.tests import new_test_user

from ..seven_p.common_seven_p import SevenPCase

MONTH = "2026-06-01"


class AttributionCase(SevenPCase):
    """Campaigns A, B and C whose touches and orders are facts; a channel is a campaign with a medium of its name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaigns = {
            name: cls.env["utm.campaign"].create({"title": f"Campaign {name}", "user_id": cls.env.uid})
            for name in ("A", "B", "C")
        }
        cls.medium = cls.env["utm.medium"].create({"name": "Medium WHX"})

    @classmethod
    def _user(cls, login, groups, company=None):
        company = company or cls.company
        return new_test_user(cls.env, login, groups, company_id=company.id, company_ids=[Command.set(company.ids)])

    @classmethod
    def _touch(cls, partner, day, campaign="A", kind="mailing", **values):
        """Write the fact of a touch, as the load would; without a partner it is that of a new lead."""
        cls.fact_number += 1
        return cls.env["crm.fact.touch"].create(
            {
                "res_model": "mailing.trace",
                "res_id": -cls.fact_number,
                "kind": kind,
                "date": day,
                "date_time": f"{day} 08:00:00",
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "commercial_partner_id": partner.id,
                "campaign_id": cls.campaigns[campaign].id if campaign else False,
                "medium_id": cls.medium.id,
                "is_conversion": False,
                **values,
            }
        )

    @classmethod
    def _path(cls, channels, day=None, first_day=1, amount=100.0, cost=None):
        """Make a customer with a touch a day, and his order on `day` of June; without a day he buys nothing."""
        (partner,) = cls._customers(1)
        month = "2026-06" if day else "2026-01"
        for number, channel in enumerate(channels):
            cls._touch(partner, f"{month}-{first_day + number:02d}", channel)
        if day:
            cls._sale(partner, f"2026-06-{day:02d}", amount=amount, cost=cost)
        return partner

    @classmethod
    def _credits(cls, model, measure="conversions", dimension="campaign", **domain):
        """Return ``{letter of the campaign, or state: credit}`` of all months."""
        rows = cls.env["crm.attribution.credit"].search(
            [("company_id", "=", cls.company.id), ("model", "=", model), ("dimension", "=", dimension)]
        )
        found = {}
        for row in rows:
            key = row.value[-1] if row.touch_state == "named" else row.touch_state
            found[key] = found.get(key, 0) + row[measure]
        return found

    def _assert_credits(self, model, expected, measure="conversions", delta=0.005, **values):
        found = self._credits(model, measure, **values)
        self.assertEqual(set(found), set(expected), model)
        for key, credit in expected.items():
            self.assertAlmostEqual(found[key], credit, delta=delta, msg=f"{model} {key}")
