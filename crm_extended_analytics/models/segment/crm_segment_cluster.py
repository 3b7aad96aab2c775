from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...scoring.libraries import MissingLibrary, require
from ..seven_p.known_float import KnownFloat
from .crm_segment import FEATURE

DEFAULT_MEASURES = (
    "recency_days",
    "tenure_days",
    "rfm_orders",
    "rfm_money",
    "basket_value",
    "margin_rate",
    "discount_pct",
    "product_count",
    "category_count",
    "sales_change_pct",
    "delay_days",
    "return_share",
)


class CrmSegmentCluster(models.Model):
    """A search for customers who resemble each other: which measures count, how many clusters, and what was found.

    Each cluster becomes a segment. A segment keeps its name when the search is repeated and a cluster is found again
    near the old one; one that is found no more is archived with its history.
    """

    _name = "crm.segment.cluster"
    _inherit = ["crm.segment.cluster.engine", "crm.refusal.mixin"]
    _description = "Clustering of Customers"
    _order = "id desc"

    name = fields.Char(required=True, default=lambda self: self.env._("What customers are like"))
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    measure_ids = fields.One2many(
        comodel_name="crm.segment.cluster.measure",
        inverse_name="cluster_id",
        string="Measures",
        default=lambda self: [Command.create({"measure": name}) for name in DEFAULT_MEASURES],
        copy=True,
    )
    choice = fields.Selection(
        selection=[("auto", "The number that fits best"), ("fixed", "A number of mine")],
        string="Clusters",
        default="auto",
        required=True,
        help="The number that fits best has the highest silhouette of 3 to 8 clusters, on up to 3,000 customers.",
    )
    cluster_count = fields.Integer(string="Number", default=5, help="Number of clusters, 2 to 20.")
    seed = fields.Integer(default=1, required=True, help="The same customers and the same seed give the same clusters.")
    is_repeated = fields.Boolean(
        string="Repeat", help="Search again after each scoring of all customers; segments that stay keep their names."
    )
    state = fields.Selection(
        selection=[
            ("draft", "Not searched yet"),
            ("queued", "Waiting"),
            ("done", "Done"),
            ("refused", "Not possible"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    refusal = fields.Json(copy=False)
    reason = fields.Text(help="Why no clusters were found, and what to do instead.")
    segment_ids = fields.One2many(comodel_name="crm.segment", inverse_name="cluster_id", string="Segments")
    segment_count = fields.Integer(compute="_compute_segment_count")
    customer_count = fields.Integer(
        string="Customers", readonly=True, copy=False, help="Customers with measures of the last scored month."
    )
    silhouette = KnownFloat(
        readonly=True,
        copy=False,
        digits=(16, 2),
        help="(Distance to the next cluster - to the own one) / the larger of them, mean over customers: 1 is clearly "
        "apart, above 0.5 good, below 0.25 hardly apart. On up to 3,000 customers.",
    )
    quality = fields.Char(compute="_compute_quality")
    date_done = fields.Datetime(string="Searched", readonly=True, copy=False)
    seconds = KnownFloat(readonly=True, copy=False, digits=(16, 1), help="Time that the last search took.")
    missing_library = fields.Char(compute="_compute_missing_library")

    _count_between = models.Constraint("CHECK (cluster_count BETWEEN 2 AND 20)", "Choose 2 to 20 clusters.")

    # ------------------------------------------------------------------
    # Computes and checks
    # ------------------------------------------------------------------
    @api.depends("segment_ids")
    def _compute_segment_count(self):
        for cluster in self:
            cluster.segment_count = len(cluster.segment_ids)

    @api.depends("silhouette", "state")
    @api.depends_context("lang")
    def _compute_quality(self):
        for cluster in self:
            value = cluster.silhouette
            if cluster.state != "done" or value is False:
                cluster.quality = False
            elif value >= 0.5:
                cluster.quality = self.env._("Clearly apart from each other.")
            elif value >= 0.25:
                cluster.quality = self.env._("Apart, with customers in between.")
            else:
                cluster.quality = self.env._(
                    "Hardly apart: customers differ by degrees, not by kinds. Take the clusters as a rough division."
                )

    @api.depends_context("lang")
    def _compute_missing_library(self):
        """Name what the server lacks before anybody waits for it."""
        try:
            require("sklearn")
            problem = False
        except MissingLibrary as missing:
            problem = self._get_refusal_sentences()["no_library"] % {"library": missing.name}
        self.missing_library = problem

    @api.constrains("measure_ids")
    def _check_measures(self):
        for cluster in self:
            if len(cluster.measure_ids) < 2:
                raise ValidationError(self.env._("Choose two measures at least: one measure needs no clusters."))

    # ------------------------------------------------------------------
    # Run
    # ------------------------------------------------------------------
    def action_search(self):
        """Search in the background; who waits already is not queued twice."""
        self.check_access("write")
        for cluster in self:
            if cluster.missing_library:
                raise UserError(cluster.missing_library)
            if not cluster.company_id._has_feature(FEATURE):
                raise UserError(
                    self.env._(
                        "%(company)s does not use segments. Switch them on under CRM > Configuration > Features.",
                        company=cluster.company_id.name,
                    )
                )
            cluster._enqueue()

    def _enqueue(self):
        # `sudo`: the search writes segments and members, whoever may ask for it
        cluster = self.sudo()
        cluster.write({"state": "queued", "refusal": False})
        cluster.with_delay(identity_key=f"crm.segment.cluster-{self.id}", description=self.name)._run_job()

    def _run_job(self):
        """Job: search, unless the clustering was taken back meanwhile."""
        if self.exists() and self.state == "queued":
            self._run()

    def _on_job_failed(self, exc_name=None, exc_message=None, **_details):
        """Called by the queue when the search failed for good; its transaction is rolled back."""
        self.write({"state": "failed", "refusal": {"code": "stopped", "problem": f"{exc_name}: {exc_message}"}})

    def _get_refusal_sentences(self):
        return super()._get_refusal_sentences() | {
            "few_to_divide": self.env._(
                "%(company)s has %(count)s customers with measures of the last scored month; clusters need %(least)s "
                "at least, because fewer are chance. Divide them by their R, F and M classes instead: a segment by "
                'rules, such as "R at least 4 and M at least 4".'
            ),
            "stopped": self.env._(
                "The search stopped with an error: %(problem)s\nThe segments are as they were before. Press "
                '"Find Clusters" when the cause is removed.'
            ),
        }

    @api.model
    def _repeat(self, company):
        """Queue the searches of a company that are repeated after each scoring."""
        if company._has_feature(FEATURE):
            for cluster in self.search([("company_id", "=", company.id), ("is_repeated", "=", True)]):
                cluster._enqueue()

    def action_open_segments(self):
        """Show the segments that were found."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_segment_action")
        return action | {"domain": [("cluster_id", "=", self.id)], "context": {"default_cluster_id": self.id}}


class CrmSegmentClusterMeasure(models.Model):
    """A measure by which customers are compared."""

    _name = "crm.segment.cluster.measure"
    _description = "Measure of a Clustering"
    _order = "cluster_id, id"

    cluster_id = fields.Many2one(comodel_name="crm.segment.cluster", required=True, ondelete="cascade", index=True)
    measure = fields.Selection(selection="_selection_measure", required=True)

    _measure_uniq = models.UniqueIndex("(cluster_id, measure)", "This measure counts already.")

    @api.model
    def _selection_measure(self):
        """Return the measures that are numbers, those of other addons included."""
        return self.env["crm.customer.measure"]._get_scorable()
