"""The margin of sales whose cost is known only in part: one rule for partners, campaigns, hold-outs and decisions."""

from odoo.tools import SQL

# share of the net sales, in percent, whose cost is to be known where no scoring method says another
LEAST_KNOWN_PCT = 80.0


def known_margin(*, sold, known, margin, least):
    """Return SQL of the margin of all that was sold, or NULL where too little of the cost is known.

    The known part stands for the little that is not known. An unknown cost is never taken as 0, and a sale without a
    known cost never as one without a margin.

    :param sold: SQL of the net sales
    :param known: SQL of the part of them whose cost is known
    :param margin: SQL of the margin of that part
    :param least: share of the net sales, in percent, whose cost is to be known: a number or SQL
    """
    return SQL(
        "CASE WHEN %(known)s = %(sold)s THEN %(margin)s"
        " WHEN %(known)s > 0 AND 100 * %(known)s >= %(least)s * %(sold)s"
        " THEN %(margin)s * (%(sold)s / %(known)s) END",
        sold=sold,
        known=known,
        margin=margin,
        least=least,
    )


def known_factor(*, sold, known, least):
    """Return by what the margin of the known part is multiplied to stand for all, or None; as `known_margin`."""
    if known == sold:
        return 1.0
    return sold / known if known > 0 and 100 * known >= least * sold else None
