import math
import random
from types import SimpleNamespace

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common_segment import SegmentCase

MEASURES = ("net_sales", "recency_days", "order_count")
SCORES = ("total", "score_product")


def percentile(values, share):
    """Return the interpolated percentile, by its definition."""
    place = share * (len(values) - 1)
    low, high = math.floor(place), math.ceil(place)
    return values[low] + (values[high] - values[low]) * (place - low)


class BruteForce:
    """The rules of a segment, one customer and one rule at a time, from the plain numbers of the test."""

    def __init__(self, customers):
        self.customers = customers

    def members(self, rules):
        letters = {rule["alternative"] for rule in rules}
        return sorted(
            customer.id
            for customer in self.customers
            if any(self.meets_all(customer, [r for r in rules if r["alternative"] == letter]) for letter in letters)
        )

    def meets_all(self, customer, rules):
        if customer.opt_out and any(rule["kind"] != "contact" for rule in rules):
            return False
        return customer.is_active and all(self.meets(customer, rule) for rule in rules)

    def meets(self, customer, rule):
        if rule["kind"] == "tier":
            return (customer.tier == rule["tier"]) == (rule["tier_operator"] == "in")
        if rule["kind"] == "contact":
            return customer.city == rule["city"]
        if rule["kind"] == "measures":
            return customer.measured and customer.kind == rule["customer_kind"]
        return customer.measured and self.compare(rule, customer.numbers[rule.get("measure") or rule["score"]])

    def compare(self, rule, number):
        operator, value = rule["operator"], rule["value"]
        if operator in ("known", "unknown"):
            return (number is None) == (operator == "unknown")
        if number is None:
            return False
        if operator in ("top", "bottom"):
            name = rule.get("measure") or rule["score"]
            known = sorted(c.numbers[name] for c in self.customers if c.measured and c.numbers[name] is not None)
            if operator == "top":
                return number >= percentile(known, 1 - value / 100)
            return number <= percentile(known, value / 100)
        return {
            "ge": number >= value,
            "le": number <= value,
            "eq": number == value,
            "ne": number != value,
            "between": value <= number <= rule["value_to"],
        }[operator]


@tagged("post_install", "-at_install")
class TestSegmentRules(SegmentCase):
    # ------------------------------------------------------------------
    # Property: one statement finds whom a loop over customers finds
    # ------------------------------------------------------------------
    @classmethod
    def _make_random_customers(cls, chance, count):
        made = []
        for partner in cls._customers(count):
            customer = SimpleNamespace(
                id=partner.id,
                city=chance.choice(("Sofia", "Varna")),
                kind=chance.choice(("company", "person")),
                tier=chance.choice((0, 1, None)),
                measured=chance.random() < 0.8,
                opt_out=chance.random() < 0.1,
                is_active=chance.random() < 0.95,
                numbers={},
            )
            numbers = {
                "net_sales": float(chance.randrange(-20, 100)),
                "recency_days": chance.choice((None, float(chance.randrange(400)))),
                "order_count": chance.randrange(5),
            }
            scores = {name: chance.choice((None, float(chance.randrange(100)))) for name in SCORES}
            if customer.measured:
                cls._measured(partner, scores=scores, customer_kind=customer.kind, **numbers)
            if customer.tier is not None:
                cls.env["crm.tier.assignment"]._assign(partner, cls.tiers[customer.tier], cls.company)
            customer.numbers = numbers | scores
            partner.write({"city": customer.city, "active": customer.is_active})
            # in SQL: the screen would erase the numbers, and the rules must not rest on that
            cls.env.flush_all()
            cls.env.cr.execute(
                "UPDATE res_partner SET crm_profiling_opt_out = %s WHERE id = %s", [customer.opt_out, partner.id]
            )
            made.append(customer)
        cls.env.invalidate_all()
        return made

    def _random_rule(self, chance):
        kind = chance.choice(("measure", "measure", "score", "tier", "contact", "measures"))
        rule = {"kind": kind, "alternative": chance.choice("ABC")}
        if kind in ("measure", "score"):
            rule[kind] = chance.choice(MEASURES if kind == "measure" else SCORES)
            rule["operator"] = chance.choice(("ge", "le", "eq", "ne", "between", "top", "bottom", "known", "unknown"))
            share = rule["operator"] in ("top", "bottom")
            rule["value"] = float(chance.randrange(1, 100) if share else chance.randrange(-10, 120))
            rule["value_to"] = rule["value"] + chance.randrange(50)
        elif kind == "tier":
            rule |= {"tier": chance.randrange(2), "tier_operator": chance.choice(("in", "not in"))}
        elif kind == "contact":
            rule["city"] = chance.choice(("Sofia", "Varna"))
        else:
            rule["customer_kind"] = chance.choice(("company", "person"))
        return rule

    def _as_values(self, rule):
        """Return the rule as the database wants it."""
        values = dict(rule)
        if rule["kind"] == "tier":
            values["tier_ids"] = [Command.set(self.tiers[values.pop("tier")].ids)]
        elif rule["kind"] == "contact":
            values["contact_domain"] = str([("name", "like", "Customer "), ("city", "=", values.pop("city"))])
        elif rule["kind"] == "measures":
            values["measure_domain"] = str([("customer_kind", "=", values.pop("customer_kind"))])
        return values

    def test_segments_equal_brute_force(self):
        chance = random.Random(33)
        customers = self._make_random_customers(chance, 60)
        mine = {customer.id for customer in customers}
        brute_force = BruteForce(customers)
        sizes = set()
        for number in range(120):
            rules = [self._random_rule(chance) for _ in range(chance.randrange(1, 6))]
            found = self._segment(*map(self._as_values, rules), name=f"Random {number}")
            wanted = brute_force.members(rules)
            sizes.add(len(wanted))
            # a tier that they are not in may hold for contacts that the test did not make, nothing else
            self.assertEqual([c for c in found._get_partner_ids() if c in mine], wanted, rules)
        self.assertGreater(len(sizes), 20, "The rules tell nobody apart")

    # ------------------------------------------------------------------
    # Golden numbers
    # ------------------------------------------------------------------
    def test_highest_share_is_by_percentile(self):
        """Of 10, 20, 30, 40, 50 the limit of the highest 40 % is the 60th percentile: 34."""
        customers = self._customers(5)
        for number, customer in enumerate(customers, start=1):
            self._measured(customer, net_sales=10.0 * number)
        segment = self._segment({"measure": "net_sales", "operator": "top", "value": 40})
        self.assertEqual(self._members(segment), customers[3:])

    def test_without_rules_nobody_belongs(self):
        self._measured(self.hotel, net_sales=10)
        self.assertEqual(self._segment().member_count, 0)

    def test_letters_are_alternatives(self):
        high, low, middle = self._customers(3)
        for customer, sales in ((high, 90), (low, 10), (middle, 50)):
            self._measured(customer, net_sales=sales)
        segment = self._segment(
            {"measure": "net_sales", "operator": "ge", "value": 80},
            {"measure": "net_sales", "operator": "le", "value": 20, "alternative": "B"},
        )
        self.assertEqual(self._members(segment), high + low)
        self.assertEqual(segment.rules_text, "Net Sales at least 80\nOr: Net Sales at most 20")

    def test_contacts_of_customers_are_no_members(self):
        segment = self._segment(
            {"kind": "contact", "contact_domain": str([("id", "in", (self.hotel + self.buyer).ids)])}
        )
        self.assertEqual(self._members(segment), self.hotel)

    def test_customers_of_other_companies_do_not_belong(self):
        other = self._make_company("Other Ltd")
        foreign = self._customers(1, company_id=other.id)
        segment = self._segment({"kind": "contact", "contact_domain": str([("id", "=", foreign.id)])})
        self.assertFalse(self._members(segment))

    def test_segment_is_evaluated_for_the_company(self):
        """Whoever refreshes, the members are the same; a salesperson without rights on a customer changes nothing."""
        self._measured(self.hotel, net_sales=10)
        segment = self._segment({"kind": "contact", "contact_domain": str([("id", "=", self.hotel.id)])})
        manager = self._user("sgx_manager", "sales_team.group_sale_manager")
        segment.with_env(self._as(manager).env).action_refresh()
        self.assertEqual(self._members(segment), self.hotel)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    def test_incomplete_rules_are_refused(self):
        for rule in (
            {"kind": "measure"},
            {"kind": "score"},
            {"kind": "tier"},
            {"measure": "net_sales", "operator": "top", "value": 0},
            {"measure": "net_sales", "operator": "between", "value": 5, "value_to": 4},
            {"kind": "contact", "contact_domain": "[('no_such_field', '=', 1)]"},
            {"kind": "contact", "contact_domain": "nonsense"},
            {"kind": "measures", "measure_domain": "[('no_such_field', '=', 1)]"},
        ):
            with self.subTest(rule), self.assertRaises(ValidationError):
                self._segment(rule)

    def test_filter_must_be_searchable_by_its_author(self):
        """What a manager must not read he must not find out by a segment either."""
        manager = self._user("sgx_curious", "sales_team.group_sale_manager")
        field = self.env["res.partner"]._fields["signup_type"]
        self.assertTrue(field.groups, "The field is not restricted any more: choose another one")
        domain = "[('signup_type', '!=', False)]"
        with self.assertRaises(AccessError):
            self._as(manager).create(
                {"name": "Curious", "rule_ids": [Command.create({"kind": "contact", "contact_domain": domain})]}
            )
