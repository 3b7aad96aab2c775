from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

# months of the trend beside each score
HISTORY_MONTHS = 12


class ResPartnerSevenPMixin(models.AbstractModel):
    """The scores on the form of the customer: two queries, whatever is shown of them."""

    _name = "res.partner.seven.p.mixin"
    _description = "7P on the Customer"

    seven_p = fields.Json(
        string="7P",
        compute="_compute_seven_p",
        help="Scores of the last scored month in the user's company, their trend and their explanation.",
    )

    @api.depends_context("company", "lang", "uid")
    def _compute_seven_p(self):
        months = self._get_score_months()
        measures = self._get_score_measures(months)
        for partner in self:
            customer = partner.commercial_partner_id
            history = months.get(customer.id)
            partner.seven_p = self._prepare_seven_p(history, measures.get(customer.id)) if history else False

    def _get_score_months(self):
        """Return ``{customer id: scores by month, the last one first}`` of those that the user may read."""
        scores, company = self.env["crm.customer.score.month"], self.env.company
        if not scores.has_access("read") or not company._has_feature("seven_p"):
            return {}
        rows = scores.search_fetch(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", self.commercial_partner_id.ids),
            ],
            [name for name in scores._fields if name.startswith("score_")] + ["partner_id", "period", "as_of", "total"],
            order="period desc",
        )
        return {customer.id: self._keep_trend(months) for customer, months in rows.grouped("partner_id").items()}

    @api.model
    def _keep_trend(self, months):
        """Return the months up to the last scored one, which may be long ago: a trend ends where scoring ended."""
        since = fields.Date.subtract(months[0].period, months=HISTORY_MONTHS)
        return months.filtered(lambda month: month.period >= since)

    def _get_score_measures(self, months):
        """Return ``{customer id: measures}``; who reads the scores may read what they rest on."""
        if not months:
            return {}
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT * FROM crm_customer_measure WHERE company_id = %s AND partner_id = ANY(%s)",
                self.env.company.id,
                list(months),
            )
        )
        self.env["crm.scoring.p"]._complete_all(rows)
        periods = {customer: history[0].period for customer, history in months.items()}
        return {row["partner_id"]: row for row in rows if row["period"] == periods[row["partner_id"]]}

    @api.model
    def _prepare_seven_p(self, history, row):
        """Return what the strip and the tab show."""
        last, before = history[0], self._get_month_before(history)
        return {
            "as_of": format_date(self.env, last.as_of),
            "is_old": last.period < fields.Date.subtract(fields.Date.context_today(self).replace(day=1), months=1),
            "total": last.total,
            "change": self._get_change(last, before, "total"),
            "scores": [
                self._prepare_seven_p_score(p, history, before, row)
                for p in self.env["crm.scoring.p"]._get_all()
                if f"score_{p._p_code}" in last._fields
            ],
        }

    def _prepare_seven_p_score(self, p, history, before, row):
        name, last = f"score_{p._p_code}", history[0]
        is_known = last[name] is not False
        codes, currency = p._explain(row) if is_known and row else [], self.env.company.currency_id
        return {
            "p": p._p_code,
            "label": p._get_label(),
            "score": last[name],
            "change": self._get_change(last, before, name),
            "history": [month[name] for month in reversed(history) if month[name] is not False],
            "sentences": [p._render_explanation(code, numbers, currency) for code, numbers in codes],
            "documents": p._get_documents(),
            "missing": False if is_known else p._render_missing(p._get_missing(row)),
        }

    def _get_month_before(self, history):
        wanted = fields.Date.subtract(history[0].period, months=1)
        return history[1] if len(history) > 1 and history[1].period == wanted else None

    def _get_change(self, last, before, name):
        if before is None or last[name] is False or before[name] is False:
            return False
        return last[name] - before[name]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_seven_p_measures(self):
        """Show all measures of the customer."""
        measure = self.env["crm.customer.measure"].search(
            [("company_id", "=", self.env.company.id), ("partner_id", "=", self.commercial_partner_id.id)],
            order="period desc",
            limit=1,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Measures of %(customer)s", customer=self.display_name),
            "res_model": measure._name,
            "res_id": measure.id,
            "views": [[False, "form"]],
        }

    def action_open_seven_p_facts(self, model="crm.fact.sale"):
        """Show the sales, or other documents, that the measures are made of.

        :param model: one of the facts that a P reads
        """
        self.ensure_one()
        if model not in {name for p in self.env["crm.scoring.p"]._get_all() for name in p._needs()}:
            raise UserError(self.env._("The scores of customers are not made of %(model)s.", model=model))
        xmlid = f"crm_extended_analytics.{model.replace('.', '_')}_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        customer = self.commercial_partner_id
        domain = [("company_id", "=", self.env.company.id), ("commercial_partner_id", "=", customer.id)]
        name = self.env._("%(documents)s of %(customer)s", documents=action["name"], customer=customer.display_name)
        # a list first, whatever the menu begins with; no filter that hides what was counted
        views = sorted(action["views"], key=lambda view: view[1] != "list")
        return action | {"name": name, "domain": domain, "context": {}, "views": views}

    def action_open_seven_p_history(self):
        """Show the scores of all months."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_customer_score_action")
        return action | {
            "domain": [
                ("company_id", "=", self.env.company.id),
                ("partner_id", "=", self.commercial_partner_id.id),
            ],
            "context": {"search_default_group_period": 1},
        }
