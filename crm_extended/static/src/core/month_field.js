import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DateTimeField, dateField } from "@web/views/fields/datetime/datetime_field";

const MONTH_FORMAT = { month: "short", year: "numeric" };
const MONTH_WIDTH = 85;

/** A date that stands for its month, such as "Nov 2026": the day is always the first, and the year is never left out. */
export class MonthField extends DateTimeField {
    getFormattedValue(valueIndex) {
        const value = this.values[valueIndex];
        return value ? value.toLocaleString(MONTH_FORMAT) : "";
    }
}

export const monthField = {
    ...dateField,
    component: MonthField,
    displayName: _t("Month"),
    listViewWidth: () => MONTH_WIDTH,
};

registry.category("fields").add("month", monthField);
