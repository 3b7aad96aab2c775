import logging
from collections import defaultdict
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...planner.low_level import find_circles, low_level_codes

_logger = logging.getLogger(__name__)

LIMIT_PARAMETER = "crm_extended_erp_bridge.planning_quantity_limit"
DEFAULT_LIMIT = 10_000_000.0
# Records created at once: more hardly get faster, and take their memory.
CREATE_PORTION = 2000


class MrpMultiLevelReadingMixin(models.AbstractModel):
    """Demand and supply of an area, read for all products at once instead of product by product.

    What a move becomes is still said by the addon's `_prepare_*` methods, and which moves count by its domains.
    """

    _name = "mrp.multi.level.reading.mixin"
    _description = "Planning: Reading Demand and Supply"

    # ------------------------------------------------------------
    # What is read once
    # ------------------------------------------------------------

    @api.model
    def _prepare_session(self, area, session):
        """Read the parameters, the bills of materials they use and the levels that follow from them."""
        params = self.env["product.mrp.area"].search([("mrp_area_id", "=", area.id)])
        session.params = {param.product_id.id: param for param in params}
        session.limit = self._get_quantity_limit()
        session.today = area._datetime_to_date_tz()
        children = {}
        for param in params:
            if not param.mrp_exclude and param._to_be_exploded():
                children[param.product_id.id] = self._get_components(param)
        session.levels = {**dict.fromkeys(session.params, 0), **low_level_codes(children)}
        session.circles = find_circles(children)
        session.left_out = {product for circle in session.circles for product in circle}
        self._check_area(area, session, children)

    @api.model
    def _get_components(self, param):
        return [line.product_id.id for line in self._get_applicable_lines(param)]

    @api.model
    def _get_applicable_lines(self, param):
        """The lines of the bill of materials that make this variant, physical components only."""
        return [
            line
            for line in self._get_bom_to_explode(param).bom_line_ids
            if line.product_id.type == "consu"
            and not line.product_uom_id.is_zero(line.product_qty)
            and not (line.bom_product_template_attribute_value_ids and line._skip_bom_line(param.product_id))
        ]

    @api.model
    def _get_quantity_limit(self):
        # sudo: parameters are for administrators
        return float(self.env["ir.config_parameter"].sudo().get_param(LIMIT_PARAMETER) or DEFAULT_LIMIT)

    @api.model
    def _exclude_from_mrp(self, product, mrp_area):
        """Left out are products on a circle, too; a component without parameters is reported, not dropped silently."""
        session = self.env.context.get("crm_planning_session")
        if session is None or mrp_area.id != session.area.id:
            return super()._exclude_from_mrp(product, mrp_area)
        param = session.params.get(product.id)
        if param is None or product.id in session.left_out:
            return True
        return param.mrp_exclude

    @api.model
    def _get_product_mrp_area_from_product_and_area(self, product, mrp_area):
        session = self.env.context.get("crm_planning_session")
        if session is None or mrp_area.id != session.area.id:
            return super()._get_product_mrp_area_from_product_and_area(product, mrp_area)
        return session.params.get(product.id) or self.env["product.mrp.area"]

    # ------------------------------------------------------------
    # Demand and supply
    # ------------------------------------------------------------

    @api.model
    def _mrp_initialisation(self, mrp_areas):
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._mrp_initialisation(mrp_areas)
        params = self.env["product.mrp.area"].browse(
            param.id
            for param in session.params.values()
            if param.mrp_applicable and not self._exclude_from_mrp(param.product_id, param.mrp_area_id)
        )
        self._read_stock_moves(params, session)
        self._read_purchase_lines(params, session)
        self._read_estimates(params, session)
        for done, param in enumerate(params):
            session.progress("reading", done, len(params))
            self._try_product(param, self._init_mrp_move)
        self._write_buffers(session)
        return None

    @api.model
    def _search_by_parameter(self, model, params, get_domain, order=None):
        """Return {parameter id: records}, as a search with `get_domain(param)` for each would, with one search for
        all parameters whose domains differ by their product only."""
        groups = defaultdict(list)
        for param in params:
            domain = ["product" if self._is_product_leaf(leaf, param) else leaf for leaf in get_domain(param)]
            groups[repr(domain)].append((param, domain))
        found = defaultdict(list)
        for members in groups.values():
            products = [param.product_id.id for param, _domain in members]
            domain = [("product_id", "in", products) if leaf == "product" else leaf for leaf in members[0][1]]
            by_product = {param.product_id.id: param.id for param, _domain in members}
            for record in self.env[model].search(domain, order=order):
                found[by_product[record.product_id.id]].append(record)
        return found

    @api.model
    def _is_product_leaf(self, leaf, param):
        return isinstance(leaf, list | tuple) and tuple(leaf) == ("product_id", "=", param.product_id.id)

    @api.model
    def _read_stock_moves(self, params, session):
        session.stock_moves = {
            "in": self._search_by_parameter("stock.move", params, lambda param: param._in_stock_moves_domain()),
            "out": self._search_by_parameter("stock.move", params, lambda param: param._out_stock_moves_domain()),
        }

    @api.model
    def _init_mrp_move_from_stock_move(self, product_mrp_area):
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._init_mrp_move_from_stock_move(product_mrp_area)
        for direction, found in session.stock_moves.items():
            for move in found.get(product_mrp_area.id, ()):
                data = self._prepare_mrp_move_data_from_stock_move(product_mrp_area, move, direction=direction)
                if data:
                    session.moves.append((data, None))
        return True

    @api.model
    def _prepare_mrp_move_data_from_stock_move(self, product_mrp_area, move, direction="in"):
        """Mended: a move without picking and origin; demand in the past is reported and keeps its date."""
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._prepare_mrp_move_data_from_stock_move(product_mrp_area, move, direction=direction)
        if self._is_extreme(product_mrp_area, move.product_qty, self._get_document(move)):
            return False
        source = move
        if not (move.origin or move.picking_id or move.purchase_line_id):
            # the addon falls back on the name of the move, which moves do not have in this version
            source = move.new({"origin": move.reference or move.product_id.display_name}, origin=move)
        data = super()._prepare_mrp_move_data_from_stock_move(product_mrp_area, source, direction=direction)
        if not data:
            return data
        true_date = session.area._datetime_to_date_tz(move.date)
        data.update(stock_move_id=move.id, current_date=true_date)
        if direction == "out" and true_date < session.today:
            self._report(
                product_mrp_area, "past_demand", self._get_document(move), date=true_date, quantity=move.product_qty
            )
        return data

    @api.model
    def _get_document(self, move):
        """The record that a planner knows the move by."""
        return (
            move.sale_line_id.order_id
            or move.raw_material_production_id
            or move.production_id
            or move.purchase_line_id.order_id
            or move.picking_id
            or move
        )

    @api.model
    def _read_purchase_lines(self, params, session):
        groups = defaultdict(list)
        for param in params:
            key = (tuple(param._get_locations().ids), tuple(param._get_unconfirmed_po_states()))
            groups[key].append(param)
        session.purchase_lines = {}
        for (location_ids, states), members in groups.items():
            types = self.env["stock.picking.type"].search([("default_location_dest_id", "child_of", location_ids)])
            domain = Domain("order_id.picking_type_id", "in", types.ids) & Domain("order_id.state", "in", states)
            domain &= Domain("product_qty", ">", 0.0)
            by_product = {param.product_id.id: param.id for param in members}
            lines = self.env["purchase.order.line"].search(domain & Domain("product_id", "in", list(by_product)))
            for line in lines:
                session.purchase_lines.setdefault(by_product[line.product_id.id], []).append(line)

    @api.model
    def _init_mrp_move_from_purchase_order(self, product_mrp_area):
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._init_mrp_move_from_purchase_order(product_mrp_area)
        for line in session.purchase_lines.get(product_mrp_area.id, ()):
            if self._is_mismatch(product_mrp_area, line.product_uom_id, line.order_id):
                continue
            if self._is_extreme(product_mrp_area, line.product_uom_qty, line.order_id):
                continue
            data = self._prepare_mrp_move_data_from_purchase_order(line, product_mrp_area)
            if data:
                session.moves.append((data, None))
        return None

    @api.model
    def _read_estimates(self, params, session):
        session.estimates = self._search_by_parameter("stock.demand.estimate", params, self._estimates_domain)

    @api.model
    def _init_mrp_move_from_forecast(self, product_mrp_area):
        session = self.env.context.get("crm_planning_session")
        if session is None or session.estimates is None:
            return super()._init_mrp_move_from_forecast(product_mrp_area)
        if not product_mrp_area.group_estimate_days:
            return False
        today = fields.Date.today()
        step = timedelta(days=product_mrp_area.group_estimate_days)
        for estimate in session.estimates.get(product_mrp_area.id, ()):
            if self._is_extreme(product_mrp_area, estimate.product_uom_qty, estimate):
                continue
            date = max(estimate.date_from, today)
            while date <= estimate.date_to:
                data = self._prepare_mrp_move_data_from_estimate(estimate, product_mrp_area, date)
                if data:
                    session.moves.append((data, None))
                date += step
        return True

    def _exclude_considering_estimate_demand_and_other_sources_strat(self, product_mrp_area, mrp_date):
        session = self.env.context.get("crm_planning_session")
        if session is None or session.estimates is None:
            return super()._exclude_considering_estimate_demand_and_other_sources_strat(product_mrp_area, mrp_date)
        strategy = session.area.estimate_demand_and_other_sources_strat
        if strategy in ("all", "ignore_estimates"):
            return False
        estimates = session.estimates.get(product_mrp_area.id, ())
        if strategy == "ignore_others_if_estimates":
            return bool(estimates)
        return any(estimate.date_from <= mrp_date <= estimate.date_to for estimate in estimates)

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _write_buffers(self, session):
        """Create what was collected: planned orders first, then the demand that refers to them."""
        orders, moves = session.orders, session.moves
        session.orders, session.moves = [], []
        records = self._create_in_portions("mrp.planned.order", [order.values for order in orders])
        for order, record in zip(orders, records, strict=True):
            order.record_id = record.id
        demands = self._create_in_portions("mrp.move", [values for values, _order in moves])
        links = [(order.record_id, demand.id) for demand, (_values, order) in zip(demands, moves, strict=True) if order]
        self._link_demands(links)
        return records

    @api.model
    def _create_in_portions(self, model, values_list):
        """Create, write out and forget a portion at a time: the plan of a large company fills the memory otherwise."""
        records = self.env[model]
        ids = []
        for start in range(0, len(values_list), CREATE_PORTION):
            portion = records.create(values_list[start : start + CREATE_PORTION])
            ids += portion.ids
            portion.flush_model()
            portion.invalidate_recordset(flush=False)
        return records.browse(ids)

    @api.model
    def _link_demands(self, links):
        """Say which planned order makes which demand for components: (planned order id, move id) in one statement,
        where the ORM compares every pair with every other."""
        if links:
            orders, demands = zip(*links, strict=True)
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO mrp_move_planned_order_rel (order_id, move_down_id)
                    SELECT * FROM unnest(%s::int[], %s::int[])
                    """,
                    list(orders),
                    list(demands),
                )
            )
            self.env["mrp.planned.order"].invalidate_model(["mrp_move_down_ids"], flush=False)
            self.env["mrp.move"].invalidate_model(["planned_order_up_ids"], flush=False)

    @api.model
    def _try_product(self, param, method):
        """Call `method(param)`; when it fails, what it has collected is dropped, the product reported, and the others
        are planned all the same. Errors of the database end the planning."""
        session = self.env.context["crm_planning_session"]
        mark = session.mark()
        try:
            method(param)
        except psycopg2.Error:
            raise
        # whatever is wrong with it, it is one product
        except Exception as error:  # pylint: disable=broad-except
            session.drop_since(mark)
            _logger.info("Product %s could not be planned", param.product_id.id, exc_info=True)
            self._report(param, "engine_error", param.product_id, error=str(error) or type(error).__name__)
