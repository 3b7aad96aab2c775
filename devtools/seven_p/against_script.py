"""The five measures by the script of vectorised pandas and scipy, and by ours, on the same rows."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import five

# The day from which the script counts days
EPOCH = "2000-01-01"


class AgainstScript:
    """The bench of a company beside the script."""

    def compare_with_script(self):
        method = self.env["crm.scoring.method"]._get_for_company(self.company)
        scope = self.env["crm.scoring.run"].search([("state", "=", "done")], limit=1)._get_scope()
        with tempfile.TemporaryDirectory() as folder:
            script, theirs = self.run_script(Path(folder), scope, method)
        with self.timed("The five measures by ours") as clock:
            steps, parameters = five.measure(self.env, scope, "crm_five_result")
        self.env.cr.execute("SELECT partner_id, p_alive, clv FROM crm_five_result")
        ours = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        assert set(ours) == set(theirs), "the script has other customers"
        values = [(ours[partner][1], theirs[partner][1]) for partner in ours]
        apart = [
            abs(mine - other) / max(abs(other), 1) for mine, other in values if mine is not None and other == other
        ]
        self.say(f"  ours {steps}, script {script}")
        return {
            "script_s": script["seconds"],
            "script_steps": script,
            "five_s": clock.seconds,
            "five_steps": steps,
            "alive_difference": max(abs(ours[partner][0] - theirs[partner][0]) for partner in ours),
            "clv_difference": max(apart),
            "five_bg_nbd": parameters["bg_nbd"],
        }

    def run_script(self, folder, scope, method):
        """Run the script in a process of its own; return its seconds, and (P(alive), value) by customer."""
        options = self.get_script_options(folder, scope, method)
        (folder / "options.json").write_text(json.dumps(options))
        environ = {**os.environ, "PGDATABASE": self.env.cr.dbname, **connection_of(self.env)}
        # as our fits: threads that wait for each other would make the script slower than it is
        environ["OPENBLAS_NUM_THREADS"] = "1"
        command = [sys.executable, "-m", "devtools.seven_p.script", folder / "options.json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environ)
        script = json.loads(done.stdout)
        script["seconds"] = round(sum(spent for name, spent in script.items() if name.endswith("_s")), 2)
        with open(options["result"]) as handle:
            theirs = {
                int(row["customer"]): (float(row["alive"]), float(row["clv"] or "nan"))
                for row in csv.DictReader(handle)
            }
        self.say(f"The script: {script['seconds']:.1f} s")
        return script, theirs

    def get_script_options(self, folder, scope, method):
        cr, sql = self.env.cr, self.sql
        day = sql("date - %s::date", EPOCH)
        facts = scope.facts()
        rows = sql(
            "SELECT commercial_partner_id, order_key, %s, amount_company, cost_company FROM crm_fact_sale WHERE %s",
            day,
            facts,
        )
        sample = sql(
            "SELECT partner_id FROM crm_customer_measure WHERE %s AND purchase_days > 0"
            " ORDER BY hashint4(partner_id), partner_id LIMIT %s",
            scope.rows("crm_customer_measure"),
            method.fit_sample,
        )
        cr.execute(
            sql(
                "SELECT %s::date - %s::date, %s::date - %s::date",
                scope.as_of,
                EPOCH,
                scope.months_ago(method.rfm_months),
                EPOCH,
            )
        )
        as_of, rfm_since = cr.fetchone()
        return {
            "rows": cr.mogrify(rows.code, rows.params).decode(),
            "sample": cr.mogrify(sample.code, sample.params).decode(),
            "as_of": as_of,
            "rfm_since": rfm_since,
            "interest": method.interest_rate / 100,
            "result": str(folder / "result.csv"),
        }


def connection_of(env):
    """Return the connection of the environment as libpq reads it."""
    info = env.cr._cnx.info
    values = {"PGHOST": info.host, "PGPORT": info.port, "PGUSER": info.user, "PGPASSWORD": info.password}
    return {name: str(value) for name, value in values.items() if value}
