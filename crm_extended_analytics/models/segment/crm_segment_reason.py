from ast import literal_eval

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_list


class CrmSegmentReason(models.AbstractModel):
    """Why a customer is in a segment: each rule with the customer's own number, in sentences.

    The numbers are those of now, one query per company whatever the number of members and segments. They may have moved
    on since the last refresh, and then the explanation says so.
    """

    _name = "crm.segment.reason"
    _description = "Why a Customer Is in a Segment"

    @api.model
    def _explain(self, members):
        """Return ``{member: text}``."""
        reasons = {}
        for company, of_company in members.grouped("company_id").items():
            facts = self._get_facts(company, of_company)
            for member in of_company:
                row = facts.get(member.partner_id.id, {})
                reasons[member] = "\n".join(self._get_sentences(member, row))
        return reasons

    def _get_sentences(self, member, row):
        segment = member.segment_id
        since = format_date(self.env, member.since)
        if segment.method == "list":
            return [self.env._("Added by hand on %(day)s.", day=since)]
        if segment.method == "cluster":
            return segment._get_cluster_reasons(row)
        for _alternative, rules in sorted(segment.rule_ids.grouped("alternative").items()):
            if row and all(row[f"met_{rule.id}"] for rule in rules):
                return [rule._get_reason(row) for rule in rules]
        if segment.is_dynamic:
            return [
                self.env._(
                    "In since %(day)s, but the rules are not met any more: the next refresh takes the customer out.",
                    day=since,
                )
            ]
        return [self.env._("Met the rules on %(day)s, when the segment was frozen.", day=since)]

    @api.model
    def _get_facts(self, company, members):
        """Return ``{customer id: {met_<rule>: whether, number_<rule>: number, tier_id: tier, measure: number}}``.

        Read in SQL: who reads the members may read the measures that they rest on, and the tier is no secret of a
        customer whom he may see.
        """
        segments = members.segment_id.filtered(lambda segment: segment.method != "list")
        rules = segments.filtered(lambda segment: segment.method == "rule").rule_ids
        measures = {part["measure"] for segment in segments for part in segment.cluster_profile or []}
        if not rules and not measures:
            return {}
        self.env.flush_all()
        period, partner_ids = self.env["crm.segment"]._get_period(company), members.partner_id.ids
        columns = [SQL("%s AS %s", SQL.identifier("measure", name), SQL.identifier(name)) for name in sorted(measures)]
        for rule in rules:
            is_met = rule._get_condition(period, partner_ids)
            columns.append(SQL("COALESCE(%s, FALSE) AS %s", is_met, self._get_name("met", rule)))
            if column := rule._get_column():
                columns.append(SQL("%s AS %s", column, self._get_name("number", rule)))
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT customer.id AS customer_id, stay.tier_id AS current_tier_id, %s FROM %s"
                " WHERE customer.id = ANY(%s)",
                SQL(", ").join(columns),
                self.env["crm.segment"]._get_sources(company, period),
                partner_ids,
            )
        )
        return {row["customer_id"]: row for row in rows}

    @api.model
    def _get_name(self, prefix, rule):
        return SQL.identifier(f"{prefix}_{rule.id}")

    # ------------------------------------------------------------------
    # Filters in words
    # ------------------------------------------------------------------
    @api.model
    def _describe(self, model, domain):
        """Return a filter in words where all its conditions must hold, else the filter itself."""
        try:
            found = Domain(literal_eval(domain or "[]"))
        except (ValueError, SyntaxError, TypeError):
            return domain
        conditions = list(found.iter_conditions())
        if not conditions:
            return self.env._("everybody")
        if found != Domain.AND(conditions):
            return domain
        return format_list(self.env, [self._describe_condition(model, condition) for condition in conditions])

    def _describe_condition(self, model, condition):
        labels, records, field = [], self.env[model], None
        for name in condition.field_expr.split("."):
            field = records._fields.get(name) if records is not None else None
            if field is None:
                labels.append(name)
                records = None
                continue
            labels.append(field._description_string(self.env))
            records = self.env[field.comodel_name] if field.relational else None
        values = condition.value
        values = (
            list(values)
            if isinstance(values, (list, tuple, set, frozenset))
            or hasattr(values, "__iter__")
            and not isinstance(values, str)
            else [values]
        )
        if records is not None and values and all(type(value) is int for value in values):
            values = records.browse(values).exists().mapped("display_name")
        elif field is not None and field.type == "selection":
            choices = dict(field._description_selection(self.env))
            values = [choices.get(value, value) for value in values]
        return (
            f"{' › '.join(labels)} {condition.operator} {format_list(self.env, [str(v) for v in values], style='or')}"
        )
