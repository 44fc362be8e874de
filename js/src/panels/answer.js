// An answer: the finding in one sentence, then what it rests on, then what to do next.
import { createChart } from "../chart.js";
import { button, errorLine } from "../controls.js";
import { h } from "../dom.js";
import { plainTable, showFacts } from "../facts.js";
import { withHelp } from "../tip.js";

/**
 * @param {import("../context").Context} context
 * @param {(changes: Record<string, unknown>, study?: string) => Promise<string>} act
 */
export function answerBox(context, act) {
  const { store, wire, signal, notices } = context;
  const error = errorLine();
  const sentence = h("p", { class: "sw-lead sw-answer-sentence", role: "status" });
  const caveat = h("p", { class: "sw-caveat-line" });
  const facts = h("dl", { class: "sw-facts" });
  const charts = h("div", { class: "sw-charts" });
  const tables = h("div", { class: "sw-stack" });
  const actions = h("div", { class: "sw-line sw-actions" });
  const code = h("pre", { class: "sw-code", tabindex: 0, "aria-label": "Python that gives this answer" });
  const copy = button("Copy", { action: "copy-answer", signal, press: () => copied() });
  const fold = h("details", { class: "sw-fold" }, h("summary", { class: "sw-fold-title" }, "Show code"), code, copy);
  const pin = button("Pin this answer", { action: "pin-answer", signal, sign: "pin", press: () => keep(), help: "Keeps the sentence with its charts and numbers among the findings." });
  const element = h("div", { class: "sw-answer sw-stack", hidden: true }, sentence, caveat, facts, charts, tables, actions, error.element, h("div", { class: "sw-line" }, pin), fold);
  /** @type {ReturnType<typeof createChart>[]} */
  const drawn = [];

  async function keep() {
    pin.disabled = true;
    try {
      await wire.request("pin", { note: "", what: "answer" });
      notices.say("info", "The answer is among the findings.");
      error.say("");
    } catch (problem) {
      error.say(/** @type {Error} */ (problem).message);
    }
    pin.disabled = false;
  }

  async function copied() {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      notices.say("info", "The code is on the clipboard.");
    } catch {
      getSelection()?.selectAllChildren(code);
      error.say("The browser does not allow copying. The code is selected: press Ctrl+C.");
    }
  }

  element.addEventListener("click", async (event) => {
    const target = event.target instanceof Element ? event.target.closest("button") : null;
    if (target?.dataset.changes) error.say(await act(changesOf(target), target.dataset.study));
  }, { signal });

  /** Settings of a question are laid over those it has now. @param {HTMLElement} target */
  const changesOf = ({ dataset }) => {
    const changes = JSON.parse(dataset.changes ?? "{}");
    if (!dataset.settings) return changes;
    const now = store.get().study_settings;
    const own = Object.entries(JSON.parse(dataset.settings)).map(([name, settings]) => [name, { ...now[name], .../** @type {any} */ (settings) }]);
    return { ...changes, study_settings: { ...now, ...Object.fromEntries(own) } };
  };

  /** @param {import("../types").Chart[]} list */
  const showCharts = (list) => {
    while (drawn.length < list.length) {
      drawn.push(createChart(context));
      charts.append(drawn[drawn.length - 1].element);
    }
    drawn.forEach((chart, i) => chart.show(list[i]));
    charts.hidden = !list.length;
  };

  /** Redraws what changed and nothing else, so that the focus stays. @param {HTMLElement} place @param {unknown} content @param {() => Node[]} make */
  const fresh = (place, content, make) => {
    const text = JSON.stringify(content);
    if (place.dataset.shown !== text) place.replaceChildren(...make());
    place.dataset.shown = text;
  };

  /** @param {import("../types").Action} action */
  const actionButton = ({ label, help, changes, study, settings }) =>
    withHelp(h("button", { type: "button", class: "sw-button", "data-changes": JSON.stringify(changes ?? {}), "data-study": study ?? null, "data-settings": settings ? JSON.stringify(settings) : null }, label), help);

  return {
    element,
    /** @param {import("../types").StudyData} data */
    show(data) {
      element.hidden = !data.sentence;
      error.say("");
      if (sentence.textContent !== data.sentence) sentence.textContent = data.sentence;
      caveat.textContent = data.caveat;
      caveat.hidden = !data.caveat;
      showFacts(facts, data.facts);
      showCharts(data.charts);
      fresh(tables, data.tables, () => data.tables.map(({ caption, columns, rows }) => plainTable(columns, rows, caption)));
      tables.hidden = !data.tables.length;
      fresh(actions, data.actions, () => data.actions.map(actionButton));
      actions.hidden = !data.actions.length;
      code.textContent = data.code;
      fold.hidden = !data.code;
    },
    redraw: () => Promise.all(drawn.map((chart) => chart.redraw())),
  };
}
