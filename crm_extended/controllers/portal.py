from odoo import http
from odoo.http import request

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.inherited.sale_order import DECLINE_MESSAGE_KEY


class ConversionPortal(CustomerPortal):
    @http.route()
    def portal_quote_decline(self, order_id, access_token=None, decline_message=None, **kwargs):
        """Keep what the customer writes as the reason of the refusal, beside Odoo's message in the chatter."""
        request.update_context(**{DECLINE_MESSAGE_KEY: decline_message})
        return super().portal_quote_decline(
            order_id, access_token=access_token, decline_message=decline_message, **kwargs
        )
