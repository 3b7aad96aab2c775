from odoo import models
from odoo.tools import SQL

from .crm_pyramid_population_partner import FEATURE


class CrmPyramidPopulationSupplier(models.AbstractModel):
    """Suppliers by what is bought from them: posted vendor bills - refunds, without taxes, in company currency.

    Active: a bill in the months of the pyramid. Inactive: bills before. Suspect: marked as a supplier, no bill yet.
    """

    _name = "crm.pyramid.population.supplier"
    _inherit = ["crm.pyramid.population.measured"]
    _description = "Suppliers in a Value Pyramid"
    _kind = "supplier"
    _measures = ("purchases",)
    _list_view = "crm_extended_analytics.crm_pyramid_snapshot_view_list_supplier"

    def _get_label(self):
        return self.env._("Suppliers")

    def _get_words(self):
        return {
            "many": self.env._("suppliers"),
            "one": self.env._("Supplier"),
            "active": self.env._("Billed us lately"),
            "inactive": self.env._("Billed us before, not lately"),
            "prospect": self.env._("Nothing bought yet"),
            "suspect": self.env._("Marked as a supplier, no bill"),
        }

    def _is_used(self, company):
        return company._has_feature(FEATURE)

    def _get_source(self, pyramid, company, as_of):
        return "bills"

    def _may_read(self):
        return self.env["crm.pyramid.snapshot"].has_access("read") and self.env.user.has_groups(
            "sales_team.group_sale_salesman_all_leads"
        )

    def _get_columns(self):
        return ("sales", "on_time_pct", "late_days")

    def _get_member_condition(self, scope):
        return SQL(
            """
            member.commercial_partner_id = member.id
            AND (member.company_id IS NULL OR member.company_id = %(company)s)
            AND NOT EXISTS (SELECT FROM res_company ours WHERE ours.partner_id = member.id)
            AND (bill.last_date IS NOT NULL OR (
                 member.active AND member.supplier_rank > 0 AND member.create_date::date <= %(as_of)s))
            """,
            **scope.values,
        )

    def _get_role(self, scope):
        return SQL(
            "CASE WHEN bill.last_date > %(since)s THEN 'active' WHEN bill.last_date IS NOT NULL THEN 'inactive'"
            " ELSE 'suspect' END",
            **scope.values,
        )

    def _get_value(self, scope):
        return SQL("measured.sales")

    def _get_parts(self, scope):
        return {
            "bill": SQL(
                """
                SELECT commercial_partner_id AS partner_id,
                       MAX(COALESCE(invoice_date, date)) FILTER (WHERE move_type = 'in_invoice') AS last_date,
                       SUM(-amount_untaxed_signed)
                           FILTER (WHERE COALESCE(invoice_date, date) > %(since)s)::float8 AS amount
                  FROM account_move
                 WHERE company_id = %(company)s AND state = 'posted' AND move_type IN ('in_invoice', 'in_refund')
                   AND COALESCE(invoice_date, date) <= %(as_of)s
                 GROUP BY 1
                """,
                **scope.values,
            )
        }

    def _get_figures(self, scope):
        return {"sales": SQL("bill.amount"), "on_time_pct": SQL("NULL"), "late_days": SQL("NULL")}

    def _get_unmeasured(self, pyramid, company):
        sentence = self.env._(
            "Delivery on time is not measurable: it needs receipts of purchase orders (modules Purchase and Inventory, "
            "and CRM Extended ERP Bridge)."
        )
        return {"on_time_pct": sentence, "late_days": sentence}
