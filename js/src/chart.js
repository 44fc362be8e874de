// One Vega chart: embedded once, fed through the View API, embedded again only when the spec or the theme changes.
import { h } from "./dom.js";
import { createFeed } from "./feed.js";
import { fittingStep, isFluid, layerOf, legendColumns, pageSpec, trapOf } from "./spec.js";
import { chartConfig } from "./theme.js";

const ERRORS_ONLY = 1;
const HIDDEN_MS = [50, 150, 400, 1000, 3000, 8000];

/** @typedef {{ view: any, feed: ReturnType<typeof createFeed>, element: HTMLElement, key: string, fluid: boolean, step: number | null, finalize(): void }} Drawn */

/** @param {any} spec */
const squareStep = ({ width, height }) => (width?.step && width.step === height?.step ? width.step : null);

/**
 * @param {{ embed: import("./types").Embed, root: HTMLElement, tip: import("./tip").Tip, signal: AbortSignal, prepared?: (view: any, place: HTMLElement) => void, marksAreRead?: boolean }} context `prepared` gets every fresh view; marks are described one by one unless the chart's own words do
 * @param {(trap: import("./types").TrapKey) => void} [chosen]
 * @param {(layer: string) => void} [pick] what a press on the mark of a layer does
 */
export function createChart({ embed, root, tip, signal, prepared, marksAreRead = true }, chosen, pick) {
  const place = h("div", { class: "sw-chart-place" });
  const problem = h("p", { class: "sw-error", role: "alert", hidden: true });
  const element = h("figure", { class: "sw-chart", role: "figure", hidden: true }, place, problem);
  /** @type {Drawn | null} */
  let drawn = null;
  /** @type {import("./types").Chart | null} */
  let wanted = null;
  /** @type {Promise<void> | null} */
  let busy = null;
  /** @type {import("./types").Chart | null} */
  let last = null;
  let shownColumns = 0;
  // Asking the page for a width makes it lay itself out anew, so it is asked when it may have changed, not at every redraw.
  let room = 0;
  let fitted = 0;

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
    const width = room;
    const result = await embed(fresh, pageSpec(chart, { ...chartConfig(root), aria: marksAreRead }, columns), {
      mode: "vega-lite", ast: true, actions: false, renderer: "svg", defaultStyle: false, logLevel: ERRORS_ONLY, tooltip: tip.forChart,
    }).catch((error) => {
      fresh.remove();
      throw error;
    });
    remove();
    fresh.classList.remove("sw-chart-fresh");
    fitted = width;
    drawn = { view: result.view, feed: createFeed(result.view), element: fresh, key, fluid: isFluid(chart.spec), step: squareStep(chart.spec), finalize: () => result.finalize() };
    wire(result.view);
    prepared?.(result.view, fresh);
    await fitCells();
  };

  /** A heat map's cells shrink with the place, so that its words do not. */
  const fitCells = async () => {
    if (!drawn?.step) return;
    const outer = Number(drawn.element.querySelector("svg")?.getAttribute("width"));
    room = place.clientWidth;
    if (!outer || !room) return;
    const { view, step: wanted } = drawn;
    const step = view.signal("x_step");
    const next = fittingStep({ wanted, step, inner: view.width(), outer, room });
    if (next !== step) await view.signal("x_step", next).signal("y_step", next).runAsync();
  };

  /** @param {import("./types").Chart} chart */
  const swap = async (chart) => {
    for (const [name, rows] of Object.entries(chart.datasets)) drawn?.feed(name, rows);
    drawn?.view.description?.(chart.alt);
    await drawn?.view.runAsync();
    await fitCells();
  };

  const settle = () => {
    if (!busy && wanted && !signal.aborted) busy = drawAll();
    return busy ?? Promise.resolve();
  };

  const drawAll = async () => {
    let fresh = false;
    while (wanted && !signal.aborted) {
      const chart = wanted;
      wanted = null;
      try {
        room ||= place.clientWidth;
        const columns = legendColumns(room);
        const key = `${root.dataset.theme} ${columns} ${JSON.stringify(chart.spec)} ${Object.keys(chart.datasets).sort()}`;
        if (drawn?.key === key) await swap(chart);
        else {
          fresh = true;
          room = place.clientWidth;
          await draw(chart, key, columns);
        }
        shownColumns = columns;
        problem.hidden = true;
      } catch (error) {
        problem.textContent = `This chart could not be drawn: ${/** @type {Error} */ (error).message}`;
        problem.hidden = false;
      }
    }
    busy = null;
    if (signal.aborted) remove();
    else if (fresh || !room) fitLater(HIDDEN_MS);
  };

  /** A host that hides the page for a moment, say to change its theme, does not always let the observer see it. @param {number[]} waits */
  const fitLater = ([wait, ...waits]) => {
    if (signal.aborted) return;
    room = place.clientWidth;
    if (room > 0 || wait === undefined) fit();
    else setTimeout(fitLater, wait, waits);
  };

  const redraw = () => {
    wanted = last;
    return settle();
  };

  const fit = () => {
    room = place.clientWidth;
    // The view's own width is that between its axes: it says nothing about the place for which it was made.
    if (drawn?.fluid && room > 0 && Math.abs(fitted - room) > 1) {
      fitted = room;
      drawn.view.width(room).runAsync();
    }
    fitCells();
    if (drawn && room > 0 && legendColumns(room) !== shownColumns) redraw();
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
