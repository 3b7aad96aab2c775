"""The 7P of the last months, from the facts that were loaded."""

from dateutil.relativedelta import relativedelta

from devtools import console
from devtools.console import DevError

from .external_ids import commit


def check(env):
    """Refuse a database without the 7P in one sentence."""
    if "crm.scoring.run" not in env:
        raise DevError(f"The database {env.cr.dbname} lacks the 7P: update crm_extended_analytics.")


def load(session, months):
    """Score all customers as of the end of each of the last months, the current one being the last.

    The oldest comes first, because the measures that stay are those of the last one scored. A month that is
    scored already is left as it is; the current one is scored again on another day.

    :return: lines of the report
    """
    lines = ["Scores (seconds of work per step)"]
    for day in _get_days(session.today, months):
        with console.step(f"Scores of {day:%Y-%m}") as step:
            run, is_new = _score(session.env, day)
            commit(session.env)
            step.note = f"{run.customer_count:,} customers" if is_new else "there already"
            lines.append(f"  {day}  {run.customer_count:>8,} customers  {run.reason or run.timings_text}")
    return lines


def _get_days(today, months):
    """Return the last days of the months before, and today."""
    ends = [today + relativedelta(months=-ago, day=31) for ago in range(months - 1, 0, -1)]
    return [*ends, today]


def _score(env, day):
    """Return the run as of the day, and whether it is a new one."""
    runs = env["crm.scoring.run"]
    known = [("company_id", "=", env.company.id), ("as_of", "=", day), ("kind", "=", "full"), ("state", "=", "done")]
    if run := runs.search(known, limit=1):
        return run, False
    run = runs._create_run(env.company, as_of=day)
    run._run_all()
    return run, True
