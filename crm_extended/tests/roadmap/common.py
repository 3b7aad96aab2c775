from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

from .whole_road import leave_the_road


class FeatureCommon(BaseCommon):
    """Two companies, one implementer in both, and a feature of each kind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        leave_the_road(cls.env)
        cls.Feature = cls.env["crm.roadmap.feature"]
        cls.Pin = cls.env["crm.roadmap.feature.pin"]
        cls.company_north = cls.env["res.company"].create({"name": "North"})
        cls.company_south = cls.env["res.company"].create({"name": "South"})
        cls.companies = cls.company_north | cls.company_south
        cls.feature_on, cls.feature_off = cls.Feature.create(
            [
                {"key": "test_shipped_on", "name": "Shipped on", "default_on": True},
                {
                    "key": "test_shipped_off",
                    "name": "Shipped off",
                    "shipped_stage_id": cls.env.ref("crm_extended.crm_roadmap_stage_3").id,
                    "default_on": False,
                },
            ]
        )
        cls.implementer = new_test_user(
            cls.env,
            login="test_implementer",
            groups="crm_extended.crm_extended_group_implementer",
            company_id=cls.company_north.id,
            company_ids=[(6, 0, cls.companies.ids)],
        )
        cls.clerk = new_test_user(
            cls.env,
            login="test_clerk",
            groups="base.group_user",
            company_id=cls.company_north.id,
            company_ids=[(6, 0, cls.company_north.ids)],
        )

    def as_implementer(self, company):
        """Return the two features as the implementer sees them while he works in ``company``."""
        env = self.env(user=self.implementer, context={"allowed_company_ids": company.ids})
        return env["crm.roadmap.feature"].browse((self.feature_on | self.feature_off).ids)
