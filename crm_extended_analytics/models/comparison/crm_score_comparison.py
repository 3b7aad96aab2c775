from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...scoring.score_change import Counted, score_change
from ...scoring.step_scale import StepScale, step_score

# a part of a change below it is not told; unit: points of a score
LEAST_POINTS = 0.05
# measures that are named in a comparison
MOST_MEASURES = 12
# decimals of scores and of their points
DECIMALS = 1
TOTAL = "total"


class CrmScoreComparison(models.AbstractModel):
    """Two months of a customer, or two customers, side by side: what differs, and why.

    The difference of each score is divided exactly among the measures of the method (`scoring.score_change`): the
    items sum to the difference. What the measures do not explain is named: other cut-offs, another
    method, and documents that were changed after the run.
    """

    _name = "crm.score.comparison"
    _description = "Comparison of Scores"

    # ------------------------------------------------------------------
    # For the screens
    # ------------------------------------------------------------------
    @api.model
    def get_months(self, partner_id):
        """Return the scored months of a customer in the user's company, the last one first."""
        months = self._search_months(partner_id)
        return [{"id": month.id, "label": self._format_month(month)} for month in months]

    @api.model
    def get_comparison(self, left_id, right_id):
        """Return two rows of ``crm.customer.score.month`` side by side; differences are right - left."""
        months = self._browse_months([left_id, right_id])
        left, right = months.filtered(lambda m: m.id == left_id), months.filtered(lambda m: m.id == right_id)
        return self._compare(left, right)

    @api.model
    def get_change(self, partner_id):
        """Return why the last scores of a customer differ from those of the month before, or False."""
        months = self._search_months(partner_id, limit=2)
        if len(months) < 2 or not self._follow(months[1], months[0]):
            return False
        return self._compare(months[1], months[0])

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------
    def _search_months(self, partner_id, limit=None):
        partner = self.env["res.partner"].browse(partner_id).commercial_partner_id
        return self.env["crm.customer.score.month"].search(
            [("company_id", "=", self.env.company.id), ("partner_id", "=", partner.id)],
            order="period desc",
            limit=limit,
        )

    def _browse_months(self, ids):
        """Return the scores; the rights of the user decide, and scores that are gone are said to be gone."""
        months = self.env["crm.customer.score.month"].search([("id", "in", ids)])
        if set(months.ids) != set(ids):
            raise UserError(
                self.env._("These scores were erased, or you may not read them. Choose the customer and month again.")
            )
        return months

    def _follow(self, before, after):
        return after.period == fields.Date.add(before.period, months=1)

    def _format_month(self, month):
        return format_date(self.env, month.period, date_format="MMMM yyyy")

    # ------------------------------------------------------------------
    # Comparison
    # ------------------------------------------------------------------
    def _compare(self, left, right):
        rows = self.env["crm.measure.recall"]._recall(left | right)
        sides = [self._prepare_side(month, rows.get(month.id)) for month in (left, right)]
        is_same = left.partner_id == right.partner_id
        scores = [
            self._compare_score(p, sides, is_same)
            for p in self.env["crm.scoring.p"]._get_all()
            if f"score_{p._p_code}" in left._fields
        ]
        return {
            "left": self._describe(left),
            "right": self._describe(right),
            "is_same_customer": is_same,
            "total": self._compare_total(sides, scores, is_same),
            "scores": scores,
            "measures": self._get_largest(scores),
        }

    def _describe(self, month):
        # `sudo`: the name of a customer whose scores the user may read
        name = month.partner_id.sudo().exists().display_name
        return {
            "id": month.id,
            "partner_id": month.partner_id.id,
            "partner": name or self.env._("Deleted customer"),
            "month": self._format_month(month),
            "as_of": format_date(self.env, month.as_of),
            "method": month.method_id.sudo().exists().display_name or "",
        }

    def _prepare_side(self, month, row):
        """Return what is needed of one side: the row of scores, measures, weights and cut-offs."""
        # `sudo`: who may read a score may read what it rests on
        run = month.run_id.sudo().exists()
        method = run.method_id
        return {
            "month": month,
            "row": row,
            "weights": method.weight_ids if row else method.weight_ids[:0],
            "totals": method._get_total_weights() if run else {},
            "scales": self._get_scales(run.parameters or {}, row or {}),
        }

    def _get_scales(self, parameters, row):
        """Return ``{measure: cut-offs}`` of a run, where kinds are compared apart those of the customer's kind."""
        own = parameters.get("kinds", {}).get(row.get("customer_kind"), parameters)
        return {name: StepScale(*map(tuple, scale)) for name, scale in (own.get("scales") or {}).items()}

    def _compare_score(self, p, sides, is_same):
        name, code = f"score_{p._p_code}", p._p_code
        values = [side["month"][name] for side in sides]
        items = self._get_items(code, sides, values)
        return {
            "p": code,
            "label": p._get_label(),
            "left": values[0],
            "right": values[1],
            "change": self._subtract(values),
            "items": items,
            "sentences": [self._render_item(item, is_same) for item in items],
            "missing": [self._get_missing(p, side, value) for side, value in zip(sides, values, strict=True)],
        }

    def _get_missing(self, p, side, value):
        return p._render_missing(p._get_missing(side["row"])) if value is False else False

    def _subtract(self, values):
        """Return right - left, or False when one is unknown; a score of 0 is known."""
        return False if any(value is False for value in values) else values[1] - values[0]

    def _get_items(self, code, sides, values):
        """Return the parts of the change of a P, the largest first; their points sum to the change."""
        if self._subtract(values) is False:
            return []
        counted = [self._get_counted(code, side) for side in sides]
        before, after = counted
        shifted = {name: self._get_place(code, sides[0], sides[1]["row"], name) for name in before if name in after}
        change = score_change(before, after, shifted=shifted)
        if change is None:
            return [{"kind": "unexplained", "points": self._subtract(values)}]
        items = self._prepare_items(change, sides)
        rest = self._subtract(values) - change.total
        items.append({"kind": "documents", "points": rest})
        return self._sort_items(items)

    def _prepare_items(self, change, sides):
        labels = self._get_measure_labels()
        items = [
            {
                "kind": kind,
                "measure": name,
                "label": labels[name],
                "left": self._format_value(sides[0]["row"].get(name)),
                "right": self._format_value(sides[1]["row"].get(name)),
                "points": points,
            }
            for kind in ("values", "appeared", "vanished")
            for name, points in getattr(change, kind).items()
        ]
        return items + [{"kind": kind, "points": getattr(change, kind)} for kind in ("cutoffs", "method")]

    def _sort_items(self, items):
        """Leave out what is nothing, and give its crumbs to the largest: the sum stays exact."""
        told = [item for item in items if abs(item["points"]) >= LEAST_POINTS]
        told.sort(key=lambda item: -abs(item["points"]))
        if told:
            told[0]["points"] += sum(item["points"] for item in items if abs(item["points"]) < LEAST_POINTS)
        return told

    def _get_counted(self, code, side):
        """Return ``{measure: Counted}`` of what is known of a P on one side."""
        counted = {}
        for weight in side["weights"]:
            place = self._get_place(code, side, side["row"], weight.measure) if weight.p == code else None
            if place is not None:
                counted[weight.measure] = Counted(weight.weight, place, weight.direction == "lower")
        return counted

    def _get_place(self, code, side, row, measure):
        """Return the place of a measure of `row` by the cut-offs of a side, as `_get_place_sql` of the engine."""
        weight = side["weights"].filtered(lambda weight: weight.p == code and weight.measure == measure)
        value, scale = row.get(measure), side["scales"].get(measure)
        if value is None or scale is None:
            return None
        # the last digits of a double depend on the order of summing; see `exact`
        value = round(float(value) * 1e6) / 1e6
        return step_score(value, scale, lower_is_better=weight.direction == "lower")

    def _compare_total(self, sides, scores, is_same):
        """Return the total, and how much of its change comes from each P."""
        values = [side["month"].total for side in sides]
        items = []
        if self._subtract(values) is not False and all(side["totals"] for side in sides):
            keys = ("left", "right")
            counted = [self._get_counted_total(side, scores, key) for side, key in zip(sides, keys, strict=True)]
            change = score_change(*counted, shifted={name: part.place for name, part in counted[1].items()})
            if change:
                items = self._prepare_total_items(change, scores)
                items.append({"kind": "documents", "points": self._subtract(values) - change.total})
                items = self._sort_items(items)
        return {
            "label": self.env._("Total"),
            "left": values[0],
            "right": values[1],
            "change": self._subtract(values),
            "items": items,
            "sentences": [self._render_item(item, is_same) for item in items],
        }

    def _get_counted_total(self, side, scores, key):
        return {
            score["p"]: Counted(side["totals"][score["p"]], score[key])
            for score in scores
            if score[key] is not False and side["totals"].get(score["p"], 0) > 0
        }

    def _prepare_total_items(self, change, scores):
        by_code = {score["p"]: score for score in scores}
        items = [
            {
                "kind": kind,
                "label": by_code[code]["label"],
                "left": self._format_score(by_code[code]["left"]),
                "right": self._format_score(by_code[code]["right"]),
                "points": points,
            }
            for kind in ("values", "appeared", "vanished")
            for code, points in getattr(change, kind).items()
        ]
        return [*items, {"kind": "method", "points": change.method}]

    def _get_largest(self, scores):
        """Return the measures that make the largest differences, over all P."""
        found = [
            {**item, "p_label": score["label"], "sentence": sentence}
            for score in scores
            for item, sentence in zip(score["items"], score["sentences"], strict=True)
            if item.get("measure")
        ]
        found.sort(key=lambda item: -abs(item["points"]))
        return found[:MOST_MEASURES]

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    def _get_measure_labels(self):
        info = self.env["crm.customer.measure"].fields_get(attributes=["string"])
        return {name: values["string"] for name, values in info.items()}

    def _render_item(self, item, is_same):
        return self._get_sentences(is_same)[item["kind"]] % {
            **{name: value for name, value in item.items() if isinstance(value, str)},
            "points": self._format_points(item["points"]),
        }

    def _get_sentences(self, is_same):
        """Return ``{kind of a part: sentence}``; two customers are set against each other, two months follow."""
        shared = {
            "cutoffs": self.env._("The other customers changed, and with them the cut-offs (%(points)s)."),
            "method": self.env._("The method weighs otherwise (%(points)s)."),
            "documents": self.env._("Documents of the month were changed after it was scored (%(points)s)."),
            "unexplained": self.env._("The measures behind the score are gone (%(points)s)."),
        }
        if is_same:
            return shared | {
                "values": self.env._("%(label)s %(left)s → %(right)s (%(points)s)."),
                "appeared": self.env._("%(label)s became measurable: %(right)s (%(points)s)."),
                "vanished": self.env._("%(label)s is no longer measurable, was %(left)s (%(points)s)."),
            }
        return shared | {
            "cutoffs": self.env._("The two were scored by different cut-offs (%(points)s)."),
            "values": self.env._("%(label)s %(left)s against %(right)s (%(points)s)."),
            "appeared": self.env._("%(label)s is known of the second only: %(right)s (%(points)s)."),
            "vanished": self.env._("%(label)s is known of the first only: %(left)s (%(points)s)."),
        }

    def _format_points(self, points):
        text = formatLang(self.env, abs(points), digits=DECIMALS)
        return f"{'+' if points > 0 else '−'}{text}"

    def _format_score(self, value):
        return "–" if value is False else formatLang(self.env, value, digits=DECIMALS)

    def _format_value(self, value):
        if value is None:
            return "–"
        digits = 0 if float(value).is_integer() or abs(value) >= 100 else 2 if abs(value) < 1 else 1
        return formatLang(self.env, value, digits=digits)
