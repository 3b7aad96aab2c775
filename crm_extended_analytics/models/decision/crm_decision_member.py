from odoo import api, fields, models
from odoo.tools import SQL


class CrmDecisionMember(models.Model):
    """A customer of a decision, frozen when its action started: treated or held out."""

    _name = "crm.decision.member"
    _description = "Customer of a Decision"
    _log_access = False
    _order = "decision_id desc, is_held_out, id"
    _rec_name = "partner_id"

    decision_id = fields.Many2one(
        comodel_name="crm.decision", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="decision_id.company_id")
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, readonly=True, ondelete="cascade", index=True
    )
    owner_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    is_held_out = fields.Boolean(string="Held Out", readonly=True, help="The action leaves this customer out.")
    before = fields.Json(readonly=True, help="What the action changed of the customer, as it was before.")

    _partner_uniq = models.UniqueIndex("(decision_id, partner_id)", "This customer is in the decision already.")

    @api.model
    def _freeze(self, decision, customers):
        """Keep the customers of a decision.

        :param customers: SQL of the columns id of the customer, held out or not
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_decision_member (decision_id, partner_id, is_held_out)"
                " SELECT %s, * FROM (%s) customer",
                decision.id,
                customers,
            )
        )
        self.env.invalidate_all()

    def _remember(self, before):
        """Note what customers had before the action, to give it back.

        :param before: ``{customer id: what JSON can hold}``
        """
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_decision_member member SET before = noted.value
                  FROM jsonb_each(%s::jsonb) noted (partner, value)
                 WHERE member.id = ANY(%s) AND member.partner_id = noted.partner::int RETURNING member.id
                """,
                fields.Json().convert_to_column(before, self),
                self.ids,
            )
        )
        self.invalidate_recordset(["before"])
