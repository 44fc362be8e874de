// Labelled inputs, each tied to one key of the state; an error stands under the input that caused it.
import { freshId, h, icon, isFocused } from "./dom.js";
import { withHelp } from "./tip.js";

/** @typedef {{ store: ReturnType<typeof import("./store.js").createStore>, signal: AbortSignal }} Context */
/** @typedef {{ element: HTMLElement, sync: (state: any) => void, enable: (on: boolean) => void }} Control */

/** @param {string} id @param {string} label @param {string} [help] */
const labelOf = (id, label, help) => withHelp(h("label", { class: "sw-label", for: id }, label), help);

/** A line for what went wrong, empty while nothing did. */
export function errorLine() {
  const element = h("p", { class: "sw-error", role: "alert", hidden: true });
  return {
    element,
    /** @param {string} text */
    say(text) {
      element.textContent = text;
      element.hidden = !text;
    },
  };
}

/**
 * @param {string} text
 * @param {{ action: string, signal: AbortSignal, press: () => void, look?: string, sign?: Parameters<typeof icon>[0], help?: string }} options
 */
export function button(text, { action, signal, press, look = "", sign, help }) {
  const element = h("button", { type: "button", class: `sw-button ${look}`.trim(), "data-action": action });
  if (sign) element.append(icon(sign));
  element.append(h("span", {}, text));
  element.addEventListener("click", press, { signal });
  return withHelp(element, help);
}

/**
 * @param {Context} context
 * @param {{ key: string, label: string, help?: string, choices: { value: string, label: string, help?: string }[] }} options
 * @returns {Control}
 */
export function segmented({ store, signal }, { key, label, help, choices }) {
  const error = errorLine();
  const name = freshId(key);
  const inputs = choices.map(({ value }) => h("input", { type: "radio", name, value, id: freshId(key) }));
  const options = choices.map((choice, i) => [inputs[i], withHelp(h("label", { for: inputs[i].id }, choice.label), choice.help)]);
  const legend = withHelp(h("legend", { class: "sw-label" }, label), help);
  const element = h("fieldset", { class: "sw-field sw-segmented", "data-key": key }, legend, h("div", { class: "sw-segments" }, ...options), error.element);
  element.addEventListener("change", async (event) => {
    if (event.target instanceof HTMLInputElement) error.say(await store.patch({ [key]: event.target.value }));
  }, { signal });
  return {
    element,
    sync: (state) => inputs.forEach((input) => (input.checked = input.value === state[key])),
    enable: (on) => void (element.disabled = !on),
  };
}

/**
 * @param {Context} context
 * @param {{ key: string, label: string, help?: string, min: number, max: number, step?: number, whole?: boolean }} options
 * @returns {Control}
 */
export function numberField({ store, signal }, { key, label, help, min, max, step = 1, whole = true }) {
  const error = errorLine();
  const id = freshId(key);
  const input = h("input", { type: "number", id, class: "sw-input sw-number", min, max, step: whole ? step : "any", inputmode: whole ? "numeric" : "decimal" });
  const element = h("div", { class: "sw-field", "data-key": key }, labelOf(id, label, help), input, error.element);
  let typing = false;
  const say = (/** @type {string} */ text) => {
    input.setAttribute("aria-invalid", String(Boolean(text)));
    error.say(text);
  };
  const commit = async () => {
    typing = false;
    const value = Number(input.value);
    const fits = input.value.trim() !== "" && (whole ? Number.isInteger(value) : Number.isFinite(value)) && value >= min && value <= max;
    if (!fits) return say(`Give a ${whole ? "whole number" : "number"} from ${min} to ${max}.`);
    say("");
    if (value !== store.get()[/** @type {keyof import("./types").State} */ (key)]) say(await store.patch({ [key]: value }));
  };
  input.addEventListener("input", () => (typing = true), { signal });
  input.addEventListener("change", commit, { signal });
  return {
    element,
    sync(state) {
      if (typing && isFocused(input)) return;
      if (input.getAttribute("aria-invalid") === "true" && isFocused(input)) return;
      input.value = String(state[key] ?? "");
    },
    enable: (on) => void (input.disabled = !on),
  };
}

/**
 * @param {Context} context
 * @param {{ key: string, label: string, help?: string, min: number, max: number, step: number }} options
 * @returns {Control}
 */
export function slider({ store, signal }, { key, label, help, min, max, step }) {
  const error = errorLine();
  const id = freshId(key);
  const value = h("output", { class: "sw-value", for: id });
  const input = h("input", { type: "range", id, class: "sw-range", min, max, step });
  const element = h("div", { class: "sw-field", "data-key": key }, labelOf(id, label, help), h("div", { class: "sw-range-line" }, input, value), error.element);
  input.addEventListener("input", () => {
    value.textContent = input.value;
    store.patchSoon({ [key]: Number(input.value) }, error.say);
  }, { signal });
  let dragging = false;
  input.addEventListener("pointerdown", () => (dragging = true), { signal });
  for (const end of ["pointerup", "pointercancel", "blur"]) input.addEventListener(end, () => (dragging = false), { signal });
  return {
    element,
    sync(state) {
      if (dragging) return;
      input.value = String(state[key]);
      value.textContent = input.value;
    },
    enable: (on) => void (input.disabled = !on),
  };
}

/**
 * @param {Context} context
 * @param {{ key: string, label: string, help?: string, choices: { value: number | string, label: string }[] }} options
 * @returns {Control}
 */
export function selectField({ store, signal }, { key, label, help, choices }) {
  const error = errorLine();
  const id = freshId(key);
  const option = (/** @type {{ value: number | string, label: string }} */ choice) => h("option", { value: choice.value }, choice.label);
  const select = h("select", { id, class: "sw-input" }, ...choices.map(option));
  const read = (/** @type {string} */ text) => choices.find(({ value }) => String(value) === text)?.value ?? Number(text);
  const element = h("div", { class: "sw-field", "data-key": key }, labelOf(id, label, help), select, error.element);
  select.addEventListener("change", async () => error.say(await store.patch({ [key]: read(select.value) })), { signal });
  return {
    element,
    sync(state) {
      const value = String(state[key]);
      if (![...select.options].some((known) => known.value === value)) select.append(option({ value: state[key], label: value }));
      select.value = value;
    },
    enable: (on) => void (select.disabled = !on),
  };
}

/**
 * @param {Context} context
 * @param {{ key: string, label: string, help?: string }} options
 * @returns {Control}
 */
export function flagField({ store, signal }, { key, label, help }) {
  const error = errorLine();
  const id = freshId(key);
  const input = h("input", { type: "checkbox", id, class: "sw-check" });
  const element = h("div", { class: "sw-field sw-flag", "data-key": key }, input, labelOf(id, label, help), error.element);
  input.addEventListener("change", async () => error.say(await store.patch({ [key]: input.checked })), { signal });
  return {
    element,
    sync: (state) => void (input.checked = Boolean(state[key])),
    enable: (on) => void (input.disabled = !on),
  };
}
