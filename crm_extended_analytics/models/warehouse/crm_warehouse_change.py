from odoo import api, fields, models
from odoo.tools import SQL

from .fact_fields import FactMany2one

# who reads the changes
SCORING, SALES_MONTH = "scoring", "sales_month"


class CrmWarehouseChange(models.Model):
    """A customer whose facts changed since a reader last looked: what he has to do again.

    Each reader has rows of his own, and deletes those that he has done: the scoring, and the sales by month. Rows are
    only added here. A customer who waits for the scoring is not added again. For the sales by month he is: they read
    while others write, and who writes cannot know whether the row he sees is being taken just now.
    """

    _name = "crm.warehouse.change"
    _description = "Customer with Changed Facts"
    _log_access = False

    reader = fields.Selection(
        selection=[(SCORING, "Scoring"), (SALES_MONTH, "Sales by Month")],
        required=True,
        readonly=True,
        default=SCORING,
        help="Who has to look at the customer again.",
    )
    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    commercial_partner_id = FactMany2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        help="Empty: all customers of the company.",
    )
    date = fields.Datetime(string="Changed On", readonly=True)

    _customer_idx = models.Index("(reader, company_id, commercial_partner_id)")

    @api.model
    def _get_readers(self, fact_model):
        """Return who reads the facts of a model."""
        return {SCORING, SALES_MONTH} if fact_model == "crm.fact.sale" else {SCORING}

    @api.model
    def _get_note_sql(self, changed, fact_model=None, readers=None):
        """Return the INSERT of the customers in ``changed``, SQL of the columns company_id, commercial_partner_id.

        :param fact_model: name of the model whose facts changed
        :param readers: who is to know; all who read such facts if not given
        """
        return SQL(
            """
            INSERT INTO crm_warehouse_change (reader, company_id, commercial_partner_id, date)
            SELECT reader, company_id, commercial_partner_id, now() AT TIME ZONE 'UTC'
              FROM (SELECT reader, company_id, commercial_partner_id
                      FROM (%(changed)s) changed CROSS JOIN unnest(%(readers)s::varchar[]) reader
                     WHERE commercial_partner_id IS NOT NULL
                    EXCEPT SELECT reader, company_id, commercial_partner_id FROM crm_warehouse_change
                            WHERE reader = %(scoring)s) fresh
         RETURNING id
            """,
            changed=changed,
            readers=sorted(self._get_readers(fact_model) if readers is None else readers),
            scoring=SCORING,
        )

    @api.model
    def _note_all(self, fact_model, companies):
        """Note all customers that have facts of a model; the sales by month are simply counted anew."""
        changed = SQL(
            "SELECT DISTINCT company_id, commercial_partner_id FROM %s WHERE company_id = ANY(%s)",
            SQL.identifier(self.env[fact_model]._table),
            companies.ids,
        )
        self.env.execute_query(self._get_note_sql(changed, readers={SCORING}))
        self._note_whole(companies, self._get_readers(fact_model) - {SCORING})

    @api.model
    def _note_whole(self, companies, readers):
        """Note that all customers of companies have changed, whoever they are."""
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_warehouse_change (reader, company_id, date)
                SELECT reader, company_id, now() AT TIME ZONE 'UTC'
                  FROM unnest(%s) company_id CROSS JOIN unnest(%s::varchar[]) reader
             RETURNING id
                """,
                companies.ids,
                sorted(readers),
            )
        )

    @api.model
    def _note(self, customers, fact_model=None):
        """Note pairs of ``(company id, customer id)`` whose facts of a model changed; without one, for the scoring."""
        customers = [pair for pair in customers if all(pair)]
        if customers:
            rows = SQL(", ").join(SQL("(%s, %s)", *pair) for pair in customers)
            changed = SQL("SELECT * FROM (VALUES %s) noted (company_id, commercial_partner_id)", rows)
            self.env.execute_query(self._get_note_sql(changed, fact_model))

    @api.model
    def _take(self, reader, company):
        """Delete what a reader has to do for a company, and return the ids of the customers; None is all of them."""
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM crm_warehouse_change WHERE reader = %s AND company_id = %s"
                " RETURNING commercial_partner_id",
                reader,
                company.id,
            )
        )
        return {partner_id for (partner_id,) in rows}

    @api.model
    def _forget_doubles(self):
        """Delete the second row of a customer: two transactions that add at the same time do not see each other.

        Rows are numbered, not compared with each other: to PostgreSQL the table may seem empty, as it was a moment
        ago, and it would compare every row with every other one.
        """
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_warehouse_change WHERE id = ANY(ARRAY(
                    SELECT id
                      FROM (SELECT id, row_number() OVER (PARTITION BY company_id, commercial_partner_id ORDER BY id)
                              AS place
                              FROM crm_warehouse_change WHERE reader = %s) numbered
                     WHERE place > 1))
                """,
                SCORING,
            )
        )
