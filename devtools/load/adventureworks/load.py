"""The order of the steps: files, settings, master data, orders, production, report."""

from datetime import date

import psycopg2.errors

from devtools import console
from devtools.console import DevError

from . import report
from .source import boms, history, locations, orders, sales
from .source.amounts import UNEXPLAINED
from .source.files import Folder
from .source.partners import Partners
from .source.products import Products
from .source.tally import Tally
from .target import (
    catalog,
    opportunities,
    outcome,
    planning,
    production,
    promotions,
    sales_teams,
    scores,
    settings,
    stock,
)
from .target import history as warehouse_history
from .target.boms import BomLoader, load_work_centres
from .target.external_ids import ExternalIds
from .target.partners import PartnerLoader, load_prices
from .target.session import QUIET, Session

CONFLICTS = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected)
ATTEMPTS = 5


def load_patiently(env, args):
    """Load, and go on from the last batch when a person or a job of the running server was faster."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return load(env, args)
        except CONFLICTS:
            env.cr.rollback()
            env.invalidate_all()
            console.say(f"  Somebody changed the same records at the same time: going on (attempt {attempt}).")
        except KeyboardInterrupt:
            raise DevError("Stopped. What is loaded stays; the same command goes on from there.") from None
    raise DevError("The server keeps changing the same records: stop it with `./dev stop` and start the load again.")


def load(env, args):
    """Load the files, print the report, return 0 or, with an unexplained amount, 1."""
    folder = Folder(args.directory)
    settings.check(env)
    if args.history:
        warehouse_history.check(env)
    if args.score:
        scores.check(env)
    settings.quiet_log()
    # su: an administrator may lack the rights of a seller or a storekeeper, and loads for them all the same.
    env = env(su=True, context={**env.context, **QUIET})
    session = Session(env, ExternalIds(env), Tally(), today=date.today())
    with console.step("Orders read") as step:
        grouped = orders.reseller_rows(folder.rows("sales_order_lines.csv.gz"))
        chosen, amounts = orders.last(grouped, args.orders, session.tally)
        step.note = f"{len(chosen):,} of {len(grouped):,} reseller orders"
    last_order = orders.last_date(grouped)
    if last_order is None:
        raise DevError(f"{folder.path / 'sales_order_lines.csv.gz'} holds no reseller order with a date.")
    if args.history:
        last_order = history.last_date(folder.rows("sales_order_lines.csv.gz"))
    settings.apply(session)
    settings.set_offset(session, last_order)
    partners = Partners(folder, session.tally)
    products = load_products(session, folder, partners)
    load_people(session, folder, partners, None if args.customers == "all" else _customers(chosen))
    if args.planning == "plan":
        facts = load_planned(session, products, chosen)
    else:
        load_stock(session, *products)
        load_orders(session, chosen)
        facts = {}
    past = warehouse_history.load(session, folder) if args.history else []
    if args.score:
        past += ["", *scores.load(session, args.score)]
    return finish(session, chosen, amounts, args.report, facts, past)


def _customers(chosen):
    return {order.customer for order in chosen}


def load_products(session, folder, partners):
    """Load categories, products, bills, work centres, vendors; return what the stock needs of it."""
    reader = Products(folder, session.tally)
    categories, subcategories = reader.categories()
    products, prices = reader.products(), partners.vendor_prices()
    lines = boms.read(folder.rows("oltp/billofmaterials.csv"), session.tally)
    stock_units = catalog.stock_units(products, lines, prices)
    with session.step("Categories", "Product categories"):
        catalog.load_categories(session, categories, subcategories)
    assemblies = {line.assembly for line in lines}
    loader = catalog.ProductLoader(session, stock_units, subcategories, assemblies)
    with session.step("Products", "Products"):
        loader.load(products)
    with session.step("Work centres", "Work centres"):
        load_work_centres(session, locations.work_centres(folder, session.tally))
    with session.step("Bills of materials", boms.KIND) as step:
        days = {product.key: product.days_to_make for product in products}
        BomLoader(session, stock_units, days).load(lines, step)
    loader_of_vendors = PartnerLoader(session)
    with session.step("Vendors", "Vendors"):
        loader_of_vendors.load_vendors(partners.vendors())
    with session.step("Vendor prices", "Vendor prices"):
        load_prices(session, prices, stock_units)
    to_stock = [product for product in products if not loader.is_made_to_order(product)]
    return to_stock, reader.stock(), stock_units


def load_people(session, folder, partners, only):
    """Load sales people, teams, customers and promotions."""
    people = sales.sales_people(folder, partners.emails, session.tally)
    with session.step("Sales people", "Sales people"):
        sales_teams.load_users(session, people)
    with session.step("Sales teams", "Sales teams"):
        sales_teams.load_teams(session, sales.territories(folder, session.tally), people)
    loader = PartnerLoader(session)
    with session.step("Resellers", "Resellers") as step:
        loader.load_resellers(partners.resellers(), step)
    with session.step("Persons", "Persons") as step:
        loader.load_persons(partners.persons(only), step)
    loader.note_states()
    with session.step("Promotions", "Promotions"):
        promotions.load(session, sales.offers(folder, session.tally))


def load_stock(session, products, on_hand, stock_units):
    with session.step("Stock on hand", "Stock on hand"):
        stock.load_stock(session, on_hand, stock_units)
    with session.step("Reordering rules", "Reordering rules"):
        loaded = [product for product in products if f"product_{product.key}" in session.ids]
        stock.load_reordering_rules(session, loaded, stock_units)


def load_planned(session, products, chosen):
    """Stock, orders and one plan over all of them; what the plan proposes is left to the planner."""
    _products, on_hand, stock_units = products
    with session.step("Stock on hand", "Stock on hand"):
        stock.load_stock(session, on_hand, stock_units)
    with session.step("Products made to plan") as step:
        step.note = f"{planning.switch(session):,} switched"
    win_orders(session, chosen)
    with session.step("Plan"):
        return planning.plan(session)


def load_orders(session, chosen):
    """Opportunities with quotations, then won, produced, delivered and refilled."""
    win_orders(session, chosen)
    with session.step("Produced and delivered", production.KIND) as step:
        production.complete(session, chosen, step)
    with session.step("Stock refilled by reordering rules"):
        stock.replenish(session)


def win_orders(session, chosen):
    with session.step("Opportunities and quotations", orders.KIND) as step:
        opportunities.OpportunityLoader(session).load(chosen, step)
    with session.step("Opportunities won") as step:
        opportunities.win(session, chosen, step)


def finish(session, chosen, amounts, path, facts, past):
    """Print the report, write it where it is asked for, return the exit code.

    :param past: lines of the report about the history and the scores
    """
    lines, found = report.render(session.tally, outcome.of(session, chosen), amounts, facts)
    lines += ["", *past] if past else []
    console.say()
    for line in lines:
        console.say(line)
    if path:
        table = report.write(path, lines, found)
        console.say(f"\nThe report is in {path}, all {len(found):,} differences are in {table}.")
    return int(any(item.reason == UNEXPLAINED for item in found))
