from odoo import fields, models


class MrpProduction(models.Model):
    """A manufacturing order of any level shows the deals it is made for."""

    _name = "mrp.production"
    _inherit = ["mrp.production", "crm.conversion.link.mixin", "crm.pegging.link.mixin"]

    planning_release_rule_id = fields.Many2one(
        comodel_name="crm.planning.release.rule",
        string="Released by Rule",
        copy=False,
        index="btree_not_null",
        readonly=True,
        help="The release rule that made this order from a proposal of the plan; empty when a planner did.",
    )

    def _get_pegging_fields(self):
        return ["production_id", "demand_production_id"]
