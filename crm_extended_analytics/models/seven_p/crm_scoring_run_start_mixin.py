from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..warehouse.crm_warehouse_change import SCORING

# customers (by their ids) of one job: short enough to be lost without harm, long enough to be worth a job
RANGE_SIZE = 25_000
RANGE_PARAMETER = "crm_extended_analytics.scoring_range_size"
# among the ids of changed customers: all of them
EVERYBODY = 0


class CrmScoringRunStartMixin(models.AbstractModel):
    """How a run begins: for which day, by which method and parameters, and with which customers in which job."""

    _name = "crm.scoring.run.start.mixin"
    _description = "Start of a Scoring Run"

    @api.model
    def _create_run(self, company, as_of=None, kind="full", trigger="manual", method=None):
        if not company._has_feature("seven_p"):
            raise UserError(
                self.env._(
                    "%(company)s does not use the 7P. Switch the feature on under CRM > Configuration > Features.",
                    company=company.name,
                )
            )
        as_of = self._get_as_of(as_of)
        period = as_of.replace(day=1)
        self.env["crm.scoring.period"]._check_open(company, period)
        full = self._get_full_run(company, as_of) if kind == "incremental" else self.browse()
        if kind == "incremental" and not full:
            raise UserError(
                self.env._(
                    "%(company)s has no full scoring of this month by the method in use. Run a full one first.",
                    company=company.name,
                )
            )
        method = full.method_id or method or self.env["crm.scoring.method"]._get_for_company(company)
        run = self.create(
            {
                "company_id": company.id,
                "period": period,
                "as_of": as_of,
                "kind": kind,
                "trigger": trigger,
                "method_id": method.id,
                "full_run_id": full.id,
                "parameters": full.parameters,
                "clv_method": full.clv_method,
            }
        )
        run._make_ranges()
        return run

    @api.model
    def _score_months(self, company_id, months):
        """Load the warehouse and score the ends of the last months and today, here and now: for demo data.

        The oldest month comes first, because the measures that stay are those of the last one scored.
        """
        company, today = self.env["res.company"].browse(company_id), fields.Date.context_today(self)
        load = self.env["crm.warehouse.load"]._create_load()
        load._run_all()
        self.env["crm.sales.month.build"]._run_all(load.company_ids)
        days = [today + relativedelta(months=-ago, day=31) for ago in range(months - 1, 0, -1)] + [today]
        for day in days:
            self._create_run(company, as_of=day)._run_all()
            # the next run may begin only when this one is done in the database too
            self.env.flush_all()

    @api.model
    def _get_as_of(self, day):
        today = fields.Date.context_today(self)
        if not day or fields.Date.to_date(day) >= today:
            return today
        day = fields.Date.to_date(day)
        return min(today, day + relativedelta(day=31))

    @api.model
    def _get_full_run(self, company, day):
        """Return the last full run of the month by the method in use."""
        method = self.env["crm.scoring.method"]._get_for_company(company)
        return self.search(
            [
                ("company_id", "=", company.id),
                ("period", "=", day.replace(day=1)),
                ("kind", "=", "full"),
                ("state", "=", "done"),
                ("method_id", "=", method.id),
            ],
            limit=1,
        )

    def _make_ranges(self):
        """Divide the customers into jobs: all by their ids, or the changed ones by name.

        What is noted as changed is taken over here; a run that fails notes it again. Where everybody has changed, an
        incremental run has the customers of a full one.
        """
        self.changed_ids = changed = self._take_changes()
        if self.kind == "incremental" and EVERYBODY not in changed:
            size = self._get_range_size()
            parts = [changed[start : start + size] for start in range(0, len(changed), size)]
            values = [{"partner_ids": part} for part in parts]
        else:
            values = [{"partner_from": first, "partner_to": last} for first, last in self._get_id_ranges()]
        self.range_ids = [fields.Command.create(part) for part in values]

    def _take_changes(self):
        """Return the ids of the customers with changed facts, and forget them; all of them are `EVERYBODY`."""
        if self.period != fields.Date.context_today(self).replace(day=1):
            return []
        changed = self.env["crm.warehouse.change"]._take(SCORING, self.company_id)
        return [EVERYBODY] if None in changed else sorted(changed)

    def _note_changes_again(self):
        """Leave to the next run what this one did not do."""
        change, changed = self.env["crm.warehouse.change"], self.changed_ids or []
        if EVERYBODY in changed:
            change._note_whole(self.company_id, {SCORING})
        else:
            change._note([(self.company_id.id, partner) for partner in changed])

    @api.model
    def _get_range_size(self):
        return int(self.env["ir.config_parameter"].sudo().get_param(RANGE_PARAMETER, RANGE_SIZE))

    def _get_id_ranges(self):
        """Return (first, last) ids of customers, with about as many of them in each; the ends are open."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT MIN(id), MAX(id) FROM (
                    SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part FROM res_partner
                     WHERE id = commercial_partner_id
                       AND id BETWEEN (SELECT MIN(commercial_partner_id) FROM crm_fact_sale WHERE company_id = %s)
                                  AND (SELECT MAX(commercial_partner_id) FROM crm_fact_sale WHERE company_id = %s)
                ) numbered GROUP BY part ORDER BY part
                """,
                self._get_range_size(),
                self.company_id.id,
                self.company_id.id,
            )
        )
        bounds = [0, *(last + 1 for _first, last in rows[:-1]), 2**31]
        return [(bounds[i], bounds[i + 1] - 1) for i in range(len(bounds) - 1)]
