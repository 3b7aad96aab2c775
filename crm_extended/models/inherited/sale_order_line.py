from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _is_without_price(self):
        """Whether nobody priced this line: no unit price, and not given away on purpose by a discount of 100 %.

        The parts of a combo are priced by their combo line, down payments and rewards by their documents.
        """
        self.ensure_one()
        is_priced_elsewhere = (
            self.is_downpayment
            or self.combo_item_id
            or self.product_id.type == "combo"
            or self._is_delivery()
            # used when sale_loyalty is installed
            or ("is_reward_line" in self._fields and self.is_reward_line)
        )
        return not (is_priced_elsewhere or self.price_unit or self.discount >= 100)
