from odoo import fields, models
from odoo.tools.misc import formatLang

from .plain_number import plain_number

# differences, in standard deviations, below which a cluster is like all others in a measure
SAME_DIFFERENCE = 0.25
# measures that a cluster is described by
SAID = 3
# from so many times the average on, a multiple says more than a percentage
MULTIPLE = 1.5


class CrmSegmentClusterWords(models.AbstractModel):
    """A cluster in words: the measures that set it apart, compared with all customers."""

    _name = "crm.segment.cluster.words"
    _description = "Words for a Cluster"

    cluster_id = fields.Many2one(
        comodel_name="crm.segment.cluster",
        string="Clustering",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    cluster_centre = fields.Json(
        readonly=True, copy=False, help="Means of the measures, by which a cluster is found again."
    )
    cluster_profile = fields.Json(
        readonly=True, copy=False, help="The measures, those that set the cluster apart first."
    )

    def _get_cluster_parts(self):
        """Return the parts of the profile that set the cluster apart."""
        parts = [part for part in self.cluster_profile or [] if abs(part["difference"]) >= SAME_DIFFERENCE]
        return parts[:SAID]

    def _get_measure_labels(self):
        return dict(self.env["crm.customer.measure"]._get_scorable())

    def _get_cluster_sentences(self):
        """Return what sets the cluster apart, a sentence per measure."""
        labels = self._get_measure_labels()
        sentences = [
            self._get_cluster_sentence(labels.get(part["measure"], part["measure"]), part)
            for part in self._get_cluster_parts()
        ]
        return sentences or [self.env._("Close to the average in everything.")]

    def _get_cluster_sentence(self, label, part):
        mean, everybody = part["mean"], part["all"]
        numbers = {"measure": label, "mean": plain_number(self.env, mean), "all": plain_number(self.env, everybody)}
        if mean <= 0 or everybody <= 0:
            return self.env._("%(measure)s: %(mean)s, against %(all)s of all customers.", **numbers)
        ratio = mean / everybody
        if ratio >= MULTIPLE:
            return self.env._(
                "%(measure)s: %(ratio)s times as high (%(mean)s, all customers %(all)s).",
                ratio=formatLang(self.env, ratio, digits=1),
                **numbers,
            )
        percent = formatLang(self.env, abs(ratio - 1) * 100, digits=0)
        if ratio >= 1:
            return self.env._(
                "%(measure)s: %(percent)s %% higher (%(mean)s, all customers %(all)s).", percent=percent, **numbers
            )
        return self.env._(
            "%(measure)s: %(percent)s %% lower (%(mean)s, all customers %(all)s).", percent=percent, **numbers
        )

    def _get_cluster_name(self):
        """Return a name of the two measures that set the cluster apart most."""
        labels = self._get_measure_labels()
        words = []
        for part in self._get_cluster_parts()[:2]:
            label = labels.get(part["measure"], part["measure"])
            is_high = part["difference"] > 0
            words.append(
                self.env._("%(measure)s high", measure=label)
                if is_high
                else self.env._("%(measure)s low", measure=label)
            )
        return ", ".join(words) or self.env._("Average customers")

    def _get_cluster_reasons(self, row):
        """Return the customer's own numbers of what sets his cluster apart.

        :param row: facts of the customer, of ``crm.segment.reason``
        """
        labels = self._get_measure_labels()
        return [
            self.env._(
                "%(measure)s: %(number)s (this cluster %(mean)s, all customers %(all)s)",
                measure=labels.get(part["measure"], part["measure"]),
                number=self.env._("not known")
                if row.get(part["measure"]) is None
                else plain_number(self.env, row[part["measure"]]),
                mean=plain_number(self.env, part["mean"]),
                all=plain_number(self.env, part["all"]),
            )
            for part in self._get_cluster_parts()
        ]
