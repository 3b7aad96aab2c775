from odoo import fields


class UncheckedMany2one(fields.Many2one):
    """A link without a foreign key in the database, for rows that are written by the hundred thousand.

    PostgreSQL checks a foreign key row by row. The model linked to refuses to delete what is used, in Python.
    """

    def update_db_foreign_key(self, model, column):
        """Leave the column without a foreign key."""
