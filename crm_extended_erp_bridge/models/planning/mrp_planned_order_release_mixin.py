import hashlib
from datetime import datetime, time, timedelta
from typing import NamedTuple

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.models import BaseModel

from odoo.addons.stock.models.stock_rule import ProcurementException

from .release_context import NEW_PURCHASES, RELEASE_MEMORY, ReleaseMemory

# Up to this many proposals a planner waits for; more are released in the background (about ten seconds of work).
BACKGROUND_FROM = 50
# Documents named in the origin of an order; a weekly lot can serve hundreds.
ORIGINS_SHOWN = 5
# Sentences of one message to the planner.
REASONS_SHOWN = 10


class ReleaseResult(NamedTuple):
    """What a release made, and why it left the rest.

    `skipped` is a list of (proposal, sentence); the sentence names the product and the remedy.
    """

    released: BaseModel
    productions: BaseModel
    purchases: BaseModel
    skipped: list


class MrpPlannedOrderReleaseMixin(models.AbstractModel):
    """Turns proposals of the plan into confirmed manufacturing orders and purchases, many at a time."""

    _name = "mrp.planned.order.release.mixin"
    _description = "Proposal That Can Be Released"

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_release_selected(self):
        """Make and confirm the orders of these proposals; in the background when there are many."""
        self._check_release_rights()
        return self._release_or_delay()

    def action_release_to_quotation(self):
        """The same, but purchases stay requests for quotation that a buyer confirms."""
        self._check_release_rights()
        return self._release_or_delay(confirm=False)

    @api.model
    def action_release_all(self, area_id=None, horizon_days=None):
        """Release what is open in an area (all areas when none is given).

        :param horizon_days: only what is to be released up to so many days from today; None for all
        """
        self._check_release_rights()
        return self.search(self._get_open_domain(area_id, horizon_days))._release_or_delay()

    @api.model
    def _get_open_domain(self, area_id=None, horizon_days=None):
        """Proposals that can be released: no kits, which are never made themselves, and nothing released before."""
        domain = Domain("is_released", "=", False) & Domain("mrp_action", "!=", "phantom")
        domain &= Domain("company_id", "in", self.env.companies.ids)
        if area_id:
            domain &= Domain("mrp_area_id", "=", area_id)
        if horizon_days is not None:
            last = fields.Date.context_today(self) + timedelta(days=horizon_days)
            domain &= Domain("order_release_date", "<=", last)
        return domain

    def action_open_purchases(self):
        self.ensure_one()
        orders = self.purchase_line_ids.order_id
        action = self.env["ir.actions.actions"]._for_xml_id("purchase.purchase_form_action")
        action.update(domain=[("id", "in", orders.ids)], context={})
        if len(orders) == 1:
            action.update(res_id=orders.id, views=[(False, "form")])
        return action

    def _check_release_rights(self):
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group("mrp.group_mrp_user")):
            raise AccessError(
                self.env._(
                    "Proposals are released by planners. Ask an administrator for the right Manufacturing / User, or a "
                    "planner to release them."
                )
            )

    def _release_or_delay(self, confirm=True):
        if not self:
            return self._notify_planner(self.env._("There is nothing to release: no proposal is open."), "info")
        if len(self) <= BACKGROUND_FROM:
            result = self._release(confirm=confirm)
            kind = "warning" if result.skipped else "success"
            return self._notify_planner(result_type=kind, **self._describe(result))
        self._delay_release(confirm)
        return self._notify_planner(
            self.env._(
                "%(count)s proposals are being released in the background. You are told when it is done.",
                count=len(self),
            ),
            "info",
        )

    def _delay_release(self, confirm):
        """One job for the same proposals, however often the button is pressed."""
        key = hashlib.sha1(str((sorted(self.ids), confirm)).encode(), usedforsecurity=False).hexdigest()
        return self.with_delay(
            description=self.env._("Release %(count)s proposals of the plan", count=len(self)),
            identity_key=f"crm_planning_release_{key}",
        )._release_in_background(confirm)

    def _release_in_background(self, confirm):
        """The job: a run of the plan in the meantime may have replaced some proposals; the others are released."""
        result = self.exists()._release(confirm=confirm)
        text = self._describe(result)
        kind = "warning" if result.skipped else "success"
        self.env.user._bus_send("simple_notification", {"type": kind, "sticky": bool(result.skipped), **text})
        return text["message"]

    def _notify_planner(self, message, result_type, title=None):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title or "",
                "message": message,
                "type": result_type,
                "sticky": result_type == "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _describe(self, result):
        """Return title and message for the planner."""
        title = self.env._(
            "%(released)s proposals released: %(productions)s manufacturing orders, %(purchases)s purchase orders",
            released=len(result.released),
            productions=len(result.productions),
            purchases=len(result.purchases),
        )
        reasons = list(dict.fromkeys(reason for _order, reason in result.skipped))
        lines = reasons[:REASONS_SHOWN]
        if len(reasons) > REASONS_SHOWN:
            lines.append(self.env._("And %(count)s more.", count=len(reasons) - REASONS_SHOWN))
        waiting = result.purchases.filtered(lambda order: order.state == "to approve")
        if waiting:
            names = ", ".join(waiting.mapped("name"))
            lines.append(self.env._("%(names)s wait for the approval of a purchase manager.", names=names))
        return {"title": title, "message": "\n".join(lines) or self.env._("Nothing was left over.")}

    # ------------------------------------------------------------
    # Release
    # ------------------------------------------------------------

    def _release(self, confirm=True, rule=None):
        """Make and confirm the manufacturing orders and purchases of these proposals in one go.

        What cannot be released is left with its reason; the rest is made. Nothing is released twice: the rows are
        locked, and what another transaction is releasing or has released is left.

        :param confirm: confirm the purchases; else they stay requests for quotation
        :param rule: the `crm.planning.release.rule` that releases, noted on the orders
        :rtype: ReleaseResult
        """
        productions = self.env["mrp.production"]
        purchases = self.env["purchase.order"]
        released, skipped = self.browse(), []
        for company, orders in self.grouped("company_id").items():
            result = orders.with_company(company)._release_in_company(confirm, rule)
            released |= result.released.with_env(self.env)
            productions |= result.productions.with_env(self.env)
            purchases |= result.purchases.with_env(self.env)
            skipped += result.skipped
        if released and "crm.pegging" in self.env:
            self.env["crm.pegging"]._follow_release(released)
            # sudo: what a release changes in the plan belongs to nobody
            self.env["crm.workcenter.load.line"].sudo()._follow_release(released.sudo(), productions.sudo())
        return ReleaseResult(released, productions, purchases, skipped)

    def _release_in_company(self, confirm, rule):
        # sudo: planners may release, but Odoo lets only managers write proposals and only buyers confirm purchases
        proposals = self.sudo().with_context(**{RELEASE_MEMORY: ReleaseMemory()})
        locked = proposals.try_lock_for_update(allow_referencing=True)
        skipped = [(order, order._get_busy_sentence()) for order in proposals - locked]
        locked.invalidate_recordset(["qty_released"])
        ready, unfit = locked._split_releasable()
        known_productions, known_lines = ready.mrp_production_ids, ready.purchase_line_ids
        ready, failed = ready._run_release(confirm, rule)
        productions = ready._get_productions() - known_productions
        productions.action_confirm()
        purchases = (ready.purchase_line_ids - known_lines).order_id
        if confirm:
            purchases.button_confirm()
        skipped = [(order.with_env(self.env), reason) for order, reason in skipped + unfit + failed]
        return ReleaseResult(ready, productions, purchases, skipped)

    def _get_productions(self):
        return self.env["mrp.production"].search([("planned_order_id", "in", self.ids)])

    # ------------------------------------------------------------
    # What cannot be released
    # ------------------------------------------------------------

    def _split_releasable(self):
        """Return the proposals that can be ordered and a list of (proposal, reason) of the others."""
        without_supply = self._get_products_without_supply()
        ready, unfit = self.browse(), []
        for order in self:
            reason = order._get_obstacle(order.product_id in without_supply)
            if reason:
                unfit.append((order, reason))
            else:
                ready += order
        return ready, unfit

    def _get_products_without_supply(self):
        """Products that are to be made without a bill of materials, or to be bought without a vendor."""
        company = self.env.company
        made = self.filtered(lambda order: order.mrp_action == "manufacture").product_id
        boms = self.env["mrp.bom"]._bom_find(made, company_id=company.id, bom_type="normal")
        bought = self.filtered(lambda order: order.mrp_action == "buy").product_id
        return made.filtered(lambda product: not boms.get(product)) | bought.filtered(
            lambda product: (
                not any(
                    (not seller.company_id or seller.company_id == company)
                    and (not seller.product_id or seller.product_id == product)
                    for seller in product.seller_ids
                )
            )
        )

    def _get_obstacle(self, lacks_supply):
        """Return why the proposal cannot be released; False when it can."""
        names = {"product": self.product_id.display_name, "area": self.mrp_area_id.display_name}
        if self.mrp_action == "phantom":
            return self.env._("%(product)s is a kit: its components are released, not the kit.", **names)
        if self.is_released:
            return self.env._("The proposal for %(product)s is released already or asks for nothing.", **names)
        if self.mrp_action in (False, "none"):
            return self.env._(
                "%(product)s has no rule that supplies it in %(area)s. Add a bill of materials, a vendor or a route on "
                "the tab Inventory of the product.",
                **names,
            )
        if lacks_supply and self.mrp_action == "buy":
            return self.env._("%(product)s has no vendor. Add one on the tab Purchase of the product.", **names)
        if lacks_supply:
            return self.env._("%(product)s has no bill of materials. Create one to manufacture it.", **names)
        return False

    def _get_busy_sentence(self):
        return self.env._(
            "The proposal for %(product)s is being released by somebody else right now. Reload the list.",
            product=self.product_id.display_name,
        )

    # ------------------------------------------------------------
    # Procurement
    # ------------------------------------------------------------

    def _run_release(self, confirm, rule):
        """Run the stock rules once for all proposals; when Odoo refuses some, once more without them.

        :return: the proposals that were procured and a list of (proposal, reason) of the others
        """
        orders, failed = self, []
        while orders:
            procurements = orders._prepare_procurements(confirm, rule)
            try:
                with self.env.cr.savepoint():
                    self.env["stock.rule"].run(procurements, raise_user_error=False)
                break
            except ProcurementException as error:
                refused = [
                    (self.browse(p.values["planned_order_id"]), text) for p, text in error.procurement_exceptions
                ]
            failed += refused
            orders -= self.browse([order.id for order, _text in refused])
        for order in orders:
            order.qty_released += order.qty_to_release
        return orders, failed

    def _prepare_procurements(self, confirm, rule):
        return [order._prepare_procurement(confirm, rule) for order in self]

    def _prepare_procurement(self, confirm, rule):
        area = self.mrp_area_id
        return self.env["stock.rule"].Procurement(
            self.product_id,
            self.qty_to_release,
            self.product_id.uom_id,
            self.product_mrp_area_id.location_proc_id or area.location_id,
            self.name or "",
            self._get_release_origin(),
            self.env.company,
            self._prepare_procurement_values(confirm, rule),
        )

    def _prepare_procurement_values(self, confirm, rule):
        start, end = self._get_release_dates()
        values = {
            "date_planned": end,
            "planning_date_start": start,
            "warehouse_id": self.mrp_area_id.warehouse_id,
            "company_id": self.env.company,
            "planned_order_id": self.id,
        }
        if rule:
            values["planning_release_rule_id"] = rule.id
        if confirm:
            values[NEW_PURCHASES] = True
        return values

    def _get_release_origin(self):
        """The demand that a production serves, shortened; a purchase order of many proposals names the plan."""
        if self.mrp_action == "buy" or not self.origin:
            return self.env._("Plan %(area)s", area=self.mrp_area_id.name)
        origins = self.origin.split(",")
        if len(origins) <= ORIGINS_SHOWN:
            return ", ".join(origins)
        return self.env._(
            "%(origins)s and %(count)s more",
            origins=", ".join(origins[:ORIGINS_SHOWN]),
            count=len(origins) - ORIGINS_SHOWN,
        )

    def _get_release_dates(self):
        """Return start and end as the run reads them: days in the time zone of the area.

        The end is the first moment of the due date. Nothing starts in the past.
        """
        area = self.mrp_area_id
        end = self._get_midnight(self.due_date)
        start = self._get_midnight(max(self.order_release_date, area._datetime_to_date_tz()))
        return min(start, end), max(end, min(start, end) + timedelta(hours=1))

    def _get_midnight(self, day):
        """The first moment of `day` where the area is, as Odoo stores it (UTC)."""
        area = self.mrp_area_id
        zone = area.with_context(tz=area.calendar_id.tz).env.tz
        local = zone.localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)
