// The screen: its panels on one state, fed by the kernel's messages.
import { h } from "./dom.js";
import { keepKeys } from "./keys.js";
import { renderLab } from "./lab/view.js";
import { createNotices } from "./notices.js";
import { ablatePanel } from "./panels/ablate.js";
import { findingsPanel } from "./panels/findings.js";
import { layersPanel } from "./panels/layers.js";
import { metricsPanel } from "./panels/metrics.js";
import { spectrumPanel } from "./panels/spectrum.js";
import { studyPanel } from "./panels/study.js";
import { trapPanel } from "./panels/trap.js";
import { createStore } from "./store.js";
import { followTheme } from "./theme.js";
import { createTip } from "./tip.js";
import { createWire } from "./wire.js";

/** @param {import("./context").Context} context */
const panelsOf = (context) => ({
  layers: layersPanel(context),
  metrics: metricsPanel(context),
  spectrum: spectrumPanel(context),
  trap: trapPanel(context),
  study: studyPanel(context),
  ablate: ablatePanel(context),
  findings: findingsPanel(context),
});

/** @param {import("./context").Context} context @param {ReturnType<typeof panelsOf>} panels */
function listen({ wire, store, notices }, panels) {
  const workers = { layers: panels.layers, scan: panels.spectrum, ablate: panels.ablate, study: panels.study };
  /** @type {(job: string) => typeof workers["scan"] | undefined} */
  const worker = (job) => /** @type {any} */ (workers)[job];
  wire.on("panel", ({ panel, data }) => /** @type {any} */ (panels)[panel]?.show(data));
  wire.on("rows", ({ rows }) => panels.layers.update(rows));
  wire.on("progress", (message) => worker(message.job)?.progress(message));
  wire.on("finished", (message) => worker(message.job)?.finished(message));
  wire.on("notice", ({ level, text }) => notices.say(level === "error" ? "error" : "info", text));
  store.subscribe((state) => Object.values(panels).forEach((panel) => panel.sync(state)));
}

/**
 * Draws the view that the kernel asks for and returns what undoes it.
 * @param {{ model: import("./types").Model, el: HTMLElement }} place
 * @param {import("./types").Embed} embed
 */
export const render = (place, embed) => (place.model.get("_screen") === "lab" ? renderLab : renderExplorer)(place, embed);

/**
 * Draws the explorer and returns what undoes it.
 * @param {{ model: import("./types").Model, el: HTMLElement }} place
 * @param {import("./types").Embed} embed
 */
function renderExplorer({ model, el }, embed) {
  const closing = new AbortController();
  const { signal } = closing;
  const root = h("section", { class: "sw-explorer", "aria-label": "Spectra of a model's weights" });
  const wire = createWire(model, signal);
  const store = createStore(model, wire, signal);
  const notices = createNotices(signal);
  el.append(root);
  followTheme(root, signal, () => Object.values(panels).forEach((panel) => "redraw" in panel && panel.redraw()));
  keepKeys(root, signal);
  const context = { root, signal, embed, wire, store, notices, tip: createTip(root, signal) };
  const panels = panelsOf(context);
  root.prepend(notices.element, h("div", { class: "sw-layout" }, ...Object.values(panels).map(({ element }) => element)));
  listen(context, panels);
  for (const panel of Object.values(panels)) panel.sync(store.get());
  wire.request("hello").catch((problem) => signal.aborted || notices.error(problem.message));
  return () => {
    closing.abort();
    root.remove();
  };
}
