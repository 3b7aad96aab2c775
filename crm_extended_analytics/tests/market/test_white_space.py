import random
from collections import defaultdict
from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...scoring.white_space import LEAST_CUSTOMERS, LEAST_PEERS, white_space
from .common_market import MarketCase

DAY = "2026-05-01"
NUMBERS = ("customer_count", "buyer_count", "sales", "peer_rule", "peer_count", "peer_buyer_count", "white_space")


@tagged("post_install", "-at_install")
class TestWhiteSpace(MarketCase):
    """Of 6 customers in Bulgaria one buys outdoor, of 12 in Greece six, each for 100; in Spain there are two."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.places = {
            country: cls._customers(count, country_id=country.id)
            for country, count in ((cls.bulgaria, 6), (cls.greece, 12), (cls.spain, 2))
        }
        for customers in cls.places.values():
            for customer in customers:
                cls._sale(customer, DAY, product=cls.lamp, amount=10)
        cls.buyers = cls.places[cls.bulgaria][0] + cls.places[cls.greece][:6]
        for customer in cls.buyers:
            cls._sale(customer, DAY, product=cls.street, amount=100)

    def _cell(self, country=None, categ=None, channel=False, kind="all", level="country", **values):
        domain = [
            ("country_id", "=", (country or self.bulgaria).id),
            ("categ_id", "=", (categ or self.outdoor).id),
            ("channel", "=", channel),
            ("group_kind", "=", kind),
            ("territory_level", "=", level),
            *((name, "=", value.id) for name, value in values.items()),
        ]
        return self._rows("crm.market.cell", *domain)

    def test_hand_worked(self):
        """14 peers (12 + 2), 6 buy: 42.86 % against 16.67 %; 0.2619 x 6 = 1.571 buyers at 100 each: 157.14."""
        self._run()
        cell = self._cell()
        self.assertEqual((cell.customer_count, cell.buyer_count, cell.sales), (6, 1, 100))
        self.assertEqual((cell.peer_rule, cell.peer_count, cell.peer_buyer_count), ("elsewhere", 14, 6))
        self.assertAlmostEqual(cell.penetration, 16.667, 3)
        self.assertAlmostEqual(cell.peer_penetration, 42.857, 3)
        self.assertAlmostEqual(cell.missing_buyers, 1.5714, 4)
        self.assertAlmostEqual(cell.white_space, 157.1429, 4)
        self.assertFalse(cell.is_clear)

    def test_no_space_where_all_buy(self):
        self._run()
        cell = self._cell(categ=self.indoor)
        self.assertEqual((cell.penetration, cell.missing_buyers, cell.white_space), (100, 0, 0))

    def test_too_few_customers_say_nothing(self):
        """Two customers in Spain: one row that says so, and no number."""
        self._run()
        cells = self._rows("crm.market.cell", ("country_id", "=", self.spain.id), ("group_kind", "=", "all"))
        self.assertEqual(cells.mapped("peer_rule"), ["few"])
        self.assertEqual((cells.customer_count, cells.white_space, cells.categ_id.id), (2, False, False))

    def test_too_few_peers_say_nothing(self):
        """Greece has 8 customers elsewhere to compare with: a number of its own, and no white space."""
        self._run()
        cell = self._cell(self.greece)
        self.assertEqual((cell.peer_rule, cell.buyer_count, cell.peer_count), ("none", 6, 0))
        self.assertEqual((cell.white_space, cell.missing_buyers, cell.is_clear), (False, False, False))

    def test_other_groups_are_the_peers_where_there_are_none_elsewhere(self):
        """Six hotels, in Greece only, buy nothing outdoor; of the 12 others there 6 do: (0.5 - 0) x 6 x 100 = 300."""
        hotels = self.env["res.partner.industry"].create({"name": "Hotels"})
        for hotel in self._customers(6, country_id=self.greece.id, industry_id=hotels.id):
            self._sale(hotel, DAY, product=self.lamp)
        self._run()
        cell = self._cell(self.greece, kind="industry", industry_id=hotels)
        self.assertEqual((cell.peer_rule, cell.peer_count, cell.peer_buyer_count), ("here", 12, 6))
        self.assertAlmostEqual(cell.white_space, 300)
        self.assertTrue(cell.is_clear)

    def test_cell_opens_who_does_not_buy(self):
        self._run()
        for country in (self.bulgaria, self.greece):
            action = self._cell(country).action_open_customers()
            found = self.env["res.partner"].search(action["domain"])
            self.assertEqual(found, self.places[country] - self.buyers)
        few = self._rows("crm.market.cell", ("country_id", "=", self.spain.id), ("group_kind", "=", "all"))
        found = self.env["res.partner"].search(few.action_open_customers()["domain"])
        self.assertEqual(found, self.places[self.spain])

    def test_segment_of_who_does_not_buy(self):
        self._run()
        segment = self.env["crm.segment"].browse(self._cell().action_make_segment()["res_id"])
        self.assertEqual(segment.member_ids.partner_id, self.places[self.bulgaria][1:])
        self.assertIn("Outdoor", segment.name)

    def test_screen(self):
        """Bulgaria can be compared; Greece has too few peers, and Spain is only counted."""
        self._run()
        screen = self.env["crm.market.cell"].get_screen()
        self.assertEqual(screen["option"], {"level": "country", "group": "all", "channel": ""})
        self.assertEqual(screen["columns"], ["Outdoor", "Indoor"])
        self.assertEqual([row["label"] for row in screen["rows"]], ["Bulgaria", "Greece"])
        cells = screen["rows"][0]["cells"]
        self.assertAlmostEqual(cells[0]["amount"], 157.1429, 4)
        self.assertEqual([cell["is_known"] for cell in screen["rows"][1]["cells"]], [False, False])
        self.assertIn("Outdoor in Bulgaria", screen["sentences"][0])
        self.assertIn("fewer than 5 customers of this group: 1", screen["sentences"][2])

    def test_screen_of_a_wrong_choice(self):
        """What is not there in the month falls back to the first choice."""
        self._run()
        for option in ("month", {"level": "moon", "group": "tier:0", "channel": "x"}, {"group": "tier:x"}, 7):
            with self.subTest(option):
                found = self.env["crm.market.cell"].get_screen(option=option)["option"]
                self.assertEqual(found, {"level": "country", "group": "all", "channel": ""})

    def test_an_earlier_month_does_not_replace_a_later_one(self):
        run = self._run()
        cells = self._rows("crm.market.cell")
        run.write({"period": "2026-05-01", "as_of": "2026-05-31"})
        self.env["crm.population.report.white.space"]._rebuild(run)
        self.assertEqual(self._rows("crm.market.cell"), cells)

    def test_empty_screen(self):
        self.assertEqual(self.env["crm.market.cell"].get_screen()["periods"], [])

    def test_switched_off(self):
        feature = self.env.ref("crm_extended_analytics.crm_roadmap_feature_market")
        self.env["crm.roadmap.feature.pin"].create(
            {"feature_id": feature.id, "company_id": self.company.id, "state": "off"}
        )
        self._run()
        self.assertFalse(self._rows("crm.market.cell"))

    def test_who_reads(self):
        self._run()
        cells = self._rows("crm.market.cell")
        for name, group in (
            ("manager", "sales_team.group_sale_salesman_all_leads"),
            ("analyst", "crm_extended.crm_extended_group_analyst"),
        ):
            self.assertEqual(self._as(self._user(name, group), "crm.market.cell").search([]), cells)
        for user in (self._user("plain", "base.group_user"), self.seller):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._as(user, "crm.market.cell").get_screen()
            with self.subTest(user.login), self.assertRaises(AccessError):
                cells[0].with_user(user).action_open_customers()

    def test_menu_is_that_of_who_reads(self):
        """A client action names no model, by whose rights Odoo would hide the menu."""
        menu = self.env.ref("crm_extended_analytics.crm_market_cell_menu")
        manager = self._user("manager", "sales_team.group_sale_salesman_all_leads")
        for user, is_seen in ((manager, True), (self.seller, False)):
            with self.subTest(user.login):
                self.assertEqual(menu.id in self._as(user, "ir.ui.menu")._visible_menu_ids(), is_seen)

    def test_other_company_is_not_seen(self):
        self._run()
        other = self._make_company("Other Ltd")
        stranger = self._user("stranger", "sales_team.group_sale_manager", other)
        self.assertFalse(self._as(stranger, "crm.market.cell", other).search([("company_id", "=", self.company.id)]))

    def test_queries_do_not_grow(self):
        """As many statements for 100 customers and 20 categories more."""
        report = self.env["crm.population.report.white.space"]
        counts = []
        for customers in (1, 100):
            categories = self.env["product.category"].create([{"name": f"C {n}"} for n in range(customers // 5)])
            products = self.env["product.product"].create([{"name": "P", "categ_id": c.id} for c in categories])
            for number, customer in enumerate(self._customers(customers, country_id=self.greece.id)):
                self._sale(customer, DAY, product=products[number % 20] if products else self.lamp)
            run = self._run()
            before = self.env.cr.sql_log_count
            report._rebuild(run)
            counts.append(self.env.cr.sql_log_count - before)
            self.env.invalidate_all()
            with self.assertQueryCount(20):
                self.env["crm.market.cell"].get_screen()
        self.assertEqual(counts[0], counts[1])


@tagged("post_install", "-at_install")
class TestWhiteSpaceBruteForce(MarketCase):
    """Random customers, groups and sales: each cell is what a loop over the customers finds."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(7)
        create = {
            "industry": ("res.partner.industry", [{"name": "Hotels"}, {"name": "Schools"}]),
            "segment": (
                "crm.segment",
                [{"name": f"List {n}", "method": "list", "company_id": self.company.id} for n in "ab"],
            ),
            "tier": ("crm.tier", [{"name": "High"}, {"name": "Low"}]),
        }
        self.groups = {kind: self.env[model].create(values) for kind, (model, values) in create.items()}
        self.states = self.env["res.country.state"].create(
            [{"name": f"S{n}", "code": f"S{n}", "country_id": self.greece.id} for n in range(2)]
        )
        self.partners = self._make_customers()
        self.sales = self._make_sales()

    def _make_customers(self):
        pick = self.random.choice
        partners = self._customers(70)
        for partner in partners:
            country = pick((self.bulgaria, self.greece, self.greece, self.spain))
            state = pick((*self.states, False)) if country == self.greece else False
            industry = pick((*self.groups["industry"], False))
            partner.write(
                {
                    "country_id": country.id,
                    "state_id": state and state.id,
                    "industry_id": industry and industry.id,
                }
            )
        for kind, draw in (("tier", self._draw_tiers), ("segment", self._draw_segments)):
            draw(partners, self.groups[kind])
        return partners

    def _draw_tiers(self, partners, tiers):
        chosen = {partner: self.random.choice((*tiers, False)) for partner in partners}
        for tier in tiers:
            of_tier = partners.filtered(lambda partner, tier=tier: chosen[partner] == tier)
            self.env["crm.tier.assignment"]._assign(of_tier, tier, self.company)

    def _draw_segments(self, partners, segments):
        for segment in segments:
            segment._add_partners(partners.browse(self.random.sample(partners.ids, 25)))

    def _make_sales(self):
        sales = []
        for partner in self.partners:
            self._sale(partner, "2020-01-01", product=self.lamp)
            for _number in range(self.random.randint(0, 5)):
                product = self.random.choice((self.lamp, self.street))
                channel = self.random.choice(("website", "fair", False))
                day = self.random.choice((date(2026, 3, 1), date(2026, 6, 30), date(2025, 6, 30), date(2024, 1, 1)))
                amount = self.random.choice((-50, 20, 75, 300))
                sale = self._sale(partner, day, product=product, amount=amount)
                sale.channel = channel
                sales.append((partner, product.categ_id, channel or "unknown", day, amount))
        return sales

    def _get_groups(self, partner):
        yield "all", 0
        if partner.id in self.tiers:
            yield "tier", self.tiers[partner.id].id
        if partner.industry_id:
            yield "industry", partner.industry_id.id
        for segment, members in self.members.items():
            if partner in members:
                yield "segment", segment.id

    def _get_territories(self, partner):
        yield "country", partner.country_id.id
        if partner.state_id:
            yield "state", partner.state_id.id

    def _expect(self):
        """Return ``{(level, territory, kind, group, category, channel): numbers}``, by loops."""
        # the run has made segments of its own, and tiers of those who have none by hand
        segments = self.env["crm.segment"].search([("company_id", "=", self.company.id)])
        self.members = {segment: segment.member_ids.partner_id for segment in segments}
        self.tiers = self.env["crm.tier.assignment"]._get_tiers(self.partners, self.company)
        spent = defaultdict(float)
        for partner, categ, channel, day, amount in self.sales:
            if date(2025, 6, 30) < day <= date(2026, 6, 30):
                spent[partner, categ.id, channel] += amount
                spent[partner, categ.id, False] += amount
        offers = {(categ, channel) for (_partner, categ, channel), amount in spent.items() if amount > 0}
        places = defaultdict(set)
        for partner in self.partners:
            for level, territory in self._get_territories(partner):
                for kind, group in self._get_groups(partner):
                    places[level, territory, kind, group].add(partner)
        expected = {}
        for (level, territory, kind, group), own in places.items():
            if len(own) < LEAST_CUSTOMERS:
                expected[level, territory, kind, group, False, False] = (len(own), 0, 0.0, "few", 0, 0, False)
                continue
            everywhere = set().union(
                *(place for key, place in places.items() if key[0::2] == (level, kind) and key[3] == group)
            )
            rule, peers = self._choose_peers(everywhere - own, places[level, territory, "all", 0] - own)
            for categ, channel in offers:
                numbers = self._count(own, peers, rule, spent, categ, channel)
                if numbers:
                    expected[level, territory, kind, group, categ, channel] = numbers
        return expected

    def _choose_peers(self, elsewhere, here):
        for rule, peers in (("elsewhere", elsewhere), ("here", here)):
            if len(peers) >= LEAST_PEERS:
                return rule, peers
        return "none", set()

    def _count(self, own, peers, rule, spent, categ, channel):
        amounts, peer_amounts = (
            [spent[partner, categ, channel] for partner in group if spent[partner, categ, channel] > 0]
            for group in (own, peers)
        )
        if not amounts and not peer_amounts:
            return None
        space = white_space(
            customers=len(own),
            buyers=len(amounts),
            peers=len(peers),
            peer_buyers=len(peer_amounts),
            peer_sales=sum(peer_amounts),
        )
        value = round(space.missing_sales, 4) if space else False
        return (len(own), len(amounts), sum(amounts), rule, len(peers), len(peer_amounts), value)

    def test_same_as_a_loop(self):
        self._run()
        found = {}
        for cell in self._rows("crm.market.cell"):
            group = cell.tier_id or cell.industry_id or cell.segment_id
            territory = cell.state_id or cell.country_id
            key = (cell.territory_level, territory.id, cell.group_kind, group.id or 0, cell.categ_id.id, cell.channel)
            numbers = [cell[name] for name in NUMBERS]
            numbers[-1] = numbers[-1] if numbers[-1] is False else round(numbers[-1], 4)
            found[key] = tuple(numbers)
        expected = self._expect()
        self.assertGreater(len(expected), 100)
        self.assertLessEqual({"elsewhere", "here", "few"}, {numbers[3] for numbers in expected.values()})
        self.assertEqual(set(found), set(expected))
        wrong = {key: (found[key], expected[key]) for key in expected if found[key] != expected[key]}
        self.assertFalse(wrong)
