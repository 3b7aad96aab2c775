from odoo import api, fields, models
from odoo.tools import format_amount, formatLang


class CrmHoldoutVerdictMixin(models.AbstractModel):
    """What a hold-out test says, in the words of the reader."""

    _name = "crm.holdout.verdict.mixin"
    _description = "Verdict of a Hold-Out Test"

    metric = fields.Selection(
        selection=[("conversion", "Customers who bought"), ("revenue", "Net sales"), ("margin", "Margin")],
        string="Judged By",
        default="conversion",
        required=True,
        help="What the verdict speaks of; all three are measured.",
    )
    verdict = fields.Text(compute="_compute_verdict", help="What the test says, in words.")

    @api.depends("date_measured", "metric", "romi_pct", "state")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for holdout in self:
            holdout.verdict = "\n".join(holdout._get_sentences()) if holdout.date_measured else False

    def _get_sentences(self):
        """Return what was found: the groups, the effect, and what came back of the spend."""
        sentences = [
            self.env._(
                "%(treated)s %% of %(treated_count)s treated customers bought, and %(held_out)s %% of "
                "%(held_out_count)s held out.",
                treated=formatLang(self.env, self.treated_pct, digits=1),
                treated_count=self.treated_count,
                held_out=formatLang(self.env, self.held_out_pct, digits=1),
                held_out_count=self.held_out_count,
            ),
            self._get_effect_sentence(),
        ]
        if self.romi_pct is not False:
            sentences.append(
                self.env._(
                    "The action caused a margin of %(margin)s for a spend of %(spend)s: ROMI %(romi)s %%, incremental.",
                    margin=format_amount(self.env, self.incremental_margin, self.currency_id),
                    spend=format_amount(self.env, self.spend, self.currency_id),
                    romi=formatLang(self.env, self.romi_pct, digits=0),
                )
            )
        elif self.spend and self.incremental_margin is False:
            sentences.append(
                self.env._("ROMI is not measurable: needs the cost of more of the goods that each group bought.")
            )
        return sentences

    def _get_effect_sentence(self):
        if self.metric == "conversion":
            return self._get_points_sentence()
        return self._get_money_sentence()

    def _get_points_sentence(self):
        numbers = dict(
            zip(
                ("low", "effect", "high"),
                map(self._format_points, (self.difference_low, self.difference, self.difference_high)),
                strict=True,
            )
        )
        if not self.is_testable:
            return self.env._(
                "The groups are too small for a test: the effect of %(effect)s points may be chance (95 %%: "
                "%(low)s to %(high)s).",
                **numbers,
            )
        if self.is_significant:
            return self.env._(
                "The effect is %(effect)s points (95 %%: %(low)s to %(high)s): more than chance.", **numbers
            )
        return self.env._(
            "The effect is %(effect)s points (95 %%: %(low)s to %(high)s): this may be chance.", **numbers
        )

    def _format_points(self, points):
        """Return points with their sign, as the reader writes numbers."""
        return f"{'-' if points < 0 else '+'}{formatLang(self.env, abs(points), digits=1)}"

    def _get_money_sentence(self):
        low, middle, high = (self[f"{self.metric}_{name}"] for name in ("low", "difference", "high"))
        if middle is False and self.revenue_difference is not False:
            return self.env._(
                "The effect on the margin is not measurable: needs the cost of more of the goods that each group "
                "bought."
            )
        if middle is False:
            return self.env._("The effect on money is not measurable: each group needs two customers at least.")
        amounts = {
            name: format_amount(self.env, value, self.currency_id)
            for name, value in (("low", low), ("effect", middle), ("high", high))
        }
        if low > 0 or high < 0:
            return self.env._(
                "The action changes a customer by %(effect)s (95 %%: %(low)s to %(high)s): more than chance.",
                **amounts,
            )
        return self.env._(
            "The action changes a customer by %(effect)s (95 %%: %(low)s to %(high)s): this may be chance.", **amounts
        )
