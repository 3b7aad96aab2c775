from odoo import fields, models

STEPS = [
    ("reading", "Reading demand and supply"),
    ("netting", "Netting"),
    ("pegging", "Pegging"),
    ("capacity", "Capacity"),
    ("promises", "Promises"),
]


class CrmPlanningProgress(models.Model):
    """How far the planning of an area is: a row that only cursors of its own write.

    It is apart from the area so that the transaction that makes the plan, and writes the area at its end, is never
    in conflict with the reports of its own progress.
    """

    _name = "crm.planning.progress"
    _description = "Planning Progress"
    _log_access = False

    run_area_id = fields.Many2one(
        comodel_name="crm.planning.run.area",
        string="Area of the Run",
        required=True,
        ondelete="cascade",
    )
    step = fields.Selection(selection=STEPS, required=True)
    products_done = fields.Integer(help="Products that the step has dealt with.")
    products_total = fields.Integer(help="Products that the step has to deal with.")
    date_started = fields.Datetime(string="Started")
    date_updated = fields.Datetime(string="Updated")

    _unique_area = models.UniqueIndex("(run_area_id)", "The planning of an area has one progress.")
