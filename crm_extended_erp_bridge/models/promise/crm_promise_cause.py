from datetime import datetime

from odoo import fields, models
from odoo.tools import format_date

NAMED = {"product": "product.product", "vendor": "res.partner", "workcenter": "mrp.workcenter"}


class CrmPromiseCause(models.AbstractModel):
    """What decides a date, kept as a code with ids and numbers and told in the language of the reader."""

    _name = "crm.promise.cause"
    _description = "Cause of a Delivery Date"

    def _encode(self, promise):
        """Return what is kept of the cause of `promise` (planner.promise.Promise), fit for a Json field."""
        step = promise.cause
        if not step:
            return {
                "code": promise.problem,
                "product": promise.item,
                "workcenter": promise.workcenter,
                "path": list(promise.path),
            }
        is_waiting = step.is_booked and (step.begin - step.start) * 2 >= step.end - step.start
        date = step.begin if is_waiting else promise.ready if step.kind == "transport" else step.end
        return {
            "code": "booked" if is_waiting else step.kind,
            "product": step.item,
            "vendor": step.vendor,
            "workcenter": step.workcenter,
            "date": date.isoformat(sep=" ", timespec="seconds"),
            "days": round((step.end - step.start).total_seconds() / 86400.0, 1),
            "path": list(promise.path),
        }

    def _get_sentences(self, causes):
        """Return the sentence of each cause (or False); names are read once for all."""
        names = self._get_names(causes)
        return [self._get_sentence(cause, names) if cause else False for cause in causes]

    def _get_names(self, causes):
        ids = {key: {cause[key] for cause in causes if cause and cause.get(key)} for key in NAMED}
        ids["product"].update(key for cause in causes if cause for key in cause.get("path") or ())
        return {
            # sudo: a salesperson may not read work centres, but is told which one decides
            key: {
                record.id: record.display_name for record in self.env[NAMED[key]].sudo().browse(sorted(found)).exists()
            }
            for key, found in ids.items()
            if found
        }

    def _get_sentence(self, cause, names):
        deleted = self.env._("(deleted)")
        values = {key: names.get(key, {}).get(cause.get(key), deleted) for key in NAMED}
        values["path"] = " > ".join(names.get("product", {}).get(key, deleted) for key in cause.get("path") or ())
        values["date"] = self._format_date(cause.get("date"))
        values["days"] = f"{cause.get('days') or 0:g}"
        is_component = len(cause.get("path") or ()) > 1
        return (
            self._get_waiting_sentence(cause["code"], values, is_component)
            or self._get_plan_sentence(cause["code"], values)
            or self._get_work_problem(cause["code"], values)
            or self._get_supply_problem(cause["code"], values)
        )

    def _format_date(self, date):
        if not date:
            return ""
        moment = datetime.fromisoformat(date)
        if len(date) > len("2026-03-02"):
            moment = fields.Datetime.context_timestamp(self, moment)
        return format_date(self.env, moment.date())

    def _get_waiting_sentence(self, code, values, is_component):
        match code:
            case "stock":
                return self.env._("In stock.")
            case "vendor" if is_component:
                return self.env._("Waits for component %(product)s from vendor %(vendor)s until %(date)s.", **values)
            case "vendor":
                return self.env._("Waits for %(product)s from vendor %(vendor)s until %(date)s.", **values)
            case "receipt" if is_component:
                return self.env._("Waits for component %(product)s, which arrives on %(date)s.", **values)
            case "receipt":
                return self.env._("Waits for %(product)s, which arrives on %(date)s.", **values)
            case "production":
                return self.env._("Production of %(product)s takes until %(date)s.", **values)
            case "booked":
                return self.env._(
                    "Work centre %(workcenter)s is booked until %(date)s; then it makes %(product)s.", **values
                )
            case "workcenter":
                return self.env._("Work centre %(workcenter)s works on %(product)s until %(date)s.", **values)
            case "transport":
                return self.env._("Ready on %(date)s; delivery takes %(days)s days.", **values)
        return None

    def _get_plan_sentence(self, code, values):
        match code:
            case "overloaded":
                return self.env._(
                    "Work centre %(workcenter)s has too many orders; %(product)s is ready on %(date)s.", **values
                )
            case "unshipped":
                return self.env._("The goods are in stock and wait to be shipped.")
            case "shortage":
                return self.env._("%(product)s is short and nothing is planned that supplies it.", **values)
        return None

    def _get_work_problem(self, code, values):
        match code:
            case "no_calendar":
                return self.env._("No date: work centre %(workcenter)s has no working hours. Set them on it.", **values)
            case "zero_efficiency":
                return self.env._(
                    "No date: the time efficiency of work centre %(workcenter)s is 0%%. Raise it.", **values
                )
            case "zero_capacity":
                return self.env._(
                    "No date: the capacity of work centre %(workcenter)s for %(product)s is 0. Raise it.", **values
                )
            case "no_capacity":
                return self.env._(
                    "No date: work centre %(workcenter)s has not enough free hours in the next 700 days to make "
                    "%(product)s. Check the quantity, or plan more hours.",
                    **values,
                )
            case "cyclic_operations":
                return self.env._(
                    "No date: the operations of %(product)s wait for each other. Take one of them off Blocked By.",
                    **values,
                )
        return None

    def _get_supply_problem(self, code, values):
        match code:
            case "missing_vendor":
                return self.env._(
                    "No date: %(product)s is to be bought but has no vendor. Add one on its tab Purchase.", **values
                )
            case "missing_bom":
                return self.env._(
                    "No date: %(product)s is to be manufactured but has no bill of materials. Create one.", **values
                )
            case "missing_supply":
                return self.env._(
                    "No date: %(product)s is not in stock and has neither a bill of materials nor a vendor. Add one.",
                    **values,
                )
            case "cyclic_bom":
                return self.env._(
                    "No date: the bills of materials of %(path)s contain each other. Remove one of these products "
                    "from the bill of materials of another.",
                    **values,
                )
            case "too_far":
                return self.env._("No date: the lead time of %(product)s is out of all bounds. Correct it.", **values)
            case "too_large":
                return self.env._("No date: the bills of materials are too large to be followed in one go.")
            case "missing_warehouse":
                return self.env._("No date: the order has no warehouse. Choose one on the tab Other Info.")
        return False
