from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from .plain_number import plain_number

NUMBER_KINDS = ("measure", "score")
COMPARISONS = {"ge": ">=", "le": "<=", "eq": "=", "ne": "<>"}


class CrmSegmentRule(models.Model):
    """One condition of a segment: on a measure, a score, the tier, or anything that is known of the contact.

    Rules with the same letter must all be met; to meet those of one letter is enough. A measure that is not known meets
    no comparison.
    """

    _name = "crm.segment.rule"
    _description = "Rule of a Segment"
    _order = "segment_id, alternative, sequence, id"
    _rec_name = "sentence"

    segment_id = fields.Many2one(comodel_name="crm.segment", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="segment_id.company_id")
    sequence = fields.Integer(default=10)
    alternative = fields.Selection(
        selection=[(letter, letter) for letter in "ABCDEF"],
        string="Either",
        default="A",
        required=True,
        help="Rules with the same letter must all be met; to meet all rules of one letter is enough.",
    )
    kind = fields.Selection(
        selection=[
            ("measure", "Measure"),
            ("score", "Score of the 7P"),
            ("tier", "Tier"),
            ("contact", "Contact (filter)"),
            ("measures", "Measures (filter)"),
        ],
        string="What",
        default="measure",
        required=True,
    )
    measure = fields.Selection(
        selection="_selection_measure", help="Measure of the last scored month; R, F and M are classes from 1 to 5."
    )
    score = fields.Selection(selection="_selection_score", help="Score of the last scored month, from 0 to 100.")
    operator = fields.Selection(
        selection=[
            ("ge", "at least"),
            ("le", "at most"),
            ("eq", "exactly"),
            ("ne", "other than"),
            ("between", "between"),
            ("top", "among the highest (%)"),
            ("bottom", "among the lowest (%)"),
            ("known", "known"),
            ("unknown", "not known"),
        ],
        string="Is",
        default="ge",
        required=True,
        help="Among the highest 20 %: at least the value above which one customer in five lies. The limit moves with "
        "the customers, so the rule means the same in a small company and in a large one.",
    )
    value = fields.Float(digits=(16, 2))
    value_to = fields.Float(string="And", digits=(16, 2))
    tier_operator = fields.Selection(selection=[("in", "one of"), ("not in", "none of")], default="in", required=True)
    tier_ids = fields.Many2many(comodel_name="crm.tier", string="Tiers", domain="[('kind', '=', 'customer')]")
    contact_domain = fields.Char(string="Contacts", default="[]", required=True)
    measure_domain = fields.Char(string="Measures Filter", default="[]", required=True)
    label = fields.Char(string="In Words", translate=True, help="What the filter says, for the readers of the segment.")
    sentence = fields.Char(compute="_compute_sentence")

    # ------------------------------------------------------------------
    # Choices and checks
    # ------------------------------------------------------------------
    @api.model
    def _selection_measure(self):
        """Return the measures that are numbers, those of other addons included."""
        return self.env["crm.customer.measure"]._get_scorable()

    @api.model
    def _selection_score(self):
        """Return the scores of the history, the total first."""
        info = self.env["crm.customer.score.month"].fields_get(attributes=["string"])
        scores = sorted((name, values["string"]) for name, values in info.items() if name.startswith("score_"))
        return [("total", info["total"]["string"]), *scores]

    @api.constrains("kind", "measure", "score", "operator", "value", "value_to", "tier_ids")
    def _check_complete(self):
        for rule in self:
            if problem := rule._get_problem():
                raise ValidationError(problem)

    def _get_problem(self):
        """Return what is missing in the rule, or None."""
        if self.kind == "measure" and not self.measure:
            return self.env._("Choose the measure that the rule looks at.")
        if self.kind == "score" and not self.score:
            return self.env._("Choose the score that the rule looks at.")
        if self.kind == "tier" and not self.tier_ids:
            return self.env._("Choose the tiers of the rule.")
        if self.kind not in NUMBER_KINDS:
            return None
        if self.operator in ("top", "bottom") and not 0 < self.value < 100:
            return self.env._("A share of the customers lies between 0 and 100 percent.")
        if self.operator == "between" and self.value > self.value_to:
            return self.env._("The first value of a range is not above the second one.")
        return None

    @api.constrains("contact_domain", "measure_domain", "kind")
    def _check_domains(self):
        """Refuse a filter that the user could not search by himself.

        Later it is evaluated for the company without his rights, which must not tell him what is hidden from him.
        """
        for rule in self:
            for model, domain in (
                ("res.partner", rule.contact_domain),
                ("crm.customer.measure", rule.measure_domain),
            ):
                try:
                    # `sudo(False)`: Odoo checks constraints as superuser
                    self.env[model].sudo(False)._search(Domain(literal_eval(domain or "[]")))
                except (ValueError, SyntaxError, TypeError, KeyError) as problem:
                    raise ValidationError(
                        self.env._("This filter cannot be used: %(problem)s", problem=problem)
                    ) from problem

    # ------------------------------------------------------------------
    # Segments whose members must be found again
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.segment_id.is_stale = True
        return rules

    def write(self, vals):
        result = super().write(vals)
        self.segment_id.is_stale = True
        return result

    def unlink(self):
        segments = self.segment_id
        result = super().unlink()
        segments.is_stale = True
        return result

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    @api.depends(
        "kind",
        "measure",
        "score",
        "operator",
        "value",
        "value_to",
        "tier_operator",
        "tier_ids",
        "contact_domain",
        "measure_domain",
        "label",
    )
    @api.depends_context("lang")
    def _compute_sentence(self):
        for rule in self:
            if rule.kind in NUMBER_KINDS:
                rule.sentence = rule._get_number_sentence()
            elif rule.kind == "tier":
                rule.sentence = rule._get_tier_sentence()
            else:
                rule.sentence = rule._get_filter_sentence()

    def _get_label(self):
        """Return the name of the measure or score in the reader's language."""
        return dict(self._fields[self.kind]._description_selection(self.env)).get(self[self.kind], "")

    def _get_bound(self):
        """Return what is asked of a number, without its name."""
        values = {"value": plain_number(self.env, self.value), "to": plain_number(self.env, self.value_to)}
        bounds = {
            "ge": self.env._("at least %(value)s", **values),
            "le": self.env._("at most %(value)s", **values),
            "eq": self.env._("exactly %(value)s", **values),
            "ne": self.env._("other than %(value)s", **values),
            "between": self.env._("from %(value)s to %(to)s", **values),
            "top": self.env._("among the highest %(value)s %%", **values),
            "bottom": self.env._("among the lowest %(value)s %%", **values),
            "known": self.env._("known"),
            "unknown": self.env._("not known"),
        }
        return bounds.get(self.operator, "")

    def _get_number_sentence(self):
        return self.env._("%(measure)s %(bound)s", measure=self._get_label(), bound=self._get_bound())

    def _get_tier_sentence(self):
        tiers = format_list(self.env, self.tier_ids.mapped("name"), style="or")
        if self.tier_operator == "in":
            return self.env._("tier %(tiers)s", tiers=tiers)
        return self.env._("tier other than %(tiers)s", tiers=tiers)

    def _get_filter_sentence(self):
        if self.kind == "contact":
            return self.label or self.env["crm.segment.reason"]._describe("res.partner", self.contact_domain)
        return self.label or self.env["crm.segment.reason"]._describe("crm.customer.measure", self.measure_domain)

    def _get_reason(self, row):
        """Return the rule with the number of a customer who meets it.

        :param row: facts of the customer, of ``crm.segment.reason``
        """
        if self.kind in NUMBER_KINDS:
            number = row[f"number_{self.id}"]
            return self.env._(
                "%(measure)s: %(number)s (%(bound)s)",
                measure=self._get_label(),
                number=self.env._("not known") if number is None else plain_number(self.env, number),
                bound=self._get_bound(),
            )
        if self.kind == "tier":
            tier = self.env["crm.tier"].browse(row["current_tier_id"] or [])
            return self.env._(
                "Tier: %(tier)s (%(rule)s)", tier=tier.name or self.env._("none"), rule=self._get_tier_sentence()
            )
        return self.env._("Fits: %(rule)s", rule=self._get_filter_sentence())

    # ------------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------------
    def _get_conditions(self, period):
        """Return the SQL conditions of rules that must all be met, on the sources of the engine."""
        conditions = [rule._get_condition(period) for rule in self]
        if any(rule.kind != "contact" for rule in self):
            conditions.append(SQL("customer.crm_profiling_opt_out IS NOT TRUE"))
        return conditions

    def _get_condition(self, period, partner_ids=None):
        """Return the SQL condition of the rule.

        :param period: last scored month of the company, or None
        :param partner_ids: the customers who are asked for, all by default; filters look no further
        """
        self.ensure_one()
        if self.kind in NUMBER_KINDS:
            return self._get_number_condition(period)
        if self.kind == "tier":
            inside = SQL("COALESCE(stay.tier_id = ANY(%s), FALSE)", self.tier_ids.ids)
            return inside if self.tier_operator == "in" else SQL("NOT %s", inside)
        if self.kind == "contact":
            return SQL("customer.id IN %s", self._get_filter("res.partner", self.contact_domain, "id", partner_ids))
        domain = self.measure_domain
        return SQL("measure.id IN %s", self._get_filter("crm.customer.measure", domain, "partner_id", partner_ids))

    def _get_filter(self, model, domain, key, partner_ids):
        """Return SQL of the ids that a filter finds, for the company of the segment and whoever asks."""
        # `sudo`: a segment is of a company; whoever wrote the filter could search by it
        records = self.env[model].sudo().with_company(self.company_id)
        records = records.with_context(allowed_company_ids=self.company_id.ids)
        found = Domain(literal_eval(domain or "[]"))
        if partner_ids is not None:
            found &= Domain(key, "in", partner_ids)
        return records._search(found, bypass_access=True).subselect()

    def _get_column(self):
        """Return the column of a rule on a number, None for others."""
        if self.kind not in NUMBER_KINDS:
            return None
        return SQL.identifier(self.kind, self[self.kind])

    def _get_number_condition(self, period):
        alias, name, column = self.kind, self[self.kind], self._get_column()
        if self.operator in COMPARISONS:
            return SQL("%s %s %s", column, SQL(COMPARISONS[self.operator]), self.value)
        if self.operator == "between":
            return SQL("%s BETWEEN %s AND %s", column, self.value, self.value_to)
        if self.operator == "known":
            return SQL("%s IS NOT NULL", column)
        if self.operator == "unknown":
            return SQL("%s.id IS NOT NULL AND %s IS NULL", SQL.identifier(alias), column)
        return self._get_share_condition(column, alias, name, period)

    def _get_share_condition(self, column, alias, name, period):
        """Return the condition of the highest or lowest share: compared with the percentile of all customers."""
        is_top = self.operator == "top"
        table = {"measure": "crm_customer_measure", "score": "crm_customer_score_month"}[alias]
        return SQL(
            "%(column)s %(comparison)s (SELECT percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(name)s)"
            " FROM %(table)s WHERE company_id = %(company)s AND period = %(period)s)",
            column=column,
            comparison=SQL(">=") if is_top else SQL("<="),
            share=1 - self.value / 100 if is_top else self.value / 100,
            name=SQL.identifier(name),
            table=SQL.identifier(table),
            company=self.company_id.id,
            period=period,
        )
