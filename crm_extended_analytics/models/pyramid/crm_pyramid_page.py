from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date

from .crm_pyramid import FEATURE
from .crm_pyramid_answers import get_answers

MANAGERS = (
    "crm_extended.crm_extended_group_analyst,crm_extended.crm_extended_group_implementer,"
    "crm_extended.crm_extended_group_team_leader"
)


class CrmPyramidPage(models.AbstractModel):
    """What the page of the pyramids shows. Everything is counted from the rows that the reader may read.

    A salesperson sees the pyramid of his customers and those of nobody; the tiers are those of the whole company.
    """

    _name = "crm.pyramid.page"
    _inherit = ["crm.pyramid.page.move.mixin"]
    _description = "Page of the Value Pyramids"

    @api.model
    def get_page(self, pyramid_id=False, period=False, compare=False, kind="customer"):
        """Return the page of a pyramid of the user's company.

        :param pyramid_id: a pyramid, else the leading one
        :param period, compare: first days of the months as text; else the last one, and the one before it
        :param kind: of which members, where no pyramid is named
        :raises AccessError: when the user may not read members of the kind
        """
        company = self.env.company
        readable = self._get_readable(company)
        pyramid = readable.filtered(lambda found: found.id == pyramid_id)
        kind = pyramid.kind or kind
        population = self._check_kind(kind)
        pyramids = readable.filtered(lambda found: found.kind == kind)
        pyramid = pyramid or pyramids[:1]
        page = {
            "kind": kind,
            "kind_label": population._get_label(),
            "words": population._get_words(),
            "rows_model": population._rows_model,
            "list_view_id": self.env.ref(population._list_view).id,
            "is_used": population._is_used(company),
            "company": company.name,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "has_feature": company._has_feature(FEATURE),
            "pyramids": [{"id": found.id, "name": found.name} for found in pyramids],
            "pyramid_id": pyramid.id,
            "can_rebuild": population._may_count(),
            "can_load": self.env["crm.warehouse.load"].has_access("read"),
            "is_partial": population._rows_model == "crm.pyramid.snapshot"
            and not self.env.user.has_group("sales_team.group_sale_salesman_all_leads"),
            "months": [],
        }
        if not pyramid:
            return page
        # `sudo`: how a month was cut is for everybody who may read customers of it
        months = (
            self.env["crm.pyramid.month"]
            .sudo()
            .search([("pyramid_id", "=", pyramid.id), ("company_id", "=", company.id)])
        )
        page["has_sales"] = bool(self._count_sales(company))
        if months:
            page |= self._prepare_months(pyramid, months, period, compare)
        return page

    @api.model
    def rebuild(self, pyramid_id):
        """Count the pyramid of the user's company again."""
        pyramid = self._get_readable(self.env.company).filtered(lambda found: found.id == pyramid_id)
        if not pyramid or not self._check_kind(pyramid.kind)._may_count():
            raise AccessError(self.env._("Value pyramids are counted by analysts and team leaders. Ask one of them."))
        # `sudo`: the rows are written by the engine only; who may count was asked above
        self.env["crm.pyramid.engine"].sudo()._rebuild_on_demand(pyramid.sudo(), self.env.company)

    def _get_readable(self, company):
        """Return the pyramids of a company whose members the user may read."""
        # `sudo`: how a pyramid is cut is no secret; whose members may be read is asked here
        pyramids = self.env["crm.pyramid"].sudo()._get_for_company(company)
        populations = self.env["crm.pyramid.population"]
        return pyramids.filtered(lambda found: populations._get(found.kind)._may_read())

    def _check_kind(self, kind):
        """Return the population of a kind that the user may read."""
        population = self.env["crm.pyramid.population"]._get(kind)
        if not population._may_read():
            raise AccessError(
                self.env._("You may not read the pyramids of %(kind)s.", kind=population._get_label().lower())
            )
        return population

    def _count_sales(self, company):
        return self.env["crm.fact.sale"].sudo().search_count([("company_id", "=", company.id)], limit=1)

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------
    def _prepare_months(self, pyramid, months, period, compare):
        month = months.filtered(lambda found: str(found.period) == period) or months[:1]
        earlier = months.filtered(lambda found: found.period < month.period)
        before = earlier.filtered(lambda found: str(found.period) == compare) or earlier[:1]
        population = self.env["crm.pyramid.population"]._get(pyramid.kind)
        words = population._get_words()
        layers = self._prepare_layers(pyramid, month, before, words)
        moves = self._drop_new_contacts(layers, self._get_moves(pyramid, month, before)) if before else []
        self._add_moves(layers, moves)
        return {
            "months": [{"period": str(found.period), "label": self._get_month_label(found)} for found in months],
            "period": str(month.period),
            "compare": str(before.period) if before else False,
            "is_previous": bool(before) and before.period == month.previous_period,
            "as_of": format_date(self.env, month.as_of),
            "measure": pyramid._get_measure_label(),
            "rule": month._get_rule_sentence(),
            "notes": month._get_notes(),
            "layers": layers,
            "concentration": self._get_concentration(pyramid, month),
            "matrix": self._prepare_matrix(layers, moves),
            "movers": self._prepare_movers(pyramid, month, before) if before else {"rose": [], "fell": []},
            "satisfaction": self._add_satisfaction(layers, pyramid, month, words),
            "unmeasured": self._get_unmeasured(pyramid, month),
            "chain": self._get_chain(pyramid, month),
        }

    def _get_unmeasured(self, pyramid, month):
        """Return what is not measurable, each sentence once."""
        # `sudo`: whether costs are entered at all is no secret
        population = self.env["crm.pyramid.population"].sudo()._get(pyramid.kind)
        return list(dict.fromkeys(population._get_unmeasured(pyramid, month.company_id).values()))

    def _get_chain(self, pyramid, month):
        return self.env["crm.service.profit.chain"]._get_page(month) if pyramid.kind == "employee" else False

    def _get_month_label(self, month):
        return format_date(self.env, month.period, date_format="MMMM y")

    def _get_domain(self, pyramid, month):
        return [
            ("company_id", "=", month.company_id.id),
            ("pyramid_id", "=", pyramid.id),
            ("period", "=", month.period),
        ]

    def _get_snapshots(self, pyramid):
        """Return the model of the rows, with the rights by which members of the kind are read."""
        snapshots = self.env["crm.pyramid.snapshot"]
        if self._check_kind(pyramid.kind)._rows_model == snapshots._name:
            return snapshots
        # `sudo`: closed to everybody; who may read the kind reads all of the company, as was asked just now
        return snapshots.sudo()

    def _get_rows(self, pyramid, month, *columns):
        """Return the SELECT of the rows of a month that the reader may read."""
        snapshots = self._get_snapshots(pyramid)
        query = snapshots._search(self._get_domain(pyramid, month))
        return query.select(*(SQL.identifier(snapshots._table, name) for name in columns))

    # ------------------------------------------------------------------
    # Layers
    # ------------------------------------------------------------------
    def _prepare_layers(self, pyramid, month, before, words):
        now, then = self._get_sums(pyramid, month), self._get_sums(pyramid, before)
        lines = pyramid.line_ids.sorted()
        actives = [line for line in lines if line.role == "active"]
        total_count = sum(now.get(line.tier_id.id, (0, 0))[0] for line in actives)
        total_value = sum(now.get(line.tier_id.id, (0, 0))[1] for line in actives)
        layers = []
        for line in lines:
            count, value = now.get(line.tier_id.id, (0, 0.0))
            is_active = line.role == "active"
            layers.append(
                {
                    "tier_id": line.tier_id.id,
                    "name": line.tier_id.name,
                    "color": line.tier_id.color,
                    "role": line.role,
                    "role_label": words[line.role],
                    "count": count,
                    "value": value if is_active else None,
                    "count_share": 100 * count / total_count if is_active and total_count else None,
                    "share": 100 * value / total_value if is_active and total_value > 0 else None,
                    "count_before": then.get(line.tier_id.id, (0, 0.0))[0] if before else None,
                    "rose": 0,
                    "fell": 0,
                    "new": 0,
                }
            )
        return layers

    def _get_sums(self, pyramid, month):
        """Return ``{tier id: (customers, value)}`` of those that the reader may read."""
        if not month:
            return {}
        groups = self._get_snapshots(pyramid)._read_group(
            self._get_domain(pyramid, month), ["tier_id"], ["__count", "value:sum"]
        )
        return {tier.id: (count, value or 0.0) for tier, count, value in groups}

    def _get_concentration(self, pyramid, month):
        """Return the Gini index of the values, as `scoring.profit.gini`, and what the best fifth brings, in percent.

        Losses count as 0 in the index.
        """
        ((count, gini, top),) = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*),
                       2 * SUM(place * value) / NULLIF(COUNT(*) * SUM(value), 0)
                           - (COUNT(*) + 1) / COUNT(*)::float8,
                       100 * SUM(value) FILTER (WHERE place > number - GREATEST(floor(number * 0.2 + 0.5), 1))
                           / NULLIF(SUM(value), 0)
                  FROM (SELECT GREATEST(value, 0) AS value, COUNT(*) OVER () AS number,
                               row_number() OVER (ORDER BY value, partner_id DESC) AS place
                          FROM (%s) mine WHERE value IS NOT NULL) ranked
                HAVING COUNT(*) > 0
                """,
                self._get_rows(pyramid, month, "value", "partner_id"),
            )
        ) or [(0, None, None)]
        return {"count": count, "gini": gini, "top": top}

    # ------------------------------------------------------------------
    # Satisfaction
    # ------------------------------------------------------------------
    def _add_satisfaction(self, layers, pyramid, month, words):
        """Add what the members of each tier answered; return a sentence where it is not measurable."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT tier_id, SUM(answers), SUM(answers * satisfaction_pct) / NULLIF(SUM(answers), 0), AVG(nps)
                  FROM (%s) mine WHERE answers > 0 OR nps IS NOT NULL GROUP BY tier_id
                """,
                self._get_rows(pyramid, month, "tier_id", "answers", "satisfaction_pct", "nps"),
            )
        )
        found = {tier: (answers or 0, satisfied, nps) for tier, answers, satisfied, nps in rows}
        for layer in layers:
            layer["answers"], layer["satisfied"], layer["nps"] = found.get(layer["tier_id"], (0, None, None))
        if found:
            return False
        if not get_answers(self.env, pyramid.kind, month.as_of):
            return self.env._(
                "Satisfaction is not measurable: it needs ratings (module Customer Rating) or surveys (module Surveys)."
            )
        return self.env._(
            "Satisfaction is not measurable: no answer of %(many)s came in the last 12 months before %(day)s.",
            many=words["many"],
            day=format_date(self.env, month.as_of),
        )
