from odoo import api, models

from .crm_pyramid_answers import join_answers


class CrmPyramidPopulation(models.AbstractModel):
    """Who is in pyramids of a kind, and what each is worth. Another addon adds a kind by inheritance."""

    _name = "crm.pyramid.population"
    _description = "Population of a Value Pyramid"

    _kind = None
    # what a pyramid of the kind may rank by: values of `measure` of the pyramid, the usual one first
    _measures = ()
    # where the rows of the kind are read, and the list that shows them
    _rows_model = "crm.pyramid.snapshot"
    _list_view = "crm_extended_analytics.crm_pyramid_snapshot_view_list"

    def _get_label(self):
        """Return the name of the kind."""
        raise NotImplementedError

    def _get_words(self):
        """Return the words of the page: ``many`` members, and who is ``active``, ``inactive``, ``prospect``."""
        raise NotImplementedError

    def _get_source(self, pyramid, company, as_of):
        """Return where values can be read from: 'scores' or 'facts', or None where they cannot be measured."""
        raise NotImplementedError

    def _get_members_sql(self, pyramid, company, as_of, source):
        """Return SQL of the columns partner_id, role, value, and those of `_get_columns`.

        Each member is in it once, with the value of active ones or NULL.
        """
        raise NotImplementedError

    def _get_columns(self):
        """Return the names of the figures that are written beside the value: fields of `crm.pyramid.figure.mixin`."""
        return ()

    def _get_unmeasured(self, pyramid, company):
        """Return ``{figure: what it needs}`` of figures without a source: a sentence that says what to do."""
        return {}

    def _count_opt_outs(self, company):
        """Return how many are left out because they object to being profiled."""
        return 0

    def _has_service_tiers(self):
        """Return whether the leading pyramid of the kind sets the tiers by which members are served."""
        return False

    def _has_alerts(self):
        """Return whether a fall may be reported: for people of ours nothing follows from a number by itself."""
        return True

    def _is_used(self, company):
        """Return whether the company counts pyramids of the kind."""
        return True

    def _may_read(self):
        """Return whether the user may read members other than himself."""
        return self.env["crm.pyramid.snapshot"].has_access("read")

    def _may_count(self):
        """Return whether the user may have pyramids of the kind counted again."""
        return self.env.user.has_groups(
            "crm_extended.crm_extended_group_analyst,crm_extended.crm_extended_group_implementer,"
            "crm_extended.crm_extended_group_team_leader"
        )

    def _get_ranked_sql(self, pyramid, company, as_of, source):
        """Return the members with what they answered, where answers are collected."""
        members = self._get_members_sql(pyramid, company, as_of, source)
        return join_answers(self.env, members, self._kind, as_of)

    @api.model
    def _get_all(self):
        names = self.env.registry.descendants(["crm.pyramid.population"], "_inherit")
        return sorted((self.env[name] for name in names if self.env[name]._kind), key=lambda source: source._kind)

    @api.model
    def _get(self, kind):
        return next(source for source in self._get_all() if source._kind == kind)
