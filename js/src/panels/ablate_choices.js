// "More choices" of the ablation: fields as the kernel lists them, each with help; what cannot be had says why.
import { errorLine } from "../controls.js";
import { freshId, h, isFocused } from "../dom.js";
import { withHelp } from "../tip.js";

/** @typedef {import("../types").AblateField} Field */
/** @typedef {{ element: HTMLElement, sync: (state: any) => void }} Drawn */

/** @param {import("../context").Context} context @param {Field} field @returns {Drawn} */
function optionsField({ store, signal }, { key, kind, label, help, options = [], enabled }) {
  const error = errorLine();
  const name = freshId(key);
  const several = kind === "several";
  const inputs = options.map(({ value, enabled: can }) => h("input", { type: several ? "checkbox" : "radio", class: "sw-check", name, value, id: freshId(key), disabled: !can }));
  const lines = options.map((option, i) => h("div", { class: "sw-option" }, inputs[i], withHelp(h("label", { for: inputs[i].id }, option.label), option.help)));
  const legend = withHelp(h("legend", { class: "sw-label" }, label), help);
  const element = h("fieldset", { class: "sw-field sw-options", "data-key": key, disabled: !enabled }, legend, ...lines, error.element);
  const chosen = () => inputs.filter(({ checked }) => checked).map(({ value }) => value);
  element.addEventListener("change", async () => error.say(await store.patch({ [key]: several ? chosen() : chosen()[0] })), { signal });
  return {
    element,
    sync(state) {
      for (const input of inputs) input.checked = several ? (state[key] ?? []).includes(input.value) : input.value === state[key];
    },
  };
}

/** @param {import("../context").Context} context @param {Field} field @returns {Drawn} */
function decimalField({ store, signal }, { key, label, help, min = 0, max = 1, step = 0.1, enabled }) {
  const error = errorLine();
  const id = freshId(key);
  const input = h("input", { type: "number", id, class: "sw-input sw-number", min, max, step: "any", inputmode: "decimal", disabled: !enabled });
  const element = h("div", { class: "sw-field", "data-key": key }, withHelp(h("label", { class: "sw-label", for: id }, label), help), input, error.element);
  const say = (/** @type {string} */ text) => {
    input.setAttribute("aria-invalid", String(Boolean(text)));
    error.say(text);
  };
  const commit = async () => {
    const value = Number(input.value);
    const fits = input.value.trim() !== "" && Number.isFinite(value) && value >= min && value <= max;
    say(fits ? await store.patch({ [key]: value }) : `Give a number from ${min} to ${max}.`);
  };
  input.addEventListener("change", commit, { signal });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    // Steps of the field's own size; step="any" lets every typed number be valid.
    event.preventDefault();
    const next = Number(input.value || 0) + (event.key === "ArrowUp" ? step : -step);
    input.value = String(Number(Math.min(max, Math.max(min, next)).toPrecision(6)));
    commit();
  }, { signal });
  return {
    element,
    sync(state) {
      if (isFocused(input)) return;
      if (input.getAttribute("aria-invalid") === "true") say("");
      input.value = String(state[key] ?? "");
    },
  };
}

/** @param {import("../context").Context} context */
export function moreChoices(context) {
  const places = h("div", { class: "sw-fold-body" });
  const changed = h("span", { class: "sw-fold-note" });
  const summary = h("summary", { class: "sw-fold-title" }, "More choices", changed);
  const holder = h("fieldset", { class: "sw-field sw-bare", "aria-label": "More choices" }, places);
  const element = h("details", { class: "sw-fold" }, summary, holder);
  /** @type {Drawn[]} */
  let drawn = [];
  let shown = "";

  return {
    element,
    /** @param {Field[]} fields @param {number} count @param {import("../types").State} state */
    show(fields, count, state) {
      changed.textContent = count ? `${count} changed` : "";
      element.hidden = !fields.length;
      const text = JSON.stringify(fields);
      if (text !== shown) {
        drawn = fields.map((field) => (field.kind === "number" ? decimalField(context, field) : optionsField(context, field)));
        places.replaceChildren(...drawn.map((field) => field.element));
      }
      shown = text;
      this.sync(state);
    },
    /** @param {import("../types").State} state */
    sync: (state) => drawn.forEach((field) => field.sync(state)),
    /** @param {boolean} on */
    enable: (on) => void (holder.disabled = !on),
  };
}
