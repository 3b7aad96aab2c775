from odoo import api, fields, models
from odoo.tools import SQL

from ..seven_p.known_float import KnownFloat


class CrmEmployeeFigure(models.Model):
    """What is counted of an employee, month by month. He reads his own rows; HR and management those of all.

    A model of its own, and not the rows of pyramids of customers with one more rule: rules of groups widen each other,
    and every salesperson may read the rows of contacts that have no salesperson, which colleagues are. Rows of
    employees are read here only, and here there is one rule, which no group widens.
    """

    _name = "crm.employee.figure"
    _inherit = ["crm.pyramid.figure.mixin"]
    _description = "Figures of an Employee"
    _auto = False
    _order = "period desc, rank, value desc, id"
    _rec_name = "employee_name"

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    pyramid_id = fields.Many2one(comodel_name="crm.pyramid", readonly=True)
    pyramid_name = fields.Char(string="Name of the Pyramid", compute="_compute_names", compute_sudo=True)
    period = fields.Date(string="Month", readonly=True)
    partner_id = fields.Many2one(comodel_name="res.partner", string="Employee", readonly=True)
    employee_name = fields.Char(readonly=True)
    tier_id = fields.Many2one(comodel_name="crm.tier", readonly=True)
    rank = fields.Integer(string="Layer", readonly=True, aggregator=None, help="0 is the top of the pyramid.")
    value = KnownFloat(string="Contribution", readonly=True, help="Margin of his own sales, in company currency.")
    previous_tier_id = fields.Many2one(comodel_name="crm.tier", string="Tier Before", readonly=True)
    previous_value = KnownFloat(
        string="Contribution Before", readonly=True, help="Of the month before that was counted."
    )
    movement = fields.Selection(
        selection=[("rose", "Rose"), ("fell", "Fell"), ("stayed", "Stayed"), ("new", "New")], readonly=True
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT stored.id, stored.company_id, stored.pyramid_id, stored.period, stored.partner_id,
                   person.name AS employee_name, stored.tier_id, stored.rank, stored.value, stored.previous_tier_id,
                   stored.previous_value, stored.movement, %s
              FROM crm_pyramid_snapshot stored
              JOIN crm_pyramid pyramid ON pyramid.id = stored.pyramid_id AND pyramid.kind = 'employee'
              JOIN res_partner person ON person.id = stored.partner_id
            """,
            self._get_figure_columns("stored"),
        )

    def _compute_names(self):
        for row in self:
            row.pyramid_name = row.pyramid_id.display_name

    # ------------------------------------------------------------------
    # Of oneself
    # ------------------------------------------------------------------
    @api.model
    def _get_own(self):
        """Return the rows of the user himself, of all his companies and months."""
        return self.search([("partner_id", "=", self.env.user.partner_id.id)])

    @api.model
    def _get_export_rows(self):
        """Return all that is kept of the user: headings, and a row per month; then the same of his ABC/XYZ classes."""
        names = ["pyramid_name", "period", "value", "previous_value", *self._get_figure_names()]
        labels = self.fields_get([*names, "tier_id", "company_id"], ["string"])
        head = [labels[name]["string"] for name in ("company_id", *names, "tier_id")]
        return [
            head,
            *(
                [row.company_id.sudo().name, *(self._get_text(row[name]) for name in names), row.tier_id.sudo().name]
                for row in self._get_own()
            ),
            *self.env["crm.abc.item"]._get_own_export_rows(),
        ]

    def _get_text(self, value):
        if value is False or value is None:
            return ""
        return f"{value:.2f}" if isinstance(value, float) else str(value)

    def action_export_mine(self):
        """Download all figures that are kept of oneself (right of access, GDPR Art. 15)."""
        return {"type": "ir.actions.act_url", "url": "/crm_extended/my_figures", "target": "download"}
