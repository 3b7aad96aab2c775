from odoo import api, fields, models

from .crm_conversion import FEATURE


class CrmConversionLinkMixin(models.AbstractModel):
    """The way from a document to the chains it belongs to: a count, the records, an action.

    Counted where a form shows it, and only for those who may read conversions in a company that uses them.
    """

    _name = "crm.conversion.link.mixin"
    _description = "Document of a Conversion"

    chain_conversion_ids = fields.Many2many(
        comodel_name="crm.conversion",
        string="Conversions of the Document",
        compute="_compute_chain_conversion_ids",
        compute_sudo=False,
    )
    chain_conversion_count = fields.Integer(
        string="Conversion Count", compute="_compute_chain_conversion_ids", compute_sudo=False
    )
    has_conversion_chain = fields.Boolean(compute="_compute_has_conversion_chain")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_chain_conversion_ids(self):
        model = self.env["crm.conversion"]
        found = {}
        if model.has_access("read"):
            found = model._get_conversion_ids_by_document(self._name, self.ids)
        readable = model.browse(set().union(*found.values()))._filtered_access("read") if found else model
        readable = readable.filtered(lambda conversion: conversion.company_id._has_feature(FEATURE))
        for record in self:
            ids = found.get(record._origin.id, ())
            record.chain_conversion_ids = readable.filtered(lambda conversion, ids=ids: conversion.id in ids)
            record.chain_conversion_count = len(record.chain_conversion_ids)

    @api.depends("company_id")
    def _compute_has_conversion_chain(self):
        for record in self:
            record.has_conversion_chain = (record.company_id or self.env.company)._has_feature(FEATURE)

    def action_view_conversions(self):
        """Open the one chain of the document, or the list of them."""
        return self.env["crm.conversion"]._get_document_action(
            self.chain_conversion_ids, name=self.env._("Conversions")
        )
