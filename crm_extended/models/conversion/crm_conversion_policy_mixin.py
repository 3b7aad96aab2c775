from odoo import fields, models

# What each policy falls back to: Odoo's own behaviour, so that an installed and unconfigured addon changes nothing.
NEUTRAL_POLICIES = {
    "crm_win_policy": "none",
    "crm_win_without_quotation": "allow",
    "crm_confirm_policy": "none",
    "crm_lost_policy": "none",
    "crm_amount_policy": "none",
}

# The feature (crm.roadmap.feature) that a company must have for a policy to count.
POLICY_FEATURES = {
    "crm_win_policy": "quotation_conversion",
    "crm_win_without_quotation": "quotation_conversion",
    "crm_confirm_policy": "quotation_conversion",
    "crm_lost_policy": "quotation_conversion",
    "crm_amount_policy": "opportunity_currency",
}


class CrmConversionPolicyMixin(models.AbstractModel):
    """The rules by which opportunities and quotations move together.

    A company has a value for each of them; a sales team may have one of its own, and an empty value there means
    "as the company".
    """

    _name = "crm.conversion.policy.mixin"
    _description = "Conversion Policies"

    crm_win_policy = fields.Selection(
        selection=[
            ("none", "Leave the quotations alone"),
            ("confirm", "Confirm the open quotation"),
        ],
        string="When an Opportunity Is Won",
        help="What happens to the quotations when an opportunity enters a won stage. With one open quotation it is "
        "confirmed; with several, a dialog asks which of them are won and cancels the others with a reason.",
    )
    crm_win_without_quotation = fields.Selection(
        selection=[
            ("allow", "May be won"),
            ("refuse", "Cannot be won"),
        ],
        string="Opportunity without Quotation",
        help="Whether an opportunity that has neither an open quotation nor an order may enter a won stage. "
        "Counts only where winning confirms the quotation.",
    )
    crm_confirm_policy = fields.Selection(
        selection=[
            ("none", "Leave the opportunity alone"),
            ("first", "Win it with the first order"),
            ("last", "Win it when no quotation is open any more"),
            ("all", "Win it when every quotation is confirmed"),
        ],
        string="When a Quotation Is Confirmed",
        help="First order: one confirmed quotation is enough. No quotation open: the last open one is confirmed, "
        "refused ones do not count. Every quotation: none of them may be open or cancelled.",
    )
    crm_lost_policy = fields.Selection(
        selection=[
            ("none", "Leave the opportunity alone"),
            ("propose", "Propose to mark it as lost"),
        ],
        string="When All Quotations Are Refused or Expired",
        help="The salesperson is asked, with the customer's own words where he gave them; nothing is lost by itself.",
    )
    crm_amount_policy = fields.Selection(
        selection=[
            ("none", "Only raise it when an order is confirmed"),
            ("sum", "Add up the quotations"),
            ("highest", "Take the highest quotation"),
        ],
        string="Expected Revenue",
        help="Add up: untaxed total of orders plus open quotations. Highest: open quotations are alternatives, so the "
        "highest of them counts until one is ordered. A figure that was typed stays until one presses "
        '"Follow quotations".',
    )

    def write(self, vals):
        result = super().write(vals)
        if "crm_amount_policy" in vals:
            self._get_leads_under_policy()._refresh_amounts()
        return result

    def _get_leads_under_policy(self):
        """Open opportunities whose rules these records may set."""
        raise NotImplementedError
