from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

FEATURE = "abc_xyz"
# variation at which X and Y end, in percent; "own": the profile says
VARIATIONS = {"10_25": (10, 25), "25_50": (25, 50), "50_100": (50, 100)}
# what of a profile decides about classes: a result keeps it as it was
SETTINGS = (
    "measure",
    "window_months",
    "share_a",
    "share_b",
    "boundary",
    "variation_x",
    "variation_y",
    "deviation",
    "empty_pct",
    "least_periods",
    "least_items",
)


class CrmAbcProfile(models.Model):
    """How items of a kind are divided: into A, B, C by what they bring, into X, Y, Z by how regular it is.

    A profile may change at any time, except what it divides: each result keeps the settings by which it was counted.
    That is unlike a scoring method, which is copied into a new version: the scores of a month are made by many runs,
    which have to agree, whereas a result is counted at once.
    """

    _name = "crm.abc.profile"
    _description = "ABC/XYZ Profile"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(comodel_name="res.company", index=True, help="Empty: for all companies.")
    kind = fields.Selection(
        selection=[
            ("customer", "Customers"),
            ("product", "Products"),
            ("supplier", "Suppliers"),
            ("channel", "Channels"),
            ("seller", "Salespersons"),
        ],
        string="What",
        default="customer",
        required=True,
        help="What is divided. Suppliers are read from posted vendor bills, everything else from the sales warehouse.",
    )
    measure = fields.Selection(
        selection=[
            ("revenue", "Revenue"),
            ("margin", "Margin"),
            ("quantity", "Quantity"),
            ("orders", "Orders"),
        ],
        default="revenue",
        required=True,
        help="Revenue: net sales less credit notes, in the currency of the company. Margin: the same of the margin; "
        "an item with an unknown cost is not measurable. Quantity: in the unit of the product, less what was "
        "credited. Orders: orders above 0. Of suppliers: amounts, quantities and numbers of their bills.",
    )
    window_months = fields.Integer(
        string="Months", default=12, required=True, help="The last complete months that are looked at."
    )
    share_a = fields.Float(
        string="A Up To (%)",
        default=80,
        required=True,
        help="Items are put in the order of their value. A are those that together bring so many percent.",
    )
    share_b = fields.Float(
        string="B Up To (%)",
        default=95,
        required=True,
        help="B are the next ones, up to so many percent of the value (A included); C are the others.",
    )
    boundary = fields.Selection(
        selection=[
            ("included", "Share including the item"),
            ("before", "Share before the item"),
        ],
        string="At the Boundary",
        default="included",
        required=True,
        help="Including: an item is A while the cumulated share with it is within the limit. Before: the item that "
        "crosses the limit is still A. Of values 50, 20, 10, 6, 4, 3, 3, 2, 1, 1 by 80/95 the first rule makes "
        "3 A, 3 B and 4 C, the second 3 A, 4 B and 3 C.",
    )
    variation_choice = fields.Selection(
        selection=[
            ("10_25", "10 / 25 %"),
            ("25_50", "25 / 50 %"),
            ("50_100", "50 / 100 %"),
            ("own", "Other limits"),
        ],
        string="Limits of Variation",
        default="50_100",
        required=True,
        help="X varies up to the first limit from month to month, Y up to the second, Z more. Variation = standard "
        "deviation of the months / their mean. Common: 10/25 for running goods, 25/50, and 50/100 for customers.",
    )
    variation_x = fields.Float(
        string="X Up To (%)", compute="_compute_variation", store=True, precompute=True, readonly=False, required=True
    )
    variation_y = fields.Float(
        string="Y Up To (%)", compute="_compute_variation", store=True, precompute=True, readonly=False, required=True
    )
    deviation = fields.Selection(
        selection=[("population", "Of the population (n)"), ("sample", "Of a sample (n - 1)")],
        string="Standard Deviation",
        default="population",
        required=True,
        help="Of months 100, 120, 80, 110, 90, 100 the variation is 12.9 % by n, 14.1 % by n - 1.",
    )
    empty_pct = fields.Float(
        string="N Above (% Empty)",
        default=50,
        required=True,
        help="N: bought too seldom to be foreseen; more than so many percent of the months have no value. Months "
        "before the first sale of an item do not count. 100: no item is N.",
    )
    least_periods = fields.Integer(
        string="Least Months",
        default=3,
        required=True,
        help="Items with fewer months since their first sale have no X, Y, Z or N yet.",
    )
    least_items = fields.Integer(
        default=10,
        required=True,
        help="With fewer items a class of a share means little: they get ranks and shares, no A, B, C.",
    )
    cell_ids = fields.One2many(
        comodel_name="crm.abc.profile.cell", inverse_name="profile_id", string="Policies", copy=True
    )

    _window_check = models.Constraint("CHECK (window_months BETWEEN 1 AND 60)", "The months are between 1 and 60.")
    _share_check = models.Constraint(
        "CHECK (0 < share_a AND share_a < share_b AND share_b < 100)",
        "The limits of A and B rise between 0 and 100 %.",
    )
    _variation_check = models.Constraint(
        "CHECK (0 < variation_x AND variation_x < variation_y)", "The limits of X and Y rise from above 0 %."
    )
    _empty_check = models.Constraint(
        "CHECK (empty_pct BETWEEN 0 AND 100)", "The share of empty months is between 0 and 100 %."
    )
    _least_check = models.Constraint(
        "CHECK (least_periods >= 3 AND least_items >= 1)",
        "A variation needs 3 months at least, and classes need 1 item.",
    )

    @api.depends("variation_choice")
    def _compute_variation(self):
        for profile in self:
            if profile.variation_choice in VARIATIONS:
                profile.variation_x, profile.variation_y = VARIATIONS[profile.variation_choice]

    @api.constrains("kind", "measure")
    def _check_measure(self):
        if any(profile.kind == "supplier" and profile.measure == "margin" for profile in self):
            raise ValidationError(self.env._("Suppliers bring no margin. Divide them by revenue, quantity or orders."))

    @api.model_create_multi
    def create(self, vals_list):
        profiles = super().create(vals_list)
        for profile in profiles.filtered(lambda profile: not profile.cell_ids):
            # a profile begins with the policies of its elders, archived ones too, in all languages
            elder = self.with_context(active_test=False).search(
                [("kind", "=", profile.kind), ("cell_ids", "!=", False)], limit=1
            )
            elder.cell_ids.copy({"profile_id": profile.id})
        return profiles

    def write(self, vals):
        # which items a result holds, and who reads them, follows from the kind
        changed = self.filtered(lambda profile: "kind" in vals and vals["kind"] != profile.kind)
        # `sudo`: results that the user may not read count too
        if changed and self.env["crm.abc.result"].sudo().search_count([("profile_id", "in", changed.ids)], limit=1):
            raise ValidationError(
                self.env._("The kind of a profile that was counted stays what it is. Create another profile.")
            )
        return super().write(vals)

    def unlink(self):
        items, gone = self.env["crm.abc.item"], self.ids
        result = super().unlink()
        # items have no foreign key that would take them along
        self.env.execute_query(SQL("DELETE FROM crm_abc_item WHERE profile_id = ANY(%s) RETURNING id", gone))
        items.invalidate_model()
        return result

    @api.model
    def _get_for_company(self, company, kind=None):
        """Return the profiles of a company, its own ones first of each kind."""
        if not company._has_feature(FEATURE):
            return self.browse()
        domain = [("company_id", "in", [company.id, False])]
        return self.search(domain + ([("kind", "=", kind)] if kind else [])).sorted(
            lambda profile: (not profile.company_id, profile.sequence, profile.id)
        )

    @api.model
    def _get_leading(self, company, kind):
        """Return the profile whose classes forms and plans show: the first of the kind."""
        return self._get_for_company(company, kind)[:1]

    def _get_settings(self):
        """Return what decides about the classes, as plain values."""
        self.ensure_one()
        return {name: self[name] for name in SETTINGS}

    def _get_cell(self, abc_class, xyz_class):
        """Return the cell with the policy of a class, or an empty one."""
        return self.cell_ids.filtered(
            lambda cell: cell.abc_class == abc_class and (cell.xyz_class or False) == (xyz_class or False)
        )[:1]

    def _get_measure_label(self):
        self.ensure_one()
        return dict(self._fields["measure"]._description_selection(self.env))[self.measure]

    def action_count(self):
        """Count the profiles for the user's company, and show the first one."""
        for profile in self:
            self.env["crm.abc.page"].rebuild(profile.id)
        return self[:1].action_open_page()

    def action_open_page(self):
        """Show the matrix of the profile."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("crm_extended_analytics.crm_abc_page_action")
        return action | {"params": {"profile_id": self.id}}
