from collections import defaultdict
from datetime import date, timedelta

from odoo import api, models
from odoo.tools import SQL

from .planning_session import PlannedSupply


class MrpMultiLevelNettingMixin(models.AbstractModel):
    """The netting level by level: the addon's rules decide, and what they create is written once per level.

    A level needs only the demand of the levels above it, so its planned orders and their exploded demand can wait
    in memory until all its products are netted.
    """

    _name = "mrp.multi.level.netting.mixin"
    _description = "Planning: Netting"

    @api.model
    def _get_mrp_initialization_groups_of_params(self, mrp_lowest_llc, mrp_areas):
        """The levels of the session: they follow the bills of materials that the plan really uses."""
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._get_mrp_initialization_groups_of_params(mrp_lowest_llc, mrp_areas)
        ids_by_level = defaultdict(list)
        for product_id, param in session.params.items():
            if product_id not in session.left_out and not param.mrp_exclude:
                ids_by_level[session.levels[product_id]].append(param.id)
        # one prefetch of the whole level: what its products need is read in one go
        Param = self.env["product.mrp.area"]
        return {(mrp_areas, level): Param.browse(ids_by_level[level]) for level in range(mrp_lowest_llc)}

    @api.model
    def _mrp_calculation(self, mrp_lowest_llc, mrp_areas):
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._mrp_calculation(mrp_lowest_llc, mrp_areas)
        done = 0
        for params in self._get_mrp_initialization_groups_of_params(mrp_lowest_llc, mrp_areas).values():
            # demand that the level above has added was not read, or not in order
            params.invalidate_recordset(["mrp_move_ids"])
            for param in params:
                session.progress("netting", done, len(session.params))
                self._try_product(param, self._net_product)
                done += 1
            self._write_buffers(session)
            self._forget_plan()
        return None

    @api.model
    def _forget_plan(self):
        """Give the memory of a level back: the next one reads its own demand, and a plan has very many rows."""
        self.env.flush_all()
        for name in ("mrp.move", "mrp.planned.order"):
            self.env[name].invalidate_model(flush=False)

    @api.model
    def _net_product(self, param):
        if param.mrp_nbr_days == 0:
            self._init_mrp_move_non_grouped_demand(param)
        else:
            self._init_mrp_move_grouped_demand(param)

    # ------------------------------------------------------------
    # Planned orders and the demand that they make
    # ------------------------------------------------------------

    @api.model
    def _get_action_and_supply_dates(self, product_mrp_area, mrp_date):
        """Dates of one lead time and day are asked once: counting working days is slow."""
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._get_action_and_supply_dates(product_mrp_area, mrp_date)
        return session.remember(
            "dates",
            (product_mrp_area.mrp_lead_time, mrp_date),
            lambda: super(MrpMultiLevelNettingMixin, self)._get_action_and_supply_dates(product_mrp_area, mrp_date),
        )

    @api.model
    def create_planned_order(self, product_mrp_area_id, mrp_qty, name, mrp_date_supply, mrp_action_date, values=None):
        """Collect the planned orders, split as the addon splits them, and explode each."""
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super().create_planned_order(
                product_mrp_area_id, mrp_qty, name, mrp_date_supply, mrp_action_date, values=values
            )
        param, values = product_mrp_area_id, values or {}
        if self._exclude_from_mrp(param.product_id, param.mrp_area_id):
            return {**values, "qty_ordered": 0.0}
        qty_ordered, qty_to_order = values.get("qty_ordered", 0.0), mrp_qty
        # the netting asks for a safety stock of zero, too
        if qty_ordered < mrp_qty:
            self._note_supply(param, mrp_action_date, session)
        is_ordered, is_exploded = param._should_create_planned_order(), param._to_be_exploded()
        while qty_ordered < mrp_qty:
            qty = param._adjust_qty_to_order(qty_to_order)
            qty_to_order -= qty
            qty_ordered += qty
            order = False
            if is_ordered:
                order = PlannedSupply(
                    self._prepare_planned_order_data(param, qty, mrp_date_supply, mrp_action_date, name, values)
                )
                session.orders.append(order)
            if is_exploded:
                self.explode_action(param, mrp_action_date, name, qty, order, values)
        values["qty_ordered"] = qty_ordered
        return values

    @api.model
    def explode_action(self, product_mrp_area_id, mrp_action_date, name, qty, action, values=None):
        """Collect the demand for components.

        Unlike the addon: which lines apply is asked once per product, and a component that is not planned in the
        area is reported. Demand before today is moved to today, as the addon does, but keeps its date.
        """
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super().explode_action(product_mrp_area_id, mrp_action_date, name, qty, action, values=values)
        param = product_mrp_area_id
        bom = self._get_bom_to_explode(param)
        if not bom:
            return False
        delay = timedelta(days=param.mrp_transit_delay + param.mrp_inspection_delay)
        true_date = mrp_action_date - delay
        plan_date = max(mrp_action_date, date.today()) - delay
        for line in session.remember("lines", param.id, lambda: self._get_planned_lines(param)):
            data = self._prepare_mrp_move_data_bom_explosion(param, line, qty, plan_date, bom, name, action, values)
            if self._is_extreme(session.params[line.product_id.id], data["mrp_qty"], bom):
                continue
            data["current_date"] = true_date
            session.moves.append((data, action or None))
        return True

    @api.model
    def _get_planned_lines(self, param):
        """The lines of the bill of materials whose components are planned in the area; the others are reported."""
        session = self.env.context["crm_planning_session"]
        bom = self._get_bom_to_explode(param)
        lines = []
        if self._is_mismatch(param, bom.product_uom_id, bom):
            return lines
        for line in self._get_applicable_lines(param):
            component = session.params.get(line.product_id.id)
            if component is None:
                self._report(
                    param,
                    "missing_parameters",
                    line.product_id,
                    product=line.product_id,
                    parent=param.product_id.display_name,
                )
            elif not self._exclude_from_mrp(line.product_id, param.mrp_area_id) and not self._is_mismatch(
                component, line.product_uom_id, bom
            ):
                lines.append(line)
        return lines

    @api.model
    def _prepare_mrp_move_data_bom_explosion(
        self, product, bomline, qty, mrp_date_demand_2, bom, name, planned_order, values=None
    ):
        """The addon takes the quantity of the line as it is; here it is converted to the unit of the component."""
        data = super()._prepare_mrp_move_data_bom_explosion(
            product, bomline, qty, mrp_date_demand_2, bom, name, planned_order, values
        )
        unit = bomline.product_id.uom_id
        if self.env.context.get("crm_planning_session") is not None and bomline.product_uom_id != unit:
            data["mrp_qty"] = bomline.product_uom_id._compute_quantity(data["mrp_qty"], unit, round=False)
        return data

    # ------------------------------------------------------------
    # Inventory over time
    # ------------------------------------------------------------

    @api.model
    def _mrp_final_process(self, mrp_areas):
        """The projected inventory of all products: four reads, one creation, one link."""
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._mrp_final_process(mrp_areas)
        groups = self._read_inventory_groups(mrp_areas)
        values_list = []
        for param in session.params.values():
            if param.id in groups and self.should_build_time_phased_inventory(param):
                values_list += self._prepare_inventories(param, groups[param.id])
        self._link_planned_orders(mrp_areas, self.env["mrp.inventory"].create(values_list).ids, values_list)
        return None

    @api.model
    def _read_inventory_groups(self, area):
        """{parameter id: {"demand" | "supply" | "rfq" | "planned": {date: quantity}}}"""
        self.env["mrp.move"].flush_model()
        self.env["mrp.planned.order"].flush_model()
        states = tuple(self.env["product.mrp.area"]._get_unconfirmed_po_states())
        rows = self.env.execute_query(
            SQL(
                """
                SELECT product_mrp_area_id, CASE mrp_type WHEN 'd' THEN 'demand' ELSE 'supply' END, mrp_date,
                       SUM(mrp_qty)
                FROM mrp_move WHERE mrp_area_id = %(area)s GROUP BY 1, 2, 3
                UNION ALL
                SELECT product_mrp_area_id, 'rfq', mrp_date, SUM(mrp_qty)
                FROM mrp_move
                WHERE mrp_area_id = %(area)s AND mrp_type = 's' AND mrp_origin = 'po' AND state IN %(states)s
                GROUP BY 1, 2, 3
                UNION ALL
                SELECT product_mrp_area_id, 'planned', due_date, SUM(mrp_qty)
                FROM mrp_planned_order WHERE mrp_area_id = %(area)s GROUP BY 1, 2, 3
                """,
                area=area.id,
                states=states,
            )
        )
        groups = defaultdict(lambda: defaultdict(dict))
        for param_id, kind, day, quantity in rows:
            groups[param_id][kind][day] = quantity
        return groups

    @api.model
    def _prepare_inventories(self, param, groups):
        days = sorted(day for day in {day for quantities in groups.values() for day in quantities} if day)
        on_hand = availability = param.qty_available
        values_list = []
        for day in days:
            values, availability, on_hand = self._prepare_mrp_inventory_data(
                param,
                day,
                on_hand,
                availability,
                groups["demand"],
                groups["supply"],
                groups["planned"],
                groups["rfq"],
            )
            values_list.append(values)
        return values_list

    @api.model
    def _link_planned_orders(self, area, inventory_ids, values_list):
        """Attach each planned order to the inventory of its day, before what depends on it is computed.

        By id: the database has no statistics of rows that this transaction has made, and once compared every planned
        order with every inventory.
        """
        by_day = {
            (values["product_mrp_area_id"], values["date"]): inventory_id
            for values, inventory_id in zip(values_list, inventory_ids, strict=True)
        }
        orders = self.env.execute_query(
            SQL("SELECT id, product_mrp_area_id, due_date FROM mrp_planned_order WHERE mrp_area_id = %s", area.id)
        )
        pairs = [(order_id, by_day[param, day]) for order_id, param, day in orders if (param, day) in by_day]
        self.env.cr.execute(
            SQL(
                """
                UPDATE mrp_planned_order planned SET mrp_inventory_id = pair.inventory_id
                FROM unnest(%s::int[], %s::int[]) AS pair (order_id, inventory_id)
                WHERE planned.id = pair.order_id
                """,
                [order_id for order_id, _inventory_id in pairs],
                [inventory_id for _order_id, inventory_id in pairs],
            )
        )
        self.env["mrp.planned.order"].invalidate_model(["mrp_inventory_id"], flush=False)
        self.env["mrp.inventory"].invalidate_model(["planned_order_ids"], flush=False)
