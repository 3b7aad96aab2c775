"""Past sales straight into the warehouse: a batch of history, and a load of the warehouse after it."""

import base64
import hashlib

from devtools import console
from devtools.console import DevError

from ..source.dates import offset_days
from ..source.history import KIND, History
from .external_ids import commit

XMLID = "history_batch"
CHANNELS = ("internet", "reseller")


def check(env):
    """Refuse a database without the warehouse in one sentence."""
    if "crm.history.batch" not in env:
        raise DevError(f"The database {env.cr.dbname} lacks the sales warehouse: update crm_extended_analytics.")


def load(session, folder):
    """Import all order lines that are no documents of Odoo; return the lines of the report."""
    with console.step("History: file") as step:
        history = History(folder.rows("sales_order_lines.csv.gz"), session.ids.ids_of("order_"), _names(session))
        step.note = f"{sum(history.lines.values()):,} lines of {sum(map(len, history.orders.values())):,} orders"
    with console.step("History: import") as step:
        batch = _import(session, history)
        commit(session.env)
        step.note = f"{batch.good_count:,} good, {batch.bad_count:,} bad, {batch.seconds:.1f} s"
    with console.step("Warehouse") as step:
        run = session.env["crm.warehouse.load"]._create_load(trigger="manual")
        run._run_all()
        commit(session.env)
        step.note = f"{run.rows_inserted:,} facts of documents in {run.seconds:.1f} s"
    return list(_report(session.env, batch, history))


def _names(session):
    """Return what the import knows customers, sales people and teams by."""
    models = {"customer": ("res.partner", "ref"), "salesperson": ("res.users", "login"), "team": ("crm.team", "name")}
    prefixes = {"customer": "customer_", "salesperson": "user_", "team": "team_"}
    names = {}
    for kind, (model, field) in models.items():
        ids = session.ids.ids_of(prefixes[kind])
        values = {item["id"]: item[field] for item in session.env[model].browse(ids.values()).read([field])}
        names[kind] = {key: values[record_id] for key, record_id in ids.items()}
    return names


def _import(session, history):
    """Import the file, or find that it is there; one that has become another replaces the earlier one."""
    batches = session.env["crm.history.batch"]
    digest = hashlib.sha256(history.content).hexdigest()
    batch = batches.browse(session.ids.get(XMLID) or [])
    if batch.state == "done" and batch.file_hash == digest:
        session.tally.present(KIND, batch.fact_count)
        return batch
    if batch:
        batch.action_undo()
        batch.unlink()
    batch = batches.create(
        {
            "name": "AdventureWorks",
            "file": base64.b64encode(history.content),
            "file_name": "adventureworks.csv",
            "company_id": session.env.company.id,
            "currency_id": session.env.ref("base.USD").id,
            "date_shift": _shift(session, history),
        }
    )
    batch.action_import()
    session.ids.register([XMLID], batch)
    session.tally.read(KIND, batch.row_count)
    session.tally.created(KIND, batch.good_count)
    for code, count in batch.summary["reasons"].items():
        session.tally.skip(KIND, code, batch._get_reason(code).rstrip("."), count)
    return batch


def _shift(session, history):
    """Return the days to add: those of the load, unless they would put the last internet order into the future."""
    days = offset_days(history.last_date, session.today)
    if days < session.shift.days:
        session.tally.note(
            f"The history is moved by {days:,} days, {session.shift.days - days} fewer than the orders: internet "
            "orders go on after the last reseller order. A first load with --history moves both by the same."
        )
        return days
    return session.shift.days


def _report(env, batch, history):
    """Yield what came of each channel, read from the facts."""
    groups = env["crm.fact.sale"]._read_group(
        [("batch_id", "=", batch.id)], ["channel"], ["__count", "order_key:count_distinct", "amount:sum"]
    )
    found = {channel: numbers for channel, *numbers in groups}
    yield "History in the warehouse (USD)"
    yield f"  {'':<12}{'orders':>10}{'lines':>10}{'amount':>18}{'as orders in Odoo':>20}{'together':>18}"
    totals = [0, 0]
    for channel in CHANNELS:
        lines, orders, amount = found.get(channel, (0, 0, 0))
        documents = history.left_out[channel]
        totals = [totals[0] + orders, totals[1] + lines]
        together = float(amount) + float(documents)
        yield f"  {channel:<12}{orders:>10,}{lines:>10,}{amount:>18,.2f}{documents:>20,.2f}{together:>18,.2f}"
    yield f"  {'both':<12}{totals[0]:>10,}{totals[1]:>10,}"
    yield from _control(batch, history, found)


def _control(batch, history, found):
    """Yield how long it took, and every difference between the file and the facts."""
    yield f"  {batch.row_count:,} rows in {batch.seconds:.1f} s"
    for channel in CHANNELS:
        lines, _orders, amount = found.get(channel, (0, 0, 0))
        if lines != history.lines[channel] or abs(float(amount) - float(history.amounts[channel])) >= 0.005:
            yield (
                f"  {channel}: {history.lines[channel]:,} lines of {history.amounts[channel]:,.4f} in the file,"
                f" {lines:,} of {amount:,.4f} in the warehouse."
            )
