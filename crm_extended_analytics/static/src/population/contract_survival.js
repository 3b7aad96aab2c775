import { registry } from "@web/core/registry";

import { PopulationChart } from "./population_chart";

const MODEL_COLOR = "#d44c59";

/**
 * Contracts still there after each year: as seen, beside the model and its forecast.
 */
export class ContractSurvival extends PopulationChart {
    static body = "crm_extended_analytics.ContractSurvival";
    static hasLegend = true;

    getRange(data, color) {
        const years = [...data.seen, ...data.model].map(([year]) => year);
        return { min: 0, max: Math.max(1, ...years), ticks: { color, stepSize: 1 } };
    }

    getHeight() {
        return { min: 0, max: 100 };
    }

    getDatasets(data, line) {
        const points = (rows) => rows.map(([x, y]) => ({ x, y }));
        const seen = {
            label: data.seen_label,
            data: points(data.seen),
            borderColor: line,
            backgroundColor: line,
            stepped: true,
            pointRadius: 3,
        };
        const model = {
            label: data.model_label,
            data: points(data.model),
            borderColor: MODEL_COLOR,
            backgroundColor: MODEL_COLOR,
            borderDash: [6, 4],
            pointRadius: 2,
        };
        return data.model.length ? [seen, model] : [seen];
    }
}

registry.category("actions").add("crm_contract_survival", ContractSurvival);
