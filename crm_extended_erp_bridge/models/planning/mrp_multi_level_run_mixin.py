from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_extended_analytics.models.database_settings import hash_joins
from odoo.addons.queue_job.exception import RetryableJobError

from ...planner.low_level import low_level_codes
from .crm_planning_run import FEATURE
from .planning_session import PlanningSession

# First key of the advisory locks that keep plannings of one area apart; the second is the area.
AREA_LOCK = 93_019


class MrpMultiLevelRunMixin(models.AbstractModel):
    """The order of the phases, for one area in one transaction, and what surrounds the netting of mrp_multi_level.

    Without a session in the context (the company does not plan with us) every method is the one of the addon.
    """

    _name = "mrp.multi.level.run.mixin"
    _description = "Planning of an Area"

    def run_mrp_multi_level(self):
        """The wizard of the addon: areas of companies that plan with us are planned here and now, our way."""
        areas = self.mrp_area_ids or self.env["mrp.area"].search([])  # pylint: disable=W8163
        ours = self._filter_planned(areas)
        if not ours:
            return super().run_mrp_multi_level()
        others = areas - ours
        if others:
            super(MrpMultiLevelRunMixin, self.create({"mrp_area_ids": others.ids})).run_mrp_multi_level()
        self._low_level_code_calculation()
        for area in ours:
            self._plan_area(area, PlanningSession(area))
        # sudo: as the addon, users without rights on actions may see the result
        return self.env.ref("mrp_multi_level.mrp_inventory_action").sudo().read()[0]

    @api.model
    def _filter_planned(self, areas):
        """The areas of companies that have the feature."""
        # sudo: the feature is asked of the company, whoever asks
        return areas.filtered(lambda area: area.sudo().company_id._has_feature(FEATURE))

    @api.model
    def _plan_area(self, area, session):
        """Plan `area` in this transaction: mrp_multi_level's phases, then what is built on its result.

        :param session: a PlanningSession; it takes the progress and carries what is read once
        """
        # sudo: the plan replaces records that nobody writes by hand, whoever has launched it
        engine = self.sudo().with_company(area.company_id)
        engine._lock_area(area)
        if not engine._filter_planned(area):
            wizard = engine.create({"mrp_area_ids": area.ids})
            # the addon's own run, past our override of it
            return super(MrpMultiLevelRunMixin, wizard).run_mrp_multi_level()  # pylint: disable=super-method-mismatch
        engine = engine.with_context(crm_planning_session=session)
        area = area.with_env(engine.env)
        engine._mrp_cleanup(area)
        engine._calculate_mrp_applicable(area)
        engine._prepare_session(area, session)
        engine._mrp_initialisation(area)
        engine._mrp_calculation(max(session.levels.values(), default=0) + 1, area)
        engine._mrp_final_process(area)
        engine._plan_further(area, session)
        engine._report_late_releases(area, session)
        engine.env["crm.planning.issue"]._replace(area, list(session.issues.values()))
        return None

    @api.model
    def _lock_area(self, area):
        """Refuse a second planning of the same area while one is under way: a cancelled one takes a while to end."""
        [[is_free]] = self.env.execute_query(SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", AREA_LOCK, area.id))
        if not is_free:
            raise RetryableJobError(
                self.env._("Area %(area)s is being planned already; wait until it has ended.", area=area.display_name),
                seconds=5,
                ignore_retry=True,
            )

    @api.model
    def _plan_further(self, area, session):
        """Who gets what, whether the work centres can do it, which orders are late, what is released by rule."""
        total = len(session.params)
        # what follows reads with statements of its own: the records of the plan are memory for nothing
        self.env.flush_all()
        self.env.invalidate_all()
        with hash_joins(self.env.cr):
            session.progress("pegging", 0, total)
            self.env["crm.pegging"]._rebuild(area)
            session.progress("capacity", 0, total)
            if area.company_id._has_feature("workcenter_load"):
                self.env["crm.workcenter.load.line"]._rebuild(area)
            session.progress("promises", 0, total)
            if area.company_id._has_feature("delivery_promise"):
                self.env["crm.order.risk"]._rebuild(area)
        self.env["crm.planning.release.rule"]._apply(area)

    # ------------------------------------------------------------
    # Low-level codes
    # ------------------------------------------------------------

    @api.model
    def _low_level_code_calculation(self):
        """Write the codes that have changed, in one statement; return the number of levels.

        The addon resets the code of every product and writes it anew, level by level, which conflicts with
        everybody who edits a product meanwhile. Bills of materials that contain each other do not make it climb to
        the recursion limit.
        """
        # sudo: the feature is asked of every company
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        if not any(company._has_feature(FEATURE) for company in companies):
            return super()._low_level_code_calculation()
        codes = low_level_codes(self._get_bom_children())
        self.env["product.product"].flush_model(["llc"])
        # UPDATE FROM: products that no bill of materials names are on level 0
        self.env.execute_query(
            SQL(
                """
                UPDATE product_product product SET llc = code.llc
                FROM (
                    SELECT p.id, COALESCE(new.llc, 0) AS llc
                    FROM product_product p
                    LEFT JOIN unnest(%(ids)s::int[], %(codes)s::int[]) AS new(id, llc) ON new.id = p.id
                ) code
                WHERE code.id = product.id AND product.llc IS DISTINCT FROM code.llc
                RETURNING product.id
                """,
                ids=list(codes),
                codes=list(codes.values()),
            )
        )
        self.env["product.product"].invalidate_model(["llc"])
        return max(codes.values(), default=0) + 1

    @api.model
    def _get_bom_children(self):
        """{product: components} of all active bills of materials, of all companies."""
        self.env["mrp.bom.line"].flush_model(["bom_id", "product_id"])
        self.env["mrp.bom"].flush_model(["active", "product_id", "product_tmpl_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT parent.id, array_agg(DISTINCT line.product_id)
                FROM mrp_bom_line line
                JOIN mrp_bom bom ON bom.id = line.bom_id AND bom.active
                JOIN product_product parent
                    ON parent.id = bom.product_id
                    OR (bom.product_id IS NULL AND parent.product_tmpl_id = bom.product_tmpl_id)
                GROUP BY parent.id
                """
            )
        )
        return dict(rows)

    # ------------------------------------------------------------
    # Before and after the netting
    # ------------------------------------------------------------

    @api.model
    def _mrp_cleanup(self, mrp_areas):
        """Empty the plan of the area in three statements; fixed planned orders stay."""
        if self.env.context.get("crm_planning_session") is None:
            return super()._mrp_cleanup(mrp_areas)
        self.env.flush_all()
        for table, condition in (
            ("mrp_move", SQL("TRUE")),
            ("mrp_planned_order", SQL("fixed IS NOT TRUE")),
            ("mrp_inventory", SQL("TRUE")),
        ):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE mrp_area_id IN %s AND %s",
                    SQL.identifier(table),
                    tuple(mrp_areas.ids),
                    condition,
                )
            )
        self.env.invalidate_all()
        return True

    @api.model
    def _calculate_mrp_applicable(self, mrp_areas):
        """Write only the parameters whose product has become storable, or no longer is."""
        if self.env.context.get("crm_planning_session") is None:
            return super()._calculate_mrp_applicable(mrp_areas)
        self.env.cr.execute(
            SQL(
                """
                UPDATE product_mrp_area param SET mrp_applicable = (template.type = 'consu' AND template.is_storable)
                FROM product_product product
                JOIN product_template template ON template.id = product.product_tmpl_id
                WHERE product.id = param.product_id AND param.mrp_area_id IN %s
                AND param.mrp_applicable IS DISTINCT FROM (template.type = 'consu' AND template.is_storable)
                """,
                tuple(mrp_areas.ids),
            )
        )
        self.env["product.mrp.area"].invalidate_model(["mrp_applicable"])
        self._adjust_mrp_applicable(mrp_areas)
        return True
