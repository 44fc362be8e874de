// Questions: choose one, set it up, run it, read the answer. Nothing here knows any single question.
import { createAsk } from "../ask.js";
import { button } from "../controls.js";
import { h } from "../dom.js";
import { createFocusHand } from "../focus.js";
import { createJobStrip } from "../job.js";
import { createPanel, emptyState } from "../panel.js";
import { studySettings } from "../settings.js";
import { answerBox } from "./answer.js";
import { questionList } from "./questions.js";

/** @param {import("../context").Context} context */
export function studyPanel(context) {
  const { store, signal } = context;
  const ask = createAsk(context);
  const questions = questionList(context);
  const settings = studySettings(context);
  const run = button("Run", { action: "ask", signal, look: "sw-primary", press: () => start() });
  const job = createJobStrip(context, { job: "study", label: "Finding the answer" });
  const title = h("h3", { class: "sw-question-title" });
  const help = h("p", { class: "sw-help" });
  const said = h("p", { class: "sw-help", role: "status" });
  const empty = emptyState("Choose a question: it is answered in a sentence, with its chart.");
  const answer = answerBox(context, (changes, study) => (study ? start({ ...changes, study }) : store.patch(changes)));
  const setup = h("div", { class: "sw-stack" }, title, help, h("div", { class: "sw-controls" }, settings.element, run));
  const side = h("div", { class: "sw-stack" }, empty.element, setup, job.element, said, answer.element);
  const panel = createPanel("study", "Questions");
  panel.body.append(h("div", { class: "sw-study" }, questions.element, side));
  panel.mark("empty");
  setup.hidden = true;
  /** @type {import("../types").StudyData | null} */
  let data = null;
  let asking = false;
  let heard = false;
  let lastEnded = -Infinity;
  const handFocus = createFocusHand(run, job.element);

  const lock = () => {
    const on = !job.running;
    if (!on) handFocus(on);
    run.disabled = !on || data?.status === "unavailable";
    settings.enable(on);
    if (on) handFocus(on);
  };

  /** @param {Record<string, unknown>} [changes] */
  async function start(changes) {
    job.begin();
    asking = true;
    heard = false;
    lock();
    const refused = await ask(changes);
    asking = false;
    if (refused) job.fail(refused);
    else if (heard && data?.status !== "working") job.end();
    lock();
    return "";
  }

  /** A panel that was drawn while a run was on and comes after its end. @param {import("../types").StudyData} next */
  const isLate = ({ status, run: number }) => status === "working" && Number(number ?? Infinity) <= lastEnded;

  return {
    element: panel.element,
    /** @param {import("../types").StudyData} next */
    show(next) {
      if (data && isLate(next)) return;
      data = next;
      heard = true;
      panel.mark(next.status);
      questions.show(next.questions, store.get());
      const none = next.status === "empty";
      const away = none || next.status === "unavailable";
      empty.element.hidden = !away;
      empty.say(away ? next.message : "");
      setup.hidden = none;
      title.textContent = next.title;
      help.textContent = next.help;
      settings.show(next.study, next.settings);
      said.textContent = away ? "" : next.message;
      said.className = next.status === "failed" ? "sw-caveat-line" : "sw-help";
      said.hidden = !said.textContent;
      answer.show(next);
      if (next.status === "working" && !job.running) job.begin();
      if (next.status !== "working" && !asking) job.end();
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
      // The panel says what failed, beside what was found before.
      if (finished.outcome === "failed") job.end();
      else job.finished(finished);
      lock();
    },
    redraw: answer.redraw,
    /** @param {import("../types").State} state */
    sync(state) {
      questions.sync(state);
      settings.sync();
    },
  };
}
