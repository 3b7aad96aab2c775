from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.tools import SQL, split_every

from ...planner.pegging import DayCount, Demand, Step, Supply, feasible_dates, peg

# Rows of one INSERT: large enough to make the number of statements irrelevant, small enough to keep it short in memory
BATCH_SIZE = 20_000
# Working days are listed this far around today; beyond, every day counts
DAYS_BACK, DAYS_AHEAD = 400, 1100
# Ranks that a date cannot have: before and after all others
FIRST, LAST = 0, 10**7
NO_TIER = 10**6
# levels of partners rank behind all tiers
LEVEL_OFFSET = 10**5
# decimals kept of a quantity: sums of floats are off by far less
DIGITS = 6

COLUMNS = [
    ("mrp_area_id", SQL("int[]")),
    ("company_id", SQL("int[]")),
    ("product_id", SQL("int[]")),
    ("quantity", SQL("numeric[]")),
    ("demand_type", SQL("varchar[]")),
    ("demand_move_id", SQL("int[]")),
    ("sale_line_id", SQL("int[]")),
    ("demand_production_id", SQL("int[]")),
    ("demand_planned_order_id", SQL("int[]")),
    ("partner_id", SQL("int[]")),
    ("demand_date", SQL("date[]")),
    ("demand_quantity", SQL("numeric[]")),
    ("supply_type", SQL("varchar[]")),
    ("supply_move_id", SQL("int[]")),
    ("purchase_line_id", SQL("int[]")),
    ("production_id", SQL("int[]")),
    ("planned_order_id", SQL("int[]")),
    ("supply_date", SQL("date[]")),
    ("supply_quantity", SQL("numeric[]")),
    ("feasible_date", SQL("date[]")),
    ("days_late", SQL("int[]")),
    ("is_short", SQL("boolean[]")),
]


class CrmPeggingReadMixin(models.AbstractModel):
    """Reads demand and supply of an area in a few statements and writes who gets what."""

    _name = "crm.pegging.read.mixin"
    _description = "Pegging: reading the plan"

    # ------------------------------------------------------------
    # The run
    # ------------------------------------------------------------

    @api.model
    def _rebuild(self, area):
        """Make the rows of `area` anew from the plan that mrp_multi_level has just written.

        Runs in the caller's transaction: until it commits, others see the previous pegging.
        """
        # sudo: the plan is one for all who read it, whoever started the run
        pegging = self.sudo().with_company(area.company_id)
        self.env.flush_all()
        moves = pegging._read_mrp_moves(area)
        demands = pegging._get_demands(area, moves)
        supplies, steps = pegging._get_supplies(area, moves)
        pegs = peg(demands, supplies, links=pegging._read_links(area))
        dates = pegging._get_feasible_dates(area, pegs, steps)
        pegging._write_rows(area, pegs, dates)
        self.env["crm.demand.change"].sudo()._close_used_again(area)

    @api.model
    def _get_pegged_share(self, area):
        """Share of the quantity that open customer orders of the area need which some supply covers; 1.0 when none.

        Only planned products are in the pegging. Quantities of different products are added up, so the share is exact
        at its ends: 1.0 means that nothing is short.
        """
        Pegging = self.env["crm.pegging"]
        groups = Pegging._read_group(
            [("mrp_area_id", "=", area.id), ("demand_type", "=", "order")], ["supply_type"], ["quantity:sum"]
        )
        total = sum(quantity for _supply, quantity in groups)
        short = sum(quantity for supply, quantity in groups if supply == "shortage")
        return (total - short) / total if total else 1.0

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    @api.model
    def _get_timezone(self, area):
        return area.calendar_id.tz or "UTC"

    @api.model
    def _read_mrp_moves(self, area):
        """All demand and open supply that the run has read, with the documents behind it; one statement.

        A components move that is picked in a step of its own serves the manufacturing order it is picked for; goods
        that come out of production in two steps are supplied by theirs.
        """
        timezone = self._get_timezone(area)
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT mm.id, mm.product_id, mm.mrp_type, mm.mrp_qty, mm.mrp_date, mm.mrp_origin,
                       mm.stock_move_id AS move_id, mm.purchase_line_id, rel.order_id AS planned_id,
                       sm.sale_line_id, COALESCE(so.partner_id, sp.partner_id, sm.partner_id) AS partner_id,
                       COALESCE(sm.raw_material_production_id, step_dest.production_id) AS raw_production_id,
                       COALESCE(sm.production_id, step_orig.production_id) AS production_id,
                       (COALESCE(sm.date, pol.date_planned) AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date,
                       GREATEST(sm.priority, sp.priority, mo.priority) AS priority,
                       (done.date_start AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date_start,
                       (done.date_finished AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date_finished
                  FROM mrp_move mm
             LEFT JOIN mrp_move_planned_order_rel rel ON rel.move_down_id = mm.id
             LEFT JOIN stock_move sm ON sm.id = mm.stock_move_id
             LEFT JOIN stock_picking sp ON sp.id = sm.picking_id
             LEFT JOIN sale_order_line sol ON sol.id = sm.sale_line_id
             LEFT JOIN sale_order so ON so.id = sol.order_id
             LEFT JOIN purchase_order_line pol ON pol.id = mm.purchase_line_id
             LEFT JOIN LATERAL (
                       SELECT raw.raw_material_production_id AS production_id
                         FROM stock_move_move_rel step
                         JOIN stock_move raw ON raw.id = step.move_dest_id
                        WHERE step.move_orig_id = sm.id AND raw.raw_material_production_id IS NOT NULL
                          AND mm.mrp_type = 'd' AND sm.sale_line_id IS NULL
                     ORDER BY raw.raw_material_production_id
                        LIMIT 1
                       ) step_dest ON TRUE
             LEFT JOIN LATERAL (
                       SELECT made.production_id
                         FROM stock_move_move_rel step
                         JOIN stock_move made ON made.id = step.move_orig_id
                        WHERE step.move_dest_id = sm.id AND made.production_id IS NOT NULL
                          AND mm.mrp_type = 's' AND made.product_id = sm.product_id
                     ORDER BY made.production_id
                        LIMIT 1
                       ) step_orig ON TRUE
             LEFT JOIN mrp_production mo
                    ON mo.id = COALESCE(sm.raw_material_production_id, step_dest.production_id)
             LEFT JOIN mrp_production done ON done.id = COALESCE(sm.production_id, step_orig.production_id)
                 WHERE mm.mrp_area_id = %(area)s
              ORDER BY mm.id
                """,
                tz=timezone,
                area=area.id,
            )
        )

    @api.model
    def _get_demands(self, area, moves):
        """What is needed: moves out, components of planned orders, forecast, safety stock, and stock below zero."""
        found = [move for move in moves if move["mrp_type"] == "d" and move["mrp_qty"] < 0]
        partner_ids = {move["partner_id"] for move in found if move["partner_id"]}
        tiers = self._get_tier_ranks(partner_ids, area.company_id)
        demands = [self._get_demand(move, tiers) for move in found]
        demands += [
            Demand((FIRST, 0, 0, 0, product_id), product_id, -quantity, area._datetime_to_date_tz(), "other")
            for product_id, quantity in self._read_on_hand(area).items()
            if quantity < 0
        ]
        demands += [
            Demand((LAST, 0, 0, 0, product_id), product_id, quantity, None, "stock_rule")
            for product_id, quantity in self._read_safety_stock(area)
        ]
        return demands

    @api.model
    def _get_demand(self, move, tiers):
        day = move["date"] or move["mrp_date"]
        production_id = move["raw_production_id"]
        if move["sale_line_id"]:
            kind = "order"
        elif production_id:
            kind = "production"
        elif move["planned_id"]:
            kind = "planned"
        else:
            kind = "forecast" if move["mrp_origin"] == "fc" else "other"
        rank = (
            day.toordinal(),
            -int(move["priority"] or 0),
            tiers.get(move["partner_id"], NO_TIER),
            0 if move["move_id"] else 1,
            move["move_id"] or move["id"],
        )
        return Demand(
            rank=rank,
            product_id=move["product_id"],
            quantity=-move["mrp_qty"],
            date=day,
            type=kind,
            move_id=move["move_id"],
            sale_line_id=move["sale_line_id"],
            production_id=production_id,
            planned_id=move["planned_id"],
            partner_id=move["partner_id"],
        )

    @api.model
    def _get_tier_ranks(self, partner_ids, company):
        """Rank by partner among customers of one day and priority; the lowest is served first.

        The rank of the tier in which the customer is in the company, where it serves by tiers; behind these, the
        sequence of his partner level. A partner with neither is left out and comes last.
        """
        if not partner_ids:
            return {}
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner.id, COALESCE(tier.sequence, %(offset)s + grade.sequence)
                      FROM res_partner partner
                      JOIN res_partner customer ON customer.id = partner.commercial_partner_id
                      LEFT JOIN res_partner_grade grade ON grade.id = customer.grade_id
                      LEFT JOIN crm_tier_assignment stay ON stay.partner_id = customer.id
                            AND stay.company_id = %(company)s AND stay.date_to IS NULL AND %(has_tiers)s
                      LEFT JOIN crm_tier tier ON tier.id = stay.tier_id
                     WHERE partner.id = ANY(%(partners)s) AND (tier.id IS NOT NULL OR grade.id IS NOT NULL)
                    """,
                    offset=LEVEL_OFFSET,
                    company=company.id,
                    has_tiers=company._has_feature("service_tiers"),
                    partners=list(partner_ids),
                )
            )
        )

    @api.model
    def _read_on_hand(self, area):
        """Quantity on hand by product in the locations of the area; one query."""
        parameters = self.env["product.mrp.area"].search([("mrp_area_id", "=", area.id)])
        groups = self.env["stock.quant"]._read_group(
            [
                ("location_id", "child_of", area._get_locations().ids),
                ("product_id", "in", parameters.product_id.ids),
            ],
            ["product_id"],
            ["quantity:sum"],
        )
        return {product.id: quantity for product, quantity in groups}

    @api.model
    def _read_safety_stock(self, area):
        return [
            (product.id, quantity)
            for product, quantity in self.env["product.mrp.area"]._read_group(
                [("mrp_area_id", "=", area.id), ("mrp_minimum_stock", ">", 0)],
                ["product_id"],
                ["mrp_minimum_stock:sum"],
            )
        ]

    @api.model
    def _get_supplies(self, area, moves):
        """What is there or will come, and for manufacturing and planned orders their own date and lead time."""
        today = area._datetime_to_date_tz()
        calendar = self._get_day_count(area)
        supplies = [
            Supply((FIRST, 0, product_id), product_id, quantity, today, "stock")
            for product_id, quantity in self._read_on_hand(area).items()
            if quantity > 0
        ]
        steps = {}
        for move in moves:
            if move["mrp_type"] == "s" and move["mrp_qty"] > 0:
                supply = self._get_supply(move)
                supplies.append(supply)
                if supply.production_id:
                    steps[supply.document] = self._get_production_step(move, today, calendar)
        for order in self._read_planned_orders(area):
            supply = self._get_planned_supply(order)
            supplies.append(supply)
            lead = calendar.between(order["order_release_date"], order["due_date"])
            steps[supply.document] = Step(max(order["due_date"], calendar.after(today, lead)), lead)
        return supplies, steps

    @api.model
    def _get_supply(self, move):
        if move["purchase_line_id"]:
            kind = "purchase"
        else:
            kind = "production" if move["production_id"] else "receipt"
        day = move["date"] or move["mrp_date"]
        return Supply(
            rank=(day.toordinal(), 0, move["move_id"] or move["purchase_line_id"] or move["id"]),
            product_id=move["product_id"],
            quantity=move["mrp_qty"],
            date=day,
            type=kind,
            move_id=move["move_id"],
            purchase_line_id=move["purchase_line_id"],
            production_id=move["production_id"] if kind == "production" else None,
        )

    @api.model
    def _get_production_step(self, move, today, calendar):
        finished = move["date_finished"] or move["date"] or today
        return Step(max(finished, today), calendar.between(move["date_start"] or finished, finished))

    @api.model
    def _read_planned_orders(self, area):
        """Planned orders with what is not released of them; an order without a method of supply is none."""
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT id, product_id, due_date, order_release_date, mrp_action,
                       mrp_qty - COALESCE(qty_released, 0) AS quantity
                  FROM mrp_planned_order
                 WHERE mrp_area_id = %s
                   AND COALESCE(mrp_action, 'none') != 'none'
                   AND mrp_qty - COALESCE(qty_released, 0) > 0
              ORDER BY id
                """,
                area.id,
            )
        )

    @api.model
    def _get_planned_supply(self, order):
        return Supply(
            rank=(order["due_date"].toordinal(), 1, order["id"]),
            product_id=order["product_id"],
            quantity=order["quantity"],
            date=order["due_date"],
            type="kit" if order["mrp_action"] == "phantom" else "planned",
            planned_id=order["id"],
        )

    @api.model
    def _read_links(self, area):
        """What was made or bought for exactly one move (make to order): supplies by the move they are for."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT need.stock_move_id, 'move', rel.move_orig_id
                  FROM mrp_move need
                  JOIN stock_move_move_rel rel ON rel.move_dest_id = need.stock_move_id
                 WHERE need.mrp_area_id = %(area)s AND need.mrp_type = 'd'
                 UNION ALL
                SELECT need.stock_move_id, 'purchase', rel.created_purchase_line_id
                  FROM mrp_move need
                  JOIN stock_move_created_purchase_line_rel rel ON rel.move_id = need.stock_move_id
                 WHERE need.mrp_area_id = %(area)s AND need.mrp_type = 'd'
                """,
                area=area.id,
            )
        )
        links = {}
        for move_id, kind, supply_id in rows:
            links.setdefault(move_id, []).append((kind, supply_id))
        return links

    # ------------------------------------------------------------
    # Dates
    # ------------------------------------------------------------

    @api.model
    def _get_day_count(self, area):
        """Working days of the area's calendar, as the planning run counts them (leaves of the calendar ignored)."""
        calendar = area.calendar_id
        if not calendar:
            return DayCount()
        today = area._datetime_to_date_tz()
        now = datetime.combine(today, time.min, tzinfo=pytz.utc)
        start, end = now - timedelta(days=DAYS_BACK), now + timedelta(days=DAYS_AHEAD)
        intervals = calendar._attendance_intervals_batch(start, end)[False]
        return DayCount(sorted({begin.date() for begin, _end, _attendance in intervals}))

    @api.model
    def _get_feasible_dates(self, area, pegs, steps):
        components = {}
        for one in pegs:
            if document := one.demand.document:
                if one.supply is None:
                    components.setdefault(document, []).append((None, None))
                elif one.supply.document in steps:
                    components.setdefault(document, []).append((one.supply.document, None))
                elif one.supply.type != "stock":
                    components.setdefault(document, []).append((None, one.supply.date))
        return feasible_dates(steps, components, calendar=self._get_day_count(area))

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _write_rows(self, area, pegs, dates):
        # no ORM: tens of thousands of rows of a table without any other logic
        self.env.execute_query(SQL("DELETE FROM crm_pegging WHERE mrp_area_id = %s", area.id))
        today = area._datetime_to_date_tz()
        rows = (self._get_row(area, one, dates, today) for one in pegs)
        for batch in split_every(BATCH_SIZE, rows):
            self._insert_rows(batch)
        self.env["crm.pegging"].invalidate_model()

    @api.model
    def _get_row(self, area, one, dates, today):
        demand, supply, quantity = one
        if supply is None:
            feasible, short = None, True
            values = ("shortage", None, None, None, None, None, None)
        else:
            feasible, short = dates.get(supply.document) or (max(supply.date or today, today), False)
            values = (
                supply.type,
                supply.move_id,
                supply.purchase_line_id,
                supply.production_id,
                supply.planned_id,
                supply.date,
                round(supply.quantity, DIGITS),
            )
        late = max((feasible - demand.date).days, 0) if feasible and demand.date else 0
        needs = (demand.type, demand.move_id, demand.sale_line_id, demand.production_id, demand.planned_id)
        return (
            area.id,
            area.company_id.id,
            demand.product_id,
            round(quantity, DIGITS),
            *needs,
            demand.partner_id,
            demand.date,
            round(demand.quantity, DIGITS),
            *values,
            feasible,
            late,
            short,
        )

    @api.model
    def _insert_rows(self, rows):
        names = SQL(", ").join(SQL.identifier(name) for name, _type in COLUMNS)
        arrays = SQL(", ").join(
            SQL("%s::%s", list(values), kind)
            for (_name, kind), values in zip(COLUMNS, zip(*rows, strict=True), strict=True)
        )
        self.env.execute_query(SQL("INSERT INTO crm_pegging (%s) SELECT * FROM unnest(%s)", names, arrays))
