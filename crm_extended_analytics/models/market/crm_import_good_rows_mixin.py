from odoo import api, models


class CrmImportGoodRowsMixin(models.AbstractModel):
    """Rows of a file of figures: a bad one is named and left out, the others come in.

    Odoo takes a file whole or not at all. Figures of a market come from many hands, and each row stands alone.
    """

    _name = "crm.import.good.rows.mixin"
    _description = "Import of the Good Rows"

    @api.model
    def load(self, fields, data):
        """Load the rows that can be loaded; the others become warnings that say what is wrong with them."""
        limit = self.env.context.get("_import_limit")
        rows = data[:limit] if limit else data
        self = self.with_context(_import_limit=None)
        result = super().load(fields, rows)
        errors = [message for message in result["messages"] if message["type"] == "error"]
        if errors and all("rows" in message for message in errors):
            bad = {row for error in errors for row in range(error["rows"]["from"], error["rows"]["to"] + 1)}
            good = [row for number, row in enumerate(rows) if number not in bad]
            again = super().load(fields, good) if good else {"ids": False}
            if again["ids"]:
                result = again
                result["messages"] += [self._prepare_left_out(error) for error in errors]
        if result["ids"]:
            result["nextrow"] = len(rows) if len(rows) < len(data) else 0
        return result

    @api.model
    def _prepare_left_out(self, error):
        return {
            **error,
            "type": "warning",
            "message": self.env._("Left out: %(problem)s", problem=error["message"]),
        }
