// The screen of a lab: the lesson, its dials, and what the last draw shows. Nothing here knows any single lab.
import { createChart } from "../chart.js";
import { button } from "../controls.js";
import { freshId, h } from "../dom.js";
import { plainTable } from "../facts.js";
import { counted } from "../format.js";
import { codeBox } from "../panels/recipe.js";
import { unpacked } from "./columns.js";
import { dialPanel } from "./dials.js";
import { dragLines } from "./drag.js";

const COLUMNS = [
  { key: "label", title: "Quantity" },
  { key: "value", title: "Simulated", numeric: true, help: "Mean over draws with its standard error." },
  { key: "theory", title: "Theory", numeric: true },
  { key: "deviation", title: "Difference in s.e.", numeric: true, help: "Simulation less theory, in standard errors. Within ±2 is the rule, beyond ±4 theory does not hold." },
];

/** A question whose answer waits behind a button. @param {import("../types").Lesson} lesson @param {AbortSignal} signal */
function questionBox({ question, answer }, signal) {
  const id = freshId("answer");
  const said = h("p", { id, class: "sw-lab-answer", hidden: true }, answer);
  const show = button("Show the answer", { action: "answer", signal, press: () => {
    said.hidden = !said.hidden;
    show.setAttribute("aria-expanded", String(!said.hidden));
    /** @type {HTMLElement} */ (show.firstElementChild).textContent = said.hidden ? "Show the answer" : "Hide the answer";
  } });
  show.setAttribute("aria-expanded", "false");
  show.setAttribute("aria-controls", id);
  return h("div", { class: "sw-lab-question sw-stack" }, h("h3", { class: "sw-minor" }, "Question"), h("p", {}, question), h("div", { class: "sw-line" }, show), said);
}

/** @param {import("../types").Lesson} lesson */
const lessonBox = ({ text, look_for }) =>
  h("div", { class: "sw-lab-lesson sw-stack" }, ...text.map((part) => h("p", {}, part)), h("p", { class: "sw-look-for" }, h("strong", {}, "What to look for. "), look_for));

/** How far the draws are: a bar and words. */
function drawsLine() {
  const bar = h("progress", { class: "sw-progress", max: 1, value: 0, "aria-label": "Draws" });
  const words = h("span", { class: "sw-draws-words" });
  return {
    element: h("div", { class: "sw-draws" }, bar, words),
    /** @param {number} done @param {number} total */
    say(done, total) {
      bar.max = total;
      bar.value = done;
      words.textContent = done < total ? `${done} of ${counted(total, "draw")}` : counted(done, "draw");
    },
  };
}

/** @param {import("../context").Context} context @param {import("../types").Lesson} lesson */
export function labScreen(context, lesson) {
  const { store, signal } = context;
  const dials = dialPanel(context, lesson);
  const draws = drawsLine();
  const sentence = h("p", { class: "sw-lead sw-answer-sentence" });
  // Read out when a draw is complete, not at every step of it.
  const spoken = h("p", { class: "sw-hidden", role: "status", "aria-live": "polite" });
  const caveat = h("p", { class: "sw-caveat-line", hidden: true });
  const charts = h("div", { class: "sw-lab-charts" });
  const facts = h("div", { class: "sw-lab-facts" });
  const results = h("div", { class: "sw-stack sw-lab-results", "aria-busy": "true" }, draws.element, charts, sentence, caveat, spoken, facts);
  const side = h("div", { class: "sw-stack" }, dials.element);
  const id = freshId("lab");
  const below = h("div", { class: "sw-stack" }, questionBox(lesson, signal), codeBox(context).element);
  const element = h("section", { class: "sw-panel sw-panel-lab", "aria-labelledby": id },
    h("header", { class: "sw-panel-head" }, h("h2", { class: "sw-title", id }, lesson.title)),
    h("div", { class: "sw-panel-body" }, h("div", { class: "sw-stack" }, lessonBox(lesson), h("div", { class: "sw-lab-desk" }, side, results), below)));
  /** @type {import("../types").Drawn | null} */
  let newest = null;
  /** @type {Promise<unknown>} */
  let charted = Promise.resolve();
  /** @type {Map<string, any>} */
  const specs = new Map();
  /** @type {ReturnType<typeof createChart>[]} */
  const drawn = [];

  /** @param {string} dial @param {number} value */
  const move = (dial, value) => {
    const setting = lesson.dials.find(({ key }) => key === dial);
    if (!setting?.stops) return;
    const { stops } = setting;
    const at = stops.reduce((best, stop) => (Math.abs(stop - value) < Math.abs(best - value) ? stop : best));
    if (at !== /** @type {any} */ (store.get())[dial]) store.patchSoon({ [dial]: at }, context.notices.error);
  };

  /** @param {import("../types").Drawn} data @param {DataView[]} buffers */
  const showCharts = async (data, buffers) => {
    while (drawn.length < data.panels.length) {
      drawn.push(createChart({ ...context, marksAreRead: false, prepared: (/** @type {any} */ view, /** @type {HTMLElement} */ place) => dragLines(view, place, { signal, move }) }));
      charts.append(drawn[drawn.length - 1].element);
    }
    await Promise.all(drawn.map((chart, i) => {
      const panel = data.panels[i];
      if (!panel) return chart.show(null);
      if (panel.spec) specs.set(panel.shape, panel.spec);
      const spec = specs.get(panel.shape);
      // Another view of this lab has just opened, and what it lacks is on its way.
      if (!spec) return undefined;
      return chart.show({ spec, datasets: unpacked(panel.datasets, buffers), alt: panel.alt });
    }));
  };

  /** @param {import("../types").Drawn} data */
  const showFacts = ({ facts: rows, n_draws }) => {
    const caption = `Simulation beside theory, ${counted(n_draws, "draw")}`;
    facts.replaceChildren(plainTable(COLUMNS, rows.map(({ help, ...row }) => row), caption));
  };

  return {
    element,
    sync: dials.sync,
    redraw: () => drawn.forEach((chart) => chart.redraw()),
    /** @param {import("../types").Drawn | import("../types").DrawnAll} news @param {DataView[]} buffers */
    async show(news, buffers) {
      if (!news.panels && !newest) return;
      const data = /** @type {import("../types").Drawn} */ ({ ...newest, ...news });
      newest = data;
      draws.say(data.n_draws, data.n_total);
      sentence.textContent = data.sentence;
      caveat.textContent = data.caveat;
      caveat.hidden = !data.caveat;
      results.setAttribute("aria-busy", String(!data.complete));
      if (data.complete) spoken.textContent = `${data.sentence} ${data.caveat}`;
      if (news.panels) {
        showFacts(data);
        charted = showCharts(data, buffers);
      }
      await charted;
      if (newest !== data) return;
      results.dataset.draws = String(data.n_draws);
      results.dataset.complete = String(data.complete);
      dials.shown(data.complete);
    },
  };
}
