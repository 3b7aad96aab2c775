from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..pyramid.crm_pyramid_page import MANAGERS
from .crm_abc_item import ITEM_FIELDS
from .crm_abc_profile import FEATURE

# movers shown on the page, each way; items shown where there are ranks only
MOVERS, RANKS = 8, 50
ALL_CUSTOMERS = (
    "sales_team.group_sale_salesman_all_leads,crm_extended.crm_extended_group_analyst,"
    "crm_extended.crm_extended_group_implementer"
)
# who reads the kinds that are not for everybody who reads sales, as the rules of the items say
READERS = {
    "seller": "sales_team.group_sale_manager,hr.group_hr_user",
    "supplier": "sales_team.group_sale_manager,crm_extended.crm_extended_group_analyst,"
    "crm_extended.crm_extended_group_implementer,account.group_account_invoice,account.group_account_readonly",
}


class CrmAbcPage(models.AbstractModel):
    """What the matrix of ABC and XYZ shows. Everything is counted from the items that the reader may read."""

    _name = "crm.abc.page"
    _description = "Matrix of ABC/XYZ"

    @api.model
    def get_page(self, profile_id=False, period=False):
        """Return the matrix of a profile and a month of the user's company.

        :param profile_id: a profile, else the first
        :param period: first day of the month as text, else the last one that was counted
        """
        company, user = self.env.company, self.env.user
        self.env["crm.abc.item"].browse().check_access("read")
        profiles = self.env["crm.abc.profile"]._get_for_company(company)
        closed = [kind for kind, groups in READERS.items() if not user.has_groups(groups)]
        profiles = profiles.filtered(lambda profile: profile.kind not in closed)
        profile = profiles.filtered(lambda found: found.id == profile_id) or profiles[:1]
        page = {
            "company": company.name,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "has_feature": company._has_feature(FEATURE),
            "profiles": [{"id": found.id, "name": found.name} for found in profiles],
            "profile_id": profile.id,
            "kind": profile.kind,
            "can_rebuild": user.has_groups(MANAGERS),
            "can_load": self.env["crm.warehouse.load"].has_access("read"),
            "months": [],
        }
        if not profile:
            return page
        page["has_lines"] = self._has_lines(profile)
        # `sudo`: how a month was cut is for everybody who may read items of it
        results = (
            self.env["crm.abc.result"].sudo().search([("profile_id", "=", profile.id), ("company_id", "=", company.id)])
        )
        result = results.filtered(lambda found: str(found.period) == period) or results[:1]
        return page | self._prepare_result(profile, results, result) if result else page

    @api.model
    def rebuild(self, profile_id):
        """Count the profile of the user's company again."""
        if not self.env.user.has_groups(MANAGERS):
            raise AccessError(self.env._("Classes are counted by analysts and team leaders. Ask one of them."))
        profile = self.env["crm.abc.profile"].browse(profile_id)
        profile.check_access("read")
        # `sudo`: the items are written by the engine only; who may count was asked above
        self.env["crm.abc.engine"].sudo()._rebuild_on_demand(profile.sudo(), self.env.company)

    def _has_lines(self, profile):
        """Return whether there is anything to divide."""
        company = ("company_id", "=", self.env.company.id)
        # `sudo`: whether there is a line at all, nothing of it
        if profile.kind == "supplier":
            bills = [company, ("move_type", "in", ("in_invoice", "in_receipt")), ("state", "=", "posted")]
            return bool(self.env["account.move"].sudo().search_count(bills, limit=1))
        return bool(self.env["crm.fact.sale"].sudo().search_count([company], limit=1))

    # ------------------------------------------------------------------
    # Month
    # ------------------------------------------------------------------
    def _prepare_result(self, profile, results, result):
        groups = self._get_groups(result)
        has_ranks = result.rule == "ranks"
        return {
            "months": [{"period": str(found.period), "label": self._get_month_label(found)} for found in results],
            "period": str(result.period),
            "previous": self._get_month_label(result, result.previous_period) if result.previous_period else False,
            "result_id": result.id,
            "measure": dict(profile._fields["measure"]._description_selection(self.env))[result.settings["measure"]],
            "is_money": result.settings["measure"] in ("revenue", "margin"),
            "rule": result._get_rule_sentence(),
            "notes": result._get_notes(),
            "partial": self._get_partial_note(profile),
            "item_count": sum(group["count"] for group in groups.values()),
            "value": sum(group["value"] for group in groups.values() if group["share"]),
            "gone_count": result.gone_count if not self._get_partial_note(profile) else 0,
            "has_ranks": has_ranks,
            "columns": self._prepare_columns(groups),
            "rows": [] if has_ranks else [self._prepare_row(profile, groups, abc) for abc in "ABC"],
            "outside": [self._prepare_cell(profile, groups, abc, None) for abc in "-?"],
            "ranks": self._prepare_items(result, [], RANKS) if has_ranks else [],
            "movers": {
                movement: self._prepare_items(result, [("movement", "=", movement)], MOVERS)
                for movement in ("fell", "rose")
            },
        }

    def _get_month_label(self, result, period=None):
        return format_date(self.env, period or result.period, date_format="MMMM y")

    def _get_partial_note(self, profile):
        """Return what the reader has to know who does not see all items, else False."""
        if profile.kind == "customer" and not self.env.user.has_groups(ALL_CUSTOMERS):
            return self.env._(
                "You see your customers and those of nobody. The classes are made over all customers of the company."
            )
        return False

    def _get_groups(self, result):
        """Return ``{(ABC, XYZ): count, value, share, movements}`` of the items that the reader may read."""
        found = {}
        rows = self.env["crm.abc.item"]._read_group(
            [("result_id", "=", result.id)],
            ["abc_class", "xyz_class", "movement"],
            ["__count", "value:sum", "share:sum"],
        )
        for abc, xyz, movement, count, value, share in rows:
            # what is outside of the matrix is not told apart by its regularity
            place = (abc or "", (xyz or "") if abc not in ("-", "?") else None)
            group = found.setdefault(place, {"count": 0, "value": 0.0, "share": 0.0, "moves": {}})
            group["count"] += count
            group["value"] += value or 0.0
            group["share"] += share or 0.0
            group["moves"][movement] = group["moves"].get(movement, 0) + count
        return found

    def _prepare_columns(self, groups):
        """Return the columns: a last one of items without a class where there are any."""
        labels = {
            "X": self.env._("steady"),
            "Y": self.env._("varying"),
            "Z": self.env._("erratic"),
            "N": self.env._("seldom"),
            "": self.env._("too few months"),
        }
        shown = [xyz for xyz in labels if xyz or any(xyz == "" and abc for abc, xyz in groups)]
        return [{"key": xyz, "label": labels[xyz]} for xyz in shown]

    def _prepare_row(self, profile, groups, abc):
        cells = [self._prepare_cell(profile, groups, abc, column["key"]) for column in self._prepare_columns(groups)]
        count, share = sum(cell["count"] for cell in cells), sum(cell["share"] for cell in cells)
        return {"key": abc, "cells": cells, "count": count, "share": share}

    def _prepare_cell(self, profile, groups, abc, xyz):
        group = groups.get((abc, xyz), {"count": 0, "value": 0.0, "share": 0.0, "moves": {}})
        policy = profile._get_cell(abc, xyz).policy if abc != "?" else False
        name = self.env["crm.abc.item"]._get_class_name(abc, xyz)
        return {"abc": abc, "xyz": xyz, "name": name, "policy": policy or "", **group}

    def _prepare_items(self, result, domain, limit):
        items = self.env["crm.abc.item"].search_fetch(
            [("result_id", "=", result.id), *domain], order="place, id", limit=limit
        )
        # `sudo`: the name of what the reader may read the figures of
        items.sudo().mapped(ITEM_FIELDS[result.profile_id.kind])
        return [
            {
                "id": item.id,
                "place": item.place,
                "name": item.sudo().display_name,
                "value": item.value,
                "share": item.share,
                "cumulated": item.cumulated_share,
                "now": item.class_name,
                "before": item.previous_class_name,
            }
            for item in items
        ]
