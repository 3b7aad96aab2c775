from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common_pyramid import PyramidCase


class PartnerPyramidCase(PyramidCase):
    """Three dealers. North: 1,000 of sales at a cost of 600, 50 of commission, 30 of funds. South: 500 at 250."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grades = cls.env["res.partner.grade"].create(
            [{"name": name, "sequence": n} for n, name in enumerate(("One", "Two", "Three"))]
        )
        cls.partners = cls._pyramid(kind="partner", measure="contribution", is_leading=False)
        for line, grade in zip(cls.partners._get_cut_lines(), cls.grades, strict=True):
            line.grade_id = grade
        cls.north, cls.south, cls.east = cls._customers(3, is_company=True)
        cls.clients = cls._customers(4)
        cls.clients[:2].crm_brought_by_id = cls.north
        cls.clients[2:].crm_brought_by_id = cls.south
        cls.east.grade_id = cls.grades[2]
        cls._sale(cls.clients[0], "2026-05-01", amount=600, cost=400)
        cls._sale(cls.clients[1], "2026-05-02", amount=400, cost=200)
        cls._sale(cls.clients[2], "2026-05-03", amount=500, cost=250)
        for kind, amount in (("commission", 50), ("funds", 30)):
            cls._cost(cls.north, kind, amount)

    @classmethod
    def _cost(cls, partner, kind, amount, date_from="2026-05-01", date_to="2026-05-31"):
        return cls.env["crm.partner.cost"].create(
            {
                "name": kind,
                "company_id": cls.company.id,
                "partner_id": partner.id,
                "kind": kind,
                "date_from": date_from,
                "date_to": date_to,
                "amount": amount,
            }
        )

    @classmethod
    def _row(cls, partner, **values):
        return cls._rows(partners=partner, pyramid=cls.partners, **values)

    def _proposals(self, **values):
        return self.env["crm.partner.grade.proposal"].search(
            [("company_id", "=", self.company.id), *((name, "=", value) for name, value in values.items())]
        )


@tagged("post_install", "-at_install")
class TestPyramidPartner(PartnerPyramidCase):
    # ------------------------------------------------------------------
    # Value
    # ------------------------------------------------------------------
    def test_net_contribution(self):
        """North: 1,000 - 600 - 50 - 30 = 320; South: 500 - 250 = 250."""
        month = self._count(pyramid=self.partners)
        north, south = self._row(self.north), self._row(self.south)
        self.assertEqual((north.sales, north.margin, north.commission, north.funds), (1000, 400, 50, 30))
        self.assertEqual((north.value, south.value), (320, 250))
        self.assertEqual((north.tier_id, south.tier_id), (self.top, self.middle))
        self.assertAlmostEqual(month.total_value, 570)

    def test_credit_note_counts_against_him(self):
        """200 come back without a known cost: 320 - 200 = 120, below South."""
        self._return(self.clients[0], "2026-06-01", 200)
        self._count(pyramid=self.partners)
        self.assertEqual((self._row(self.north).sales, self._row(self.north).value), (800, 120))
        self.assertEqual(self._row(self.south).tier_id, self.top)

    def test_commission_of_the_level(self):
        """10 % of the level on 500: 250 - 50 = 200; a cost that lies half in the months counts half."""
        self.south.grade_id = self.grades[0]
        self.grades[0].crm_commission_pct = 10
        self._cost(self.south, "support", 20, "2026-06-21", "2026-07-10")
        self._count(pyramid=self.partners)
        south = self._row(self.south)
        self.assertEqual((south.commission, south.support, south.value), (50, 10, 190))

    def test_order_before_opportunity_before_customer(self):
        """The order names East, so its sale is East's, whoever brought the customer."""
        lead = self.env["crm.lead"].create({"name": "L", "type": "opportunity", "crm_brought_by_id": self.south.id})
        order = self._order(partner_id=self.clients[0].id, crm_brought_by_id=self.east.id, opportunity_id=lead.id)
        sale = self._sale(self.clients[0], "2026-06-01", amount=1000, cost=100)
        sale.order_id = order
        self._count(pyramid=self.partners)
        self.assertEqual(self._row(self.east).value, 900)
        order.crm_brought_by_id = False
        self._count(pyramid=self.partners)
        self.assertEqual(self._row(self.south).value, 1150)
        self.assertFalse(self._row(self.east).value)

    def test_unknown_cost_has_no_place(self):
        """Too little of the cost is known: no value, no tier, and the month says so."""
        self._sale(self.clients[3], "2026-06-01", amount=5000)
        month = self._count(pyramid=self.partners)
        self.assertFalse(self._row(self.south))
        self.assertEqual(month.unknown_count, 1)
        self.assertIn("Active partners left out: 1.", " ".join(month._get_notes()))

    def test_roles_and_objection(self):
        """Sales before, an opportunity only, a level only; who objects is in none; a contact without either in none."""
        before, asked, refuses, nobody = self._customers(4)
        client = self._customers(1, crm_brought_by_id=before.id)
        self._sale(client, "2024-05-01")
        lead = self.env["crm.lead"].create(
            {"name": "L", "company_id": self.company.id, "crm_brought_by_id": asked.id, "type": "opportunity"}
        )
        lead._write_multi([{"create_date": "2026-01-01 00:00:00"}])
        refuses.write({"grade_id": self.grades[0].id, "crm_profiling_opt_out": True})
        members = before + asked + self.east + refuses + nobody
        members._write_multi(len(members) * [{"create_date": "2024-01-01 00:00:00"}])
        self._count(pyramid=self.partners)
        self.assertEqual(
            self._places(members, pyramid=self.partners), [self.inactive, self.prospect, self.suspect, None, None]
        )

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    def test_retention_and_outcomes(self):
        """Two of North's customers bought the year before, one of them again; one of two opportunities won."""
        gone = self._customers(1, crm_brought_by_id=self.north.id)
        self._sale(gone, "2025-03-01")
        self._sale(self.clients[0], "2025-03-01")
        leads = self.env["crm.lead"].create(
            [{"name": "L", "type": "opportunity", "crm_brought_by_id": self.north.id} for _n in range(2)]
        )
        self.env["crm.fact.opportunity"].create(
            [
                {
                    "res_model": "crm.lead",
                    "res_id": lead.id,
                    "lead_id": lead.id,
                    "company_id": self.company.id,
                    "date": "2026-05-01",
                    "outcome": outcome,
                    "days_to_close": 10 if outcome == "won" else 90,
                }
                for lead, outcome in zip(leads, ("won", "lost"), strict=True)
            ]
        )
        self._count(pyramid=self.partners)
        north = self._row(self.north)
        self.assertEqual((north.retention_pct, north.win_pct, north.close_days), (50, 50, 10))
        self.assertIs(self._row(self.south).win_pct, False)

    def test_days_to_answer(self):
        """A lead of 1 June, answered by the dealer's employee on 5 June: 4 days; ours of the 2nd is no answer."""
        person = self.env["res.partner"].create({"name": "P", "parent_id": self.north.id})
        lead = self.env["crm.lead"].create(
            {"name": "L", "crm_brought_by_id": self.north.id, "company_id": self.company.id}
        )
        lead._write_multi([{"create_date": "2026-06-01 08:00:00"}])
        if "date_partner_assign" in lead._fields:
            lead.date_partner_assign = "2026-06-01"
        for author, day in ((self.seller.partner_id, 2), (person, 5), (person, 9)):
            self.env["mail.message"].create(
                {"model": "crm.lead", "res_id": lead.id, "author_id": author.id, "date": f"2026-06-0{day} 09:00:00"}
            )
        self._count(pyramid=self.partners)
        self.assertEqual(self._row(self.north).answer_days, 4)

    def test_what_is_not_measurable_is_said(self):
        """No funds are entered: neither 0 nor passed; acceptance needs forwarded leads."""
        self.env["crm.partner.cost"].search([("kind", "=", "funds")]).unlink()
        self._count(pyramid=self.partners)
        self.assertIs(self._row(self.north).funds, False)
        self.assertEqual(self._row(self.north).value, 350)
        page = self.env["crm.pyramid.page"].get_page(self.partners.id)
        self.assertTrue(any("Funds are not measurable" in sentence for sentence in page["unmeasured"]))
        has_assignment = "partner_assigned_id" in self.env["crm.lead"]._fields
        if not has_assignment:
            self.assertIs(self._row(self.north).acceptance_pct, False)
        told = any("Acceptance is not measurable" in sentence for sentence in page["unmeasured"])
        self.assertEqual(told, not has_assignment)

    def test_acceptance(self):
        """Two accepted, one declined: 66.7 %."""
        if "partner_assigned_id" not in self.env["crm.lead"]._fields:
            self.skipTest("Leads are forwarded with the module Resellers.")
        leads = self.env["crm.lead"].create(
            [{"name": "L", "type": "opportunity", "company_id": self.company.id} for _n in range(3)]
        )
        leads[:2].write({"partner_assigned_id": self.north.id, "date_partner_assign": "2026-06-01"})
        leads[2].partner_declined_ids = self.north
        leads._write_multi(3 * [{"create_date": "2026-05-01 00:00:00"}])
        self._count(pyramid=self.partners)
        self.assertAlmostEqual(self._row(self.north).acceptance_pct, 66.667, 2)

    # ------------------------------------------------------------------
    # Cut
    # ------------------------------------------------------------------
    def test_two_partners_are_ranked(self):
        month = self._count(pyramid=self.partners)
        self.assertEqual(month.rule, "least_one")
        self.assertIn("10 % of 2 active partners is less than one", month._get_notes()[0])

    def test_hundreds_of_partners(self):
        """10 / 30 / 60 of 200, each in one tier; the rows of the matrix sum to 100."""
        dealers = self._customers(198)
        for number, dealer in enumerate(dealers):
            client = self._customers(1, crm_brought_by_id=dealer.id)
            self._sale(client, "2026-05-01", amount=10 + number % 50, cost=5)
        self._count("2026-05-31", pyramid=self.partners)
        self._sale(self.clients[3], "2026-06-20", amount=900, cost=100)
        month = self._count(pyramid=self.partners)
        self.assertEqual(month.rule, "percentile")
        rows = self._rows(pyramid=self.partners)
        self.assertEqual(len(rows), len(rows.partner_id))
        counts = [len(rows.filtered(lambda row, tier=tier: row.tier_id == tier)) for tier in self.tiers[:3]]
        self.assertEqual(counts, [20, 60, 120])
        page = self.env["crm.pyramid.page"].get_page(self.partners.id)
        self.assertTrue(page["matrix"]["rows"])
        for row in page["matrix"]["rows"]:
            self.assertAlmostEqual(sum(cell["share"] for cell in row["cells"]), 100)

    def test_kind_and_measure_belong_together(self):
        with self.assertRaisesRegex(ValidationError, "Partners are ranked by Net contribution"):
            self.partners.measure = "clv"
        self._count(pyramid=self.partners)
        with self.assertRaisesRegex(ValidationError, "stays what it is"):
            self.partners.write({"kind": "customer", "measure": "net_sales"})

    def test_switched_off(self):
        feature = self.env.ref("crm_extended_analytics.crm_roadmap_feature_partner_pyramid")
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self.assertNotIn(self.partners, self.env["crm.pyramid"]._get_for_company(self.company))
        page = self.env["crm.pyramid.page"].get_page(kind="partner")
        self.assertFalse(page["pyramid_id"] or page["is_used"])

    # ------------------------------------------------------------------
    # Suppliers
    # ------------------------------------------------------------------
    def test_suppliers_by_bills(self):
        """Bills of 900 and 100 less a refund of 40; a supplier without a bill has no tier of active ones."""
        vendors = self._customers(3, supplier_rank=1)
        for vendor, move_type, amount in (
            (vendors[0], "in_invoice", 900),
            (vendors[1], "in_invoice", 100),
            (vendors[1], "in_refund", 40),
        ):
            self.env["account.move"].create(
                {
                    "move_type": move_type,
                    "partner_id": vendor.id,
                    "invoice_date": "2026-05-10",
                    "date": "2026-05-10",
                    "invoice_line_ids": [
                        Command.create({"name": "Steel", "quantity": 1, "price_unit": amount, "tax_ids": False})
                    ],
                }
            ).action_post()
        suppliers = self._pyramid(kind="supplier", measure="purchases", is_leading=False, alert_on_fall=False)
        self._count(pyramid=suppliers)
        rows = self._rows(partners=vendors[:2], pyramid=suppliers)
        self.assertEqual(rows.mapped("value"), [900, 60])
        self.assertEqual(rows.tier_id, self.top + self.middle)
        self.assertFalse(self._rows(partners=self.north, pyramid=suppliers))


@tagged("post_install", "-at_install")
class TestPartnerGradeProposal(PartnerPyramidCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            "pgx_manager",
            "sales_team.group_sale_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls._count(pyramid=cls.partners)

    def _as(self, user, record):
        return record.with_user(user).with_context(allowed_company_ids=self.company.ids)

    def test_proposed_with_reason_and_nothing_written(self):
        found = self._proposals(partner_id=self.north.id)
        self.assertEqual((found.state, found.grade_id), ("proposed", self.grades[0]))
        self.assertFalse(self.north.grade_id)
        self.assertIn("320", found.reason)
        self.assertIn("Net Sales: 1,000.00\N{NO-BREAK SPACE}€; Margin", found.reason)
        self.env["res.lang"]._activate_lang("es_ES")
        in_spanish = self._as(self.manager, found).with_context(lang="es_ES").reason
        self.assertIn("en 12 meses", in_spanish, "the words are those of the reader")
        # sleeping and starting partners have no level of their own: East keeps his
        self.assertFalse(self._proposals(partner_id=self.east.id))

    def test_approved(self):
        found = self._as(self.manager, self._proposals(partner_id=self.north.id))
        found.action_approve()
        self.assertEqual(self.north.grade_id, self.grades[0])
        self.assertEqual((found.state, found.decided_by_id), ("approved", self.manager))
        with self.assertRaisesRegex(UserError, "decided already"):
            found.action_refuse()
        self._count(pyramid=self.partners)
        self.assertEqual(self._proposals(partner_id=self.north.id), found.with_user(self.env.user))

    def test_refused_is_not_asked_again(self):
        self._as(self.manager, self._proposals(partner_id=self.north.id)).action_refuse()
        self._count(pyramid=self.partners)
        self.assertFalse(self.north.grade_id)
        self.assertEqual(self._proposals(partner_id=self.north.id).mapped("state"), ["refused"])

    def test_no_longer_valid(self):
        """South passes North: both proposals are replaced, and kept as history."""
        self._sale(self.clients[2], "2026-06-20", amount=1000, cost=100)
        self._count(pyramid=self.partners)
        self.assertEqual(sorted(self._proposals(partner_id=self.north.id).mapped("state")), ["obsolete", "proposed"])
        self.assertEqual(self._proposals(partner_id=self.north.id, state="proposed").grade_id, self.grades[1])

    def test_who_may_decide(self):
        leader = new_test_user(
            self.env,
            "pgx_leader",
            "crm_extended.crm_extended_group_team_leader",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        found = self._proposals(partner_id=self.north.id)
        with self.assertRaises(AccessError):
            self._as(leader, found).action_approve()
        with self.assertRaises(AccessError):
            self._as(self.seller, found).read(["reason"])
        with self.assertRaisesRegex(AccessError, "with its buttons"):
            self._as(self.manager, found).state = "approved"
        self._as(self.manager, found).remark = "Known for years"
        for operation in ("create", "unlink"):
            self.assertFalse(self._as(self.manager, found).has_access(operation))
        self.assertFalse(self.north.grade_id)

    def test_costs_are_of_managers(self):
        cost = self.env["crm.partner.cost"].search([("company_id", "=", self.company.id)], limit=1)
        with self.assertRaises(AccessError):
            self._as(self.seller, cost).read(["amount"])
        self.assertTrue(self._as(self.manager, cost).has_access("write"))

    def test_months_count_once(self):
        self._count(date(2026, 6, 30).isoformat(), pyramid=self.partners)
        self.assertEqual(len(self._proposals(partner_id=self.north.id)), 1)
