from odoo.tests import freeze_time

from ..population.common_attribution import AttributionCase


class DecisionCase(AttributionCase):
    """Decisions of a maker of lamps; the day is 2026-06-30, and effects are expected by 2026-07-29, 30 days later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call = cls.env.ref("mail.mail_activity_data_call")

    @classmethod
    def _segment(cls, partners):
        return cls.env["crm.segment"]._create_from_partners("Segment", partners, cls.company)

    @classmethod
    def _decision(cls, partners, basis="holdout", **values):
        """Return a draft; without a basis it is left to be proposed."""
        return cls.env["crm.decision"].create(
            {
                "name": "Spring",
                "finding": "They buy less.",
                "company_id": cls.company.id,
                "segment_id": cls._segment(partners).id,
                "task_type_id": cls.call.id,
                "date_deadline": "2026-07-02",
                "date_end": "2026-07-29",
                "share_pct": 50,
                **({"basis": basis} if basis else {}),
                **values,
            }
        )

    @classmethod
    def _started(cls, partners, **values):
        decision = cls._decision(partners, **values)
        decision.action_start()
        return decision

    @classmethod
    def _members(cls, decision, held_out):
        members = decision.member_ids.filtered(lambda member: member.is_held_out == held_out)
        return members.partner_id.sorted("id")

    @classmethod
    def _buy(cls, partners, amounts, day="2026-07-05", cost_share=0.4):
        """Let customers buy, each for his amount."""
        for partner, amount in zip(partners, amounts, strict=True):
            cls._sale(partner, day, amount=amount, cost=amount * cost_share)

    @classmethod
    def _measure_on(cls, decision, day):
        with freeze_time(f"{day} 12:00:00"):
            return decision._measure()
