// Any metric of all layers over depth, or any two against each other; a press on a mark chooses its layer.
import { createChart } from "../chart.js";
import { errorLine, segmented } from "../controls.js";
import { freshId, h } from "../dom.js";
import { createPanel, emptyState } from "../panel.js";

/** A list of metrics in groups. @param {import("../context").Context} context @param {"chart_x" | "chart_y"} key @param {string} label */
function axisField({ store, signal }, key, label) {
  const error = errorLine();
  const id = freshId(key);
  const select = h("select", { id, class: "sw-input sw-axis" });
  const element = h("div", { class: "sw-field", "data-key": key }, h("label", { class: "sw-label", for: id }, label), select, error.element);
  select.addEventListener("change", async () => error.say(await store.patch({ [key]: select.value })), { signal });
  return {
    element,
    /** @param {import("../types").OptionGroup[]} groups */
    show(groups) {
      const text = JSON.stringify(groups);
      if (select.dataset.shown === text) return;
      select.dataset.shown = text;
      select.replaceChildren(...groups.map(({ title, options }) => h("optgroup", { label: title }, ...options.map(({ value, label }) => h("option", { value }, label)))));
    },
    /** @param {any} state */
    sync: (state) => void (select.value = state[key]),
  };
}

/** @param {import("../context").Context} context */
export function metricsPanel(context) {
  const { store, notices } = context;
  const pick = async (/** @type {string} */ layer) => notices.error(await store.patch({ layer, selected: [layer] }));
  const chart = createChart(context, undefined, pick);
  const up = axisField(context, "chart_y", "Metric");
  const across = axisField(context, "chart_x", "Over");
  const log = segmented(context, { key: "chart_log", label: "Log axes", help: "Values that are not positive are left out on a logarithmic axis.", choices: [
    { value: "none", label: "None" }, { value: "x", label: "x" }, { value: "y", label: "y" }, { value: "both", label: "Both" }] });
  const fields = [up, across, log];
  const sentence = h("p", { class: "sw-chart-words", role: "status" });
  const notes = h("p", { class: "sw-help" });
  const empty = emptyState("The chart appears with the first measured layer.");
  const panel = createPanel("metrics", "Metrics");
  const controls = h("div", { class: "sw-controls" }, ...fields.map(({ element }) => element));
  panel.body.append(h("div", { class: "sw-stack" }, controls, empty.element, sentence, chart.element, notes));
  panel.mark("empty");

  return {
    element: panel.element,
    /** @param {import("../types").MetricsData} data */
    show(data) {
      panel.mark(data.status);
      up.show(data.choices.slice(1));
      across.show(data.choices);
      for (const field of fields) field.sync(store.get());
      empty.element.hidden = Boolean(data.chart);
      empty.say(data.sentence);
      sentence.textContent = data.chart ? data.sentence : "";
      notes.textContent = data.notes.join(" ");
      chart.show(data.chart);
    },
    redraw: chart.redraw,
    /** @param {import("../types").State} state */
    sync(state) {
      for (const field of fields) field.sync(state);
    },
  };
}
