"""What the load asks of the database before the first record, and the settings that it changes."""

import json
import logging
from contextlib import contextmanager
from datetime import date

from devtools.console import DevError

from ..source.dates import Shift, offset_days
from .external_ids import MODULE, commit

OFFSET = f"{MODULE}.date_offset_days"
PAUSED = f"{MODULE}.paused_settings"
NO_AUTO_SCHEDULER = "stock.no_auto_scheduler"
PRICE_DIGITS = 4
# What a person needs to see what was loaded: prices by promotion, discounts, units, routes on products.
FEATURES = (
    "product.group_product_pricelist",
    "sale.group_discount_per_so_line",
    "uom.group_uom",
    "stock.group_adv_location",
)


def check(env):
    """Refuse a database without the addons in one sentence."""
    if "crm.conversion" not in env:
        raise DevError(
            f"The database {env.cr.dbname} lacks crm_extended_erp_bridge: install it, or start `./dev run` first."
        )


def quiet_log():
    """Keep Odoo's own progress lines out of the loader's."""
    logging.getLogger("odoo").setLevel(logging.WARNING)


def apply(session):
    """Make the settings that the data needs; each is told in the report."""
    env, note = session.env, session.tally.note
    env.ref("base.USD").active = True
    price = env["decimal.precision"].search([("name", "=", "Product Price")], limit=1)
    if price.digits < PRICE_DIGITS:
        price.digits = PRICE_DIGITS
        note("The decimal accuracy Product Price was set to 4: most reseller prices have more than two decimals.")
    for feature in FEATURES:
        env.ref("base.group_user")._apply_group(env.ref(feature))
    if env.company.crm_win_policy != "confirm":
        env.company.crm_win_policy = "confirm"
        note(f"{env.company.name} now confirms the quotation when an opportunity is won (crm_win_policy).")
    env.ref("stock.route_warehouse0_mto").active = True
    commit(env)
    resume(session)


def set_offset(session, last_order):
    """Use the recorded offset, or record the one that makes the last reseller order yesterday's."""
    parameters = session.env["ir.config_parameter"].sudo()
    recorded = parameters.get_param(OFFSET)
    days = int(recorded) if recorded else offset_days(last_order, date.today())
    if not recorded:
        parameters.set_param(OFFSET, str(days))
        commit(session.env)
    session.shift = Shift(days)
    session.today = date.today()
    session.tally.note(
        f"All dates are moved by {days:,} days (recorded as {OFFSET}): the last order, of "
        f"{last_order}, is of {session.shift(last_order)}."
    )


def usd_to_company(session):
    """Return a function that turns USD into the company's currency, at today's rate."""
    usd, company = session.env.ref("base.USD"), session.env.company
    if company.currency_id == usd:
        return float
    session.tally.note(
        f"Costs and list prices are converted from USD to {company.currency_id.name}; orders stay in USD."
    )
    return lambda amount: usd._convert(float(amount), company.currency_id, company, session.today, round=False)


@contextmanager
def paused_reservation(session):
    """Confirm without reserving and without running the reordering rules each time.

    Both cost more than half of the time of a confirmation, and the loader does them afterwards, once. What
    was set before is recorded, so that the next run puts it back when this one is killed.
    """
    parameters = session.env["ir.config_parameter"].sudo()
    types = session.env["stock.picking.type"].with_context(active_test=False).search([])
    before = {
        "reservation": {str(kind.id): kind.reservation_method for kind in types},
        "no_auto_scheduler": parameters.get_param(NO_AUTO_SCHEDULER),
    }
    parameters.set_param(PAUSED, json.dumps(before))
    types.reservation_method = "manual"
    parameters.set_param(NO_AUTO_SCHEDULER, "1")
    commit(session.env)
    try:
        yield
    except BaseException:
        session.env.cr.rollback()
        session.env.invalidate_all()
        raise
    finally:
        resume(session)


def resume(session):
    """Put back what `paused_reservation` has changed, of this run or of a killed one."""
    parameters = session.env["ir.config_parameter"].sudo()
    recorded = parameters.get_param(PAUSED)
    if not recorded:
        return
    before = json.loads(recorded)
    for kind in session.env["stock.picking.type"].with_context(active_test=False).search([]):
        kind.reservation_method = before["reservation"].get(str(kind.id), kind.reservation_method)
    parameters.set_param(NO_AUTO_SCHEDULER, before["no_auto_scheduler"])
    parameters.set_param(PAUSED, False)
    commit(session.env)
