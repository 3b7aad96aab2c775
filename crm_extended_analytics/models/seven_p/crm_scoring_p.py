from odoo import api, models
from odoo.tools import SQL, format_date, formatLang

# money from which on nobody reads cents
ROUND_MONEY = 100
# days below which a part of one matters
FEW_DAYS = 10


def round_days(value):
    """Return days as people say them: whole ones, unless they are few."""
    return round(value) if abs(value) >= FEW_DAYS else round(value, 1)


class CrmScoringP(models.AbstractModel):
    """One of the seven P: what it reads, how it is measured, and how it explains itself.

    A P is an abstract model that inherits this one and has a ``_p_code``. Another addon adds one in the same way
    (with a field ``score_<code>`` on ``crm.customer.score.month``), or changes one by inheriting it::

        class CrmScoringPProduct(models.AbstractModel):
            _inherit = "crm.scoring.p.product"

            def _get_measures(self, scope):
                measures = super()._get_measures(scope)
                measures["order"]["x_boxes"] = SQL("SUM(r.x_boxes)")
                return measures

    Measures are SQL aggregates over rows that all P share ("grains", see ``crm.scoring.engine``), so that a fact is
    read once whatever the number of P. What needs the population (cut-offs, fitted models) is derived in a
    second step from the rows of measures, with parameters that are frozen with the run.
    """

    _name = "crm.scoring.p"
    _description = "One of the 7P"

    _p_code = None
    _p_sequence = 50
    # numbers of the explanations that are money
    _p_money = ()

    # ------------------------------------------------------------------
    # What a P says
    # ------------------------------------------------------------------
    def _get_label(self):
        """Return the name of the P for people."""
        raise NotImplementedError

    def _needs(self):
        """Return the models that the P reads; it is not measurable when one of them is not installed."""
        return ("crm.fact.sale",)

    def _get_measures(self, scope):
        """Return ``{grain: {measure: SQL aggregate over the rows r of the grain}}``."""
        return {}

    def _get_own_sql(self, scope):
        """Return ``(measures, SQL of SELECT partner_id, measures)`` for what is in no shared grain, or None."""
        return None

    def _get_computed(self, scope):
        """Return a list of ``{measure: SQL}`` made of the aggregates; each item sees those before it, of all P.

        A name that begins with an underscore is a step on the way and is not stored.
        """
        return []

    def _fit(self, run, parameters):
        """Return parameters of the population, as plain values.

        :param parameters: those of the P before this one; the measures of all customers are there too
        """
        return {}

    def _prepare(self, scope, parameters):
        """Make what the formulas of `_get_steps` and `_get_derived` read beside ``m``; return the SQL of its join."""
        return SQL("")

    def _get_steps(self, scope, parameters):
        """Return a list of ``{name: SQL}``: steps on the way to derived measures, computed once for all P.

        Names begin with an underscore. They are formulas over the row of measures ``m``, where each item sees those
        before it, of all P; the first one also what `_prepare` joins.
        """
        return []

    def _get_derived(self, scope, parameters):
        """Return ``{measure: SQL}`` that need the parameters: formulas over the measures and steps of ``m``."""
        return {}

    def _get_missing(self, row):
        """Return the code of what is missing for a score; `row` holds the measures, or is None."""
        return "facts"

    def _complete(self, rows):
        """Add to rows of measures, of many customers at once, what the explanation says besides them."""

    def _explain(self, row):
        """Return ``[(code, {number})]``: what the score rests on."""
        return []

    def _get_sentences(self):
        """Return ``{code: sentence with named numbers}`` in the reader's language."""
        return {}

    # ------------------------------------------------------------------
    # What all P share
    # ------------------------------------------------------------------
    @api.model
    def _get_all(self):
        """Return the P that are installed, in their order."""
        names = self.env.registry.descendants(["crm.scoring.p"], "_inherit")
        found = [self.env[name] for name in names if self.env[name]._p_code]
        return sorted(found, key=lambda p: (p._p_sequence, p._p_code))

    @api.model
    def _complete_all(self, rows):
        """Let each P add to rows of measures what it explains, and return them."""
        for p in self._get_all() if rows else []:
            p._complete(rows)
        return rows

    def _get_absent(self):
        """Return the models that the P needs and that are not installed."""
        return [name for name in self._needs() if name not in self.env]

    def _get_measure_names(self, scope):
        """Return the measures that the shared grains fill."""
        return [name for measures in self._get_measures(scope).values() for name in measures]

    def _render_explanation(self, code, numbers, currency):
        """Return the sentence of an explanation in the reader's language.

        :param currency: that of the money in it
        """
        return self._get_sentences()[code] % {
            name: self._format(value, currency if name in self._p_money else None) for name, value in numbers.items()
        }

    def _format(self, value, currency=None):
        if isinstance(value, str):
            return value
        if currency:
            unit = "units" if abs(value) >= ROUND_MONEY else "decimals"
            return formatLang(self.env, value, currency_obj=currency, rounding_unit=unit)
        digits = 0 if isinstance(value, int) or abs(value) >= 100 else 1
        return formatLang(self.env, value, digits=digits)

    def _format_date(self, value):
        return format_date(self.env, value)

    def _get_documents(self):
        """Return the facts that the P reads and the user may see, for people: ``[{model, label}]``."""
        labels = self._get_document_labels()
        names = [name for name in self._needs() if name in labels and name in self.env]
        return [{"model": name, "label": labels[name]} for name in names if self.env[name].has_access("read")]

    def _get_document_labels(self):
        """Return ``{fact: what people call it}``."""
        return {
            "crm.fact.sale": self.env._("Sales"),
            "crm.fact.invoice": self.env._("Invoices"),
            "crm.fact.payment": self.env._("Payments"),
            "crm.fact.receivable": self.env._("Receivables"),
            "crm.fact.return": self.env._("Returns"),
            "crm.fact.opportunity": self.env._("Opportunities"),
            "crm.fact.touch": self.env._("Campaign Touches"),
            "crm.fact.interaction": self.env._("Interactions"),
            "crm.fact.service": self.env._("Service"),
        }

    def _render_missing(self, code):
        """Return the sentence that says what is missing."""
        if self._get_absent():
            return self.env._("Not measurable: needs %(model)s.", model=", ".join(self._get_absent()))
        return self._get_missing_sentences()[code]

    def _get_missing_sentences(self):
        return {
            "facts": self.env._("Not measurable: needs sales in the window of the scoring method."),
            "purchase": self.env._("Not measurable: needs a purchase; so far there are none, or all came back."),
            "cost": self.env._("Not measurable: needs the cost of what was sold; too little of it is known."),
        }

    def _shuffle(self, column):
        """Return SQL that orders ids by chance, and always the same way: for samples."""
        return SQL("hashint4(%s), %s", column, column)

    def _ratio(self, part, whole, factor=100.0):
        """Return the SQL of a part in percent of the whole, empty where the whole is not above 0."""
        return SQL(
            "CASE WHEN %(whole)s > 0 THEN %(factor)s::float8 * (%(part)s) / (%(whole)s) END",
            part=part,
            whole=whole,
            factor=factor,
        )
