import time

from odoo import api, fields, models
from odoo.tools import SQL

from ...scoring import clusters
from ...scoring.libraries import MissingLibrary, load
from ..database_settings import use_memory

# customers below which nothing is divided, and customers per cluster
LEAST_CUSTOMERS, LEAST_PER_CLUSTER = 50, 10
# numbers of clusters that are tried when the best is asked for
TRIED = range(3, 9)
# rows of measures that are fetched at once
FETCHED = 20_000


class CrmSegmentClusterEngine(models.AbstractModel):
    """Finds clusters and makes segments of them.

    K-means by Lloyd's algorithm over all customers, in single precision: 200,000 customers by 12 measures are 10 MB,
    and each step looks at every customer, so that the result does not depend on batches. Only the choice of the number
    of clusters rests on a sample.
    """

    _name = "crm.segment.cluster.engine"
    _description = "Engine of Clusters"

    @api.model
    def _fit(self, rows, counts=(5,), seed=1):
        """Return the clusters of rows of measures.

        :param rows: a row of numbers per customer, None or not-a-number where one is not known
        :param counts: numbers of clusters to choose from
        :return: ``scoring.clusters.Fit``
        :raises MissingLibrary: without scikit-learn
        """
        return clusters.fit(rows, counts=list(counts), seed=seed)

    def _run(self):
        """Search now, in this transaction; what makes it impossible is written on the clustering."""
        self.ensure_one()
        started = time.monotonic()
        try:
            partner_ids, rows = self._read_measures()
        except MissingLibrary as missing:
            self._refuse(code="no_library", library=missing.name)
            return
        self.customer_count = len(partner_ids)
        least = self._get_least()
        if len(partner_ids) < least:
            self._refuse(code="few_to_divide", company=self.company_id.name, count=len(partner_ids), least=least)
            return
        try:
            found = self._fit(rows, self._get_counts(len(partner_ids)), self.seed)
        except MissingLibrary as missing:
            self._refuse(code="no_library", library=missing.name)
            return
        self._make_segments(partner_ids, found, clusters.scale(rows))
        self.write(
            {
                "state": "done",
                "refusal": False,
                "silhouette": found.silhouette,
                "date_done": fields.Datetime.now(),
                "seconds": time.monotonic() - started,
            }
        )

    def _refuse(self, **refusal):
        self.write({"state": "refused", "refusal": refusal, "date_done": fields.Datetime.now()})

    # ------------------------------------------------------------------
    # Data
    # ------------------------------------------------------------------
    def _read_measures(self):
        """Return the ids of the customers and their measures, in the order of the ids.

        Whoever objects to profiling has no measures.
        """
        np = load("numpy")
        use_memory(self.env.cr)
        self.env.flush_all()
        names = self.measure_ids.mapped("measure")
        self.env.cr.execute(
            SQL(
                """
                SELECT customer.id, %s FROM crm_customer_measure measure
                  JOIN res_partner customer ON customer.id = measure.partner_id
                 WHERE measure.company_id = %s AND measure.period = %s
                   AND customer.active AND customer.crm_profiling_opt_out IS NOT TRUE
                 ORDER BY customer.id
                """,
                SQL(", ").join(SQL("%s::float8", SQL.identifier("measure", name)) for name in names),
                self.company_id.id,
                self.env["crm.segment"]._get_period(self.company_id),
            )
        )
        parts = []
        while rows := self.env.cr.fetchmany(FETCHED):
            parts.append(np.array(rows, dtype=np.float64))
        table = np.concatenate(parts) if parts else np.empty((0, 1 + len(names)))
        return table[:, 0].astype(np.int64), table[:, 1:]

    def _get_least(self):
        """Return the customers that are needed: 50, and 10 per cluster."""
        return max(LEAST_CUSTOMERS, LEAST_PER_CLUSTER * self.cluster_count if self.choice == "fixed" else 0)

    def _get_counts(self, customers):
        if self.choice == "fixed":
            return [self.cluster_count]
        return [count for count in TRIED if count * LEAST_PER_CLUSTER <= customers]

    # ------------------------------------------------------------------
    # Segments
    # ------------------------------------------------------------------
    def _make_segments(self, partner_ids, found, scale):
        """Make the clusters the members of segments; those that are found again near the old ones keep theirs."""
        names = self.measure_ids.mapped("measure")
        segments = self.with_context(active_test=False).segment_ids
        old = segments.filtered(lambda segment: [name for name, _mean in segment.cluster_centre or []] == names)
        centres = [[mean for _name, mean in segment.cluster_centre] for segment in old]
        matched = clusters.match(centres, found.centres, scale)
        profiles = clusters.profile(found.centres, scale)
        kept = self.env["crm.segment"]
        for number, (centre, parts) in enumerate(zip(found.centres, profiles, strict=True)):
            values = {
                "active": True,
                "cluster_centre": list(zip(names, map(float, centre), strict=True)),
                "cluster_profile": [
                    {"measure": names[place], "mean": mean, "all": all_mean, "difference": difference}
                    for place, mean, all_mean, difference in parts
                ],
            }
            segment = old[matched[number]] if number in matched else self._create_segment(values)
            segment.write(values)
            members = [int(partner) for partner in partner_ids[found.labels == number]]
            segment._replace_members(SQL("SELECT unnest(%s::int[]) AS partner_id", members))
            kept |= segment
        for gone in segments - kept:
            gone._replace_members(SQL("SELECT id AS partner_id FROM res_partner WHERE FALSE"))
            gone.active = False

    def _create_segment(self, values):
        segment = self.env["crm.segment"].create(
            {
                **values,
                "name": self.name,
                "company_id": self.company_id.id,
                "cluster_id": self.id,
                "method": "cluster",
                "sequence": 100,
                "is_dynamic": False,
            }
        )
        self._name_segment(segment)
        return segment

    def _name_segment(self, segment):
        """Give a segment a name in each language of the database: the name is stored, so that it can be changed."""
        for lang in {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}:
            # no tracking: nobody renamed the segment
            in_language = segment.with_context(lang=lang, tracking_disable=True)
            in_language.name = in_language._get_cluster_name()
