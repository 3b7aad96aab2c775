from odoo import api, fields, models
from odoo.tools import format_date, formatLang


class CrmRefusalMixin(models.AbstractModel):
    """Why something was not calculated: a code and its numbers are kept, the sentence is that of the reader."""

    _name = "crm.refusal.mixin"
    _description = "Refused with a Reason"

    refusal = fields.Json(readonly=True)
    reason = fields.Text(compute="_compute_reason", help="Why the model was not fitted, or may not be used.")

    @api.depends("refusal")
    @api.depends_context("lang")
    def _compute_reason(self):
        sentences = self._get_refusal_sentences()
        for record in self:
            values = dict(record.refusal or {})
            sentence = sentences.get(values.pop("code", None))
            record.reason = sentence and sentence % {name: self._format_refusal(name, values[name]) for name in values}

    def _format_refusal(self, name, value):
        if name == "day":
            return format_date(self.env, value)
        return formatLang(self.env, value, digits=0) if isinstance(value, int | float) else value

    def _get_refusal_sentences(self):
        """Return the sentence of each code; another addon adds those of its models."""
        return {
            "few_customers": self.env._("%(found)s customers with a purchase; the method asks for %(needed)s."),
            "few_repeat_buyers": self.env._("%(found)s customers bought again; the method asks for %(needed)s."),
            "few_contracts": self.env._("%(found)s contracts whose first year is over; the model asks for %(needed)s."),
            "no_second_renewal": self.env._("No contract has come to its second renewal yet; the model asks for two."),
            "few_ended": self.env._("%(found)s contracts that ended; the model asks for %(needed)s."),
            "no_maximum": self.env._("The search for parameters did not end at a maximum."),
            "no_mean": self.env._("The values of purchases differ so much that they have no mean in this model."),
            "beaten": self.env._(
                "In the back-test the model found fewer of the best customers than carrying on the past: the lifetime "
                "value is the present value of the margin instead."
            ),
            "no_library": self.env._(
                "This calculation needs the Python library %(library)s: install it on the server, or choose a method "
                "that does without it."
            ),
        }
