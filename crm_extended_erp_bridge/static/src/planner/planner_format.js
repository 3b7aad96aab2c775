import { deserializeDate, deserializeDateTime, formatDate, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";

/** Numbers and dates of the planner's page in the reader's locale; what is not there is an empty text. */
export const planFormat = {
    date(value) {
        return value ? formatDate(deserializeDate(value)) : "";
    },

    datetime(value) {
        return value ? formatDateTime(deserializeDateTime(value), { showSeconds: false }) : "";
    },

    integer(value) {
        return formatInteger(value || 0);
    },

    /** A quantity with its unit; decimals only where there are some. */
    quantity(value, unit = "") {
        return `${formatFloat(value || 0, { digits: [16, 2], trailingZeros: false })} ${unit}`.trim();
    },

    hours(value) {
        return _t("%s h", formatFloat(value || 0, { digits: [16, 1] }));
    },

    percent(value) {
        return _t("%s %", formatInteger(Math.round(value || 0)));
    },

    /** An amount without cents: nobody plans them. */
    money(value, currencyId) {
        return formatMonetary(value || 0, { currencyId, digits: [16, 0] });
    },

    daysLate(days) {
        return days === 1 ? _t("1 day late") : _t("%s days late", formatInteger(days));
    },
};
