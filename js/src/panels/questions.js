// The list of questions: one choice among all, by what they are about and then by topic; a question that cannot be asked now says why.
import { errorLine } from "../controls.js";
import { freshId, h } from "../dom.js";
import { withHelp } from "../tip.js";

/** @type {[import("../types").Question["about"], string][]} */
const GROUPS = [["layer", "This layer"], ["trap", "This trap"], ["model", "Whole model"]];

/** @param {import("../context").Context} context */
export function questionList({ store, signal }) {
  const error = errorLine();
  const name = freshId("study");
  const groups = h("div", { class: "sw-question-groups" });
  const element = h("fieldset", { class: "sw-field sw-questions", "data-key": "study" }, h("legend", { class: "sw-hidden" }, "Question"), groups, error.element);
  groups.addEventListener("change", async (event) => {
    if (event.target instanceof HTMLInputElement) error.say(await store.patch({ study: event.target.value }));
  }, { signal });

  /** @param {import("../types").Question} question @param {string} said the reason that stands over the whole group */
  const option = ({ value, title, help, enabled, why_not }, said) => {
    const [id, reason] = [freshId("study"), freshId("why")];
    const own = why_not && why_not !== said ? h("span", { class: "sw-why-not", id: reason }, why_not) : null;
    const input = h("input", { type: "radio", name, id, value, disabled: !enabled, "aria-describedby": own ? reason : null });
    return h("div", { class: "sw-edit" }, input, h("div", { class: "sw-question" }, withHelp(h("label", { for: id }, title), help), own));
  };

  /** @param {string} title @param {string} topic @param {import("../types").Question[]} questions @param {string} known the reason that the group before gave */
  const group = (title, topic, questions, known) => {
    const reasons = new Set(questions.map((question) => question.why_not));
    const said = reasons.size === 1 ? [...reasons][0] : "";
    const id = freshId("group");
    const head = h("p", { class: "sw-minor", id }, h("span", { class: topic ? "sw-about" : "" }, title), topic, said && said !== known ? h("span", { class: "sw-why-not" }, ` ${said}`) : null);
    return h("div", { class: "sw-question-group", role: "group", "aria-labelledby": id }, head, ...questions.map((question) => option(question, said)));
  };

  return {
    element,
    /** @param {import("../types").Question[]} questions @param {import("../types").State} state */
    show(questions, state) {
      const text = JSON.stringify(questions);
      if (groups.dataset.shown !== text) {
        const at = /** @type {any} */ (groups.getRootNode()).activeElement;
        const focused = at instanceof HTMLInputElement && groups.contains(at) ? at.value : null;
        groups.replaceChildren(...GROUPS.flatMap(([about, title]) => {
          const list = questions.filter((question) => question.about === about);
          const topics = [...new Set(list.map(({ topic }) => topic))];
          const lists = topics.map((topic) => list.filter((question) => question.topic === topic));
          return topics.map((topic, i) => group(title, topics.length > 1 ? topic : "", lists[i], i ? lists[i - 1][0].why_not : ""));
        }));
        groups.dataset.shown = text;
        if (focused) /** @type {HTMLElement | null} */ (groups.querySelector(`input[value="${focused}"]`))?.focus();
      }
      this.sync(state);
    },
    /** @param {import("../types").State} state */
    sync(state) {
      for (const input of groups.querySelectorAll("input")) input.checked = input.value === state.study;
    },
  };
}
