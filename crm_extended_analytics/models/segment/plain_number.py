from odoo.tools.misc import formatLang


def plain_number(env, value):
    """Return a number for a sentence, in the format of the reader: as few decimals as say the same."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 or round(value, 1) == round(value, 2) else 2
    value = float(round(value, digits)) or 0.0
    return formatLang(env, value, digits=0 if value.is_integer() else digits)
