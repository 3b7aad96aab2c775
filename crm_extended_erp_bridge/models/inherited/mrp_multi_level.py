from odoo import models


class MrpMultiLevel(models.TransientModel):
    """The planning of mrp_multi_level: its rules, with our reading, writing, checks and order of phases around them.

    The mixins come first: their methods call those of the addon.
    """

    _name = "mrp.multi.level"
    _inherit = [
        "mrp.multi.level.run.mixin",
        "mrp.multi.level.reading.mixin",
        "mrp.multi.level.netting.mixin",
        "mrp.multi.level.forecast.mixin",
        "mrp.multi.level.check.mixin",
        "mrp.multi.level",
    ]
