// Take the trap out and measure the harm, next to matched controls; the rule and the verdict stand in words.
import { createChart } from "../chart.js";
import { button, errorLine, numberField } from "../controls.js";
import { freshId, h, icon } from "../dom.js";
import { plainTable } from "../facts.js";
import { createFocusHand } from "../focus.js";
import { short } from "../format.js";
import { createJobStrip } from "../job.js";
import { createPanel, emptyState } from "../panel.js";
import { withHelp } from "../tip.js";
import { moreChoices } from "./ablate_choices.js";

const ROLES = { edit: "this edit", companion: "for comparison", control: "matched control" };
/** @type {Record<string, { sign: Parameters<typeof icon>[0], word: string }>} */
const VERDICTS = {
  harmful: { sign: "warn", word: "Harmful" }, benign: { sign: "check", word: "Benign" }, // by labels
  active: { sign: "pulse", word: "Active" }, inert: { sign: "flat", word: "Inert" }, // by the outputs alone
  undecided: { sign: "wave", word: "Undecided" },
};
const COLUMNS = [
  { key: "label", title: "Change to the layer" },
  { key: "value", title: "Effect", numeric: true },
  { key: "interval", title: "95 % interval", numeric: true },
];

const MEASURES = [
  { key: "name", title: "Measure" },
  { key: "value", title: "This edit", numeric: true },
  { key: "interval", title: "95 % interval", numeric: true },
  { key: "control", title: "Strongest control", numeric: true },
];

/** @param {import("../context").Context} context */
function editChoice({ store, signal }) {
  const error = errorLine();
  const name = freshId("edit");
  const options = h("div", { class: "sw-edits" });
  const element = h("fieldset", { class: "sw-field", "data-key": "edit" }, h("legend", { class: "sw-label" }, "What to do with the trap"), options, error.element);
  options.addEventListener("change", async (event) => {
    if (event.target instanceof HTMLInputElement) error.say(await store.patch({ edit: event.target.value }));
  }, { signal });

  /** @param {import("../types").EditChoice} choice */
  const option = ({ value, label, help, enabled }) => {
    const id = freshId("edit");
    const input = h("input", { type: "radio", name, id, value, disabled: !enabled });
    return h("div", { class: "sw-edit" }, input, withHelp(h("label", { for: id }, label), help));
  };

  return {
    element,
    /** @param {import("../types").EditChoice[]} choices @param {import("../types").State} state */
    show(choices, state) {
      const text = JSON.stringify(choices);
      if (options.dataset.shown !== text) options.replaceChildren(...choices.map(option));
      options.dataset.shown = text;
      this.sync(state);
    },
    /** @param {import("../types").State} state */
    sync(state) {
      for (const input of options.querySelectorAll("input")) input.checked = input.value === state.edit;
    },
    /** @param {boolean} on */
    enable: (on) => void (element.disabled = !on),
  };
}

/** @param {import("../types").AblateData["verdict"]} verdict @param {HTMLElement} place @param {boolean} running */
function showVerdict(verdict, place, running) {
  place.hidden = !verdict;
  if (!verdict) return;
  const { sign, word } = VERDICTS[verdict.word] ?? { sign: "wave", word: verdict.word };
  place.dataset.word = verdict.word;
  place.replaceChildren(h("span", { class: "sw-verdict-word" }, icon(sign), h("span", {}, running ? `So far ${word.toLowerCase()}` : word)), h("p", {}, verdict.reason));
}

/** @param {import("../types").ResultRow[]} rows @param {string} caption */
const resultTable = (rows, caption) =>
  plainTable(COLUMNS, rows.map((row) => ({ ...row, label: [row.label, h("span", { class: "sw-hidden" }, ` (${ROLES[row.role] ?? row.role})`)], value: short(row.value) })), caption);

/** @param {import("../types").MeasureRow[]} rows */
const measureTable = (rows) =>
  plainTable(MEASURES, rows.map((row) => ({ ...row, name: withHelp(h("span", { class: "sw-has-help", tabindex: 0 }, row.title), row.help) })), "Further measures of the same runs");

/** @param {import("../context").Context} context */
export function ablatePanel(context) {
  const { store, wire, signal } = context;
  const edits = editChoice(context);
  const numbers = [
    numberField(context, { key: "n_probes", label: "Probes", help: "How many random inputs go through both models. Data are used whole.", min: 8, max: 100000 }),
    numberField(context, { key: "n_controls", label: "Controls", help: "How many random edits of the same size, elsewhere in the layer, stand beside it.", min: 1, max: 199 }),
    numberField(context, { key: "probe_seed", label: "Probe seed", help: "The same seed gives the same inputs and the same controls.", min: 0, max: 2 ** 31 - 1 }),
  ];
  const more = moreChoices(context);
  const run = button("Run", { action: "ablate", signal, look: "sw-primary", press: () => start() });
  const job = createJobStrip(context, { job: "ablate", label: "Ablating" });
  const made = h("p", { class: "sw-help" });
  const probe = h("p", { class: "sw-help" });
  const verdict = h("div", { class: "sw-verdict", role: "status", hidden: true });
  const rule = h("p", { class: "sw-rule" });
  const said = h("p", { class: "sw-help", role: "status" });
  const caveat = h("p", { class: "sw-caveat-line" });
  const charts = h("div", { class: "sw-charts" });
  const table = h("div", { class: "sw-stack" });
  const empty = emptyState("Choose a trap first. Then this panel takes it out of the layer and measures the harm.");
  const setup = h("div", { class: "sw-setup" }, edits.element, h("div", { class: "sw-controls" }, ...numbers.map(({ element }) => element), run), more.element, made, probe);
  const results = h("div", { class: "sw-stack" }, charts, table);
  const content = h("div", { class: "sw-ablate" }, h("div", { class: "sw-stack" }, setup, job.element, said, verdict, caveat, rule), results);
  const panel = createPanel("ablate", "Ablate");
  panel.body.append(empty.element, content);
  panel.mark("empty");
  content.hidden = true;
  /** @type {ReturnType<typeof createChart>[]} */
  const drawn = [];
  /** @type {import("../types").AblateData | null} */
  let data = null;
  let asking = false;
  let heard = false;
  let lastEnded = -Infinity;

  const handFocus = createFocusHand(run, job.element);

  const lock = () => {
    const on = !job.running;
    if (!on) handFocus(on);
    run.disabled = !on || data?.status === "unavailable";
    edits.enable(on);
    for (const number of numbers) number.enable(on);
    more.enable(on);
    if (on) handFocus(on);
  };

  async function start() {
    job.begin();
    asking = true;
    heard = false;
    lock();
    try {
      await wire.request("ablate");
      asking = false;
      if (heard && data?.status !== "working") job.end();
    } catch (problem) {
      asking = false;
      job.fail(/** @type {Error} */ (problem).message);
    }
    lock();
  }

  /** A panel that was drawn while a run was on and comes after its end. @param {import("../types").AblateData} next */
  const isLate = ({ status, run: number }) => status === "working" && Number(number ?? Infinity) <= lastEnded;

  /** @param {import("../types").Chart[]} list */
  const showCharts = (list) => {
    while (drawn.length < list.length) {
      drawn.push(createChart(context));
      charts.append(drawn[drawn.length - 1].element);
    }
    drawn.forEach((chart, i) => chart.show(list[i]));
    charts.hidden = !list.length;
  };

  /** @param {import("../types").AblateData} next */
  const showResult = (next) => {
    showVerdict(next.verdict, verdict, next.status === "working");
    rule.replaceChildren(...(next.rule ? [h("strong", {}, "Rule "), next.rule] : []));
    rule.hidden = !next.rule;
    showCharts(next.charts ?? []);
    const done = next.status === "done" ? "Measured" : "Measured so far";
    table.replaceChildren(...(next.rows?.length ? [resultTable(next.rows, done)] : []), ...(next.measures?.length ? [measureTable(next.measures)] : []));
    caveat.textContent = next.caveat ?? "";
    caveat.hidden = !next.caveat;
  };

  return {
    element: panel.element,
    /** @param {import("../types").AblateData} next */
    show(next) {
      if (data && isLate(next)) return;
      data = next;
      heard = true;
      panel.mark(next.status);
      const away = next.status === "empty" || next.status === "unavailable";
      empty.element.hidden = !away;
      empty.say(next.message);
      // Inputs that cannot be had are no reason to hide the choice of others.
      const stuck = next.status === "unavailable" && next.fields_changed > 0;
      setup.hidden = away && !stuck;
      content.hidden = away && !next.charts?.length && !stuck;
      edits.show(next.edits ?? [], store.get());
      more.show(next.fields ?? [], next.fields_changed ?? 0, store.get());
      made.textContent = next.edit_sentence ?? "";
      probe.textContent = next.probe_sentence ?? "";
      if (next.status === "working" && !job.running) job.begin();
      if (next.status !== "working" && !asking) job.end();
      panel.describe(next.n_done > 0 ? `${next.n_done} of ${next.n_planned} probes` : "");
      said.textContent = away ? "" : next.message;
      said.hidden = !said.textContent;
      showResult(next);
      lock();
    },
    /** @param {import("../types").Progress} progress */
    progress(progress) {
      job.progress(progress);
      lock();
    },
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      lastEnded = Math.max(lastEnded, finished.run ?? -Infinity);
      job.finished(finished);
      if (data?.status === "working") said.textContent = "Drawing the result…";
      lock();
    },
    redraw: () => Promise.all(drawn.map((chart) => chart.redraw())),
    /** @param {import("../types").State} state */
    sync(state) {
      edits.sync(state);
      for (const number of numbers) number.sync(state);
      more.sync(state);
    },
  };
}
