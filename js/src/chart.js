// One Vega chart: embedded once, fed through the View API, embedded again only when the spec or the theme changes.
import { h } from "./dom.js";
import { fittingStep, isFluid, layerOf, legendColumns, pageSpec, trapOf } from "./spec.js";
import { chartConfig } from "./theme.js";

const ERRORS_ONLY = 1;
const HIDDEN_MS = [50, 150, 400, 1000, 3000, 8000];

/** @typedef {{ view: any, element: HTMLElement, key: string, fluid: boolean, step: number | null, finalize(): void }} Drawn */

/** @param {any} spec */
const squareStep = ({ width, height }) => (width?.step && width.step === height?.step ? width.step : null);

/**
 * @param {{ embed: import("./types").Embed, root: HTMLElement, tip: import("./tip").Tip, signal: AbortSignal, prepared?: (view: any, place: HTMLElement) => void }} context `prepared` gets every fresh view
 * @param {(trap: import("./types").TrapKey) => void} [chosen]
 * @param {(layer: string) => void} [pick] what a press on the mark of a layer does
 */
export function createChart({ embed, root, tip, signal, prepared }, chosen, pick) {
  const place = h("div", { class: "sw-chart-place" });
  const problem = h("p", { class: "sw-error", role: "alert", hidden: true });
  const element = h("figure", { class: "sw-chart", role: "figure", hidden: true }, place, problem);
  /** @type {Drawn | null} */
  let drawn = null;
  /** @type {import("./types").Chart | null} */
  let wanted = null;
  let busy = false;
  /** @type {import("./types").Chart | null} */
  let last = null;
  let shownColumns = 0;

  const remove = () => {
    drawn?.finalize();
    drawn?.element.remove();
    drawn = null;
  };

  /** @param {any} view */
  const wire = (view) => {
    view.addEventListener("click", (/** @type {any} */ _event, /** @type {any} */ item) => {
      const [trap, layer] = [trapOf(item), layerOf(item)];
      if (trap) chosen?.(trap);
      else if (layer) pick?.(layer);
    });
    view.addEventListener("mouseover", (/** @type {any} */ _event, /** @type {any} */ item) => place.classList.toggle("sw-clickable", Boolean((chosen && trapOf(item)) || (pick && layerOf(item)))));
    view.addEventListener("mouseout", () => place.classList.remove("sw-clickable"));
  };

  /** @param {import("./types").Chart} chart @param {string} key @param {number} columns */
  const draw = async (chart, key, columns) => {
    const fresh = h("div", { class: "sw-chart-fresh" });
    place.append(fresh);
    const result = await embed(fresh, pageSpec(chart, chartConfig(root), columns), {
      mode: "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false, logLevel: ERRORS_ONLY, tooltip: tip.forChart,
    }).catch((error) => {
      fresh.remove();
      throw error;
    });
    remove();
    fresh.classList.remove("sw-chart-fresh");
    drawn = { view: result.view, element: fresh, key, fluid: isFluid(chart.spec), step: squareStep(chart.spec), finalize: () => result.finalize() };
    wire(result.view);
    prepared?.(result.view, fresh);
    await fitCells();
  };

  /** A heat map's cells shrink with the place, so that its words do not. */
  const fitCells = async () => {
    const outer = Number(drawn?.element.querySelector("svg")?.getAttribute("width"));
    const room = place.clientWidth;
    if (!drawn?.step || !outer || !room) return;
    const { view, step: wanted } = drawn;
    const step = view.signal("x_step");
    const next = fittingStep({ wanted, step, inner: view.width(), outer, room });
    if (next !== step) await view.signal("x_step", next).signal("y_step", next).runAsync();
  };

  /** @param {import("./types").Chart} chart */
  const swap = async (chart) => {
    for (const [name, rows] of Object.entries(chart.datasets)) drawn?.view.data(name, structuredClone(rows));
    drawn?.view.description?.(chart.alt);
    await drawn?.view.runAsync();
    await fitCells();
  };

  const settle = async () => {
    if (busy) return;
    busy = true;
    while (wanted && !signal.aborted) {
      const chart = wanted;
      wanted = null;
      const columns = legendColumns(place.clientWidth);
      const key = `${root.dataset.theme} ${columns} ${JSON.stringify(chart.spec)} ${Object.keys(chart.datasets).sort()}`;
      try {
        if (drawn?.key === key) await swap(chart);
        else await draw(chart, key, columns);
        shownColumns = columns;
        problem.hidden = true;
      } catch (error) {
        problem.textContent = `This chart could not be drawn: ${/** @type {Error} */ (error).message}`;
        problem.hidden = false;
      }
    }
    busy = false;
    if (signal.aborted) remove();
    else fitLater(HIDDEN_MS);
  };

  /** A host that hides the page for a moment, say to change its theme, does not always let the observer see it. @param {number[]} waits */
  const fitLater = ([wait, ...waits]) => {
    if (signal.aborted) return;
    if (place.clientWidth > 0 || wait === undefined) fit();
    else setTimeout(fitLater, wait, waits);
  };

  const redraw = () => {
    wanted = last;
    return settle();
  };

  const fit = () => {
    const width = place.clientWidth;
    if (drawn?.fluid && width > 0 && Math.abs(drawn.view.width() - width) > 1) drawn.view.width(width).runAsync();
    fitCells();
    if (drawn && width > 0 && legendColumns(width) !== shownColumns) redraw();
  };
  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => requestAnimationFrame(fit));
  observer?.observe(place);
  signal.addEventListener("abort", () => {
    observer?.disconnect();
    if (!busy) remove();
  });

  return {
    element,
    /** @param {import("./types").Chart | null | undefined} chart */
    show(chart) {
      last = chart ?? null;
      element.hidden = !chart;
      if (!chart) return Promise.resolve();
      element.setAttribute("aria-label", chart.alt);
      wanted = chart;
      return settle();
    },
    redraw,
  };
}
