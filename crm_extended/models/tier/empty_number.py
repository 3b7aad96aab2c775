from odoo import fields


class EmptyFloat(fields.Float):
    """A number whose 0 says that nothing is set: the screen shows it empty, code reads 0.0."""

    def convert_to_read(self, value, record, use_display_name=True):
        return value or False


class EmptyInteger(fields.Integer):
    """As `EmptyFloat`, whole."""

    def convert_to_read(self, value, record, use_display_name=True):
        return value or False
