import { Component, onWillStart, useState } from "@odoo/owl";

import { returnedAction } from "@crm_extended/core/returned_action";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const PAGE = "crm.roadmap.page";
const RADIUS = 42;
const AROUND = 2 * Math.PI * RADIUS;

/**
 * The road of a company: its stages with how much of each is reached, the criteria that are missing, and what the
 * next stage switches on. Every criterion opens the records that make it fail.
 */
export class Roadmap extends Component {
    static template = "crm_extended.Roadmap";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.ui = useService("ui");
        this.display = { controlPanel: {} };
        this.around = AROUND;
        this.radius = RADIUS;
        this.state = useState({ page: null, chosen: false });
        onWillStart(() => this.load());
    }

    get page() {
        return this.state.page;
    }

    async load() {
        this.state.page = await this.orm.call(PAGE, "get_board", []);
    }

    /** Return the stage whose criteria are shown: the one that was clicked, else where the company is. */
    get stage() {
        const { stages } = this.page;
        return (
            stages.find(({ id }) => id === this.state.chosen) ||
            stages.find(({ place }) => place === "here") ||
            stages[0]
        );
    }

    get nextStage() {
        return this.page.gate && this.page.stages.find(({ id }) => id === this.page.gate.stage_id);
    }

    choose(stage) {
        this.state.chosen = stage.id;
    }

    // ---- Actions ----

    async measure() {
        this.ui.block();
        try {
            await this.orm.call(PAGE, "measure", []);
            await this.load();
        } finally {
            this.ui.unblock();
        }
    }

    async enter() {
        if (!this.page.gate.is_open) {
            return this.action.doAction("crm_extended.crm_roadmap_override_action");
        }
        await this.orm.call("crm.roadmap.step", "enter_next", [], { stage_id: this.page.gate.stage_id });
        return this.action.doAction("reload");
    }

    async signOff() {
        await this.orm.call("crm.roadmap.step", "action_sign_off", [[this.stage.step_id]]);
        return this.load();
    }

    async goBack() {
        return this.action.doAction(
            await this.orm.call("crm.roadmap.step", "action_go_back", [[this.stage.step_id]])
        );
    }

    async openStep(step) {
        const action = await this.orm.call("crm.roadmap.onboarding", "open_step", [step.id]);
        return this.action.doAction(returnedAction(action), { onClose: () => this.load() });
    }

    async closeOnboarding() {
        await this.orm.call("crm.roadmap.onboarding", "close", []);
        return this.load();
    }

    async openFailing(criterion) {
        const action = await this.orm.call("crm.roadmap.criterion", "action_open_failing", [[criterion.id]]);
        return this.action.doAction(returnedAction(action));
    }

    openCriterion(criterion) {
        return this.openRecord("crm.roadmap.criterion", criterion.id);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    open(action) {
        return this.action.doAction(`crm_extended.${action}`);
    }

    /** Odoo makes a PDF where it can, else it shows the page to be printed from the browser. */
    print() {
        return this.action.doAction("crm_extended.crm_roadmap_report", {
            additionalContext: { active_ids: [this.page.company_id], active_id: this.page.company_id, active_model: "res.company" },
        });
    }

    // ---- Texts ----

    dash(stage) {
        return `${((stage.progress || 0) / 100) * AROUND} ${AROUND}`;
    }

    percent(value) {
        return value === null ? "–" : `${Math.round(value)} %`;
    }

    placeText(stage) {
        return {
            done: _t("Entered"),
            here: _t("You are here"),
            next: _t("Next"),
            later: _t("Later"),
        }[stage.place];
    }

    stateIcon(criterion) {
        return {
            passed: "fa-check-circle text-success",
            tolerated: "fa-check-circle text-warning",
            failed: "fa-times-circle text-danger",
            unknown: "fa-question-circle text-muted",
            new: "fa-circle-o text-muted",
        }[criterion.state];
    }

    stateText(criterion) {
        return {
            passed: _t("Reached"),
            tolerated: _t("Within tolerance"),
            failed: _t("Not reached"),
            unknown: _t("Not measurable"),
            new: _t("Not measured yet"),
        }[criterion.state];
    }

    variableIcon(variable) {
        return { people: "fa-users", technology: "fa-database", process: "fa-random" }[variable.code];
    }

    progressClass(progress) {
        return progress === null ? "" : progress >= 80 ? "bg-success" : progress >= 50 ? "bg-warning" : "bg-danger";
    }

    reachedText(stage) {
        return _t("%(reached)s of %(all)s criteria", { reached: stage.reached, all: stage.criteria.length });
    }
}

registry.category("actions").add("crm_extended.roadmap", Roadmap);
