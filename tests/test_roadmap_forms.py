"""What forms of Odoo show of each feature: nothing where it is off, and nothing that is broken where it is on."""

from unittest.mock import patch

from lxml import etree

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from tests.test_menus import ROLES

# what of a form belongs to a feature and needs no data to show: the field, or the button of the action
SHOWN = {
    "market": {"product.product": {"%crm_extended_analytics.crm_customer_gap_action_product"}},
    "seven_p": {"res.partner": {"crm_wallet", "crm_wallet_rank", "crm_profile_confirmed_on"}},
    "partner_pyramid": {
        "res.partner": {"crm_brought_by_id"},
        "crm.lead": {"crm_brought_by_id"},
        "sale.order": {"crm_brought_by_id"},
    },
    "production_planning": {"product.template": {"planning_mode"}},
}
WALKED = ("salesperson", "manager", "planner")


@tagged("post_install", "-at_install")
class TestRoadmapForms(TransactionCase):
    """The forms of a customer, a lead, an order and a product, with every feature on and each one off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.roadmap.step"].search([]).unlink()
        pins = cls.env["crm.roadmap.feature.pin"]
        pins.search([]).unlink()
        cls.features = cls.env["crm.roadmap.feature"].search([])
        cls.pins = pins.create(
            [{"feature_id": feature.id, "company_id": cls.env.company.id, "state": "on"} for feature in cls.features]
        )
        # the product form asks for routes to choose before it shows how a product is planned
        cls.env["stock.route"].create({"name": "Formed", "product_selectable": True})
        customer = cls.env["res.partner"].create({"name": "Formed", "is_company": True})
        product = cls.env["product.product"].create({"name": "Formed", "is_storable": True, "list_price": 10})
        lead = cls.env["crm.lead"].create({"name": "Formed", "partner_id": customer.id, "type": "opportunity"})
        order = cls.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "opportunity_id": lead.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        cls.records = customer, lead, order, product, product.product_tmpl_id
        cls.users = {role: new_test_user(cls.env, f"form_{role}", ROLES[role]) for role in WALKED}
        lead.user_id = order.user_id = cls.users["salesperson"]

    def _read_form(self, role, record):
        """Return the fields and buttons that a role sees on the form, and the names of buttons that lead nowhere."""
        record = record.with_user(self.users[role]).sudo(False)
        arch = etree.fromstring(record.get_view(view_type="form")["arch"])
        nested = {node for field in arch.iter("field") for node in field.iterdescendants()}
        fields = {node.get("name") for node in arch.iter("field") if node not in nested}
        values = record.read(sorted(fields))[0]
        names = values | {"id": record.id, "uid": record.env.uid, "context": {}, "parent": None}
        names = {name: value[0] if isinstance(value, tuple) else value for name, value in names.items()}
        shown, broken = set(), set()
        for node in arch.iter("field", "button"):
            if node in nested or not self._is_shown(node, names):
                continue
            name = node.get("name")
            shown.add(name)
            if node.tag == "button" and node.get("type") == "object" and not hasattr(record, name):
                broken.add(name)
            if node.tag == "button" and node.get("type") == "action":
                name = self._get_name(name)
                shown.add(f"%{name}")
                action = record.env["ir.actions.actions"]._for_xml_id(name)
                # a report or an action of the server has no model of its own to be read
                if not record.env[action.get("res_model") or record._name].has_access("read"):
                    broken.add(action["name"])
        return shown, broken

    def _get_name(self, action):
        """Return the name of an action, which a view has by its name or by its number."""
        if not action.isdigit():
            return action
        kind = self.env["ir.actions.actions"].browse(int(action)).type
        return self.env[kind].browse(int(action)).get_external_id()[int(action)]

    def _is_shown(self, node, names):
        parents = [node, *node.iterancestors()]
        return not any(safe_eval(each.get("invisible", "False"), dict(names)) for each in parents)

    def test_the_night_does_nothing_where_all_is_off(self):
        area = self.env["mrp.area"].search([("active", "=", True)], limit=1)
        self.assertTrue(area, "there is something to plan")
        everywhere = self.env["res.company"].search([]) - self.env.company
        self.pins |= self.pins.create(
            [
                {"feature_id": feature.id, "company_id": company.id, "state": "off"}
                for feature in self.features
                for company in everywhere
            ]
        )
        self.pins.state = "off"
        names = self.env["ir.model.data"].search([("model", "=", "ir.cron"), ("module", "=like", "crm_extended%")])
        crons = self.env["ir.cron"].browse(names.mapped("res_id"))
        self.assertGreater(len(crons), 10)
        counted = ("queue.job", "crm.planning.run", "crm.abc.item", "crm.pyramid.snapshot", "mail.activity")
        before = {model: self.env[model].search_count([]) for model in counted}
        with patch.object(self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_options: 0.0):
            for cron in crons:
                with self.subTest(cron=cron.name):
                    cron.ir_actions_server_id.run()
                    self.assertEqual({model: self.env[model].search_count([]) for model in counted}, before)

    def test_a_feature_that_is_off_leaves_nothing_on_forms_and_breaks_none(self):
        on = {}
        for role in WALKED:
            for record in self.records:
                on[role, record._name], broken = self._read_form(role, record)
                self.assertFalse(broken, f"{role}, {record._name}")
        for key, forms in SHOWN.items():
            for model, names in forms.items():
                seen = set().union(*(on[role, model] for role in WALKED))
                self.assertLessEqual(names, seen, f"{key} shows on {model} where it is on")
        for pin in self.pins:
            pin.state = "off"
            # what is kept within a request is asked again in the next one
            self.env.invalidate_all()
            for role in WALKED:
                for record in self.records:
                    with self.subTest(feature=pin.feature_id.key, role=role, model=record._name):
                        shown, broken = self._read_form(role, record)
                        self.assertFalse(broken)
                        self.assertFalse(shown - on[role, record._name])
                        own = SHOWN.get(pin.feature_id.key, {}).get(record._name, set())
                        self.assertFalse(own & shown)
            pin.state = "on"
