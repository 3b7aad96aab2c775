"""Bills of materials, valid and ended, and work centres."""

from odoo.fields import Command

from ..source import boms, units
from . import catalog, settings


class BomLoader:
    """Loads the bills of materials of the products that were loaded."""

    def __init__(self, session, stock_units, days_to_make):
        self.session = session
        self.stock_units = stock_units
        self.days_to_make = days_to_make
        self.units = catalog.unit_ids(session.env)
        products = session.env["product.product"].browse(session.ids.ids_of("product_").values())
        self.templates = {product.id: product.product_tmpl_id.id for product in products}

    def load(self, lines, step=None):
        """Load the valid bills as active ones and each ended version as an archived one."""
        session = self.session
        loaded = {key: unit for key, unit in self.stock_units.items() if f"product_{key}" in session.ids}
        lines = boms.convertible(lines, loaded, session.tally)
        current, ended = boms.versions(lines, session.today, session.shift)
        self._create({**self._current_bills(current), **self._ended_bills(ended)}, step)
        count = sum(len(group) for group in ended.values())
        session.tally.note(
            f"{count} bill of materials lines are not valid today: they are in archived bills, their dates in "
            "the reference."
        )

    def _current_bills(self, current):
        lines = [line for group in current.values() for line in group]
        valid = {line.key for line in boms.without_cycles(lines, self.session.tally)}
        kept = {key: [line for line in group if line.key in valid] for key, group in current.items()}
        return {f"bom_{key}": self._values(group) for key, group in kept.items() if group}

    def _ended_bills(self, ended):
        # An ended version may contradict today's: circles are looked for within each one alone.
        kept = {key: boms.without_cycles(group, self.session.tally) for key, group in ended.items()}
        return {
            f"bom_{assembly}_{start}_{end or ''}": self._ended_values(group)
            for (assembly, start, end), group in kept.items()
            if group
        }

    def _create(self, bills, step):
        present = [name for name in bills if name in self.session.ids]
        created = self.session.create("Bills of materials", "mrp.bom", bills, step=step, batch=100)
        self.session.tally.created(boms.KIND, self._count_lines(bills, created))
        self.session.tally.present(boms.KIND, self._count_lines(bills, present))

    @staticmethod
    def _count_lines(bills, names):
        return sum(len(bills[name]["bom_line_ids"]) for name in names)

    def _values(self, lines):
        product = self.session.ids[f"product_{lines[0].assembly}"]
        return {
            "product_tmpl_id": self.templates[product],
            "product_qty": 1,
            "type": "normal",
            "produce_delay": self.days_to_make.get(lines[0].assembly, 0),
            "company_id": self.session.env.company.id,
            "bom_line_ids": [Command.create(self._line_values(line)) for line in lines],
        }

    def _ended_values(self, lines):
        first, shift = lines[0], self.session.shift
        code = f"{shift(first.start)} to {shift(first.end) or ''} (in the files {first.start} to {first.end or ''})"
        return {**self._values(lines), "active": False, "code": code}

    def _line_values(self, line):
        unit = self.stock_units[line.component]
        return {
            "product_id": self.session.ids[f"product_{line.component}"],
            "product_qty": float(line.quantity * units.factor(line.unit, unit)),
            "product_uom_id": self.units[unit],
        }


def load_work_centres(session, locations):
    """Load work centres with the hourly cost and a working week of the available hours."""
    money = settings.usd_to_company(session)
    calendars = {
        f"calendar_{location.weekly_hours.normalize():f}": {
            "name": f"AdventureWorks {location.weekly_hours.normalize():f} hours a week",
            "attendance_ids": [
                Command.clear(),
                *(Command.create(_attendance(day, location.daily_hours)) for day in range(5)),
            ],
        }
        for location in locations
    }
    session.ids.create("resource.calendar", calendars)
    values = {
        f"workcenter_{location.key}": {
            "name": location.name,
            "code": location.key,
            "costs_hour": money(location.hourly_cost),
            "resource_calendar_id": session.ids[f"calendar_{location.weekly_hours.normalize():f}"],
        }
        for location in locations
    }
    session.create("Work centres", "mrp.workcenter", values)
    session.tally.note(
        "WorkOrderRouting is not among the files: bills have no operations, days to manufacture are their lead time."
    )


def _attendance(day, hours):
    return {"name": "Shifts", "dayofweek": str(day), "day_period": "morning", "hour_from": 0, "hour_to": float(hours)}
