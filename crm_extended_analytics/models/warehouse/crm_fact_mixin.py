import itertools

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_warehouse_change import SCORING
from .fact_fields import FactMany2one


class CrmFactMixin(models.AbstractModel):
    """What every fact has: one row of one document, as it was at the date of the document.

    Facts are filled by the sources of the warehouse (``crm.warehouse.source``) and by the import of history,
    both with SQL; nobody may create, change or delete one, so there is no access line for it.

    The columns in ``_as_then`` keep their first value as long as their anchor column stays the same: the
    customer may move to another group, grade or country later, and the sale still belongs to what he was.
    """

    _name = "crm.fact.mixin"
    _inherit = ["crm.fact.dimension.mixin"]
    _description = "Fact of the Sales Warehouse"
    _log_access = False
    _order = "date desc, id desc"
    _rec_name = "document_name"

    # {column that keeps its first value: column whose change gives it a new one}
    _as_then = {"commercial_partner_id": "partner_id", "grade_id": "partner_id", "country_id": "partner_id"}
    # the field that leads to the document; None where the fact points to it with document_model and document_id
    _document_field = None

    res_model = fields.Char(
        string="Source Model",
        required=True,
        readonly=True,
        help="Technical name of the model of which the fact is one record.",
    )
    res_id = fields.Many2oneReference(
        string="Source Record", model_field="res_model", required=True, readonly=True, aggregator=None
    )
    document_name = fields.Char(string="Document", readonly=True)
    date = fields.Date(
        required=True,
        readonly=True,
        help="Date of the document, in the time zone of the company.",
    )
    currency_id = FactMany2one(comodel_name="res.currency", readonly=True)
    currency_rate = fields.Float(
        digits=0,
        readonly=True,
        aggregator=None,
        help="Units of the document's currency for one unit of the company's currency, at the date of the document.",
    )
    commercial_partner_id = FactMany2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        help="The commercial entity to which the contact belonged at the date of the document.",
    )
    partner_id = FactMany2one(comodel_name="res.partner", string="Contact", readonly=True)
    owner_id = FactMany2one(
        comodel_name="res.users",
        string="Salesperson Now",
        readonly=True,
        help="Salesperson of the customer at the last load.",
    )
    campaign_id = FactMany2one(comodel_name="utm.campaign", readonly=True)
    medium_id = FactMany2one(comodel_name="utm.medium", readonly=True)
    source_id = FactMany2one(comodel_name="utm.source", readonly=True)

    _source_uniq = models.UniqueIndex("(res_id, res_model)", "This record has a fact already.")
    _customer_date_idx = models.Index("(company_id, commercial_partner_id, date)")

    def action_open_document(self):
        """Open the document behind the fact; its own rights decide who may read it."""
        self.ensure_one()
        model, res_id = self._get_document()
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": res_id,
            "views": [[False, "form"]],
        }

    def _get_document(self):
        """Return ``(model, id)`` of the record to open for the fact."""
        document = self[self._document_field] if self._document_field else None
        return (document._name, document.id) if document else (self.res_model, self.res_id)

    @api.model
    def _get_fact_models(self):
        """Return the names of all fact models, those of other addons included."""
        names = self.env.registry.descendants(["crm.fact.mixin"], "_inherit")
        return [name for name in names if not self.env[name]._abstract]

    @api.model
    def _count_all(self):
        """Return the number of facts, of all companies."""
        ((count,),) = self.env.execute_query(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(self._table)))
        return count

    @api.model
    def _get_dimensions(self):
        """Return the fields that lead to dimensions, without those that every database keeps."""
        kept = {"company_id", "currency_id"}
        return [field for name, field in self._fields.items() if isinstance(field, FactMany2one) and name not in kept]

    @api.model
    def _forget_deleted_records(self):
        """Empty the links to records that were deleted: the facts stay, the names are gone."""
        for field in self._get_dimensions_with_deleted():
            self._forget_deleted(field)

    @api.model
    def _get_dimensions_with_deleted(self):
        """Return the fields that lead to a record that is gone: one pass over the facts for all of them."""
        dimensions = self._get_dimensions()
        has_deleted = SQL(", ").join(
            SQL(
                "BOOL_OR(%(column)s NOT IN (SELECT id FROM %(dimension)s)) FILTER (WHERE %(column)s IS NOT NULL)",
                column=SQL.identifier(field.name),
                dimension=SQL.identifier(self.env[field.comodel_name]._table),
            )
            for field in dimensions
        )
        (found,) = self.env.execute_query(SQL("SELECT %s FROM %s", has_deleted, SQL.identifier(self._table)))
        return list(itertools.compress(dimensions, found))

    def _forget_deleted(self, field):
        """Empty one link, and note whose facts are grouped otherwise now; their scores are the same."""
        change = self.env["crm.warehouse.change"]
        changed = SQL("SELECT company_id, commercial_partner_id FROM emptied")
        if field.name == "commercial_partner_id":
            # the facts are nobody's now: it is the customer who is gone that has changed
            changed = SQL(
                "SELECT company_id, gone.id AS commercial_partner_id"
                " FROM (SELECT DISTINCT company_id FROM emptied) company CROSS JOIN gone"
            )
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    SELECT used.id
                      FROM (SELECT DISTINCT %(column)s AS id FROM %(fact)s WHERE %(column)s IS NOT NULL) used
                     WHERE NOT EXISTS (SELECT FROM %(dimension)s dimension WHERE dimension.id = used.id)),
                emptied AS (
                    UPDATE %(fact)s SET %(column)s = NULL WHERE %(column)s = ANY(ARRAY(SELECT id FROM gone))
                 RETURNING company_id, commercial_partner_id)
                %(note)s
                """,
                fact=SQL.identifier(self._table),
                column=SQL.identifier(field.name),
                dimension=SQL.identifier(self.env[field.comodel_name]._table),
                note=change._get_note_sql(changed, readers=change._get_readers(self._name) - {SCORING}),
            )
        )

    @api.model
    def _refresh_owners(self, companies, since=None):
        """Write today's salesperson of each customer beside the one of the document.

        :param companies: those whose facts are looked at
        :param since: moment (UTC): only customers written since then, whose facts are looked up one by one. Without
            it all facts are compared.
        """
        self.env["res.partner"].flush_model(["user_id"])
        self.env.execute_query(
            SQL(
                """
                UPDATE %(fact)s fact SET owner_id = customer.user_id
                  FROM res_partner customer
                 WHERE customer.id = fact.commercial_partner_id
                   AND fact.company_id = ANY(%(companies)s)
                   AND fact.owner_id IS DISTINCT FROM customer.user_id %(changed)s
             RETURNING fact.id
                """,
                fact=SQL.identifier(self._table),
                companies=companies.ids,
                changed=SQL("AND customer.write_date >= %s", since) if since else SQL(""),
            )
        )

    @api.model
    def _follow_merge(self, source_ids, destination):
        """Give the facts of merged contacts to the contact that stays.

        :param source_ids: ids of the contacts that the merge deletes
        :param destination: the contact that stays
        """
        customer_id = destination.commercial_partner_id.id
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE %(fact)s fact
                   SET partner_id = CASE WHEN partner_id = ANY(%(sources)s) THEN %(stays)s ELSE partner_id END,
                       commercial_partner_id = CASE
                           WHEN commercial_partner_id = ANY(%(sources)s) THEN %(customer)s
                           ELSE commercial_partner_id END,
                       owner_id = CASE WHEN commercial_partner_id = ANY(%(sources)s) THEN %(owner)s ELSE owner_id END
                 WHERE partner_id = ANY(%(sources)s) OR commercial_partner_id = ANY(%(sources)s)
             RETURNING company_id, commercial_partner_id
                """,
                fact=SQL.identifier(self._table),
                sources=list(source_ids),
                stays=destination.id,
                customer=customer_id,
                owner=destination.commercial_partner_id.user_id.id or None,
            )
        )
        changed = set(rows) | {(company, source) for company, _customer in rows for source in source_ids}
        self.env["crm.warehouse.change"]._note(changed, self._name)
