from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date, formatLang

# a level that was refused is not proposed again for so many months
REFUSED_MONTHS = 6
APPROVERS = "sales_team.group_sale_manager"


class CrmPartnerGradeProposal(models.Model):
    """A level that the partner pyramid proposes for a partner; nothing changes before a manager approves it.

    The rows are the history: what was proposed, why, who decided what, and when.
    """

    _name = "crm.partner.grade.proposal"
    _description = "Proposed Partner Level"
    _order = "state desc, period desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", required=True, readonly=True, ondelete="cascade", index=True
    )
    pyramid_id = fields.Many2one(comodel_name="crm.pyramid", readonly=True, ondelete="set null")
    period = fields.Date(string="Month", required=True, readonly=True)
    current_grade_id = fields.Many2one(
        comodel_name="res.partner.grade", string="Level Then", readonly=True, ondelete="set null"
    )
    grade_id = fields.Many2one(
        comodel_name="res.partner.grade", string="Proposed Level", required=True, readonly=True, ondelete="cascade"
    )
    basis = fields.Json(readonly=True)
    reason = fields.Text(compute="_compute_reason", help="The figures of the month from which the proposal follows.")
    state = fields.Selection(
        selection=[
            ("proposed", "To Decide"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("obsolete", "No Longer Valid"),
        ],
        default="proposed",
        required=True,
        readonly=True,
    )
    decided_by_id = fields.Many2one(comodel_name="res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    remark = fields.Char(help="Why it was decided so, for whoever reads the history.")

    _open_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE state = 'proposed'", "A level is proposed for this partner already."
    )

    def write(self, vals):
        # the history is written by the decisions and by the counting only
        if not self.env.su and vals.keys() - {"remark"}:
            raise AccessError(self.env._("A proposal is approved or refused with its buttons, and not changed."))
        return super().write(vals)

    # ------------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------------
    def action_approve(self):
        """Give the partner the proposed level."""
        self._check_can_decide()
        for proposal in self:
            # `sudo`: a manager of sales decides on levels, whoever may edit the contact
            proposal.partner_id.sudo().grade_id = proposal.grade_id
        return self._decide("approved")

    def action_refuse(self):
        """Leave the level of the partner as it is."""
        self._check_can_decide()
        return self._decide("refused")

    def _check_can_decide(self):
        if not self.env.user.has_groups(APPROVERS):
            raise AccessError(self.env._("Levels of partners are decided by managers of sales. Ask one of them."))
        self.check_access("write")
        if any(proposal.state != "proposed" for proposal in self):
            raise UserError(self.env._("This was decided already, or is no longer valid. Reload the page."))

    def _decide(self, state):
        # `sudo`: as `write` says; who may decide was asked above
        self.sudo().write({"state": state, "decided_by_id": self.env.user.id, "decided_on": fields.Datetime.now()})
        return True

    # ------------------------------------------------------------------
    # Propose
    # ------------------------------------------------------------------
    @api.model
    def _propose(self, month):
        """Propose levels from the last counted month of a pyramid whose layers name levels."""
        grades = {line.tier_id: line.grade_id for line in month.pyramid_id.line_ids if line.grade_id}
        rows = self.env["crm.pyramid.snapshot"].search(
            [
                ("pyramid_id", "=", month.pyramid_id.id),
                ("company_id", "=", month.company_id.id),
                ("period", "=", month.period),
                ("tier_id", "in", [tier.id for tier in grades]),
            ]
        )
        wanted = {row.partner_id: (row, grades[row.tier_id]) for row in rows}
        wanted = {partner: (row, grade) for partner, (row, grade) in wanted.items() if partner.grade_id != grade}
        opened = self.search([("company_id", "=", month.company_id.id), ("state", "=", "proposed")])
        own = opened.filtered(lambda found: found.pyramid_id == month.pyramid_id)
        outdated = own.filtered(lambda found: wanted.get(found.partner_id, (None, None))[1] != found.grade_id)
        outdated.write({"state": "obsolete"})
        for found in own - outdated:
            row, grade = wanted[found.partner_id]
            found.write({"period": month.period, "basis": self._get_basis(month, row)})
        skipped = set((opened - outdated).partner_id.ids) | self._get_refused(month, wanted)
        self.flush_model()
        return self.create(
            [
                self._prepare_proposal(month, row, grade)
                for partner, (row, grade) in wanted.items()
                if partner.id not in skipped
            ]
        )

    @api.model
    def _get_refused(self, month, wanted):
        """Return the ids of partners for whom the same level was refused lately."""
        since = fields.Datetime.now() - relativedelta(months=REFUSED_MONTHS)
        refused = self.search(
            [("company_id", "=", month.company_id.id), ("state", "=", "refused"), ("decided_on", ">=", since)]
        )
        return {
            found.partner_id.id for found in refused if wanted.get(found.partner_id, (None, None))[1] == found.grade_id
        }

    @api.model
    def _prepare_proposal(self, month, row, grade):
        return {
            "company_id": month.company_id.id,
            "partner_id": row.partner_id.id,
            "pyramid_id": month.pyramid_id.id,
            "period": month.period,
            "current_grade_id": row.partner_id.grade_id.id,
            "grade_id": grade.id,
            "basis": self._get_basis(month, row),
        }

    @api.model
    def _get_basis(self, month, row):
        """Return what the reason is made of, so that each reader has it in his language."""
        names = self.env["crm.pyramid.population"]._get(row.pyramid_id.kind)._get_columns()
        return {
            "tier_id": row.tier_id.id,
            "months": month.pyramid_id.window_months,
            "value": row.value,
            # pairs, because JSON keeps no order of keys
            "figures": [(name, row[name]) for name in names if row[name] is not False],
        }

    @api.depends("basis", "grade_id", "pyramid_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for proposal in self:
            proposal.reason = proposal.basis and "\n".join(proposal._get_sentences(proposal.basis))

    def _get_sentences(self, basis):
        """Return sentences: the tier, the value and how it is made up, what is not known, and what would follow."""
        # `sudo`: names of what the reader may not open
        proposal, currency = self.sudo(), self.company_id.sudo().currency_id
        value = basis["value"]
        sentences = [
            self.env._(
                "%(tier)s in %(month)s by %(measure)s of %(value)s over %(months)s months.",
                tier=proposal.env["crm.tier"].browse(basis["tier_id"]).exists().name or "–",
                month=format_date(self.env, self.period, date_format="MMMM y"),
                measure=proposal.pyramid_id._get_measure_label().lower() if proposal.pyramid_id else "–",
                value=format_amount(self.env, value, currency) if value is not False else "–",
                months=basis["months"],
            )
        ]
        parts = [
            self.env._("%(figure)s: %(value)s", figure=label, value=text)
            for label, text in self._get_figure_texts(basis["figures"], currency)
        ]
        if parts:
            sentences.append("; ".join(parts) + ".")
        pricelist = proposal.grade_id.default_pricelist_id
        if pricelist:
            sentences.append(
                self.env._(
                    "With the level %(grade)s he gets the pricelist %(pricelist)s.",
                    grade=proposal.grade_id.name,
                    pricelist=pricelist.name,
                )
            )
        return sentences

    def _get_figure_texts(self, figures, currency):
        columns = self.env["crm.pyramid.snapshot"]._fields
        for name, value in figures:
            is_money = name in ("sales", "margin", "commission", "funds", "support")
            text = format_amount(self.env, value, currency) if is_money else formatLang(self.env, value, digits=1)
            yield columns[name]._description_string(self.env), text
