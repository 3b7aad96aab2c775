"""The records, table by table."""

import time
from datetime import date, timedelta

from . import statements
from .bare import bare

CATEGORIES = 10
CAMPAIGNS = 8
SELLERS = 12
# Tables whose statistics the planner needs after rows came in without the ORM.
FILLED = (
    "res_partner",
    "sale_order",
    "sale_order_line",
    "sale_order_line_invoice_rel",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "crm_lead",
)


def make(env, size, *, today=None, say=print):
    """Fill the database of `env`; the caller commits.

    :param size: `Size`
    :param date today: the day after the last order, default today
    :param say: is told what is being written
    :return: dict of the numbers of records
    """
    company = env.company
    values = {
        **size.__dict__,
        **make_master_data(env, size),
        "company": company.id,
        "currency": company.currency_id.id,
        "uid": env.uid,
        "first_day": (today or date.today()) - timedelta(days=size.days),
        "repeats": size.orders - size.customers,
    }
    env.flush_all()
    # Workers would draw random numbers of their own, and no run would equal another.
    env.cr.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    env.cr.execute("SELECT setseed(%(seed)s)", values)
    counts = {}
    with bare(env.cr, FILLED):
        for title, table, statement in statements.ALL:
            started = time.perf_counter()
            env.cr.execute(statement, values)
            say(f"  {title}: {env.cr.rowcount:,} in {time.perf_counter() - started:.1f} s")
            if table:
                counts[table] = counts.get(table, 0) + env.cr.rowcount
    env.invalidate_all()
    for table in FILLED:
        env.cr.execute(f"ANALYZE {table}")  # pylint: disable=sql-injection
    return counts


def make_master_data(env, size):
    """Make the few records that everything refers to, with the ORM; return their ids."""
    categories = env["product.category"].create([{"name": f"Group {number}"} for number in range(1, CATEGORIES + 1)])
    products = env["product.product"].create(
        [
            {
                "name": f"Article {number:04}",
                "default_code": f"POP{number:04}",
                "type": "consu",
                "categ_id": categories[number % CATEGORIES].id,
                "list_price": 5 + 7.5 * (number * 37 % 100),
                "standard_price": (5 + 7.5 * (number * 37 % 100)) * (0.45 + 0.04 * (number % 10)),
            }
            for number in range(size.products)
        ]
    )
    sellers = (
        env["res.users"]
        .with_context(no_reset_password=True, mail_create_nolog=True)
        .create(
            [
                {
                    "name": f"Seller {number}",
                    "login": f"population{number}",
                    "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)],
                }
                for number in range(1, SELLERS + 1)
            ]
        )
    )
    campaigns = env["utm.campaign"].create([{"name": f"Campaign {number}"} for number in range(1, CAMPAIGNS + 1)])
    mediums = env["utm.medium"].search([], limit=4)
    accounts = _accounts(env)
    return {
        "product_ids": products.ids,
        "product_prices": products.mapped("lst_price"),
        "product_costs": products.mapped("standard_price"),
        "seller_ids": sellers.ids,
        "campaign_ids": campaigns.ids,
        "medium_ids": mediums.ids,
        "country_ids": env["res.country"].search([("code", "in", ["BG", "ES", "DE", "FR", "IT", "GB"])]).ids,
        "team": env["crm.team"].search([], limit=1).id,
        "won_stage": env["crm.stage"].search([("is_won", "=", True)], limit=1).id,
        "uom": env.ref("uom.product_uom_unit").id,
        **accounts,
    }


def _accounts(env):
    """The accounts and journals of the invoices: those of the company where it has some."""

    def account(kind, code, reconcile=False):
        domain = [("account_type", "=", kind), ("company_ids", "in", env.company.ids)]
        return env["account.account"].search(domain, limit=1) or env["account.account"].create(
            {"name": f"Population {code}", "code": code, "account_type": kind, "reconcile": reconcile}
        )

    def journal(kind, code):
        domain = [("type", "=", kind), ("company_id", "=", env.company.id)]
        return env["account.journal"].search(domain, limit=1) or env["account.journal"].create(
            {"name": f"Population {code}", "code": code, "type": kind}
        )

    return {
        "receivable": account("asset_receivable", "POP120", reconcile=True).id,
        "income": account("income", "POP400").id,
        "cash": account("asset_cash", "POP100").id,
        "sale_journal": journal("sale", "POPS").id,
        "bank_journal": journal("bank", "POPB").id,
    }
