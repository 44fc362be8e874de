// A stand-in for the widget's model and for Vega, and panel data as the kernel sends it.
import { vi } from "vitest";

export const STATE = {
  layer: null, selected: [], sort: { by: "", descending: false }, filter: { text: "", kind: "" }, x_scale: "log", y_scale: "linear",
  bins: 60, columns: ["alpha", "traps"], bands: true, chart_x: "depth", chart_y: "alpha", chart_log: "none", seed: 0, n_shuffles: 5, level: 0.01, engine: "calibrated", shuffle: null, trap: null, edit: "replace", n_probes: 64, n_controls: 19, probe_seed: 0, view: "raw", study: null, study_settings: {},
  controls: ["moved"], probe_kind: "default", temperature: 1, stop: "all", smallest_effect: 0,
};

/** @param {Record<string, any>} [values] */
export function fakeModel(values = {}) {
  /** @type {Map<string, Set<Function>>} */
  const listeners = new Map();
  /** @type {Record<string, any>} */
  const held = { state: structuredClone(STATE), _chunks: { vendor: "hash-of-vendor", view: "hash-of-view" }, _png: null, _alt: "", ...values };
  /** @type {any[]} */
  const sent = [];
  const model = {
    sent,
    get: (/** @type {string} */ key) => held[key],
    set: (/** @type {string} */ key, /** @type {any} */ value) => {
      held[key] = value;
    },
    save_changes() {},
    on(/** @type {string} */ event, /** @type {any} */ listener) {
      if (!listeners.has(event)) listeners.set(event, new Set());
      listeners.get(event)?.add(listener);
    },
    off(/** @type {string} */ event, /** @type {any} */ listener) {
      listeners.get(event)?.delete(listener);
    },
    send(/** @type {any} */ message) {
      sent.push(message);
      model.answer?.(message);
    },
    /** @type {((message: any) => void) | null} */
    answer: null,
    hear: (/** @type {any} */ message, /** @type {any[]} */ buffers = []) => listeners.get("msg:custom")?.forEach((listener) => listener(message, buffers)),
    tell: (/** @type {string} */ kind, /** @type {any} */ fields) => model.hear({ v: 1, kind, ...fields }),
    panel: (/** @type {string} */ panel, /** @type {any} */ data) => model.tell("panel", { panel, data }),
    kernelState(/** @type {any} */ changes) {
      held.state = { ...held.state, ...changes };
      listeners.get("change:state")?.forEach((listener) => listener());
    },
    change: (/** @type {string} */ key, /** @type {any} */ value) => {
      held[key] = value;
      listeners.get(`change:${key}`)?.forEach((listener) => listener());
    },
    listening: () => [...listeners.values()].reduce((count, set) => count + set.size, 0),
    asked: (/** @type {string} */ kind) => sent.filter((message) => message.kind === kind),
  };
  return model;
}

/** A kernel that accepts everything and applies `set`. @param {ReturnType<typeof fakeModel>} model */
export function obliging(model) {
  model.answer = (message) => {
    if (message.kind === "set") model.kernelState(message.changes);
    model.tell("answer", { id: message.id, ok: true });
  };
  return model;
}

/** A kernel that refuses everything but hello. @param {ReturnType<typeof fakeModel>} model @param {string} error */
export function refusing(model, error) {
  model.answer = ({ id, kind }) => model.tell("answer", kind === "hello" ? { id, ok: true } : { id, ok: false, error });
  return model;
}

export function fakeEmbed() {
  /** @type {{ el: HTMLElement, spec: any, options: any, view: any, finalize: any, fire: (event: string, item: any) => void }[]} */
  const drawn = [];
  const embed = vi.fn(async (el, spec, options) => {
    /** @type {Record<string, Function[]>} */
    const heard = {};
    /** @type {any} */
    const view = {
      data: vi.fn(), description: vi.fn(), runAsync: vi.fn(async () => view), width: vi.fn((/** @type {number | undefined} */ wanted) => (wanted === undefined ? 0 : view)),
      addEventListener: (/** @type {string} */ name, /** @type {Function} */ listener) => (heard[name] ??= []).push(listener),
    };
    const finalize = vi.fn();
    drawn.push({ el, spec, options, view, finalize, fire: (name, item) => heard[name]?.forEach((listener) => listener({}, item)) });
    return { view, finalize };
  });
  return { embed, drawn };
}

/** @param {string} name @param {Record<string, any>} [more] @returns {any} */
export const row = (name, more = {}) => ({
  name, kind: "linear", depth: 0, shape: [200, 64], aspect: 0.32, alpha: 2.5, stable_rank: 6, spikes: 3, traps: 0, traps_text: "0 (per shuffle: 0 0)",
  caveats: {}, sketch: Array.from({ length: 24 }, (_, i) => i / 23), status: "done", caveat: "", ...more,
});

export const COLUMNS = [
  { key: "name", title: "layer", unit: "", help: "Name of the weight." }, { key: "kind", title: "kind", unit: "", help: "" },
  { key: "shape", title: "shape", unit: "", help: "" }, { key: "alpha", title: "α", unit: "", help: "Power-law exponent." },
  { key: "traps", title: "traps", unit: "", help: "" },
];

/** @param {any[]} rows @param {Record<string, any>} [more] */
export const layers = (rows, more = {}) => ({ model: "a model", summary: "some matrices", kinds: ["linear", "embedding"], columns: COLUMNS, rows, job_active: false, ...more });

export const chart = (/** @type {any[]} */ rows = [{ x: 1 }], /** @type {any} */ spec = { mark: "bar", data: { name: "layer" } }) => ({ spec, datasets: { layer: rows }, alt: "Largest eigenvalue 3." });

export const spectrum = (/** @type {any} */ more = {}) => ({
  status: "ready", message: "", layer: "a.weight", subtitle: "linear", chart: chart(), facts: [{ label: "α", value: "2.5", help: "exponent" }],
  counts: [{ label: "calibrated", value: "2 2", help: "" }], marks: [{ seed: 0, index: 0, label: "trap 1", help: "far out" }, { seed: 0, index: 1, label: "trap 2", help: "" }], ...more,
});

export const trap = (/** @type {any} */ more = {}) => ({
  status: "ready", message: "", title: "Trap 1", explanation: "One entry causes it.", facts: [{ label: "excess", value: "9 widths", help: "" }],
  culprits: [{ row: 99, column: 856, value: -3.25, z_score: 175, share: 0.93 }], chart: chart([{ x: 2 }]), chart_caption: "Around (99, 856)", ...more,
});

/** @type {any[]} */
export const FIELDS = [
  { key: "controls", kind: "several", label: "Matched controls are", help: "Random edits.", enabled: true, options: [{ value: "moved", label: "moved", help: "h", enabled: true }, { value: "rank_one", label: "rank one", help: "h", enabled: true }] },
  { key: "probe_kind", kind: "one", label: "Inputs", help: "What is passed.", enabled: true, options: [{ value: "default", label: "random", help: "h", enabled: true }, { value: "uniform", label: "uniform", help: "h", enabled: true }, { value: "permuted", label: "shuffled data", help: "There is no data.", enabled: false }] },
  { key: "temperature", kind: "number", label: "Temperature", help: "Divides the logits.", enabled: true, min: 0.01, max: 100, step: 0.1 },
];

export const ablation = (/** @type {any} */ more = {}) => ({
  status: "ready", message: "Press Run.", edits: [{ value: "replace", label: "replace by random", help: "h", enabled: true }, { value: "change_entries", label: "change entries", help: "", enabled: false }],
  edit_sentence: "The trap is taken out.", probe_sentence: "Inputs: noise.", rule: "Harmful when above all controls.", verdict: null, n_done: 0, n_planned: 64, charts: [], rows: [], measures: [], fields: FIELDS, fields_changed: 0, caveat: "", ...more,
});

export const question = (/** @type {any} */ more = {}) => ({ value: "settled", title: "Is it settled?", about: "layer", help: "Shuffles again.", enabled: true, why_not: "", ...more });
export const study = (/** @type {any} */ more = {}) => ({
  status: "ready", message: "", run: null, study: "settled", title: "Is it settled?", help: "Shuffles again.", settings: [], sentence: "", facts: [], charts: [], tables: [], caveat: "", actions: [], code: "",
  questions: [question(), question({ value: "removal", title: "Does it go?", about: "trap", enabled: false, why_not: "Choose a trap first." }), question({ value: "all", title: "Which layers?", about: "model" })], ...more,
});

export const findings = (/** @type {any} */ items = [], /** @type {any} */ more = {}) => ({ items, formats: [{ value: "json", label: "JSON" }], message: "", ...more });
export const finding = (/** @type {any} */ more = {}) => ({ id: "f1", claim: "A trap harms.", layer: "a.weight", strength: "seen", note: "old", caveats: ["one seed"], created: "today", ...more });

/** Lets promises and short timers run. */
export const settled = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {ParentNode} root @param {string} selector @returns {any} */
export function one(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** @param {Element} target @param {string} key @param {KeyboardEventInit} [keys] */
export const press = (target, key, keys = {}) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...keys }));
