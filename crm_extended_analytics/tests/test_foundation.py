from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestFoundation(TransactionCase):
    def test_installed_with_what_the_warehouse_reads(self):
        """The sources of facts are there: accounting, margins, and the place of the dashboards."""
        wanted = ["account", "sale_margin", "spreadsheet_dashboard", "crm_extended"]
        modules = self.env["ir.module.module"].search([("name", "in", [*wanted, "crm_extended_analytics"])])
        self.assertEqual(set(modules.mapped("state")), {"installed"})
        ours = modules.filtered(lambda module: module.name == "crm_extended_analytics")
        self.assertEqual(sorted(ours.dependencies_id.mapped("name")), sorted(wanted))

    def test_crm_extended_does_not_need_it(self):
        """Dependencies point one way: the analytics can be left out."""
        base = self.env["ir.module.module"].search([("name", "=", "crm_extended")])
        self.assertNotIn("crm_extended_analytics", base.upstream_dependencies(exclude_states=("",)).mapped("name"))
