from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL, format_date, format_list, frozendict, ormcache


class FeatureDeclaration(NamedTuple):
    """What the cache keeps of one feature: plain values, never records."""

    id: int
    key: str
    menu_ids: tuple[int, ...]
    replaced_menu_ids: tuple[int, ...]
    action_ids: tuple[int, ...]
    on_company_ids: frozenset[int]
    off_company_ids: frozenset[int]
    # companies that started the road and did not enter the stage of the feature yet; features of an archived stage
    # come with the stage behind it, at the end of the road with the last one
    waiting_company_ids: frozenset[int]


class CrmRoadmapFeature(models.Model):
    """A part of the suite that a company uses or leaves out: a menu, a tab, an automation.

    The addon that brings the feature declares it once, in its data files. Nobody edits a declaration on a
    screen; a company decides with a pin (``crm.roadmap.feature.pin``), else the shipped default holds.
    Code asks the company: ``company._has_feature("key")``.
    """

    _name = "crm.roadmap.feature"
    _inherit = ["crm.roadmap.cached.mixin"]
    _description = "Feature"
    _order = "stage_sequence, sequence, id"

    name = fields.Char(required=True, translate=True)
    key = fields.Char(
        required=True,
        help="The word by which the code asks for the feature: lower case letters, digits and underscores.",
    )
    description = fields.Text(translate=True)
    shipped_stage_id = fields.Many2one(
        comodel_name="crm.roadmap.stage",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.roadmap.stage"].search([], limit=1),
        help="The stage of adoption to which the feature belongs as shipped.",
    )
    moved_stage_id = fields.Many2one(
        comodel_name="crm.roadmap.stage",
        ondelete="set null",
        index="btree_not_null",
        help="The stage to which an implementer moved it.",
    )
    stage_id = fields.Many2one(
        comodel_name="crm.roadmap.stage",
        compute="_compute_stage_id",
        inverse="_inverse_stage_id",
        store=True,
        precompute=True,
        index=True,
        ondelete="restrict",
        help="The stage of adoption that switches the feature on. An implementer may move it to another stage.",
    )
    stage_sequence = fields.Integer(related="stage_id.sequence", store=True, string="Place of the Stage")
    sequence = fields.Integer(default=10)
    default_on = fields.Boolean(
        string="On as Shipped",
        help="Whether a company has the feature from its stage on, or at once where it did not start the road, as long "
        "as nobody decides otherwise for it.",
    )
    menu_ids = fields.Many2many(
        comodel_name="ir.ui.menu",
        relation="crm_roadmap_feature_menu_rel",
        column1="feature_id",
        column2="menu_id",
        help="Menus that show to a user when one of his allowed companies has the feature.",
    )
    replaced_menu_ids = fields.Many2many(
        comodel_name="ir.ui.menu",
        relation="crm_roadmap_feature_replaced_menu_rel",
        column1="feature_id",
        column2="menu_id",
        string="Menus It Replaces",
        help="Menus of other apps that the menus of the feature take the place of: they hide from a user when one of "
        "his allowed companies has the feature.",
    )
    action_ids = fields.Many2many(
        comodel_name="ir.actions.server",
        relation="crm_roadmap_feature_action_rel",
        column1="feature_id",
        column2="action_id",
        # who may not read server actions reads their names
        groups="base.group_system",
    )
    action_names = fields.Char(
        string="Actions",
        compute="_compute_action_names",
        compute_sudo=True,
        help="Entries of the Action menu of a list that show to a user when one of his allowed companies has the "
        "feature.",
    )
    pin_ids = fields.One2many(
        comodel_name="crm.roadmap.feature.pin",
        inverse_name="feature_id",
        string="Decisions",
    )
    is_on = fields.Boolean(
        string="On Here",
        compute="_compute_company_state",
        search="_search_is_on",
        help="Whether the current company has the feature.",
    )
    is_pinned = fields.Boolean(
        string="Decided Here",
        compute="_compute_company_state",
        search="_search_is_pinned",
        help="Whether somebody decided about the feature for the current company.",
    )
    state_note = fields.Char(
        string="Why",
        compute="_compute_company_state",
        help="Why the current company has the feature, or has it not.",
    )
    menu_note = fields.Char(
        string="Why the Menus Show",
        compute="_compute_company_state",
        help="Why the menus of a feature that is off in the current company still show.",
    )

    _key_uniq = models.Constraint("UNIQUE (key)", "A feature with this key is declared already.")
    _key_format = models.Constraint(
        "CHECK (key ~ '^[a-z][a-z0-9_]*$')",
        "The key of a feature has lower case letters, digits and underscores only.",
    )

    @api.depends("shipped_stage_id", "moved_stage_id")
    def _compute_stage_id(self):
        for feature in self:
            feature.stage_id = feature.moved_stage_id or feature.shipped_stage_id

    def _inverse_stage_id(self):
        for feature in self:
            is_moved = feature.stage_id != feature.shipped_stage_id
            feature.moved_stage_id = feature.stage_id if is_moved else False

    @api.depends("action_ids.name")
    @api.depends_context("lang")
    def _compute_action_names(self):
        for feature in self:
            feature.action_names = ", ".join(feature.action_ids.mapped("name"))

    @api.depends("pin_ids.state", "default_on", "name", "menu_ids", "stage_sequence")
    @api.depends_context("company", "lang", "uid")
    def _compute_company_state(self):
        company = self.env.company
        pins = self.env["crm.roadmap.feature.pin"].search(
            [("feature_id", "in", self.ids), ("company_id", "=", company.id)]
        )
        pin_by_feature = {pin.feature_id: pin for pin in pins}
        for feature in self:
            pin = pin_by_feature.get(feature._origin, pins.browse())
            feature.is_pinned = bool(pin)
            feature.is_on = pin.state == "on" if pin else feature._is_on_by_default(company)
            feature.state_note = feature._get_state_note(company, pin)
            feature.menu_note = feature._get_menu_note(company)

    def _get_state_note(self, company, pin):
        """Return the sentence that explains the state of the feature in ``company``."""
        self.ensure_one()
        if not pin:
            return self._get_shipped_note(company)
        # `sudo`: the decision may be that of a user whom the reader cannot open, his name is no secret
        names = {
            "company": company.name,
            "user": pin.write_uid.sudo().name,
            "date": format_date(self.env, pin.write_date),
        }
        if self.is_on:
            return self.env._("Switched on for %(company)s by %(user)s on %(date)s.", **names)
        return self.env._("Switched off for %(company)s by %(user)s on %(date)s.", **names)

    def _get_shipped_note(self, company):
        """Return the sentence about a feature that nobody decided about."""
        has_started = bool(self.env["crm.roadmap.step"]._get_current(company))
        if not self.default_on:
            return self.env._("Off in %(company)s: it is only switched on by a decision.", company=company.name)
        if not has_started:
            return self.env._("On in %(company)s, as shipped.", company=company.name)
        if self.is_on:
            return self.env._("On in %(company)s since %(stage)s.", company=company.name, stage=self.stage_id.name)
        return self.env._("Comes in %(company)s with %(stage)s.", company=company.name, stage=self.stage_id.name)

    def _get_menu_note(self, company):
        """Return the sentence that explains menus that the reader still sees, or False when there is nothing to."""
        self.ensure_one()
        # `sudo`: menus that the reader himself may not see count too
        if self.is_on or not self.sudo().menu_ids:
            return False
        elsewhere_ids = [
            company_id
            for company_id in self.env.user._get_company_ids()
            if company_id != company.id and self._get_company_states(company_id).get(self.key)
        ]
        if not elsewhere_ids:
            return False
        # `sudo`: companies of the reader that he has not selected at the moment
        names = self.env["res.company"].sudo().browse(elsewhere_ids).mapped("name")
        return self.env._(
            "You still see its menus, because the feature is on in %(companies)s.",
            companies=format_list(self.env, names),
        )

    def _search_is_on(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = self._get_company_states(self.env.company.id)
        keys = [key for key, is_on in states.items() if is_on in value]
        return [("key", "in", keys)]

    def _search_is_pinned(self, operator, value):
        if operator != "in":
            return NotImplemented
        company_id = self.env.company.id
        ids = [
            declared.id
            for declared in self._get_declarations()
            if (company_id in declared.on_company_ids | declared.off_company_ids) in value
        ]
        return [("id", "in", ids)]

    def write(self, vals):
        # a declaration is the addon's: on a screen it can only be moved to another stage
        if not self.env.su and not set(vals) <= {"stage_id", "moved_stage_id"}:
            raise AccessError(self.env._("Features are declared by the addons. Only their stage can be changed here."))
        return super().write(vals)

    def action_switch_on(self):
        """Pin the features on for the current company."""
        return self._pin("on")

    def action_switch_off(self):
        """Pin the features off for the current company."""
        return self._pin("off")

    def action_as_shipped(self):
        """Remove the decision of the current company: the shipped default holds again."""
        self._get_company_pins(self.env.company).unlink()
        return self._get_refresh_action()

    @api.model
    def _after_switch(self, switched):
        """Catch up on what features missed while they were off: the extension point of addons that keep rows.

        :param switched: ``{key of a feature: companies that have it from now on, and had it not before}``
        """

    def _pin(self, state):
        """Keep one decision per feature for the current company; ``state`` is 'on' or 'off'."""
        company = self.env.company
        pins = self._get_company_pins(company)
        pins.filtered(lambda pin: pin.state != state).state = state
        pins.create(
            [{"feature_id": feature.id, "company_id": company.id, "state": state} for feature in self - pins.feature_id]
        )
        return self._get_refresh_action()

    def _get_company_pins(self, company):
        return self.env["crm.roadmap.feature.pin"].search(
            [("feature_id", "in", self.ids), ("company_id", "=", company.id)]
        )

    def _get_refresh_action(self):
        """Reload the page when menus or actions come or go: the browser keeps those of the last load."""
        # `sudo`: those that the reader himself may not see count too
        shown = self.sudo()
        if shown.menu_ids or shown.replaced_menu_ids or shown.action_ids:
            return {"type": "ir.actions.client", "tag": "reload"}
        return True

    def _is_on_by_default(self, company):
        """Return whether ``company`` has the feature when it has no pin of its own.

        It has those that are shipped as on, of the stages which it entered; a company that did not start the road
        has all of them. The answer is cached per company: whoever makes it depend on more clears the registry cache
        when that changes.
        """
        self.ensure_one()
        return self.default_on and company.id not in self._get_declaration().waiting_company_ids

    @api.model
    def _is_feature_on(self, key, company):
        """Return whether ``company`` has the feature ``key``.

        :raises ValueError: when no installed addon declares the key
        """
        states = self._get_company_states(company.id)
        if key not in states:
            raise ValueError(
                f"Feature {key!r} is not declared: "
                f"add a crm.roadmap.feature record with this key to the data of the addon that brings it."
            )
        return states[key]

    @api.model
    @ormcache("company_id")
    def _get_company_states(self, company_id):
        """Return ``{key: is on}`` of every declared feature for one company."""
        declarations = self._get_declarations()
        company = self.env["res.company"].browse(company_id)
        # `sudo`: everybody's code asks for features, only implementers may read the registry
        features = self.sudo().browse([declared.id for declared in declarations])
        states = {}
        for declared, feature in zip(declarations, features, strict=True):
            if company_id in declared.on_company_ids:
                states[declared.key] = True
            elif company_id in declared.off_company_ids:
                states[declared.key] = False
            else:
                states[declared.key] = feature._is_on_by_default(company.sudo())
        return frozendict(states)

    @api.model
    @ormcache("company_ids")
    def _get_hidden_menu_ids(self, company_ids):
        """Return the menus that ``company_ids`` (a frozenset of ids) have no use for.

        Those whose features are all off in all of the companies, and those that a feature which is on replaces.
        """
        return self._get_hidden_ids(company_ids, "menu_ids", "replaced_menu_ids")

    @api.model
    @ormcache("company_ids")
    def _get_hidden_action_ids(self, company_ids):
        """Return the actions whose features are all off in all of the companies, a frozenset of ids."""
        return self._get_hidden_ids(company_ids, "action_ids")

    @api.model
    def _get_hidden_ids(self, company_ids, name, replaced_name=None):
        """Return what companies have no use for: what only features that are off bring, or one that is on replaces.

        :param name, replaced_name: of the declarations, what a feature brings and what it replaces
        """
        declared_ids, shown, replaced = set(), set(), set()
        for declared in self._get_declarations():
            own = getattr(declared, name)
            others = getattr(declared, replaced_name) if replaced_name else ()
            declared_ids.update(own)
            if (own or others) and any(self._get_company_states(found)[declared.key] for found in company_ids):
                shown.update(own)
                replaced.update(others)
        return frozenset(declared_ids - shown | replaced)

    def _get_declaration(self):
        """Return what the cache keeps of the feature."""
        self.ensure_one()
        return next(declared for declared in self._get_declarations() if declared.id == self.id)

    @api.model
    @ormcache()
    def _get_declarations(self):
        """Return the whole registry, pins of all companies included, read with one query.

        It is read where the user logs in and the menus load, so it must not cost a query per table, nor per
        company: the features are few and the answer is kept until one of them changes.
        """
        pins = self.env["crm.roadmap.feature.pin"]
        self.flush_model(["key", "sequence", "menu_ids", "replaced_menu_ids", "action_ids", "stage_id"])
        pins.flush_model(["feature_id", "company_id", "state"])
        self.env["crm.roadmap.step"].flush_model(["company_id", "stage_id", "left_on"])
        self.env["crm.roadmap.stage"].flush_model(["sequence", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT feature.id,
                       feature.key,
                       ARRAY(SELECT rel.menu_id FROM %(menus)s rel WHERE rel.feature_id = feature.id),
                       ARRAY(SELECT rel.menu_id FROM %(replaced)s rel WHERE rel.feature_id = feature.id),
                       ARRAY(SELECT rel.action_id FROM %(actions)s rel WHERE rel.feature_id = feature.id),
                       ARRAY(SELECT pin.company_id FROM %(pins)s pin
                              WHERE pin.feature_id = feature.id AND pin.state = 'on'),
                       ARRAY(SELECT pin.company_id FROM %(pins)s pin
                              WHERE pin.feature_id = feature.id AND pin.state = 'off'),
                       ARRAY(SELECT step.company_id
                               FROM crm_roadmap_step step JOIN crm_roadmap_stage entered ON entered.id = step.stage_id
                              WHERE step.left_on IS NULL
                              GROUP BY step.company_id
                             HAVING MAX(ARRAY[entered.sequence, entered.id]) < LEAST(
                                    ARRAY[stage.sequence, stage.id],
                                    (SELECT MAX(ARRAY[last.sequence, last.id])
                                       FROM crm_roadmap_stage last WHERE last.active)))
                  FROM %(features)s feature JOIN crm_roadmap_stage stage ON stage.id = feature.stage_id
              ORDER BY feature.sequence, feature.id
                """,
                menus=SQL.identifier(self._fields["menu_ids"].relation),
                replaced=SQL.identifier(self._fields["replaced_menu_ids"].relation),
                actions=SQL.identifier(self._fields["action_ids"].relation),
                pins=SQL.identifier(pins._table),
                features=SQL.identifier(self._table),
            )
        )
        return tuple(
            FeatureDeclaration(
                feature_id, key, tuple(menus), tuple(replaced), tuple(actions), *map(frozenset, companies)
            )
            for feature_id, key, menus, replaced, actions, *companies in rows
        )
