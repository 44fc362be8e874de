// Zooming into a chart: drag over a part, Ctrl and scroll, or the buttons; a double click shows all again.
import { button } from "../controls.js";
import { h } from "../dom.js";
import { heightsWithin, moved, scaled, within } from "./range.js";

const CLICK = 5;
const WHEEL = 1.25;

/** @param {{ signal: AbortSignal, said: (text: string) => void }} context */
export function createZoom({ signal, said }) {
  /** @type {any} */
  let view = null;
  /** @type {import("./range.js").Range | null} */
  let part = null;
  /** @type {import("./range.js").Range | null} */
  let whole = null;
  /** @type {{ datasets: Record<string, any[]>, x: string, y: string }} */
  let shown = { datasets: {}, x: "log", y: "linear" };

  const isLog = () => shown.x === "log";

  const apply = () => {
    if (!view) return Promise.resolve();
    const heights = part && heightsWithin(shown.datasets, part, shown.y === "log");
    reset.disabled = out.disabled = left.disabled = right.disabled = !part;
    return view.signal("zoom_x", part).signal("zoom_y", heights).runAsync();
  };

  /** @param {import("./range.js").Range | null} next */
  const go = async (next) => {
    part = next;
    await apply();
    said(part ? `Eigenvalues from ${part[0].toPrecision(3)} to ${part[1].toPrecision(3)}.` : "The whole spectrum.");
  };

  /** @param {string} text @param {string} action @param {(all: import("./range.js").Range) => import("./range.js").Range | null} next @param {string} help */
  const control = (text, action, next, help) => {
    const made = button(text, { action, signal, press: () => { if (whole) go(next(whole)); } });
    made.setAttribute("aria-label", help);
    made.title = help;
    return made;
  };
  const into = control("+", "zoom-in", (all) => scaled(part, all, 0.5, isLog()), "Zoom in");
  const out = control("−", "zoom-out", (all) => scaled(part, all, 2, isLog()), "Zoom out");
  const left = control("◂", "zoom-left", (all) => moved(part, all, -0.5, isLog()), "Move left");
  const right = control("▸", "zoom-right", (all) => moved(part, all, 0.5, isLog()), "Move right");
  const reset = control("Reset", "zoom-reset", () => null, "Show the whole spectrum");

  /** The place of the pointer, in the chart's own pixels from its left edge. @param {Element} place @param {MouseEvent} event */
  const pixel = (place, event) => {
    const drawn = place.querySelector("svg");
    if (!drawn) return null;
    const box = drawn.getBoundingClientRect();
    const factor = box.width / Number(drawn.getAttribute("width")) || 1;
    const at = (event.clientX - box.left) / factor - view.origin()[0];
    return { at: Math.max(0, Math.min(at, view.width())), factor, offset: view.origin()[0] };
  };

  /** @param {HTMLElement} place */
  const listen = (place) => {
    const brush = h("div", { class: "brush", hidden: true, "aria-hidden": "true" });
    place.append(brush);
    /** @type {{ at: number, clientX: number } | null} */
    let start = null;
    place.addEventListener("pointerdown", (event) => {
      const here = event.button === 0 && event.pointerType !== "touch" ? pixel(place, event) : null;
      start = here && { at: here.at, clientX: event.clientX };
      if (start) event.preventDefault();
    }, { signal });
    const page = place.ownerDocument;
    page.addEventListener("pointermove", (event) => {
      const here = start && place.isConnected ? pixel(place, event) : null;
      if (!start || !here || Math.abs(event.clientX - start.clientX) < CLICK) return;
      brush.hidden = false;
      brush.style.left = `${(Math.min(start.at, here.at) + here.offset) * here.factor}px`;
      brush.style.width = `${Math.abs(here.at - start.at) * here.factor}px`;
    }, { signal });
    page.addEventListener("pointerup", (event) => {
      const from = start;
      start = null;
      brush.hidden = true;
      const here = from && whole && place.isConnected && Math.abs(event.clientX - from.clientX) >= CLICK ? pixel(place, event) : null;
      if (from && here && whole) go(within([view.scale("x").invert(from.at), view.scale("x").invert(here.at)], whole, isLog()));
    }, { signal });
    place.addEventListener("dblclick", () => go(null), { signal });
    place.addEventListener("wheel", (event) => {
      const here = event.ctrlKey || event.metaKey ? pixel(place, event) : null;
      if (!here || !whole) return;
      event.preventDefault();
      go(scaled(part, whole, event.deltaY < 0 ? 1 / WHEEL : WHEEL, isLog(), view.scale("x").invert(here.at)));
    }, { signal, passive: false });
  };

  return {
    element: h("div", { class: "zoom", role: "group", "aria-label": "Zoom" }, into, out, left, right, reset),
    /** Every view that is drawn afresh comes here. @param {any} fresh @param {HTMLElement} place */
    prepared(fresh, place) {
      view = fresh;
      listen(place);
    },
    /** What is about to be drawn; another spectrum or another axis begins with all of it. @param {typeof shown} next @param {boolean} keeps */
    expect(next, keeps) {
      shown = next;
      if (!keeps) part = whole = null;
    },
    /** After it is drawn. */
    async settle() {
      if (!view) return;
      if (!part) {
        await view.signal("zoom_x", null).signal("zoom_y", null).runAsync();
        whole = view.scale("x").domain();
      }
      await apply();
    },
  };
}
