import { Component } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { formatInteger } from "@web/views/fields/formatters";

// the drawing in its own units; the page scales it
const WIDTH = 1000;
const LAYER = 58;
const GAP = 6;
const BREAK = 22;
const CENTRE = 458;
const HALF = 185;
const LEAST_HALF = 5;
const BAR = { x: 660, width: 200 };
// from the top: the fewer customers, the darker
const COLORS = ["#4b2e45", "#714b67", "#9a7490", "#c9aec1", "#ddcdd8", "#ece3e9"];
const PASSIVE = "#cfd4da";
// what a name may take before it meets the moves beside it, or the pyramid
const NAME_ROOM = { besideMoves: 178, alone: 240 };
const NAME_FONT = "bold 15px";

/** Returns the text, cut with an ellipsis where it is wider than its room: SVG does not cut by itself. */
function fit(text, room) {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${NAME_FONT} ${getComputedStyle(document.body).fontFamily}`;
    const isFitting = (shown) => pen.measureText(shown).width <= room;
    if (isFitting(text)) {
        return text;
    }
    const letters = [...text];
    while (letters.length > 1 && !isFitting(`${letters.join("").trimEnd()}…`)) {
        letters.pop();
    }
    return `${letters.join("").trimEnd()}…`;
}

/**
 * A pyramid: as wide as the square root of the customers of each layer, so that areas compare and one customer in a
 * hundred can still be seen; beside it the measured share of the value. The dashed outline is the earlier month.
 */
export class PyramidDrawing extends Component {
    static template = "crm_extended_analytics.PyramidDrawing";
    static props = {
        layers: { type: Array },
        label: { type: String },
        currencyId: { type: [Number, Boolean] },
        hasCompare: { type: Boolean },
        hasSatisfaction: { type: Boolean },
        onOpen: { type: Function },
    };

    get largest() {
        const { layers } = this.props;
        return Math.max(1, ...layers.flatMap(({ count, count_before }) => [count, count_before || 0]));
    }

    half(count) {
        return count ? Math.max(LEAST_HALF, HALF * Math.sqrt(count / this.largest)) : 0;
    }

    /** The layers with their place; those of customers who do not buy now lie apart below. */
    get layers() {
        let y = 34;
        let above = { now: 0, before: 0 };
        let place = 0;
        return this.props.layers.map((layer, index) => {
            const isActive = layer.role === "active";
            const previous = this.props.layers[index - 1];
            if (!isActive && previous && previous.role === "active") {
                y += BREAK;
            }
            const now = this.half(layer.count);
            const before = this.half(layer.count_before || 0);
            const drawn = {
                ...layer,
                y,
                middle: y + LAYER / 2,
                color: isActive ? COLORS[Math.min(place, COLORS.length - 1)] : PASSIVE,
                shape: this.shape(y, isActive ? above.now : now, now),
                ghost: this.shape(y, isActive ? above.before : before, before),
                bar: Math.max(0, Math.min(100, layer.share || 0)) * (BAR.width / 100),
            };
            above = { now, before };
            place += isActive ? 1 : 0;
            y += LAYER + GAP;
            return drawn;
        });
    }

    shape(y, upper, lower) {
        return [
            [CENTRE - upper, y],
            [CENTRE + upper, y],
            [CENTRE + lower, y + LAYER],
            [CENTRE - lower, y + LAYER],
        ]
            .map((point) => point.join(","))
            .join(" ");
    }

    get viewBox() {
        const last = this.layers[this.layers.length - 1];
        return `0 0 ${WIDTH} ${last ? last.y + LAYER + 8 : LAYER}`;
    }

    get bar() {
        return BAR;
    }

    get centre() {
        return CENTRE;
    }

    // ---- Texts ----

    /** Returns the name of a tier as there is room for it; the whole one is in the tooltip of its layer. */
    nameText(layer) {
        return fit(layer.name, this.props.hasCompare ? NAME_ROOM.besideMoves : NAME_ROOM.alone);
    }

    countText(layer) {
        const count = formatInteger(layer.count);
        return layer.count_share === null ? count : `${count}  (${this.percent(layer.count_share)})`;
    }

    deltaText(layer) {
        const delta = layer.count - layer.count_before;
        return delta ? `${delta > 0 ? "+" : "−"}${formatInteger(Math.abs(delta))}` : "±0";
    }

    percent(value) {
        return `${formatFloat(value, { digits: [16, value && value < 10 ? 1 : 0] })} %`;
    }

    valueText(layer) {
        const value = formatCurrency(layer.value, this.props.currencyId, { digits: [16, 0] });
        return layer.share === null ? value : `${this.percent(layer.share)}  ·  ${value}`;
    }

    satisfactionText(layer) {
        if (!layer.answers && layer.nps !== null) {
            return _t("NPS %(nps)s", { nps: formatFloat(layer.nps, { digits: [16, 0] }) });
        }
        return layer.answers
            ? _t("%(share)s satisfied (%(answers)s answers)", {
                  share: this.percent(layer.satisfied),
                  answers: layer.answers,
              })
            : "";
    }

    title(layer) {
        return _t("%(tier)s: %(count)s. Click to see them.", {
            tier: layer.name,
            count: formatInteger(layer.count),
        });
    }
}
