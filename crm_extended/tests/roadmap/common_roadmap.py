from datetime import date

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.base.tests.common import BaseCommon

from .whole_road import leave_the_road

# A Wednesday, away from the ends of month and year.
TODAY = date(2026, 6, 10)


class RoadmapCase(BaseCommon):
    """A road of two stages and their criteria, two companies on it, an implementer and a salesperson in both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 09:00:00"))
        leave_the_road(cls.env)
        cls.Step = cls.env["crm.roadmap.step"]
        cls.env["crm.roadmap.stage"].search([]).active = False
        cls.first, cls.second = cls.env["crm.roadmap.stage"].create(
            [{"name": "Gather", "sequence": 1}, {"name": "Judge", "sequence": 2}]
        )
        cls.north, cls.south = cls.env["res.company"].create([{"name": "North"}, {"name": "South"}])
        cls.companies = cls.north | cls.south
        cls.criterion = cls.env["crm.roadmap.criterion"].create(
            {
                "name": "Tags are coloured",
                "stage_id": cls.first.id,
                "kind": "share",
                "model_id": cls.env["ir.model"]._get_id("crm.tag"),
                "domain": "[('name', '=like', 'Road %')]",
                "part_domain": "[('color', '!=', 0)]",
                "target": 75,
                "tolerance": 10,
            }
        )
        cls.feature = cls.env["crm.roadmap.feature"].create(
            {"key": "test_road", "name": "Road", "shipped_stage_id": cls.second.id, "default_on": True}
        )
        cls.implementer = cls._user("road_implementer", "crm_extended.crm_extended_group_implementer")
        cls.salesperson = cls._user("road_sales", "sales_team.group_sale_salesman")

    @classmethod
    def _user(cls, login, groups):
        return new_test_user(
            cls.env,
            login,
            groups,
            name=login,
            company_id=cls.north.id,
            company_ids=[Command.set(cls.companies.ids)],
        )

    def _as(self, user, company=None):
        """Return the steps as a user sees them while he works in a company."""
        company = company or self.north
        return self.env(user=user, context={"allowed_company_ids": company.ids})["crm.roadmap.step"]

    def _tags(self, *colors):
        tags = self.env["crm.tag"]
        known = tags.search_count([("name", "=like", "Road %")])
        return tags.create([{"name": f"Road {known + index}", "color": color} for index, color in enumerate(colors)])

    def _measure(self, company=None):
        company = company or self.north
        self.criterion._measure_and_store(company)
        return self.env["crm.roadmap.result"].search(
            [("criterion_id", "=", self.criterion.id), ("company_id", "=", company.id), ("unit_id", "=", False)],
            limit=1,
        )
