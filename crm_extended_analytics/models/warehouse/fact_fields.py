from odoo import fields


class FactMany2one(fields.Many2one):
    """A link of a fact to a dimension, without a foreign key in the database.

    PostgreSQL checks a foreign key row by row: a dozen of them would make a load of millions of facts several
    times slower. Nobody writes a fact by hand, so the load itself keeps the links right: it follows merges of
    contacts (``base.partner.merge.automatic.wizard``) and forgets records that are gone
    (``crm.fact.mixin._forget_deleted_records``).
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a foreign key."""
