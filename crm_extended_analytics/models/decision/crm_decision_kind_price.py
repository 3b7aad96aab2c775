from odoo import models
from odoo.exceptions import UserError


class CrmDecisionKindPrice(models.AbstractModel):
    """Gives the treated customers a pricelist of their own, and what they had before when it is stopped."""

    _name = "crm.decision.kind.price"
    _inherit = ["crm.decision.kind"]
    _description = "Action: Price"
    _kind = "price"
    _sequence = 30

    def _get_label(self):
        return self.env._("Price")

    def _get_note(self):
        return self.env._("At the start the treated customers get the pricelist; a stop gives back the one before.")

    def _check(self, decision):
        if not decision.pricelist_id:
            raise UserError(self.env._("Choose the pricelist that the customers get."))

    def _start(self, decision, members):
        partners = members.partner_id.with_company(decision.company_id)
        members._remember({partner.id: partner.specific_property_product_pricelist.id or 0 for partner in partners})
        partners.write({"specific_property_product_pricelist": decision.pricelist_id.id})

    def _undo(self, decision, members):
        pricelists = self.env["product.pricelist"]
        changed = members.filtered(
            lambda member: (
                member.partner_id.with_company(decision.company_id).specific_property_product_pricelist
                == decision.pricelist_id
            )
        )
        for before, same in changed.grouped("before").items():
            pricelist = pricelists.browse(before).exists() if before else pricelists
            same.partner_id.with_company(decision.company_id).write(
                {"specific_property_product_pricelist": pricelist.id}
            )
        return len(changed)

    def _open(self, decision):
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.pricelist",
            "res_id": decision.pricelist_id.id,
            "views": [[False, "form"]],
        }
