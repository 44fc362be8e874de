// Every weight matrix of the model: filter, sort, select; rows fill in while they are measured.
import { button, errorLine, flagField } from "../controls.js";
import { breakable, freshId, h, isFocused } from "../dom.js";
import { caveatsOf } from "../cells.js";
import { counted } from "../format.js";
import { createJobStrip } from "../job.js";
import { createPanel } from "../panel.js";
import { save } from "../save.js";
import { createTable } from "../table.js";
import { bandLegend } from "./bands.js";
import { columnPicker } from "./columns.js";

/** Tensors that are no layers, folded away, each reason once. */
function leftOutList() {
  const title = h("summary", { class: "sw-fold-title" });
  const list = h("dl", { tabindex: 0 });
  const element = h("details", { class: "sw-fold sw-left-out", hidden: true }, title, list);
  return {
    element,
    /** @param {{ reason: string, names: string[] }[]} reasons */
    show(reasons) {
      const count = reasons.reduce((sum, { names }) => sum + names.length, 0);
      element.hidden = !count;
      title.textContent = `${counted(count, "tensor")} left out: why`;
      list.replaceChildren(...reasons.flatMap(({ reason, names }) => [h("dt", {}, `${counted(names.length, "tensor")}: ${reason}`), h("dd", {}, ...names.flatMap((name, i) => [i ? ", " : "", ...breakable(name)]))]));
    },
  };
}

const SAVE_MS = 60000;

/** Two buttons that hand out what was measured, with units and sources. @param {import("../context").Context} context */
function tableSaver({ wire, signal, root }) {
  const error = errorLine();
  const take = async (/** @type {string} */ format) => {
    try {
      save(await wire.request("export", { what: "table", format }, SAVE_MS), root.ownerDocument);
      error.say("");
    } catch (problem) {
      error.say(/** @type {Error} */ (problem).message);
    }
  };
  const help = "All that was measured of every layer, with unit, meaning and source of each metric.";
  const buttons = ["csv", "json"].map((format) => button(format.toUpperCase(), { action: `table-${format}`, signal, help, press: () => take(format) }));
  for (const one of buttons) one.setAttribute("aria-label", `Save the table as ${one.textContent}`);
  const element = h("div", { class: "sw-line", role: "group", "aria-label": "Save the table" }, h("span", { class: "sw-minor" }, "Save table"), ...buttons, error.element);
  const enable = (/** @type {boolean} */ on) => buttons.forEach((one) => (one.disabled = !on));
  enable(false);
  return { element, enable, enabled: () => !buttons[0].disabled };
}

/** @param {import("../context").Context} context */
export function layersPanel(context) {
  const { store, wire, signal, notices } = context;
  const change = async (/** @type {any} */ changes) => notices.error(await store.patch(changes));
  const table = createTable({ signal, change, point: () => tell() });
  const job = createJobStrip(context, { job: "layers", label: "Measuring the layers" });

  const textId = freshId("filter");
  const kindId = freshId("kind");
  const text = h("input", { type: "search", id: textId, class: "sw-input sw-search", placeholder: "Filter by name", autocomplete: "off", spellcheck: "false" });
  const kind = h("select", { id: kindId, class: "sw-input" });
  const count = h("span", { class: "sw-count", role: "status" });
  const chosen = h("span", { class: "sw-count" });
  const clear = button("Clear selection", { action: "clear-selection", signal, look: "sw-link", press: () => change({ selected: store.get().layer ? [store.get().layer] : [] }) });
  const measure = button("Measure the rest", { action: "measure", signal, press: () => start() });
  const detail = h("p", { class: "sw-detail" });
  const foot = h("div", { class: "sw-table-foot" }, count, chosen, clear, detail);
  const leftOut = leftOutList();
  const columns = columnPicker(context);
  const legend = bandLegend();
  const bands = flagField(context, { key: "bands", label: "Colour by band", help: "Marks numbers that the field has names for, such as an α below 2, with a letter and a colour." });
  const saving = tableSaver(context);
  const empty = h("p", { class: "sw-empty", role: "status" }, "Asking the kernel for the layers…");
  const panel = createPanel("layers", "Layers",
    h("label", { class: "sw-hidden", for: textId }, "Filter layers by name"), text,
    h("label", { class: "sw-hidden", for: kindId }, "Kind of layer"), kind, measure);
  panel.body.append(job.element, columns.element, empty, table.element, foot, legend.element, h("div", { class: "sw-line sw-table-tools" }, bands.element, saving.element), leftOut.element);
  measure.hidden = true;
  table.element.hidden = true;

  async function start() {
    job.begin();
    measure.hidden = true;
    try {
      await wire.request("measure");
    } catch (problem) {
      job.fail(/** @type {Error} */ (problem).message);
      measure.hidden = false;
    }
  }

  text.addEventListener("input", () => store.patchSoon({ filter: { ...store.get().filter, text: text.value } }, notices.error), { signal });
  kind.addEventListener("change", () => change({ filter: { ...store.get().filter, kind: kind.value } }), { signal });

  /** @param {import("../types").Row} row */
  const caveats = (row) => ["traps", ...Object.keys(row.caveats ?? {})].flatMap((key) => caveatsOf(row, key));

  let tallest = 0;
  const showFoot = () => {
    const state = store.get();
    const total = table.rows().size;
    const shown = table.shown().length;
    count.textContent = shown === total ? counted(total, "layer") : `${shown} of ${counted(total, "layer")}`;
    chosen.textContent = state.selected.length > 1 ? `${state.selected.length} selected` : "";
    clear.hidden = state.selected.length < 2;
    foot.classList.toggle("sw-has-detail", [...table.rows().values()].some((row) => caveats(row).length > 0));
    tell();
  };

  const tell = () => {
    const row = table.pointed();
    detail.textContent = row ? [...new Set(caveats(row))].join(" ") : "";
    // The line keeps the room that it once took: what stands below must not jump away from under the mouse.
    tallest = Math.max(tallest, detail.offsetHeight);
    detail.style.minHeight = tallest ? `${tallest}px` : "";
  };

  /** @param {import("../types").LayersData} data */
  const showKinds = ({ kinds }) => {
    const wanted = store.get().filter.kind;
    const option = (/** @type {string} */ value, /** @type {string} */ label) => h("option", { value }, label);
    kind.replaceChildren(option("", "All kinds"), ...kinds.map((name) => option(name, name)));
    kind.value = wanted;
  };

  const unfinished = () => [...table.rows().values()].some(({ status, waiting }) => status === "waiting" || status === "working" || waiting?.length);

  return {
    element: panel.element,
    /** @param {import("../types").LayersData} data */
    show(data) {
      panel.describe(h("strong", {}, data.model), data.summary ? ` ${data.summary}` : "");
      showKinds(data);
      leftOut.show(data.left_out ?? []);
      columns.show(data);
      legend.show(data.legends ?? []);
      saving.enable(data.rows.some(({ status }) => status === "done"));
      empty.hidden = data.rows.length > 0;
      empty.textContent = "This model has no weight matrices to show.";
      table.element.hidden = data.rows.length === 0;
      table.show(data.columns, data.rows);
      if (data.job_active && !job.running) job.begin();
      if (!data.job_active) job.end();
      measure.hidden = data.job_active || !unfinished();
      showFoot();
    },
    /** @param {import("../types").Row[]} rows */
    update(rows) {
      table.update(rows);
      saving.enable(rows.some(({ status }) => status === "done") || saving.enabled());
      showFoot();
    },
    progress: job.progress,
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      job.finished(finished);
      measure.hidden = !unfinished();
    },
    /** @param {import("../types").State} state */
    sync(state) {
      if (!isFocused(text)) text.value = state.filter.text;
      kind.value = state.filter.kind;
      table.sync(state);
      columns.sync(state);
      bands.sync(state);
      showFoot();
    },
  };
}
