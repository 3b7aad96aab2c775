from odoo import fields


class KnownFloat(fields.Float):
    """A number that may be unknown: empty stays empty, where Odoo would show 0.

    A score of 0 is the worst of all; a score that cannot be measured is none. In a domain `= False` means unknown, and
    an unknown number is neither below nor above any other.
    """

    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if value is None or value is False else super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if value is None or value is False else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_read(self, value, record, use_display_name=True):
        return value
