from odoo import api, fields, models
from odoo.tools import SQL

from .fact_fields import FactMany2one


class CrmWarehouseChange(models.Model):
    """A customer whose facts changed since somebody last looked: what an incremental scoring has to do again.

    Rows are only added here, and a customer who waits already is not added again. Who has scored the customers
    deletes the rows that he has read.
    """

    _name = "crm.warehouse.change"
    _description = "Customer with Changed Facts"
    _log_access = False

    company_id = FactMany2one(comodel_name="res.company", required=True, readonly=True)
    commercial_partner_id = FactMany2one(comodel_name="res.partner", string="Customer", required=True, readonly=True)
    date = fields.Datetime(string="Changed On", readonly=True)

    _customer_idx = models.Index("(company_id, commercial_partner_id)")

    @api.model
    def _get_note_sql(self, changed):
        """Return the INSERT of the customers in ``changed``, SQL of the columns company_id, commercial_partner_id."""
        return SQL(
            """
            INSERT INTO crm_warehouse_change (company_id, commercial_partner_id, date)
            SELECT company_id, commercial_partner_id, now() AT TIME ZONE 'UTC'
              FROM (SELECT company_id, commercial_partner_id FROM (%(changed)s) changed
                     WHERE commercial_partner_id IS NOT NULL
                    EXCEPT SELECT company_id, commercial_partner_id FROM crm_warehouse_change) fresh
         RETURNING id
            """,
            changed=changed,
        )

    @api.model
    def _note_all(self, table, companies):
        """Note all customers that have facts in a table."""
        changed = SQL(
            "SELECT DISTINCT company_id, commercial_partner_id FROM %s WHERE company_id = ANY(%s)",
            SQL.identifier(table),
            companies.ids,
        )
        self.env.execute_query(self._get_note_sql(changed))

    @api.model
    def _note(self, customers):
        """Note pairs of ``(company id, customer id)``."""
        customers = [pair for pair in customers if all(pair)]
        if customers:
            rows = SQL(", ").join(SQL("(%s, %s)", *pair) for pair in customers)
            changed = SQL("SELECT * FROM (VALUES %s) noted (company_id, commercial_partner_id)", rows)
            self.env.execute_query(self._get_note_sql(changed))

    @api.model
    def _forget_doubles(self):
        """Delete the second row of a customer: two transactions that add at the same time do not see each other."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM crm_warehouse_change later
                 USING crm_warehouse_change earlier
                 WHERE earlier.company_id = later.company_id
                   AND earlier.commercial_partner_id = later.commercial_partner_id
                   AND earlier.id < later.id
                """
            )
        )
