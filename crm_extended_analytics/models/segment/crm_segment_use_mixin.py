from odoo import api, fields, models


class CrmSegmentUseMixin(models.AbstractModel):
    """What a segment is used for: mailings, tests with a hold-out, pricelists, and lists of its contacts."""

    _name = "crm.segment.use.mixin"
    _description = "Use of a Segment"

    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        check_company=True,
        tracking=True,
        help="Of new quotations of the customers, where neither the customer nor his tier has a pricelist. Of several "
        "segments the first one in the list counts. Take it away and new quotations are as before.",
    )
    has_mailing = fields.Boolean(compute="_compute_has_mailing", help="Whether the user can make mailings.")

    @api.depends_context("uid")
    def _compute_has_mailing(self):
        self.has_mailing = "mailing.mailing" in self.env and self.env["mailing.mailing"].has_access("create")

    @api.model
    def _get_pricelists(self, partners, company):
        """Return ``{customer id: pricelist}`` by the first segment with one; whoever makes the quotation."""
        # `sudo`: prices hold whoever serves the customer
        members = (
            self.env["crm.segment.member"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", partners.commercial_partner_id.ids),
                    ("segment_id.active", "=", True),
                    ("segment_id.pricelist_id.active", "=", True),
                ]
            )
        )
        last_first = members.sorted(lambda member: (member.segment_id.sequence, member.segment_id.id), reverse=True)
        return {member.partner_id.id: member.segment_id.pricelist_id for member in last_first}

    def _get_contacts_domain(self):
        """Return the filter of the customers of the segments and of their contacts."""
        return [("crm_segment_ids", "in", self.ids)]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_open_contacts(self):
        """Show the customers and their contacts, to write to them, call them or plan activities."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contacts of %(segment)s", segment=self.name),
            "res_model": "res.partner",
            "views": [[False, "list"], [False, "kanban"], [False, "form"]],
            "domain": self._get_contacts_domain(),
        }

    def action_make_mailing(self):
        """Open a new mailing to the contacts of the segment; whoever is held out of a campaign now is left out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "mailing.mailing",
            "views": [[False, "form"]],
            "context": {
                "default_subject": self.name,
                "default_mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "default_mailing_domain": repr([*self._get_contacts_domain(), ("crm_is_held_out", "=", False)]),
            },
        }

    def action_decide(self):
        """Open a new decision about the segment: what is done for its customers, and what that shall bring."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.decision",
            "views": [[False, "form"]],
            "context": {
                "default_segment_id": self.id,
                "default_company_id": self.company_id.id,
                "default_finding": self.description or self.rules_text,
                "default_found_in": self.env["ir.model"]._get(self._name).name,
                "default_found_model": self._name,
                "default_found_id": self.id,
            },
        }

    def action_make_holdout(self):
        """Open a new test of an action on the segment, part of which is left out to see what it causes."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.holdout",
            "views": [[False, "form"]],
            "context": {
                "default_name": self.name,
                "default_company_id": self.company_id.id,
                "default_audience_domain": repr(self._get_contacts_domain()),
            },
        }

    def _get_form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [[False, "form"]],
        }
