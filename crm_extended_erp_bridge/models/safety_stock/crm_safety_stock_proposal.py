from math import sqrt

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from odoo.addons.crm_extended_analytics.models.classification.crm_abc_item import ABC_CLASSES, XYZ_CLASSES
from odoo.addons.crm_extended_analytics.models.classification.crm_abc_profile import FEATURE

from ...planner.safety_stock import safety_factor, safety_stock
from ..planning.planning_session import PlanningSession


class CrmSafetyStockProposal(models.Model):
    """What the ABC/XYZ class of a product proposes for its planning parameters. Nothing changes before it is applied.

    Proposals are made anew from the last result of the products; those that were applied stay, with who did it.
    """

    _name = "crm.safety.stock.proposal"
    _description = "Proposal of a Safety Stock"
    _order = "abc_class, xyz_class, product_id, id"
    _rec_name = "product_id"

    product_mrp_area_id = fields.Many2one(
        comodel_name="product.mrp.area",
        string="Planning Parameters",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(comodel_name="res.company", required=True, readonly=True, index=True)
    product_id = fields.Many2one(related="product_mrp_area_id.product_id", store=True, index=True)
    mrp_area_id = fields.Many2one(related="product_mrp_area_id.mrp_area_id")
    uom_id = fields.Many2one(related="product_id.uom_id")
    period = fields.Date(string="Month", readonly=True, help="Last month of the demand that was looked at.")
    abc_class = fields.Selection(selection=ABC_CLASSES, string="ABC", readonly=True)
    xyz_class = fields.Selection(selection=XYZ_CLASSES, string="XYZ", readonly=True)
    service_level = fields.Float(
        string="Service Level (%)", readonly=True, aggregator=None, help="Of the class, as the ABC/XYZ profile says."
    )
    deviation = fields.Float(
        string="Deviation of a Month",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="Standard deviation of the quantity sold less returns, month by month since the first sale.",
    )
    lead_days = fields.Float(
        string="Lead Time (Days)", readonly=True, aggregator=None, help="Of the planning parameters of the product."
    )
    current_stock = fields.Float(
        string="Stock Before",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="Of the planning parameters when the proposal was made.",
    )
    proposed_stock = fields.Float(
        string="Stock Proposed",
        digits="Product Unit",
        readonly=True,
        aggregator=None,
        help="z x standard deviation of a month's demand x square root of the lead time in months (30.4 days), rounded "
        "up. z: standard deviations that cover as many replenishments as the service level says, 1.64 at 95 %. "
        "A service level of 0 proposes no safety stock.",
    )
    current_days = fields.Integer(
        string="Days Before",
        readonly=True,
        aggregator=None,
        help="Of the planning parameters when the proposal was made.",
    )
    proposed_days = fields.Integer(
        string="Days Proposed",
        readonly=True,
        aggregator=None,
        help="Days of demand that the plan orders at once: how often the product is replenished, as the ABC/XYZ "
        "profile says of the class.",
    )
    applied_on = fields.Datetime(readonly=True)
    applied_by_id = fields.Many2one(comodel_name="res.users", readonly=True)
    reason = fields.Char(compute="_compute_reason", help="How the proposal follows from the class and the demand.")

    _parameter_uniq = models.UniqueIndex(
        "(product_mrp_area_id) WHERE applied_on IS NULL", "This product has a proposal already."
    )

    @api.depends("abc_class", "xyz_class", "service_level", "deviation", "lead_days")
    @api.depends_context("lang")
    def _compute_reason(self):
        for proposal in self:
            proposal.reason = proposal._get_reason()

    def _get_reason(self):
        values = {"class_name": f"{self.abc_class}{self.xyz_class or ''}"}
        if not self.service_level:
            return self.env._("%(class_name)s: to order, no safety stock.", **values)
        return self.env._(
            "%(class_name)s: %(level)s %% served, z %(factor)s × deviation %(deviation)s × √(%(days)s / 30.4 days).",
            level=f"{self.service_level:g}",
            factor=formatLang(self.env, safety_factor(self.service_level), digits=2),
            deviation=formatLang(self.env, self.deviation, digits=1),
            days=f"{self.lead_days:g}",
            **values,
        )

    # ------------------------------------------------------------
    # Proposing
    # ------------------------------------------------------------

    @api.model
    def action_propose(self):
        """Make the proposals of the user's company anew, and show them.

        :raise UserError: where the company does not use ABC/XYZ, or no product has a class yet
        """
        self.browse().check_access("read")
        # sudo: planners need not read sales; they see the class of a product and what follows from it
        self.sudo()._propose(self.env.company)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "crm_extended_erp_bridge.crm_safety_stock_proposal_action"
        ) | {"target": "main"}

    @api.model
    def _propose(self, company):
        result = self._get_result(company)
        items = self.env["crm.abc.item"].search_fetch([("result_id", "=", result.id)])
        by_product = {item.product_id.id: item for item in items}
        parameters = self.env["product.mrp.area"].search(
            [("company_id", "=", company.id), ("product_id", "in", list(by_product))]
        )
        # products alike share the stock rule that decides about their lead time: it is looked up once, as in a plan
        parameters = parameters.with_context(crm_planning_session=PlanningSession(parameters.mrp_area_id))
        deviations = self._get_deviations(result)
        self.search([("company_id", "=", company.id), ("applied_on", "=", False)]).unlink()
        found = (
            self._prepare_proposal(result, parameter, by_product[parameter.product_id.id], deviations)
            for parameter in parameters
        )
        return self.create([values for values in found if values])

    def _get_result(self, company):
        """Return the last result of the products."""
        profile = self.env["crm.abc.profile"]._get_leading(company, "product")
        result = self.env["crm.abc.result"]._get_result(profile, company)
        if not company._has_feature(FEATURE):
            raise UserError(
                self.env._(
                    "%(company)s does not use ABC/XYZ. Switch the feature on under CRM > Configuration > Features.",
                    company=company.name,
                )
            )
        if not result:
            raise UserError(
                self.env._("No product has a class yet. Count the products under CRM > Reporting > ABC/XYZ first.")
            )
        return result

    def _get_deviations(self, result):
        """Return ``{product id: standard deviation of the quantity of a month}`` of the window of the result."""
        settings = result.settings
        months = settings["window_months"]
        statistics = self.env["crm.abc.series"]._get_statistics(
            "product", "quantity", result.company_id, result.period - relativedelta(months=months - 1), months
        )
        is_sample = settings["deviation"] == "sample"
        return {
            product: sqrt(max(squares, 0.0) / (count - is_sample))
            for product, _value, _known, count, _filled, squares in self.env.execute_query(statistics)
            if product and count >= settings["least_periods"]
        }

    def _prepare_proposal(self, result, parameter, item, deviations):
        """Return the values of a proposal; None where the class says nothing, or what it says is there already."""
        product = parameter.product_id
        cell = result.profile_id._get_cell(item.abc_class, item.xyz_class)
        if not cell or not item.xyz_class or product.id not in deviations:
            return None
        stock = safety_stock(cell.service_level, deviations[product.id], parameter.mrp_lead_time)
        stock = product.uom_id.round(stock, rounding_method="UP")
        days = cell.review_days or parameter.mrp_nbr_days
        is_same = not product.uom_id.compare(stock, parameter.mrp_minimum_stock)
        if is_same and days == parameter.mrp_nbr_days:
            return None
        return {
            "product_mrp_area_id": parameter.id,
            "company_id": result.company_id.id,
            "period": result.period,
            "abc_class": item.abc_class,
            "xyz_class": item.xyz_class,
            "service_level": cell.service_level,
            "deviation": deviations[product.id],
            "lead_days": parameter.mrp_lead_time,
            "current_stock": parameter.mrp_minimum_stock,
            "current_days": parameter.mrp_nbr_days,
            "proposed_stock": stock,
            "proposed_days": days,
        }

    # ------------------------------------------------------------
    # Applying
    # ------------------------------------------------------------

    def action_apply(self):
        """Write the proposals into the planning parameters, with the rights of the user; note who did it."""
        self.check_access("read")
        proposals = self.filtered(lambda proposal: not proposal.applied_on)
        for proposal in proposals:
            proposal.product_mrp_area_id.write(
                {"mrp_minimum_stock": proposal.proposed_stock, "mrp_nbr_days": proposal.proposed_days}
            )
        # sudo: nobody writes proposals by hand
        proposals.sudo().write({"applied_on": fields.Datetime.now(), "applied_by_id": self.env.uid})
