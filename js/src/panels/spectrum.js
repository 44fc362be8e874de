// The spectrum of the chosen layer against noise, the shuffled spectrum behind it, and its traps to click.
import { createChart } from "../chart.js";
import { button, errorLine, numberField, segmented, selectField, slider } from "../controls.js";
import { breakable, h, icon, isFocused } from "../dom.js";
import { showFacts } from "../facts.js";
import { createJobStrip } from "../job.js";
import { createPanel, emptyState } from "../panel.js";
import { shufflePicker } from "./shuffles.js";
import { withHelp } from "../tip.js";

const FEW_MARKS = 16;

/** @param {import("../context").Context} context */
function controlsOf(context) {
  const look = [
    segmented(context, { key: "x_scale", label: "Eigenvalue axis", choices: [{ value: "log", label: "Log" }, { value: "linear", label: "Linear" }] }),
    segmented(context, { key: "y_scale", label: "Density axis", choices: [{ value: "linear", label: "Linear" }, { value: "log", label: "Log" }] }),
    slider(context, { key: "bins", label: "Bins", min: 10, max: 200, step: 1 }),
  ];
  const noise = [
    segmented(context, { key: "engine", label: "Trap rule", help: "Which rule says how large an eigenvalue of the shuffled matrix must be to count as a trap.", choices: [
      { value: "calibrated", label: "Calibrated", help: "Marchenko–Pastur edge and Tracy–Widom law, calibrated to a known false-alarm rate." },
      { value: "weightwatcher", label: "WeightWatcher", help: "The published WeightWatcher rule, step by step." }] }),
    segmented(context, { key: "view", label: "Entries", help: "What is subtracted before the spectrum and the shuffles. A mean offset makes a trap in the raw entries only.", choices: [
      { value: "raw", label: "Raw", help: "The weights as they are." },
      { value: "centred", label: "Centred", help: "Less the mean of all entries." },
      { value: "double_centred", label: "Rows and columns", help: "Less the means of rows and columns." }] }),
    selectField(context, { key: "level", label: "False alarms", help: "How often pure noise may be called a trap.", choices: [
      { value: 0.05, label: "5 %" }, { value: 0.01, label: "1 %" }, { value: 0.001, label: "0.1 %" }] }),
    numberField(context, { key: "n_shuffles", label: "Shuffles", help: "How many times the entries are shuffled. A trap that shows in every shuffle is sure.", min: 1, max: 50 }),
    numberField(context, { key: "seed", label: "First seed", help: "The same seed gives the same shuffles.", min: 0, max: 2 ** 31 - 1 }),
  ];
  return { look, noise, all: [...look, ...noise] };
}

/** @param {import("../types").Mark} mark @param {import("../types").TrapKey | null} trap */
function chip({ seed, index, label, help }, trap) {
  const on = trap?.seed === seed && trap?.index === index;
  return withHelp(h("button", { type: "button", class: "sw-chip", "data-seed": seed, "data-index": index, "aria-pressed": String(on) }, icon("warn"), h("span", {}, label)), help);
}

/** @param {import("../context").Context} context */
export function spectrumPanel(context) {
  const { store, wire, signal } = context;
  const error = errorLine();
  const job = createJobStrip(context, { job: "scan", label: "Shuffling" });
  const chooseTrap = async (/** @type {import("../types").TrapKey} */ trap) => error.say(await store.patch({ trap }));
  const chart = createChart(context, chooseTrap);
  const { look, noise, all } = controlsOf(context);
  const again = button("Re-shuffle", { action: "reshuffle", signal, sign: "shuffle", press: () => reshuffle(), help: "Shuffles again with the next seeds." });
  const exact = button("Compute exactly", { action: "exact", signal, press: async () => {
    if (data?.exact) error.say(await store.patch({ exact: data.exact.exact }));
  }, help: "Every eigenvalue of this layer in place of an estimate." });
  exact.hidden = true;
  const counts = h("dl", {});
  const countsCard = h("div", { class: "sw-counts" }, h("h3", { class: "sw-minor" }, "Traps per shuffle"), counts);
  const facts = h("dl", { class: "sw-facts" });
  const marksTitle = h("h3", { class: "sw-minor" });
  const chips = h("div", { class: "sw-chips", role: "group", "aria-label": "Traps of the shuffled matrix" });
  const shuffles = shufflePicker(context, error.say);
  const marks = h("div", { class: "sw-marks" }, shuffles.element, h("div", {}, marksTitle, chips));
  const message = h("p", { class: "sw-help", role: "status" });
  const empty = emptyState("Choose a layer in the table to see its spectrum.");
  const content = h("div", { class: "sw-spectrum" },
    h("div", { class: "sw-spectrum-main" }, h("div", { class: "sw-controls" }, ...look.map(({ element }) => element)), chart.element, message, exact, marks),
    h("div", { class: "sw-spectrum-side" }, countsCard, h("div", { class: "sw-controls" }, ...noise.map(({ element }) => element), again), facts));
  const panel = createPanel("spectrum", "Spectrum");
  panel.body.append(job.element, error.element, empty.element, content);
  /** @type {import("../types").SpectrumData | null} */
  let data = null;
  /** @type {{ layer: string | null, message: string } | null} */
  let failure = null;
  let showAll = false;
  content.hidden = true;

  async function reshuffle() {
    again.disabled = true;
    try {
      await wire.request("reshuffle");
      error.say("");
    } catch (problem) {
      error.say(/** @type {Error} */ (problem).message);
    }
    again.disabled = false;
  }

  chips.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("button") : null;
    if (!target) return;
    if (target.dataset.seed !== undefined) chooseTrap({ seed: Number(target.dataset.seed), index: Number(target.dataset.index) });
    else {
      showAll = true;
      showMarks(store.get());
    }
  }, { signal });

  /** @param {import("../types").State} state */
  const showMarks = (state) => {
    const list = data?.marks ?? [];
    shuffles.show(data?.shuffles ?? []);
    const ready = list.length > 0 || (data?.status === "ready" && data.counts?.length > 0 && !job.running);
    marks.hidden = !ready;
    marksTitle.textContent = list.length ? "Traps of the shuffled matrix: choose one" : "No trap in the shuffle that is shown.";
    const some = showAll ? list : list.slice(0, FEW_MARKS);
    const more = list.length - some.length;
    const text = JSON.stringify([some, state.trap, more]);
    if (chips.dataset.shown === text) return;
    chips.dataset.shown = text;
    const place = [...chips.children].findIndex(isFocused);
    chips.replaceChildren(...some.map((mark) => chip(mark, state.trap)), ...(more ? [h("button", { type: "button", class: "sw-button sw-link" }, `Show ${more} more`)] : []));
    if (place >= 0) /** @type {HTMLElement | undefined} */ (chips.children[place])?.focus();
  };

  /** A layer that fails and its scan that fails say the same; it stands here once. */
  const sayFailure = () => {
    const failed = data?.status === "failed" ? data.message || "The spectrum could not be computed." : "";
    error.say(failed || (failure && failure.layer === store.get().layer ? failure.message : ""));
  };

  /** @param {import("../types").State} state */
  const showFreshness = (state) => {
    if (!data) return;
    const stale = Boolean(data.layer && state.layer && data.layer !== state.layer);
    panel.mark(stale ? "working" : data.status);
    const name = h("span", { class: "sw-mono" }, ...breakable((stale ? state.layer : data.layer) ?? ""));
    panel.describe(name, stale ? " computing…" : data.subtitle ? ` ${data.subtitle}` : "");
  };

  return {
    element: panel.element,
    /** @param {import("../types").SpectrumData} next */
    show(next) {
      if (next.layer !== data?.layer) showAll = false;
      data = next;
      const waits = next.status === "working" && !next.chart && !content.hidden;
      const hasContent = Boolean(next.chart) || waits;
      empty.element.hidden = hasContent || next.status === "failed";
      empty.say(next.status === "failed" ? "" : next.message || (next.status === "working" ? "Computing the spectrum…" : ""));
      content.hidden = !hasContent;
      sayFailure();
      if (!waits) chart.show(next.chart);
      message.textContent = next.status === "failed" ? "" : next.message;
      message.hidden = !message.textContent;
      exact.hidden = !next.exact;
      if (next.exact) withHelp(exact, next.exact.help);
      if (!waits) {
        showFacts(counts, next.counts);
        showFacts(facts, next.facts);
        countsCard.hidden = !next.counts?.length;
      }
      if (next.status !== "working" && next.status !== "ready") job.end();
      const state = store.get();
      showFreshness(state);
      showMarks(state);
    },
    /** @param {import("../types").Progress} progress */
    progress(progress) {
      failure = null;
      job.progress(progress);
    },
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      if (finished.outcome === "failed") {
        failure = { layer: store.get().layer, message: finished.message || "The shuffles could not be computed." };
        job.end();
        sayFailure();
      } else job.finished(finished);
      showMarks(store.get());
    },
    redraw: chart.redraw,
    /** @param {import("../types").State} state */
    sync(state) {
      for (const control of all) control.sync(state);
      showFreshness(state);
      showMarks(state);
    },
  };
}
