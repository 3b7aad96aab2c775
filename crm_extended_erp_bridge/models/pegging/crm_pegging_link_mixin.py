from odoo import api, fields, models


class CrmPeggingLinkMixin(models.AbstractModel):
    """A document that opens its pegging; each names the fields of the rows that speak of it."""

    _name = "crm.pegging.link.mixin"
    _description = "Document with Pegging"

    has_pegging = fields.Boolean(
        string="In the Plan",
        compute="_compute_has_pegging",
        help="The last planning run knows what serves it or whom it serves.",
    )

    @api.model
    def _get_pegging_fields(self):
        """Return the fields of crm.pegging, with dots, that lead to this model."""
        return []

    def _compute_has_pegging(self):
        # sudo: who may read the document may know that the plan has it
        Pegging = self.env["crm.pegging"].sudo()
        known = set()
        for fname in self._get_pegging_fields():
            first, _dot, rest = fname.partition(".")
            records = Pegging._read_group([(fname, "in", self.ids)], [first]) if self.ids else []
            known.update(*(record.mapped(rest).ids if rest else record.ids for (record,) in records))
        for document in self:
            company = document.company_id or self.env.company
            document.has_pegging = document.id in known and company._has_feature("production_planning")

    def action_open_pegging(self):
        self.ensure_one()
        self.check_access("read")
        return self.env["crm.pegging"]._get_tree_action(self)
