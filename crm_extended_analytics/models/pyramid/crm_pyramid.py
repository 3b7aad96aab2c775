from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

FEATURE = "value_pyramid"
# rounding of percentages that sum to 100
TOLERANCE = 0.001


class CrmPyramid(models.Model):
    """How customers (or partners, suppliers, employees) are cut into tiers: by which measure, how, and where.

    The lines name the tiers from the top: those of active ones, which are cut, and below them those of inactive
    ones, prospects and suspects.
    """

    _name = "crm.pyramid"
    _description = "Value Pyramid"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(selection="_selection_kind", default="customer", required=True)
    company_id = fields.Many2one(comodel_name="res.company", index=True, help="Empty: for all companies.")
    measure = fields.Selection(
        selection=[
            ("net_sales", "Net sales"),
            ("margin_1", "Contribution margin"),
            ("net_profit", "Net profit"),
            ("clv", "Lifetime value"),
            ("contribution", "Net contribution"),
            ("purchases", "Purchases"),
        ],
        default="net_sales",
        required=True,
        help="What a member is worth. Customers: net sales are read from the sales themselves; margin, profit and "
        "lifetime value need a scoring run. Partners: net contribution = margin of what they bring - commissions - "
        "funds - support. Employees: net contribution = margin of their own sales. Suppliers: purchases = vendor bills "
        "- refunds.",
    )
    method = fields.Selection(
        selection=[
            ("percentile", "Share of the customers"),
            ("share", "Share of the value"),
            ("amount", "Amount"),
        ],
        default="percentile",
        required=True,
        help="Share of the customers: the best so many percent. Share of the value: those who together bring the "
        "first so many percent. Amount: those who are worth at least so much.",
    )
    window_months = fields.Integer(
        string="Months",
        default=12,
        required=True,
        help="A customer is active when he bought in so many months; his sales in them are his value. The same holds "
        "for other kinds.",
    )
    is_leading = fields.Boolean(
        string="Sets the Tiers",
        help="The customers are served by the tiers of this pyramid, except those whose tier is fixed.",
    )
    alert_on_fall = fields.Boolean(
        string="Alert on a Fall",
        default=True,
        help="Whoever looks after a customer who falls out of a tier that is marked for it gets an activity, once.",
    )
    line_ids = fields.One2many(comodel_name="crm.pyramid.line", inverse_name="pyramid_id", copy=True)

    _window_check = models.Constraint(
        "CHECK (window_months BETWEEN 1 AND 120)", "The months of a pyramid are between 1 and 120."
    )

    @api.model
    def _selection_kind(self):
        return [(source._kind, source._get_label()) for source in self.env["crm.pyramid.population"]._get_all()]

    @api.onchange("kind")
    def _onchange_kind(self):
        measures = self._get_population()._measures
        if self.measure not in measures:
            self.measure = measures[0]

    def write(self, vals):
        # rows of people are closed by the kind of their pyramid: it is no door to them
        changed = self.filtered(lambda pyramid: "kind" in vals and vals["kind"] != pyramid.kind)
        # `sudo`: months that the user may not read count too
        if changed and self.env["crm.pyramid.month"].sudo().search_count([("pyramid_id", "in", changed.ids)], limit=1):
            raise ValidationError(
                self.env._("The kind of a pyramid that was counted stays what it is. Create another pyramid.")
            )
        return super().write(vals)

    def unlink(self):
        rows, gone = self.env["crm.pyramid.snapshot"], self.ids
        result = super().unlink()
        # places have no foreign key that would take them along
        self.env.execute_query(SQL("DELETE FROM crm_pyramid_snapshot WHERE pyramid_id = ANY(%s) RETURNING id", gone))
        rows.invalidate_model()
        return result

    def _get_population(self):
        return self.env["crm.pyramid.population"]._get(self.kind)

    @api.constrains("kind", "measure")
    def _check_measure(self):
        labels = dict(self._fields["measure"]._description_selection(self.env))
        for pyramid in self:
            population = pyramid._get_population()
            if pyramid.measure not in population._measures:
                raise ValidationError(
                    self.env._(
                        "%(kind)s are ranked by %(measures)s. Choose one of them.",
                        kind=population._get_label(),
                        measures=format_list(self.env, [labels[name] for name in population._measures]),
                    )
                )

    @api.constrains("method", "line_ids")
    def _check_lines(self):
        for pyramid in self:
            problem = pyramid._get_problem()
            if problem:
                raise ValidationError(problem)

    def _get_problem(self):
        """Return a sentence about lines that cannot be cut, else None."""
        cut = self._get_cut_lines()
        if len(cut) < 2:
            return self.env._(
                "The pyramid %(pyramid)s needs two tiers of active customers at least.", pyramid=self.name
            )
        if len(self.line_ids.tier_id) < len(self.line_ids):
            return self.env._("The pyramid %(pyramid)s names a tier twice.", pyramid=self.name)
        if self.method == "amount":
            amounts = cut[:-1].mapped("amount")
            if any(above <= below for above, below in zip(amounts, amounts[1:], strict=False)):
                return self.env._("The amounts of the pyramid %(pyramid)s fall from the top down.", pyramid=self.name)
            return None
        total = sum(cut.mapped("share_pct"))
        if abs(total - 100) > TOLERANCE or min(cut.mapped("share_pct")) <= 0:
            return self.env._(
                "The shares of the pyramid %(pyramid)s are above 0 and sum to 100 %%, not %(total)s %%.",
                pyramid=self.name,
                total=round(total, 3),
            )
        return None

    @api.constrains("is_leading", "company_id", "kind", "active")
    def _check_leading(self):
        for pyramid in self.filtered(lambda pyramid: pyramid.is_leading and pyramid.active):
            domain = Domain("is_leading", "=", True) & Domain("kind", "=", pyramid.kind)
            domain &= Domain("id", "!=", pyramid.id)
            if pyramid.company_id:
                domain &= Domain("company_id", "in", [pyramid.company_id.id, False])
            # `sudo`: a pyramid of another company may be in the way of one for all
            other = self.sudo().search(domain, limit=1)
            if other:
                raise ValidationError(
                    self.env._(
                        "%(other)s sets the tiers already. Take it away there before %(pyramid)s sets them.",
                        other=other.name,
                        pyramid=pyramid.name,
                    )
                )

    def _get_cut_lines(self):
        """Return the lines of active customers, from the top."""
        return self.line_ids.filtered(lambda line: line.role == "active").sorted()

    @api.model
    def _get_for_company(self, company):
        """Return the pyramids of a company, the leading one first."""
        if not company._has_feature(FEATURE):
            return self.browse()
        found = self.search([("company_id", "in", [company.id, False])])
        found = found.filtered(lambda pyramid: pyramid._get_population()._is_used(company))
        return found.sorted(lambda pyramid: (not pyramid.is_leading, pyramid.sequence, pyramid.id))

    def _link_grades(self):
        """Let each tier of active partners propose a level, the first one the first, where there are enough."""
        cut, grades = self._get_cut_lines(), self.env["res.partner.grade"].search([], limit=10)
        if len(grades) >= len(cut):
            for line, grade in zip(cut, grades, strict=False):
                line.grade_id = grade

    def _get_measure_label(self):
        self.ensure_one()
        return dict(self._fields["measure"]._description_selection(self.env))[self.measure]

    def action_open_page(self):
        """Show the pyramid, drawn."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("crm_extended_analytics.crm_pyramid_page_action")
        return action | {"params": {"pyramid_id": self.id, "kind": self.kind}}
