from datetime import timedelta

from odoo import api, fields, models

FEATURE = "delivery_promise"
OPEN_QUOTATION = ("draft", "sent")


class SaleOrderLinePromiseMixin(models.AbstractModel):
    """The earliest delivery of a quotation line, worked out when somebody looks at it, and kept when it is won."""

    _name = "sale.order.line.promise.mixin"
    _description = "Order Line with a Delivery Promise"

    promise_date = fields.Datetime(
        string="Earliest Delivery",
        compute="_compute_promise",
        compute_sudo=False,
        help="Free stock first, then free receipts that come before the rest can be bought (days to purchase + lead "
        "time of the vendor) or made (components, then the operations on the free hours of their work centres, or the "
        "manufacturing lead time), over all levels of the bill of materials; plus the lead time of the line and the "
        "security lead time for sales. Empty when something is missing to make it.",
    )
    promise_cause = fields.Char(
        string="What Decides",
        compute="_compute_promise",
        compute_sudo=False,
        help="The component, vendor or work centre that takes the longest stretch on the way to the earliest delivery.",
    )
    promise_is_late = fields.Boolean(
        string="Promised Too Early",
        compute="_compute_promise",
        compute_sudo=False,
        help="The earliest delivery is on a later day than the delivery date of the order (else its expected date).",
    )
    promise_state = fields.Selection(
        selection=[("in_time", "In time"), ("late", "Late"), ("unknown", "No date possible")],
        string="Promise",
        compute="_compute_promise",
        compute_sudo=False,
    )
    promised_date = fields.Datetime(
        readonly=True,
        copy=False,
        help="What was promised when the order was confirmed: its delivery date, else the earliest delivery then.",
    )
    promised_cause_data = fields.Json(string="Cause of the Promised Date", readonly=True, copy=False)
    promised_cause = fields.Char(
        string="Promised Because", compute="_compute_promised_cause", help="What decided the date that was promised."
    )

    @api.depends(
        "product_id",
        "product_uom_qty",
        "product_uom_id",
        "customer_lead",
        "warehouse_id",
        "state",
        "order_id.commitment_date",
    )
    @api.depends_context("lang", "tz")
    def _compute_promise(self):
        promises = self._get_order_promises()
        Cause = self.env["crm.promise.cause"]
        lines = [line for line in self if line in promises]
        sentences = dict(
            zip(lines, Cause._get_sentences([Cause._encode(promises[line]) for line in lines]), strict=True)
        )
        for line in self:
            promise = promises.get(line)
            line.promise_date = self._to_second(promise and promise.date)
            line.promise_cause = sentences.get(line, False)
            line.promise_is_late = bool(line.promise_date and line._is_later_than_promised(line.promise_date))
            line.promise_state = promise and line._get_promise_state()

    @api.depends("promised_cause_data")
    @api.depends_context("lang", "tz")
    def _compute_promised_cause(self):
        sentences = self.env["crm.promise.cause"]._get_sentences([line.promised_cause_data for line in self])
        for line, sentence in zip(self, sentences, strict=True):
            line.promised_cause = sentence

    def _get_promise_state(self):
        if not self.promise_date:
            return "unknown"
        return "late" if self.promise_is_late else "in_time"

    @staticmethod
    def _to_second(date):
        """Odoo's datetimes have no fractions; up, because nothing is there before it is there."""
        if not date:
            return False
        return date.replace(microsecond=0) + timedelta(seconds=bool(date.microsecond))

    def _get_order_promises(self):
        """Return {line: Promise} of all lines that are promised in the quotations of these lines."""
        lines = self.order_id.order_line | self
        return lines.filtered(lambda line: line.order_id.state in OPEN_QUOTATION)._get_promises()

    def _get_promises(self):
        lines = self.filtered(lambda line: line._can_be_promised())
        return self.env["crm.promise.reader"]._get_promises(lines) if lines else {}

    def _can_be_promised(self):
        return (
            not self.display_type
            and self.product_id.type == "consu"
            and self.product_uom_qty > 0
            and (self.company_id or self.env.company)._has_feature(FEATURE)
        )

    def _is_later_than_promised(self, date):
        promised = self.order_id.commitment_date
        if not promised:
            # Odoo's expected date knows no security lead time, our date does
            promised = self._expected_date() + timedelta(days=self.company_id.security_lead)
        return self._to_local_date(date) > self._to_local_date(promised)

    def _to_local_date(self, date):
        return fields.Datetime.context_timestamp(self, date).date()
