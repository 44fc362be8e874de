// A dial: a slider over the places where it rests, and a field for any place between, both tied to one key of the state.
import { errorLine } from "../controls.js";
import { freshId, h, isFocused } from "../dom.js";
import { withHelp } from "../tip.js";

/** Index of the place next to a value. @param {number[]} stops @param {number} value */
export const nearest = (stops, value) => stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best), 0);

/**
 * @param {{ store: any, signal: AbortSignal }} context
 * @param {import("../types").Setting} setting
 * @returns {import("../controls.js").Control}
 */
export function dial({ store, signal }, { key, label, help, kind, min = 0, max = 0, stops = [], unit = "" }) {
  const error = errorLine();
  const id = freshId(key);
  const whole = kind === "whole";
  const range = h("input", { type: "range", id, class: "sw-range", min: 0, max: stops.length - 1, step: 1 });
  const field = h("input", { type: "number", class: "sw-input sw-number", min, max, step: "any", inputmode: whole ? "numeric" : "decimal", "aria-label": `${label}, exactly` });
  const title = withHelp(h("label", { class: "sw-label", for: id }, label), help);
  const element = h("div", { class: "sw-field sw-dial", "data-key": key }, title, h("div", { class: "sw-range-line" }, range, field, unit), error.element);
  let dragging = false;

  /** @param {number} value */
  const read = (value) => range.setAttribute("aria-valuetext", `${value} ${unit}`.trim());

  range.addEventListener("input", () => {
    const value = stops[Number(range.value)];
    field.value = String(value);
    read(value);
    error.say("");
    store.patchSoon({ [key]: value }, error.say);
  }, { signal });
  range.addEventListener("pointerdown", () => (dragging = true), { signal });
  for (const end of ["pointerup", "pointercancel", "blur"]) range.addEventListener(end, () => (dragging = false), { signal });

  field.addEventListener("change", async () => {
    const value = Number(field.value);
    const fits = field.value.trim() !== "" && (whole ? Number.isInteger(value) : Number.isFinite(value)) && value >= min && value <= max;
    field.setAttribute("aria-invalid", String(!fits));
    if (!fits) return error.say(`Give a ${whole ? "whole number" : "number"} from ${min} to ${max}.`);
    error.say(await store.patch({ [key]: value }));
  }, { signal });

  return {
    element,
    sync(state) {
      const value = state[key];
      if (!dragging) range.value = String(nearest(stops, value));
      read(value);
      if (isFocused(field) || field.getAttribute("aria-invalid") === "true") return;
      field.value = String(value);
    },
    enable: (on) => void (range.disabled = field.disabled = !on),
  };
}
