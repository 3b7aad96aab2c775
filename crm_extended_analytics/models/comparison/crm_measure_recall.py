from datetime import date

from odoo import api, models
from odoo.tools import SQL

from ..seven_p.scoring_scope import ScoringScope

# the month under which measures are made again: one that no run has, so that none is disturbed
RECALLED_PERIOD = date(1900, 1, 1)


class RecallScope(ScoringScope):
    """A scope whose rows no run writes or reads."""

    __slots__ = ()

    @property
    def period(self):
        return RECALLED_PERIOD


class CrmMeasureRecall(models.AbstractModel):
    """The measures behind the scores of any month.

    Only those of the last scored month are stored: 36 months of 90 columns for 200,000 customers would cost more
    than all the facts. Those of a past month are made again for the few customers that someone looks at, from the
    facts up to the day of the run, with its method and its frozen parameters: the same way that gave the score.
    """

    _name = "crm.measure.recall"
    _description = "Measures of a Past Month"

    @api.model
    def _recall(self, months):
        """Return ``{id of the month's scores: {measure: value}}``, unknown values being None.

        A month whose run was deleted has no measures any more.

        :param months: ``crm.customer.score.month`` that the user may read
        """
        self.env.flush_all()
        rows = self._get_stored(months)
        forgotten = months.filtered(lambda month: month.id not in rows)
        for run_id, group in forgotten.grouped(lambda month: month.run_id.id).items():
            # `sudo`: who may read a score may read what it rests on; runs are for analysts
            run = self.env["crm.scoring.run"].sudo().browse(run_id).exists()
            if run.parameters:
                rows |= self._measure_again(run, group)
        self.env["crm.scoring.p"]._complete_all(list(rows.values()))
        return rows

    def _get_stored(self, months):
        """Return the measures of the months that are the last ones scored."""
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT * FROM crm_customer_measure WHERE company_id = ANY(%s) AND partner_id = ANY(%s)",
                months.company_id.ids,
                months.partner_id.ids,
            )
        )
        found = {(row["company_id"], row["partner_id"], row["period"]): row for row in rows}
        keys = {month.id: (month.company_id.id, month.partner_id.id, month.period) for month in months}
        return {month_id: found[key] for month_id, key in keys.items() if key in found}

    def _measure_again(self, run, months):
        """Measure the customers of these months again; nothing stays in the database."""
        customers = {month.partner_id.id: month.id for month in months}
        scope = RecallScope(run.company_id, run.as_of, run.method_id, partner_ids=tuple(customers))
        engine = self.env["crm.scoring.engine"]
        savepoint = self.env.cr.savepoint(flush=False)
        try:
            engine._measure(scope, run)
            engine._derive(scope, run.parameters)
            rows = self.env.execute_query_dict(SQL("SELECT * FROM crm_customer_measure m WHERE %s", scope.rows()))
        finally:
            savepoint.close(rollback=True)
        return {customers[row["partner_id"]]: row | {"period": run.period} for row in rows}
