// The spectrum of the chosen layer, drawn live where its still picture stands.
import { createChart } from "../chart.js";
import { segmented } from "../controls.js";
import { h } from "../dom.js";
import { countedRows, countedSpec } from "./heights.js";
import { rowsOf } from "./read.js";
import { createZoom } from "./zoom.js";

/** @typedef {{ embed: import("../types").Embed, root: HTMLElement, tip: import("../tip").Tip, signal: AbortSignal, data: import("./read.js").PageData, said: (text: string) => void }} Context */

const BOTH = [{ value: "log", label: "log" }, { value: "linear", label: "linear" }];
const HEIGHTS = [{ value: "density", label: "density" }, { value: "count", label: "count" }];
const HINT = "Drag over the spectrum to zoom in, double-click to see all; Ctrl and scroll works too. A triangle is a trap: click it.";

/** @param {Context} context @param {(trap: import("../types").TrapKey) => void} chooseTrap */
export function createSpectrum(context, chooseTrap) {
  const { data, signal, said } = context;
  const zoom = createZoom({ signal, said });
  const chart = createChart({ ...context, prepared: zoom.prepared }, chooseTrap);
  const state = { x: "log", y: "linear", height: "density" };
  /** @type {{ place: number, trap: import("../types").TrapKey | null }} */
  let wanted = { place: 0, trap: null };
  const store = /** @type {any} */ ({
    /** @param {Partial<typeof state>} changes */
    async patch(changes) {
      const keeps = !("x" in changes);
      Object.assign(state, changes);
      await draw(keeps);
      return "";
    },
  });
  const looks = [
    segmented({ store, signal }, { key: "x", label: "λ axis", choices: BOTH }),
    segmented({ store, signal }, { key: "y", label: "Height", choices: BOTH }),
    segmented({ store, signal }, { key: "height", label: "Bars show", choices: HEIGHTS }),
  ];
  const element = h("div", { class: "live-spectrum" }, h("div", { class: "tools" }, ...looks.map((look) => look.element), zoom.element), chart.element, h("p", { class: "hint" }, HINT));

  const chartOf = () => {
    const layer = data.layers[wanted.place - 1];
    if (!layer) return null;
    const { spec, rows } = layer.axes[`${state.x} ${state.y}`];
    const { trap } = wanted;
    const perBin = layer.per_bin[state.x];
    const datasets = rowsOf(rows, data.columns);
    for (const row of datasets.traps ?? []) row.selected = row.trap_seed === trap?.seed && row.trap_index === trap?.index;
    const counts = state.height === "count" && perBin;
    return {
      spec: counts ? countedSpec(data.specs[spec]) : data.specs[spec],
      datasets: counts ? countedRows(datasets, perBin) : datasets,
      alt: layer.alt,
    };
  };

  /** @param {boolean} keeps whether the part in sight stays */
  async function draw(keeps) {
    const next = chartOf();
    element.hidden = !next;
    if (!next) return;
    for (const look of looks) look.sync(state);
    zoom.expect({ datasets: next.datasets, x: state.x, y: state.y }, keeps);
    await chart.show(next);
    await zoom.settle();
  }

  return {
    element,
    /** @param {number} place @param {import("../types").TrapKey | null} trap */
    show(place, trap) {
      const keeps = place === wanted.place;
      wanted = { place, trap };
      return draw(keeps);
    },
    redraw: async () => {
      await chart.redraw();
      await zoom.settle();
    },
  };
}
