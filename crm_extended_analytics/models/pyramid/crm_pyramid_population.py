from odoo import api, models


class CrmPyramidPopulation(models.AbstractModel):
    """Who is in pyramids of a kind, and what each is worth. Another addon adds a kind by inheritance."""

    _name = "crm.pyramid.population"
    _description = "Population of a Value Pyramid"

    _kind = None

    def _get_label(self):
        """Return the name of the kind."""
        raise NotImplementedError

    def _get_source(self, pyramid, company, as_of):
        """Return where values can be read from: 'scores' or 'facts', or None where they cannot be measured."""
        raise NotImplementedError

    def _get_members_sql(self, pyramid, company, as_of, source):
        """Return SQL of the columns partner_id, role, value: each member once; the value of active ones or NULL."""
        raise NotImplementedError

    def _count_opt_outs(self, company):
        """Return how many are left out because they object to being profiled."""
        return 0

    def _has_service_tiers(self):
        """Return whether the leading pyramid of the kind sets the tiers by which members are served."""
        return False

    @api.model
    def _get_all(self):
        names = self.env.registry.descendants(["crm.pyramid.population"], "_inherit")
        return sorted((self.env[name] for name in names if self.env[name]._kind), key=lambda source: source._kind)

    @api.model
    def _get(self, kind):
        return next(source for source in self._get_all() if source._kind == kind)
