from odoo import api, models


class CrmDecisionKind(models.AbstractModel):
    """A kind of action: what happens at the start, and how it is taken back. Another addon adds one by inheritance.

    A kind is an abstract model that inherits this one and has a ``_kind``. Fields of its own it adds to the decision,
    with their names in ``crm.decision._get_fixed_fields``. All methods run as superuser, for a decision whose starter
    may write it.
    """

    _name = "crm.decision.kind"
    _description = "Kind of Action"

    _kind = None
    _sequence = 50

    def _get_label(self):
        """Return the name of the kind."""
        raise NotImplementedError

    def _get_note(self):
        """Return the sentence that says what will happen at the start."""
        raise NotImplementedError

    def _check(self, decision):
        """Refuse to decide while something lacks.

        :raises UserError: with what is missing
        """

    def _start(self, decision, members):
        """Do the action for the treated members."""
        raise NotImplementedError

    def _undo(self, decision, members):
        """Take the action back where nobody has changed it since; return how many customers that were."""
        return 0

    def _get_cost(self, decision, first, last):
        """Return what the action cost on the days of a period beside what is typed."""
        return 0.0

    def _open(self, decision):
        """Return the action that shows what the start made."""
        return decision.action_open_treated()

    @api.model
    def _get_all(self):
        names = self.env.registry.descendants(["crm.decision.kind"], "_inherit")
        kinds = [self.env[name] for name in names if self.env[name]._kind]
        return sorted(kinds, key=lambda kind: (kind._sequence, kind._kind))

    @api.model
    def _get(self, code):
        return next(kind for kind in self._get_all() if kind._kind == code)
