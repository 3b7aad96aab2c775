from odoo import api, models


class MrpArea(models.Model):
    """An MRP area whose planning asks the day of the same moments again and again."""

    _inherit = "mrp.area"

    @api.model
    def _datetime_to_date_tz(self, dt_to_convert=None):
        session = self.env.context.get("crm_planning_session")
        if session is None:
            return super()._datetime_to_date_tz(dt_to_convert)
        return session.remember("day", dt_to_convert, lambda: super(MrpArea, self)._datetime_to_date_tz(dt_to_convert))
