"""Contacts by rows about their customers."""

from odoo.fields import Domain
from odoo.tools import SQL


def has_row(rows, domain):
    """Return the domain of the customers, and their contacts, about whom there is such a row that the user may read.

    As EXISTS: PostgreSQL takes NOT IN over the rows of many customers row by row, which lasts for hours.

    :param rows: a model whose `partner_id` is a customer
    """

    def to_sql(partners, alias, query):
        found = rows._search(domain)
        customer = partners._field_to_sql(alias, "commercial_partner_id", query)
        found.add_where(SQL("%s = %s", SQL.identifier(found.table, "partner_id"), customer))
        return SQL("EXISTS %s", found.subselect())

    return Domain.custom(to_sql=to_sql)
