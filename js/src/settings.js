// The settings of the chosen question as labelled controls; each change goes to the state under the question's name.
import { flagField, numberField, segmented, selectField, slider } from "./controls.js";
import { h } from "./dom.js";

const FEW_CHOICES = 3;

/** @param {any} context @param {import("./types").Setting} setting */
function controlOf(context, { key, label, help, kind, min = 0, max = 0, choices = [], look, step = 1 }) {
  if (look === "slider") return slider(context, { key, label, help, min, max, step });
  if (kind === "flag") return flagField(context, { key, label, help });
  if (kind !== "choice") return numberField(context, { key, label, help, min, max, whole: kind === "whole" });
  return choices.length > FEW_CHOICES ? selectField(context, { key, label, help, choices }) : segmented(context, { key, label, help, choices });
}

/** @param {import("./context").Context} context */
export function studySettings({ store, signal }) {
  const element = h("div", { class: "sw-controls", hidden: true });
  /** @type {string | null} */
  let study = null;
  /** @type {import("./types").Setting[]} */
  let settings = [];
  /** @type {import("./controls.js").Control[]} */
  let controls = [];
  let closing = new AbortController();
  signal.addEventListener("abort", () => closing.abort());

  /** What sliders were moved to and the state does not have yet. @type {Record<string, unknown>} */
  let moving = {};
  let moves = 0;
  const values = () => ({ ...Object.fromEntries(settings.map((one) => [one.key, one.default])), ...store.get().study_settings?.[study ?? ""], ...moving });
  const own = {
    get: values,
    /** @param {Record<string, unknown>} changes */
    patch: (changes) => store.patch({ study_settings: { ...store.get().study_settings, [study ?? ""]: { ...values(), ...changes } } }),
    /** @param {Record<string, unknown>} changes @param {(error: string) => void} done */
    patchSoon(changes, done) {
      Object.assign(moving, changes);
      const ticket = ++moves;
      store.patchSoon({ study_settings: { ...store.get().study_settings, [study ?? ""]: values() } }, (error) => {
        if (ticket === moves) moving = {};
        done(error);
      });
    },
    subscribe() {},
  };

  const build = () => {
    closing.abort();
    closing = new AbortController();
    controls = settings.map((setting) => controlOf({ store: own, signal: closing.signal }, setting));
    element.replaceChildren(...controls.map((control) => control.element));
    element.hidden = !controls.length;
  };

  const sync = () => {
    const now = values();
    for (const control of controls) control.sync(now);
  };

  return {
    element,
    sync,
    /** @param {string | null} name @param {import("./types").Setting[]} list */
    show(name, list) {
      const shape = JSON.stringify([name, list.map(({ value, ...fixed }) => fixed)]);
      if (element.dataset.shown !== shape) {
        [study, settings, moving] = [name, list, {}];
        build();
      }
      element.dataset.shown = shape;
      sync();
    },
    /** @param {boolean} on */
    enable: (on) => controls.forEach((control) => control.enable(on)),
  };
}
