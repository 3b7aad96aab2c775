from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list

FEATURE = "segments"
MODULE = "crm_extended_analytics"
# in the xml ids of what is for show, and of the copies for companies
OF_COMPANY = "_of_company_"
NOT_SHIPPED = ("_demo_", OF_COMPANY)
# days of the trend beside the size
TREND_DAYS = 90


class CrmSegment(models.Model):
    """Customers who have something in common: a saved rule, a cluster that was found, or a list made by hand.

    A segment is of a company and is evaluated for it, not for whoever looks: its size and its members are the same for
    everybody, and each reader sees those of its members whose customers he may see. Members are kept as rows, so that
    reading, counting and addressing a segment costs the same whatever its rule is.
    """

    _name = "crm.segment"
    _inherit = ["crm.segment.engine", "crm.segment.use.mixin", "crm.segment.cluster.words", "mail.thread"]
    _description = "Segment of Customers"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True, help="What the segment is for, in your words.")
    study_notes = fields.Html(
        help="What visits, interviews and observation say of such customers: the hypothesis that the rules put into "
        "numbers, with its source and day.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(comodel_name="res.users", string="Responsible", default=lambda self: self.env.user)
    method = fields.Selection(
        selection=[("rule", "By rules"), ("cluster", "Found by clustering"), ("list", "List made by hand")],
        string="Made",
        default="rule",
        required=True,
        help="By rules: whoever meets them. Found by clustering: who resemble each other. List: whom you add.",
    )
    is_dynamic = fields.Boolean(
        string="Dynamic",
        default=True,
        help="Dynamic: customers come in and leave every night and after each scoring of all customers. Otherwise the "
        "segment stays as it was on the day on which it was frozen.",
    )
    rule_ids = fields.One2many(comodel_name="crm.segment.rule", inverse_name="segment_id", string="Rules", copy=True)
    rules_text = fields.Text(
        string="In Words",
        compute="_compute_rules_text",
        help="The rules as a sentence, or what sets the cluster apart.",
    )
    member_ids = fields.One2many(comodel_name="crm.segment.member", inverse_name="segment_id", string="Members")
    member_count = fields.Integer(
        string="Customers",
        readonly=True,
        copy=False,
        help="Customers of the segment at the last refresh, whoever may see them.",
    )
    history_ids = fields.One2many(comodel_name="crm.segment.history", inverse_name="segment_id")
    change_30 = fields.Integer(
        string="In 30 Days",
        compute="_compute_trend",
        help="Customers now - customers at the last refresh that is 30 days old or older, or at the first one.",
    )
    trend = fields.Json(compute="_compute_trend", help="Sizes after the refreshes of the last 90 days.")
    date_refreshed = fields.Datetime(string="Refreshed", readonly=True, copy=False)
    is_stale = fields.Boolean(
        string="Rules Changed", default=True, readonly=True, copy=False, help="Since the last refresh."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("rule_ids", "rule_ids.sentence", "rule_ids.alternative", "method", "cluster_profile")
    @api.depends_context("lang")
    def _compute_rules_text(self):
        for segment in self:
            if segment.method != "rule":
                is_cluster = segment.method == "cluster"
                segment.rules_text = "\n".join(segment._get_cluster_sentences()) if is_cluster else False
                continue
            sentences = [
                format_list(self.env, rules.mapped("sentence"))
                for _alternative, rules in sorted(segment.rule_ids.grouped("alternative").items())
            ]
            lines = sentences[:1] + [self.env._("or: %(rules)s", rules=rules) for rules in sentences[1:]]
            segment.rules_text = "\n".join(line[:1].upper() + line[1:] for line in lines)

    @api.depends("member_count", "history_ids.size")
    def _compute_trend(self):
        today = fields.Date.context_today(self)
        rows = self.env["crm.segment.history"].search_fetch(
            [("segment_id", "in", self.ids), ("date", ">=", fields.Date.subtract(today, days=TREND_DAYS))],
            ["segment_id", "date", "size"],
            order="date",
        )
        by_segment = rows.grouped("segment_id")
        month_ago = fields.Date.subtract(today, days=30)
        for segment in self:
            history = by_segment.get(segment, rows.browse())
            before = history.filtered(lambda row: row.date <= month_ago)[-1:] or history[:1]
            segment.trend = history.mapped("size")
            segment.change_30 = segment.member_count - before.size if before else 0

    @api.constrains("method", "cluster_id")
    def _check_method(self):
        for segment in self:
            if (segment.method == "cluster") != bool(segment.cluster_id):
                raise ValidationError(
                    self.env._("Segments of clusters are made by a clustering: CRM > Reporting > Segments > Clusters.")
                )

    # ------------------------------------------------------------------
    # Members
    # ------------------------------------------------------------------
    def _get_members_sql(self):
        """Return SQL of the ids of the customers of the segments, as of the last refresh."""
        self.env["crm.segment.member"].flush_model()
        return SQL("SELECT partner_id FROM crm_segment_member WHERE segment_id = ANY(%s)", self.ids)

    def _get_partner_ids(self):
        """Return the ids of the customers of the segments, sorted; whoever may see them."""
        rows = self.env.execute_query(SQL("SELECT DISTINCT partner_id FROM (%s) member", self._get_members_sql()))
        return sorted(partner for (partner,) in rows)

    @api.model
    def _create_from_partners(self, name, partners, company):
        """Create a list of the commercial entities of contacts.

        :return: the segment, which needs no refresh
        :raise UserError: where the company leaves segments out; the menu of a list offers them all the same
        """
        if not company._has_feature(FEATURE):
            raise UserError(
                self.env._(
                    "%(company)s does not use segments. Switch them on under CRM > Configuration > Features.",
                    company=company.name,
                )
            )
        segment = self.create({"name": name, "company_id": company.id, "method": "list", "is_dynamic": False})
        segment._add_partners(partners)
        return segment

    def _add_partners(self, partners):
        """Add the commercial entities of contacts to a list; who is in it stays as he is."""
        self.ensure_one()
        self.check_access("write")
        customers = partners.commercial_partner_id
        self._replace_members(
            SQL("SELECT id AS partner_id FROM res_partner WHERE id = ANY(%s)", customers.ids), keep=True
        )

    def _check_is_list(self):
        """Raise unless members are added and taken out by hand."""
        other = self.filtered(lambda segment: segment.method != "list")[:1]
        if other:
            raise UserError(
                self.env._(
                    "The customers of %(segment)s are found, not added by hand. Make a segment of the kind "
                    '"List made by hand" instead.',
                    segment=other.display_name,
                )
            )

    def _is_profiling(self):
        """Return whether the segment rests on what customers do, not only on what is known of them."""
        self.ensure_one()
        is_by_behaviour = self.method == "rule" and any(rule.kind != "contact" for rule in self.rule_ids)
        return self.method == "cluster" or is_by_behaviour

    def _refresh(self, day=None):
        """Find the members of the segments by rules again, and note who came and who left.

        :param day: the day of the measures, by default today
        """
        for segment in self.filtered(lambda segment: segment.method == "rule"):
            segment._replace_members(segment._get_evaluation(), day=day)
            # `sudo`: as the size, which the engine writes too
            segment.sudo().is_stale = False

    @api.model
    def _refresh_company(self, company, day=None):
        """Refresh the dynamic segments of a company that uses them."""
        if company._has_feature(FEATURE):
            domain = [("company_id", "=", company.id), ("method", "=", "rule"), ("is_dynamic", "=", True)]
            self.search(domain)._refresh(day)

    @api.model
    def _follow_run(self, run):
        """Queue the refresh after a scoring of changed customers: a job, whose faults are none of the run."""
        company = run.company_id
        if company._has_feature(FEATURE):
            self.with_delay(
                identity_key=f"crm.segment-refresh-{company.id}",
                description=self.env._("Segments of %(company)s", company=company.name),
            )._refresh_company(company, day=run.as_of)

    @api.model
    def _cron_refresh(self):
        """Refresh the dynamic segments of all companies: contacts and tiers change without a scoring."""
        for company in self.env["res.company"].search([("active", "=", True)]):
            self.with_company(company)._refresh_company(company)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _copy_examples(self, companies=None):
        """Give companies, all by default, the shipped segments that they have not got.

        A segment is of one company, so each has copies of its own, with xml ids of their own: an update brings what is
        new, and what was deleted, to all companies alike. Archive what is not wanted.
        """
        if companies is None:
            companies = self.env["res.company"].search([("active", "=", True)])
        known = self.env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", self._name)])
        found = {row.name: row.res_id for row in known}
        shipped = {name: res_id for name, res_id in found.items() if not any(word in name for word in NOT_SHIPPED)}
        examples = self.with_context(active_test=False).browse(shipped.values()).exists()
        names = {res_id: name for name, res_id in shipped.items()}
        rows = []
        for company in companies - examples.company_id:
            for example in examples:
                name = f"{names[example.id]}{OF_COMPANY}{company.id}"
                if name not in found:
                    rows.append({"xml_id": f"{MODULE}.{name}", "record": example._copy_to(company), "noupdate": True})
        self.env["ir.model.data"]._update_xmlids(rows)

    def _copy_to(self, company):
        """Return the copy of an example for a company, which may have one of before that has no xml id."""
        self.ensure_one()
        there = self.with_context(active_test=False, lang="en_US").search(
            [("company_id", "=", company.id), ("name", "=", self.with_context(lang="en_US").name)], limit=1
        )
        return there or self.copy({"company_id": company.id})

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_refresh(self):
        """Find the members again now, also those of a segment that is frozen."""
        self.check_access("write")
        self._refresh()

    def action_open_members(self):
        """Show the customers of the segment whom the reader may see."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_extended_analytics.crm_segment_member_action")
        name = self.env._("Customers of %(segment)s", segment=self.name)
        return action | {
            "name": name,
            "display_name": name,
            "domain": [("segment_id", "=", self.id)],
            "context": {"default_segment_id": self.id},
        }
