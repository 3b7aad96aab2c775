from odoo import api, fields, models
from odoo.exceptions import AccessError

PLANNER_GROUP = "mrp.group_mrp_user"


class CrmPlannerPage(models.AbstractModel):
    """What the planner's page shows: the last run, the first steps where something is still to be set up, and the
    sections of `crm.planner.section.mixin`. Plain values only; the client formats them in the reader's language.
    """

    _name = "crm.planner.page"
    _inherit = ["crm.planner.section.mixin"]
    _description = "Planner's Page"

    @api.model
    def get_page(self, area_id=None):
        """Return the page for one MRP area, or for all areas of the user's companies that plan.

        :param area_id: id of a `mrp.area`; one that the user may not see, or none: all areas
        :raise AccessError: the user does not work in manufacturing
        """
        self._check_planner()
        areas = self._get_areas()
        shown = areas.filtered(lambda area: area.id == area_id) or areas
        run = self._get_last_run(shown)
        return {
            "areas": [{"id": area.id, "name": area.display_name} for area in areas],
            "area_id": shown.id if len(shown) == 1 else False,
            "currency_id": self.env.company.currency_id.id,
            "run": self._format_run(run, shown),
            "guide": self._get_guide(shown),
            "sections": self._get_sections(shown) if self._is_planned(shown) else {},
        }

    @api.model
    def get_run(self, area_id=None):
        """Return the last run alone: what the page asks for again and again while one is under way."""
        self._check_planner()
        areas = self._get_areas()
        shown = areas.filtered(lambda area: area.id == area_id) or areas
        return self._format_run(self._get_last_run(shown), shown)

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    @api.model
    def action_run(self, area_id=None):
        """Plan the area, or all of them; where a run is under way it is that one. Returns it for the header."""
        self._check_planner()
        areas = self._get_areas()
        shown = areas.filtered(lambda area: area.id == area_id) or areas
        run = self.env["crm.planning.run"]._launch(shown, trigger="manual")
        return self._format_run(run, shown)

    @api.model
    def action_create_area(self):
        """Make the warehouse of the company an MRP area: the first step of the guide."""
        self._check_planner()
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.env.company.id)], limit=1)
        self.env["mrp.area"].create(
            {
                "name": warehouse.name,
                "warehouse_id": warehouse.id,
                "location_id": warehouse.lot_stock_id.id,
            }
        )
        return True

    @api.model
    def action_choose_products(self):
        """Open the manufactured products, where the planning mode can be set for many at once."""
        self._check_planner()
        return self.env["ir.actions.act_window"]._for_xml_id("crm_extended_erp_bridge.product_template_action_planning")

    # ------------------------------------------------------------
    # Areas and runs
    # ------------------------------------------------------------

    @api.model
    def _check_planner(self):
        if not (self.env.su or self.env.user.has_group(PLANNER_GROUP)):
            raise AccessError(
                self.env._(
                    "The planner's page is for people who work in manufacturing. Ask your administrator for the "
                    "right Manufacturing: User."
                )
            )

    @api.model
    def _get_areas(self):
        """Areas of the companies that the user has switched on and that plan."""
        companies = self.env.companies.filtered(lambda company: company._has_feature("production_planning"))
        return self.env["mrp.area"].search([("company_id", "in", companies.ids)], order="company_id, name, id")

    @api.model
    def _get_last_run(self, areas):
        line = self.env["crm.planning.run.area"].search(
            [("mrp_area_id", "in", areas.ids)], order="run_id desc, id desc", limit=1
        )
        return line.run_id

    @api.model
    def _is_planned(self, areas):
        """Whether a plan of these areas was ever made: a run that failed leaves the plan before it."""
        domain = [("mrp_area_id", "in", areas.ids), ("outcome", "=", "done")]
        return bool(self.env["crm.planning.run.area"].search_count(domain, limit=1))

    @api.model
    def _format_run(self, run, areas):
        if not run:
            return False
        lines = run.area_ids.filtered(lambda line: line.mrp_area_id in areas)
        return {
            "id": run.id,
            "name": run.name,
            "state": run.state,
            "state_label": self._get_label(run, "state"),
            "trigger": run.trigger,
            # the name of a colleague is no secret, his record may be
            "user": run.user_id.sudo().name or "",
            "date_started": fields.Datetime.to_string(run.date_started or run.create_date),
            "date_ended": fields.Datetime.to_string(run.date_ended) or False,
            "is_unfinished": run.is_open,
            "progress": sum(lines.mapped("progress")) / len(lines) if lines else 0.0,
            "areas": [self._format_run_area(line) for line in lines],
        }

    @api.model
    def _format_run_area(self, line):
        return {
            "id": line.id,
            "name": line.mrp_area_id.display_name,
            "state": line.state,
            "state_label": self._get_label(line, "state"),
            "step_label": self._get_label(line, "step"),
            "progress": line.progress,
            "error": line.error or "",
        }

    @api.model
    def _get_label(self, record, fname):
        """The value of a selection in the reader's language; '' where there is none."""
        return dict(record._fields[fname]._description_selection(self.env)).get(record[fname], "")

    # ------------------------------------------------------------
    # First steps
    # ------------------------------------------------------------

    @api.model
    def _get_guide(self, areas):
        """The steps to a first plan, each done or not, and who can do it; False when all are done."""
        steps = [
            {
                "key": "area",
                "is_done": bool(areas),
                "is_allowed": self.env["mrp.area"].has_access("create"),
            },
            {
                "key": "products",
                "is_done": bool(areas) and self._has_planned_products(areas),
                "is_allowed": self.env["product.template"].has_access("write"),
            },
            {
                "key": "run",
                "is_done": self._is_planned(areas),
                "is_allowed": True,
            },
        ]
        return False if all(step["is_done"] for step in steps) else steps

    @api.model
    def _has_planned_products(self, areas):
        """Make to Plan gives a product its area parameters; parameters made by hand count as well."""
        return bool(self.env["product.mrp.area"].search_count([("mrp_area_id", "in", areas.ids)], limit=1))
