import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// size of the line, in its own units
const LINE = { width: 90, height: 18 };

/**
 * The sizes of a segment as a small line; what is there is drawn from its lowest to its highest size.
 */
export class SegmentTrend extends Component {
    static template = "crm_extended_analytics.SegmentTrend";
    static props = { ...standardFieldProps };

    get sizes() {
        return this.props.record.data[this.props.name] || [];
    }

    get points() {
        const low = Math.min(...this.sizes);
        const range = Math.max(...this.sizes) - low || 1;
        const step = LINE.width / Math.max(this.sizes.length - 1, 1);
        return this.sizes
            .map((size, index) => `${index * step},${LINE.height - ((size - low) / range) * LINE.height}`)
            .join(" ");
    }

    get title() {
        return _t("From %(low)s to %(high)s customers", {
            low: formatInteger(Math.min(...this.sizes)),
            high: formatInteger(Math.max(...this.sizes)),
        });
    }
}

/**
 * A change with its sign.
 */
export class SegmentChange extends Component {
    static template = "crm_extended_analytics.SegmentChange";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.value ? `${this.value > 0 ? "+" : ""}${formatInteger(this.value)}` : "–";
    }
}

registry.category("fields").add("segment_trend", { component: SegmentTrend, supportedTypes: ["json"] });
registry.category("fields").add("segment_change", { component: SegmentChange, supportedTypes: ["integer"] });
