"""Which contacts count among the customers, or could become some."""

from odoo.tools import SQL


def could_buy(alias):
    """Return the SQL condition that a contact could buy: no employee, no company of ours, no mere supplier.

    :param alias: name of the table of contacts in the statement
    """
    return SQL(
        """
        (%(c)s.active AND (%(c)s.supplier_rank = 0 OR %(c)s.customer_rank > 0)
         AND NOT EXISTS (SELECT FROM res_company ours WHERE ours.partner_id = %(c)s.id)
         AND NOT EXISTS (
             SELECT FROM res_users employee
              WHERE employee.partner_id = %(c)s.id AND employee.share IS NOT TRUE))
        """,
        c=SQL.identifier(alias),
    )
