from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# columns that say nothing about the customer, whatever they hold
NOT_PROFILE = {"id", "create_uid", "create_date", "write_uid", "write_date", "commercial_partner_id"}
EMPTY_TEXT = ("char", "text", "html")
EMPTY_NUMBER = ("integer", "float", "monetary")


class CrmScoringMethodField(models.Model):
    """A field of the contact that belongs to a complete profile, and how much it counts."""

    _name = "crm.scoring.method.field"
    _description = "Profile Field in a Scoring Method"
    _order = "method_id, weight desc, id"

    method_id = fields.Many2one(comodel_name="crm.scoring.method", required=True, ondelete="cascade", index=True)
    field_id = fields.Many2one(
        comodel_name="ir.model.fields",
        string="Field of the Contact",
        required=True,
        ondelete="cascade",
        domain=[("model", "=", "res.partner"), ("store", "=", True), ("ttype", "not in", ("boolean", "one2many"))],
    )
    weight = fields.Float(
        default=1.0,
        required=True,
        help="Completeness = weight of the fields that are filled / weight of all, in percent.",
    )

    _field_uniq = models.UniqueIndex("(method_id, field_id)", "This field counts in the profile already.")
    _weight_positive = models.Constraint("CHECK (weight > 0)", "A weight is above 0: leave the field out instead.")

    @api.constrains("field_id")
    def _check_field(self):
        for record in self:
            if record.field_id.model != "res.partner" or not record._get_filled_sql():
                raise ValidationError(
                    self.env._(
                        "%(field)s cannot be asked of all customers at once. Take a stored field of the contact "
                        "that is a text, a number, a date or a link.",
                        field=record.field_id.field_description,
                    )
                )

    @api.constrains("method_id", "field_id", "weight")
    def _check_draft(self):
        """A method that is in use does not change."""
        if not self.env.context.get("install_mode"):
            self.method_id._check_draft()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.method_id._check_draft()

    def _get_filled_sql(self, company=None):
        """Return the SQL condition that the field of the contact ``p`` holds something, or None if none can.

        :param company: whose value of a field that every company fills on its own
        """
        field = self.env["res.partner"]._fields.get(self.field_id.name)
        if field is None or not field.store or field.name in NOT_PROFILE:
            return None
        if field.type == "many2many":
            return SQL(
                "EXISTS (SELECT FROM %s rel WHERE rel.%s = p.id)",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
            )
        return self._get_column_sql(field, company) if field.column_type and field.type != "boolean" else None

    def _get_column_sql(self, field, company):
        column = SQL.identifier("p", field.name)
        if field.company_dependent:
            key = str((company or self.env.company).id)
            return SQL("COALESCE(%s ->> %s, 'false') NOT IN ('', 'false', '0')", column, key)
        if field.type in EMPTY_TEXT and not field.translate:
            return SQL("COALESCE(%s, '') <> ''", column)
        if field.type in EMPTY_NUMBER:
            return SQL("COALESCE(%s, 0) <> 0", column)
        return SQL("%s IS NOT NULL", column)
