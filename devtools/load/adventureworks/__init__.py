"""Microsoft's AdventureWorks (MIT licence): a bicycle maker, its customers, bills of materials and orders.

    ./dev load adventureworks DIR [--orders N] [--planning plan] [--history] [--score [MONTHS]]

The pieces: `source` reads and checks the files (plain Python), `target` writes the records (Odoo's ORM),
`load` is the order of the steps, `report` prints what came of it. Decisions that a reader of the data should know:

- **Run again.** Every record has an external id of the module `__adventureworks__`; what has one is not
  made again, and each batch is committed with its ids, so that a killed load goes on where it stopped.
- **Dates** are moved by one offset, recorded at the first run, so that the last order is yesterday's.
- **History** (`--history`): all 31,455 orders of both channels go into the sales warehouse as past sales, without
  orders in Odoo, except the ones that are loaded as orders; the first load then takes its offset from both channels.
- **Scores** (`--score`): the 7P as of the end of each of the last months, the oldest first, so that trends exist.
- **Make to order** are the bicycles. Their sub-assemblies, and the frames and wheels that resellers buy as
  spare parts, come from stock and are refilled by reordering rules, as AdventureWorks itself keeps a safety
  stock and a reorder point for each of them. Making every level to order would be 41,903 manufacturing orders
  for the last 200 orders: hours of Odoo instead of minutes.
- **Produced and delivered** are the orders whose ship date has passed; the later ones wait in production.
"""

from devtools.console import DevError

DEFAULT_ORDERS = 200
# the trend beside each score on the customer shows so many months
DEFAULT_MONTHS = 12


def add_arguments(parser):
    parser.add_argument("directory", metavar="DIR", help="folder with oltp/, dw/ and sales_order_lines.csv.gz")
    parser.add_argument(
        "--orders",
        type=int,
        default=DEFAULT_ORDERS,
        metavar="N",
        help="how many of the last reseller orders become won opportunities (default %(default)s)",
    )
    parser.add_argument(
        "--customers",
        choices=("all", "used"),
        default="all",
        help="load all 18,484 persons too, or only the resellers and who ordered (default %(default)s)",
    )
    parser.add_argument(
        "--planning",
        choices=("order", "plan"),
        default="order",
        help="make bicycles to order, or make all to plan: nothing is produced, one plan is made over all orders "
        "(default %(default)s)",
    )
    parser.add_argument(
        "--history",
        action="store_true",
        help="bring the lines of all orders of both channels into the sales warehouse (needs --customers all)",
    )
    parser.add_argument(
        "--score",
        type=int,
        nargs="?",
        const=DEFAULT_MONTHS,
        default=0,
        metavar="MONTHS",
        help="score all customers as of the end of each of the last months (%(const)s, when no number is given)",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="write the report to a file as well, and every difference of amount to a CSV file next to it",
    )


def run(env, args):
    """Load the folder into the database of `env`; see `load.load`.

    :return: exit code, 0 unless an amount differs without an explanation
    """
    # Odoo is imported only here: the arguments are also read by a Python without it.
    from .load import load_patiently

    if args.orders < 0:
        raise DevError(f"--orders takes a number of orders, not {args.orders}.")
    if args.score < 0:
        raise DevError(f"--score takes a number of months, not {args.score}.")
    if args.history and args.customers != "all":
        raise DevError("--history needs all customers: leave out --customers used.")
    return load_patiently(env, args)
