from datetime import date, timedelta
from typing import NamedTuple

import pytz

from odoo import api, models
from odoo.fields import Domain

from ...planner import capacity

MINUTES_AN_HOUR = 60.0


class Load(NamedTuple):
    """The work that one operation of one order still asks of a work centre."""

    workcenter_id: int
    operation_id: int | None
    product_id: int
    production_id: int | None
    workorder_id: int | None
    planned_order_id: int | None
    hours: float
    start: date
    end: date
    is_started: bool


class Step(NamedTuple):
    """One operation of a bill of materials, as it takes time for one product."""

    operation_id: int
    workcenter_id: int
    batch: float
    minutes_per_cycle: float
    setup: float
    cleanup: float
    efficiency_pct: float


class CrmWorkcenterLoadSourceMixin(models.AbstractModel):
    """Where the load comes from: work orders, manufacturing orders that have none yet, planned orders."""

    _name = "crm.workcenter.load.source.mixin"
    _description = "Sources of the Work Centre Load"

    @api.model
    def _get_loads(self, area, productions=None, planned_orders=None):
        """All loads of an area, or only those of some orders.

        Given one of the two record sets, only these orders are read.
        """
        everything = productions is None and planned_orders is None
        return [
            *self._get_workorder_loads(area, None if everything else productions or []),
            *self._get_production_loads(area, None if everything else productions or []),
            *self._get_planned_loads(area, None if everything else planned_orders or []),
        ]

    @api.model
    def _get_production_domain(self, area, only):
        locations = area._get_locations()
        domain = (
            Domain("state", "not in", ("done", "cancel"))
            & Domain("company_id", "=", area.company_id.id)
            # A production may come in by steps: what counts is where it ends
            & (
                Domain("location_dest_id", "child_of", locations.ids)
                | Domain("location_final_id", "child_of", locations.ids)
            )
        )
        return domain if only is None else domain & Domain("id", "in", [record.id for record in only])

    @api.model
    def _get_workorder_loads(self, area, only):
        """Open work orders: what is expected and not yet done."""
        Workorder, Production = self.env["mrp.workorder"], self.env["mrp.production"]
        productions = Production._search(self._get_production_domain(area, only), bypass_access=True)
        query = Workorder._search(
            Domain("state", "not in", ("done", "cancel")) & Domain("production_id", "in", productions),
            bypass_access=True,
        )
        join = query.left_join("mrp_workorder", "production_id", "mrp_production", "id", "production")
        names = ("id", "workcenter_id", "operation_id", "production_id", "state")
        names += ("duration_expected", "duration", "date_start", "date_finished")
        columns = [Workorder._field_to_sql("mrp_workorder", name, query) for name in names]
        columns += [
            Production._field_to_sql(join, name, query)
            for name in ("product_id", "date_start", "date_finished", "state")
        ]
        zones = self._get_time_zones(area)
        loads = []
        for row in self.env.execute_query(query.select(*columns)):
            (workorder, workcenter, operation, production, state, expected, done) = row[:7]
            (start, end, product, mo_start, mo_end, mo_state) = row[7:]
            zone = zones[workcenter]
            loads.append(
                Load(
                    workcenter_id=workcenter,
                    operation_id=operation,
                    product_id=product,
                    production_id=production,
                    workorder_id=workorder,
                    planned_order_id=None,
                    hours=max((expected or 0.0) - (done or 0.0), 0.0) / MINUTES_AN_HOUR,
                    start=self._to_day(start or mo_start, zone),
                    end=self._to_day(end or mo_end or start or mo_start, zone),
                    is_started=state == "progress" or mo_state in ("progress", "to_close"),
                )
            )
        return loads

    @api.model
    def _get_production_loads(self, area, only):
        """Manufacturing orders whose work orders were not made: as their bill of materials plans them."""
        domain = self._get_production_domain(area, only)
        domain &= Domain("workorder_ids", "=", False) & Domain("bom_id.operation_ids", "!=", False)
        # sudo: the load of a work centre counts every order, whoever looks or plans
        productions = self.env["mrp.production"].sudo().search(domain)
        steps = self._get_steps({(order.bom_id, order.product_id, order.product_uom_id) for order in productions})
        zones = self._get_time_zones(area)
        loads = []
        for order in productions:
            for step in steps[order.bom_id, order.product_id, order.product_uom_id]:
                zone = zones[step.workcenter_id]
                loads.append(
                    Load(
                        workcenter_id=step.workcenter_id,
                        operation_id=step.operation_id,
                        product_id=order.product_id.id,
                        production_id=order.id,
                        workorder_id=None,
                        planned_order_id=None,
                        hours=self._get_hours(step, order.product_qty - order.qty_produced),
                        start=self._to_day(order.date_start, zone),
                        end=self._to_day(order.date_finished or order.date_start, zone),
                        is_started=order.state in ("progress", "to_close"),
                    )
                )
        return loads

    @api.model
    def _get_planned_loads(self, area, only):
        """Planned orders to manufacture: what is not released yet, by the bill of materials they would use."""
        Planned = self.env["mrp.planned.order"]
        domain = Domain("mrp_area_id", "=", area.id) & Domain("mrp_action", "=", "manufacture")
        if only is not None:
            domain &= Domain("id", "in", [record.id for record in only])
        query = Planned._search(domain, bypass_access=True)
        names = ("id", "product_id", "mrp_qty", "qty_released", "order_release_date", "due_date")
        columns = [Planned._field_to_sql("mrp_planned_order", name, query) for name in names]
        rows = self.env.execute_query(query.select(*columns))
        steps = self._get_steps_by_product(area, {row[1] for row in rows})
        loads = []
        for planned, product, quantity, released, start, end in rows:
            left = (quantity or 0.0) - (released or 0.0)
            if left <= 0:
                continue
            loads += [
                Load(
                    workcenter_id=step.workcenter_id,
                    operation_id=step.operation_id,
                    product_id=product,
                    production_id=None,
                    workorder_id=None,
                    planned_order_id=planned,
                    hours=self._get_hours(step, left),
                    start=start,
                    end=end,
                    is_started=False,
                )
                for step in steps[product]
            ]
        return loads

    @api.model
    def _get_hours(self, step, quantity):
        """Hours of a step, as Odoo would write them on the work order."""
        return (
            capacity.operation_minutes(
                max(quantity, 0.0),
                batch=step.batch,
                minutes_per_cycle=step.minutes_per_cycle,
                setup=step.setup,
                cleanup=step.cleanup,
                efficiency_pct=step.efficiency_pct,
            )
            / MINUTES_AN_HOUR
        )

    # ------------------------------------------------------------
    # Operations of a product
    # ------------------------------------------------------------

    @api.model
    def _get_steps_by_product(self, area, product_ids):
        """Return ``{product id: steps}``, by the bill of materials that a manufacturing order would take."""
        # sudo: as for the manufacturing orders
        products = self.env["product.product"].sudo().browse(product_ids)
        boms = products.env["mrp.bom"]._bom_find(
            products,
            picking_type=area.warehouse_id.manu_type_id,
            company_id=area.company_id.id,
            bom_type="normal",
        )
        keys = {product: (boms[product], product, product.uom_id) for product in products}
        steps = self._get_steps(set(keys.values()))
        return {product.id: steps[key] for product, key in keys.items()}

    @api.model
    def _get_steps(self, keys):
        """Return the steps of each (bill of materials, product, unit of the order)."""
        kits = self._get_kits({bom for bom, _product, _unit in keys})
        steps = {}
        for bom, product, unit in keys:
            operations = self._get_operations(bom, product, kits)
            steps[bom, product, unit] = [self._get_step(operation, bom, product, unit) for operation in operations]
        return steps

    @api.model
    def _get_kits(self, boms):
        """The components of these bills of materials that are kits: their operations count too."""
        components = self.env["mrp.bom"].union(*boms).bom_line_ids.product_id if boms else self.env["product.product"]
        return set(self.env["mrp.bom"].sudo()._bom_find(components, bom_type="phantom"))

    @api.model
    def _get_operations(self, bom, product, kits):
        """The operations for which Odoo makes a work order (``mrp.production._compute_workorder_ids``)."""
        if not kits.intersection(bom.bom_line_ids.product_id):
            return [operation for operation in bom.operation_ids if not operation._skip_operation_line(product)]
        operations = []
        for part, values in bom.explode(product, 1.0, picking_type=bom.picking_type_id)[0]:
            line = values["parent_line"]
            if line and line.bom_id.operation_ids == part.operation_ids:
                continue
            made = line.product_id if line else values["product"]
            operations += [operation for operation in part.operation_ids if not operation._skip_operation_line(made)]
        return operations

    @api.model
    def _get_step(self, operation, bom, product, unit):
        workcenter = operation.workcenter_id
        batch, setup, cleanup = workcenter._get_capacity(product, unit, bom.product_qty or 1)
        return Step(
            operation_id=operation.id,
            workcenter_id=workcenter.id,
            batch=batch,
            minutes_per_cycle=operation.time_cycle,
            setup=setup,
            cleanup=cleanup,
            efficiency_pct=workcenter.time_efficiency,
        )

    # ------------------------------------------------------------
    # Days
    # ------------------------------------------------------------

    @api.model
    def _get_workcenters(self, area):
        """All work centres that the area may use, also those archived with orders left on them."""
        # sudo: as for the manufacturing orders
        workcenters = self.env["mrp.workcenter"].sudo().with_context(active_test=False)
        return workcenters.search([("company_id", "in", (False, area.company_id.id))])

    @api.model
    def _get_time_zones(self, area):
        return {
            workcenter.id: pytz.timezone(workcenter.resource_calendar_id.tz or workcenter.tz or "UTC")
            for workcenter in self._get_workcenters(area)
        }

    @api.model
    def _to_day(self, moment, zone):
        return pytz.utc.localize(moment).astimezone(zone).date()

    @api.model
    def _clip(self, load, today, last):
        """Work that is overdue waits for today; work beyond the horizon ends with it."""
        start = max(load.start, today)
        return load._replace(start=start, end=min(max(load.end, start), last))

    @api.model
    def _shift(self, load, days):
        delta = timedelta(days=days)
        return load._replace(start=load.start + delta, end=load.end + delta)
