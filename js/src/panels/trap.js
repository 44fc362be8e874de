// The trap that was chosen: how far out, how localised, which entries cause it, and the matrix around them.
import { createAsk } from "../ask.js";
import { createChart } from "../chart.js";
import { errorLine } from "../controls.js";
import { h } from "../dom.js";
import { plainTable, showFacts } from "../facts.js";
import { percent, short } from "../format.js";
import { createPanel, emptyState } from "../panel.js";
import { withHelp } from "../tip.js";

const COLUMNS = [
  { key: "row", title: "Row", numeric: true },
  { key: "column", title: "Column", numeric: true },
  { key: "value", title: "Value", numeric: true },
  { key: "z_score", title: "z-score", numeric: true },
  { key: "share", title: "Share of trap", numeric: true },
];

/** @param {import("../types").Culprit[]} culprits */
const culpritTable = (culprits) =>
  plainTable(COLUMNS, culprits.map(({ row, column, value, z_score, share }) => ({ row: short(row), column: short(column), value: short(value), z_score: short(z_score), share: percent(share) })), "Entries that cause it");

/** @param {import("../context").Context} context */
export function trapPanel(context) {
  const empty = emptyState("Choose a trap: click a mark in the spectrum or one of the buttons under it.");
  const explanation = h("p", { class: "sw-lead" });
  const caveat = h("p", { class: "sw-caveat-line" });
  const facts = h("dl", { class: "sw-facts" });
  const culprits = h("div", { class: "sw-culprits" });
  const actions = h("div", { class: "sw-line" });
  const error = errorLine();
  const ask = createAsk(context);
  const chart = createChart(context);
  const caption = h("p", { class: "sw-caption" });
  const content = h("div", { class: "sw-trap" }, h("div", { class: "sw-stack" }, explanation, caveat, facts, culprits, actions, error.element), h("div", { class: "sw-figure" }, caption, chart.element));
  const panel = createPanel("trap", "Trap");
  panel.body.append(empty.element, content);
  panel.mark("empty");
  content.hidden = true;

  actions.addEventListener("click", async (event) => {
    const name = event.target instanceof Element ? event.target.closest("button")?.dataset.study : undefined;
    if (name) error.say(await ask({ study: name }));
  }, { signal: context.signal });

  return {
    element: panel.element,
    /** @param {import("../types").TrapData} data */
    show(data) {
      panel.mark(data.status);
      const ready = data.status === "ready";
      empty.element.hidden = ready;
      empty.say(data.message);
      content.hidden = !ready;
      panel.describe(ready ? data.title : "");
      explanation.textContent = data.explanation;
      explanation.hidden = !data.explanation;
      caveat.textContent = data.message;
      caveat.hidden = !data.message;
      showFacts(facts, data.facts);
      culprits.replaceChildren(...(data.culprits?.length ? [culpritTable(data.culprits)] : []));
      actions.replaceChildren(...(data.actions ?? []).map(({ label, help, study }) => withHelp(h("button", { type: "button", class: "sw-button", "data-action": `ask-${study}`, "data-study": study ?? null }, label), help)));
      actions.hidden = !data.actions?.length;
      error.say("");
      caption.textContent = data.chart_caption;
      caption.hidden = !data.chart || !data.chart_caption;
      chart.show(data.chart);
    },
    redraw: chart.redraw,
    sync() {},
  };
}
