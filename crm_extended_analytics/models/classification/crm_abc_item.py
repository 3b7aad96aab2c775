from odoo import api, fields, models
from odoo.tools import SQL

from ..seven_p.known_float import KnownFloat
from ..warehouse.fact_fields import FactMany2one

# from the best to the worst; the last one of ABC is what cannot be measured
ABC_CLASSES = [("A", "A"), ("B", "B"), ("C", "C"), ("-", "0 or below"), ("?", "Not measurable")]
XYZ_CLASSES = [("X", "X"), ("Y", "Y"), ("Z", "Z"), ("N", "N")]
# field of the item of a profile of a kind
ITEM_FIELDS = {
    "customer": "partner_id",
    "product": "product_id",
    "supplier": "supplier_id",
    "channel": "channel",
    "seller": "seller_id",
}


class CrmAbcItem(models.Model):
    """A customer, product, supplier, channel or salesperson in a result: his value, his classes, and those before.

    Written by the engine only. Which of the item fields is filled depends on the kind of the profile; rules of access
    rest on it, because figures of employees and of suppliers are not for everybody who reads sales.
    """

    _name = "crm.abc.item"
    _description = "Item of an ABC/XYZ Result"
    _log_access = False
    _order = "period desc, profile_id, place, id"

    result_id = FactMany2one(comodel_name="crm.abc.result", required=True, readonly=True)
    profile_id = FactMany2one(comodel_name="crm.abc.profile", required=True, readonly=True)
    kind = fields.Selection(related="profile_id.kind")
    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    period = fields.Date(string="Month", required=True, readonly=True, help="The last complete month of the window.")
    partner_id = FactMany2one(comodel_name="res.partner", string="Customer", readonly=True)
    product_id = FactMany2one(comodel_name="product.product", readonly=True)
    supplier_id = FactMany2one(comodel_name="res.partner", string="Supplier", readonly=True)
    seller_id = FactMany2one(comodel_name="res.users", string="Salesperson", readonly=True)
    channel = fields.Char(readonly=True, help="Way of the sale, as the sales warehouse names it.")
    place = fields.Integer(
        string="Rank", readonly=True, aggregator=None, help="1 is worth most; of equal values the older record."
    )
    value = KnownFloat(
        readonly=True,
        help="Measure of the profile in the window, less returns; empty where the cost of a sale is not known.",
    )
    share = KnownFloat(
        string="Share (%)",
        readonly=True,
        aggregator="sum",
        help="Value / sum of all values above 0, in percent; empty for values of 0 or below.",
    )
    cumulated_share = KnownFloat(
        string="Cumulated (%)",
        readonly=True,
        aggregator=None,
        help="Share of the item and of all that are worth more, in percent.",
    )
    variation = KnownFloat(
        string="Variation (%)",
        readonly=True,
        aggregator="avg",
        help="Standard deviation of the months / their mean, in percent. Months since the first sale of the item; "
        "empty where they are too few, or the mean is not above 0.",
    )
    period_count = fields.Integer(
        string="Months",
        readonly=True,
        aggregator=None,
        help="Complete months of the window since the first sale of the item.",
    )
    filled_count = fields.Integer(
        string="Months with Sales", readonly=True, aggregator=None, help="Months of them whose value is not 0."
    )
    abc_class = fields.Selection(
        selection=ABC_CLASSES, string="ABC", readonly=True, help="By the cumulated share, as the profile says."
    )
    xyz_class = fields.Selection(
        selection=XYZ_CLASSES, string="XYZ", readonly=True, help="By the variation, as the profile says."
    )
    previous_abc_class = fields.Selection(selection=ABC_CLASSES, string="ABC Before", readonly=True)
    previous_xyz_class = fields.Selection(selection=XYZ_CLASSES, string="XYZ Before", readonly=True)
    movement = fields.Selection(
        selection=[
            ("rose", "Rose"),
            ("fell", "Fell"),
            ("steadier", "Steadier"),
            ("unsteadier", "Less Steady"),
            ("stayed", "Stayed"),
            ("new", "New"),
        ],
        readonly=True,
        help="Compared with the month before that was counted. Rose and fell: between A, B and C. Steadier and less "
        "steady: between X, Y, Z and N, while A, B, C stayed.",
    )
    class_name = fields.Char(string="Class", compute="_compute_class_name")
    previous_class_name = fields.Char(string="Class Before", compute="_compute_class_name")
    policy = fields.Text(compute="_compute_policy", help="What the profile says about items of this class.")

    _result_idx = models.Index("(result_id)")
    _partner_idx = models.Index("(partner_id) WHERE partner_id IS NOT NULL")
    _product_idx = models.Index("(product_id) WHERE product_id IS NOT NULL")
    _seller_idx = models.Index("(seller_id) WHERE seller_id IS NOT NULL")

    @api.depends_context("lang")
    def _compute_display_name(self):
        for item in self:
            found = item[ITEM_FIELDS[item.profile_id.kind]] if item.profile_id else ""
            item.display_name = found if isinstance(found, str) else found.display_name

    @api.depends("abc_class", "xyz_class", "previous_abc_class", "previous_xyz_class")
    def _compute_class_name(self):
        for item in self:
            item.class_name = self._get_class_name(item.abc_class, item.xyz_class)
            item.previous_class_name = self._get_class_name(item.previous_abc_class, item.previous_xyz_class)

    @api.model
    def _get_class_name(self, abc_class, xyz_class):
        """Return the short name of a class, such as AX: what is not positive has its words instead."""
        if abc_class in ("-", "?"):
            return dict(self._fields["abc_class"]._description_selection(self.env))[abc_class]
        return f"{abc_class or ''}{xyz_class or ''}"

    @api.depends("abc_class", "xyz_class", "profile_id")
    def _compute_policy(self):
        for item in self:
            xyz_class = item.xyz_class if item.abc_class != "-" else False
            item.policy = item.profile_id._get_cell(item.abc_class, xyz_class).policy

    @api.model
    def _erase(self, partners):
        """Delete the classes of customers who may not be profiled, of all companies and months."""
        self.env.execute_query(SQL("DELETE FROM crm_abc_item WHERE partner_id = ANY(%s) RETURNING id", partners.ids))
        self.invalidate_model()

    @api.model
    def _get_last_items(self, company, kind, item_ids):
        """Return ``{item id: item of the last result}`` by the leading profile of the kind, as the user may read.

        One query for the profile, one for the result and one for the items, however many are asked for.
        """
        profile = self.env["crm.abc.profile"]._get_leading(company, kind)
        # `sudo`: which result is the last one is no secret; the items are read with the rights of the user
        result = self.env["crm.abc.result"].sudo()._get_result(profile, company)
        if not result:
            return {}
        name = ITEM_FIELDS[kind]
        items = self.search_fetch([("result_id", "=", result.id), (name, "in", list(item_ids))])
        return {item[name].id: item for item in items}

    @api.model
    def _get_own_export_rows(self):
        """Return what is kept of the user himself: a row of headings, and one per profile and month; else nothing.

        Without shares: from them he could tell what his colleagues sold.
        """
        # `sudo`: rows of salespersons are closed to themselves; only his own ones are asked for
        mine = self.sudo().search([("seller_id", "=", self.env.uid)])
        if not mine:
            return []
        names = ("company_id", "profile_id", "period", "place", "value", "class_name")
        labels = self.fields_get(names, ["string"])
        return [
            [labels[name]["string"] for name in names],
            *(
                [
                    item.company_id.name,
                    item.profile_id.name,
                    str(item.period),
                    str(item.place),
                    "" if item.value is False else f"{item.value:.2f}",
                    item.class_name,
                ]
                for item in mine
            ),
        ]

    def action_open_item(self):
        """Show the record behind the item; a channel has none, so its sales are shown."""
        self.ensure_one()
        name = ITEM_FIELDS[self.profile_id.kind]
        if name == "channel":
            action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_fact_sale_action")
            return action | {"domain": [("channel", "=", self.channel), ("company_id", "=", self.company_id.id)]}
        return {
            "type": "ir.actions.act_window",
            "res_model": self._fields[name].comodel_name,
            "res_id": self[name].id,
            "views": [[False, "form"]],
        }
