from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..known_margin import LEAST_KNOWN_PCT

P_CODES = (
    ("profiling", "Profiling"),
    ("persistency", "Persistency"),
    ("profitability", "Profitability"),
    ("performance", "Performance"),
    ("prospecting", "Prospecting"),
    ("product", "Product"),
    ("promotion", "Promotion"),
)
# fields that do not change what a score says, and may change while the method is in use
FREE_FIELDS = {"state", "note"}


class CrmScoringMethod(models.Model):
    """How customers are scored: windows, weights, costs and thresholds, in one version that is not changed any more.

    Each score names its method, so that one knows later how it came about. Who wants to change an active method
    makes a new version of it.
    """

    _name = "crm.scoring.method"
    _description = "Scoring Method"
    _order = "name, version desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    version = fields.Integer(default=1, required=True, readonly=True, copy=False)
    company_id = fields.Many2one(
        comodel_name="res.company", help="Empty: for all companies that have no active method of their own."
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("active", "In use"), ("retired", "Retired")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    note = fields.Text()
    window_months = fields.Integer(
        string="Window (Months)",
        default=12,
        required=True,
        help="Sales, margins, returns and touches are those of so many months up to the day of the run; growth "
        "compares them with as many months before.",
    )
    rfm_months = fields.Integer(
        string="RFM Window (Months)",
        default=36,
        required=True,
        help="Frequency and money of the RFM classes are those of so many months up to the day of the run.",
    )
    rfm_tie_rule = fields.Selection(
        string="RFM Tie Rule",
        selection=[
            ("record", "Older customer record first"),
            ("best", "All get the better class"),
            ("worst", "All get the lower class"),
        ],
        default="record",
        required=True,
        help="What happens to customers of equal value at the border of two RFM classes.",
    )
    min_customers = fields.Integer(
        string="Least Customers",
        default=10,
        required=True,
        help="A score compares customers: with fewer customers than this there is none, and the run says so.",
    )
    kinds_apart = fields.Boolean(
        string="Companies and Persons Apart",
        default=True,
        help="Companies are compared with companies and persons with persons, by models, classes and cut-offs of their "
        "own, as soon as there are enough of both for a model. Otherwise a large customer among thousands of consumers "
        "is only ever large.",
    )
    min_model_customers = fields.Integer(
        string="Least Customers for a Model",
        default=200,
        required=True,
        help="With fewer customers BG/NBD is not fitted: the parameters would be uncertain.",
    )
    min_model_repeat = fields.Integer(
        string="Least Repeat Buyers for a Model",
        default=50,
        required=True,
        help="With fewer customers who bought again, neither BG/NBD nor gamma-gamma is fitted.",
    )
    min_cost_known_pct = fields.Float(
        string="Least Known Cost (%)",
        default=80.0,
        help="Net sales with a known cost / net sales, in percent. Below, the customer's margin is not measurable.",
    )
    lookback_days = fields.Integer(
        string="Look-Back (Days)",
        default=90,
        required=True,
        help="A campaign touch counts for an order when it lies at most so many days before it.",
    )
    half_life_days = fields.Float(
        string="Half-Life (Days)",
        default=7.0,
        required=True,
        help="In the attribution by time decay a touch counts half as much for each of these times before the order.",
    )
    fit_sample = fields.Integer(
        string="Sample for Models",
        default=20000,
        required=True,
        help="The models are fitted on at most so many customers, drawn by a fixed shuffle of their ids.",
    )
    interest_rate = fields.Float(
        string="Interest (%/Year)",
        default=10.0,
        help="Discounts the future value of customers, and is the price of the days until they pay.",
    )
    delivery_pct = fields.Float(string="Delivery (% of Net)", help="Cost of delivery as a share of net sales.")
    commission_pct = fields.Float(string="Commission (% of Net)", help="Sales commission as a share of net sales.")
    touch_cost = fields.Float(string="Cost of a Campaign Touch", help="In the currency of the company, per touch.")
    service_cost = fields.Float(string="Cost of a Service Case", help="In the currency of the company, per case.")
    visit_cost = fields.Float(string="Cost of a Meeting", help="In the currency of the company, per meeting.")
    overhead_pct = fields.Float(string="Overhead (% of Net)", help="Key that allocates overhead: a share of net sales.")
    weight_ids = fields.One2many(comodel_name="crm.scoring.method.weight", inverse_name="method_id", copy=True)
    field_ids = fields.One2many(
        comodel_name="crm.scoring.method.field",
        inverse_name="method_id",
        string="Fields of a Profile",
        copy=True,
        help="What a complete profile of a customer holds.",
    )
    weight_profiling = fields.Float(default=1.0, help="Weight of Profiling in the total.")
    weight_persistency = fields.Float(default=1.0, help="Weight of Persistency in the total.")
    weight_profitability = fields.Float(default=1.0, help="Weight of Profitability in the total.")
    weight_performance = fields.Float(default=1.0, help="Weight of Performance in the total.")
    weight_prospecting = fields.Float(default=1.0, help="Weight of Prospecting in the total.")
    weight_product = fields.Float(default=1.0, help="Weight of Product in the total.")
    weight_promotion = fields.Float(default=1.0, help="Weight of Promotion in the total.")

    _active_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE state = 'active'",
        "Another method is in use for this company: retire it first, or make a new version of it.",
    )
    _window_positive = models.Constraint(
        "CHECK (window_months > 0 AND rfm_months > 0)", "A window has at least one month."
    )
    _attribution_positive = models.Constraint(
        "CHECK (lookback_days > 0 AND half_life_days > 0)", "The look-back and the half-life have at least one day."
    )
    _min_positive = models.Constraint(
        "CHECK (min_customers > 1 AND fit_sample > 0)", "At least two customers are needed to compare them."
    )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for method in self:
            method.display_name = self.env._("%(name)s, version %(version)s", name=method.name, version=method.version)

    def write(self, vals):
        if set(vals) - FREE_FIELDS:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_draft()

    def _check_draft(self):
        used = self.filtered(lambda method: method.state != "draft")
        if used:
            raise UserError(
                self.env._(
                    "%(method)s is not a draft any more, and scores refer to it. Make a new version of it instead.",
                    method=used[0].display_name,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_activate(self):
        """Use the method from the next run on, in place of the one before."""
        self.ensure_one()
        if not self.weight_ids:
            raise ValidationError(
                self.env._("%(method)s has no measures: add some before you use it.", method=self.display_name)
            )
        self.search([("state", "=", "active"), ("company_id", "=", self.company_id.id)]).write({"state": "retired"})
        self.flush_model()
        self.state = "active"

    def _activate_shipped(self):
        """Use the shipped method as long as nobody has decided about any."""
        if self.state == "draft" and not self.search_count([("state", "!=", "draft")], limit=1):
            self.action_activate()

    def action_retire(self):
        """Use the method no more; its scores stay."""
        self.write({"state": "retired"})

    def action_new_version(self):
        """Copy the method into a draft with the next number."""
        self.ensure_one()
        last = self.search([("name", "=", self.name), ("company_id", "=", self.company_id.id)], limit=1)
        version = self.copy({"name": self.name})
        version.version = last.version + 1
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "views": [[False, "form"]],
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------
    @api.model
    def _get_for_company(self, company):
        """Return the method in use: the company's own, else the one for all."""
        method = self._find_for_company(company)
        if not method:
            raise UserError(
                self.env._(
                    "%(company)s has no scoring method in use. Activate one under CRM > Configuration > Scoring "
                    "Methods.",
                    company=company.name,
                )
            )
        return method

    @api.model
    def _find_for_company(self, company):
        methods = self.search([("state", "=", "active"), ("company_id", "in", [company.id, False])])
        return methods.filtered("company_id")[:1] or methods[:1]

    @api.model
    def _get_least_known_pct(self, company):
        """Return the share of a company's net sales, in percent, whose cost is to be known for a margin."""
        # `sudo`: the method is for those who read scores, the share holds for everybody
        method = self.sudo()._find_for_company(company)
        return method.min_cost_known_pct if method else LEAST_KNOWN_PCT

    def _get_total_weights(self):
        """Return ``{p: weight in the total}``; a P that another addon adds counts 1 unless it brings a field."""
        self.ensure_one()
        codes = [p._p_code for p in self.env["crm.scoring.p"]._get_all()]
        return {code: self[f"weight_{code}"] if f"weight_{code}" in self._fields else 1.0 for code in codes}
