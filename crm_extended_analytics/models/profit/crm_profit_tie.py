from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# months that are compared: by who asks for it, and every night
ASKED_MONTHS = 12
NIGHT_MONTHS = 2


class CrmProfitTie(models.Model):
    """A month of a company: the profit of the facts beside the general ledger, by step and account.

    Written by `crm.profit.tie.engine` only. Zero, or a difference that its documents explain to the cent.
    """

    _name = "crm.profit.tie"
    _description = "Profit beside the Ledger"
    _log_access = False
    _order = "month desc, company_id, basis, step, account_id, id"
    _rec_name = "month"

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id", related_sudo=True)
    month = fields.Date(required=True, readonly=True, help="First day of the month.")
    basis = fields.Selection(
        selection=[("invoiced", "Invoices"), ("booked", "Orders")],
        required=True,
        readonly=True,
        help="Invoices: facts of invoices, account by account. Orders: the sales that the profitability of a customer "
        "is made of (orders and sales without an order, less credit notes), beside the ledger as a whole.",
    )
    step = fields.Selection(
        selection=[("net_sales", "Net sales"), ("goods_cost", "Cost of goods")], required=True, readonly=True
    )
    account_id = fields.Many2one(
        comodel_name="account.account",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: cost that is not posted, or orders, which know no account.",
    )
    amount_fact = fields.Monetary(
        string="Facts",
        readonly=True,
        help="Sum of the facts of the month, without taxes, in the currency of the company.",
    )
    amount_ledger = fields.Monetary(
        string="Ledger",
        readonly=True,
        help="Net sales: credit - debit of the posted lines on income accounts. Cost of goods: debit - credit of the "
        "posted lines on accounts of direct cost, and of posted cost of goods on other expense accounts.",
    )
    difference = fields.Monetary(readonly=True, help="Facts - ledger; the sum of the documents below.")
    is_different = fields.Boolean(readonly=True)
    date_checked = fields.Datetime(string="Compared", readonly=True)
    line_ids = fields.One2many(
        comodel_name="crm.profit.tie.line", inverse_name="tie_id", string="Documents", readonly=True
    )

    _month_idx = models.Index("(company_id, month)")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.model
    def action_compare(self):
        """Queue the comparison of the last months of the user's companies: millions of lines take minutes."""
        self.browse().check_access("read")
        # `sudo`: nobody writes the comparison by hand; who may read it may have it made again
        self.sudo()._queue(self.env.companies, ASKED_MONTHS)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The last twelve months are being compared. Reload the list in a moment."),
            },
        }

    def action_open_lines(self):
        """Show the documents that cause the difference."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_profit_tie_line_action")
        return action | {"domain": [("tie_id", "in", self.ids)]}

    def action_open_ledger(self):
        """Show the posted lines of the account and month."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("parent_state", "=", "posted"),
            ("date", ">=", self.month),
            ("date", "<", fields.Date.add(self.month, months=1)),
        ]
        if self.account_id:
            domain.append(("account_id", "=", self.account_id.id))
        else:
            types = ["income"] if self.step == "net_sales" else ["expense_direct_cost"]
            domain.append(("account_id.account_type", "in", types))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ledger"),
            "res_model": "account.move.line",
            "views": [[False, "list"], [False, "form"]],
            "domain": domain,
        }

    def action_open_facts(self):
        """Show the facts of the month."""
        self.ensure_one()
        name = "crm_fact_sale_action" if self.basis == "booked" else "crm_fact_invoice_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_extended_analytics.{name}")
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.month),
            ("date", "<", fields.Date.add(self.month, months=1)),
        ]
        if self.basis == "invoiced" and self.step == "net_sales":
            domain.append(("account_id", "=", self.account_id.id))
        return action | {"domain": domain, "views": [[False, "list"]], "view_mode": "list"}

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------
    @api.model
    def _cron_compare(self):
        """Every night: this month and the last one; who closes a year asks for twelve."""
        self._queue(self.env["crm.warehouse.load"]._get_companies(), NIGHT_MONTHS)

    @api.model
    def _queue(self, companies, months):
        """Queue one job per company, however often it is asked for."""
        for company in companies:
            self.with_delay(
                identity_key=f"crm.profit.tie-{company.id}-{months}",
                description=self.env._("Profit beside the ledger: %(company)s", company=company.name),
            )._compare_recent(company, months)

    @api.model
    def _compare_recent(self, companies, months):
        """Job: compare the last months of companies that use the warehouse."""
        today = fields.Date.context_today(self)
        engine = self.env["crm.profit.tie.engine"]
        for company in companies & self.env["crm.warehouse.load"]._get_companies():
            engine._rebuild(company, today - relativedelta(months=months - 1), today)
