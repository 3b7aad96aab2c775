from odoo import models
from odoo.tools import SQL


class CrmPyramidPopulationSupplier(models.AbstractModel):
    """Delivery on time of suppliers: the receipts of their purchase orders beside the promised days.

    As Odoo's own on-time rate: the quantity that was received by the promised day / the quantity ordered, over the
    lines whose promised day is in the months of the pyramid. Services are not delivered.
    """

    _inherit = "crm.pyramid.population.supplier"

    def _get_parts(self, scope):
        return super()._get_parts(scope) | {"delivery": self._get_delivery_part(scope)}

    def _get_figures(self, scope):
        return super()._get_figures(scope) | {
            "on_time_pct": SQL("100.0 * delivery.on_time / NULLIF(delivery.ordered, 0)"),
            "late_days": SQL("delivery.late_days"),
        }

    def _get_unmeasured(self, pyramid, company):
        found = super()._get_unmeasured(pyramid, company)
        return {name: sentence for name, sentence in found.items() if name not in ("on_time_pct", "late_days")}

    def _get_delivery_part(self, scope):
        return SQL(
            """
            SELECT vendor.commercial_partner_id AS partner_id, SUM(line.product_uom_qty) AS ordered,
                   SUM(LEAST(COALESCE(receipt.on_time, 0), line.product_uom_qty)) AS on_time,
                   AVG(receipt.late_days)::float8 AS late_days
              FROM purchase_order_line line
              JOIN purchase_order purchase ON purchase.id = line.order_id
              JOIN res_partner vendor ON vendor.id = purchase.partner_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              LEFT JOIN LATERAL (
                   SELECT SUM(move.quantity * unit.factor / base.factor)
                              FILTER (WHERE move.date::date <= line.date_planned::date) AS on_time,
                          AVG(move.date::date - line.date_planned::date)
                              FILTER (WHERE move.date::date > line.date_planned::date) AS late_days
                     FROM stock_move move
                     JOIN stock_location place ON place.id = move.location_dest_id AND place.usage <> 'supplier'
                     JOIN uom_uom unit ON unit.id = move.product_uom
                     JOIN uom_uom base ON base.id = template.uom_id
                    WHERE move.purchase_line_id = line.id AND move.state = 'done'
                      AND move.date::date <= %(as_of)s) receipt ON TRUE
             WHERE purchase.company_id = %(company)s AND purchase.state IN ('purchase', 'done')
               AND template.type <> 'service' AND line.product_uom_qty > 0
               AND line.date_planned::date > %(since)s AND line.date_planned::date <= %(as_of)s
             GROUP BY 1
            """,
            **scope.values,
        )
