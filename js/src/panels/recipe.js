// The same screen as code: ask the kernel, show it, copy it; and freeze the view into a picture.
import { button, errorLine } from "../controls.js";
import { h } from "../dom.js";

/** @param {import("../context").Context} context */
export function codeBox({ wire, signal, notices }) {
  const error = errorLine();
  const text = h("pre", { class: "sw-code", tabindex: 0, hidden: true, "aria-label": "Python that gives this screen" });
  const show = button("Show as code", { action: "recipe", signal, press: () => recipe(), help: "The Python that gives the same state without the mouse." });
  const copy = button("Copy", { action: "copy-recipe", signal, press: () => copied() });
  const freeze = button("Freeze", { action: "freeze", signal, press: () => still(), help: "Puts a still picture in place of this view, for readers without a kernel." });
  const element = h("div", { class: "sw-recipe" }, h("h3", { class: "sw-minor" }, "Share"), h("div", { class: "sw-line" }, show, copy, freeze), text, error.element);
  copy.hidden = true;

  /** @param {string} kind */
  async function ask(kind) {
    try {
      const answer = await wire.request(kind);
      error.say("");
      return answer;
    } catch (problem) {
      error.say(/** @type {Error} */ (problem).message);
      return null;
    }
  }

  async function recipe() {
    const answer = await ask("recipe");
    if (!answer) return;
    text.textContent = String(answer.code ?? "");
    text.hidden = copy.hidden = false;
    text.focus();
  }

  async function copied() {
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      notices.say("info", "The code is on the clipboard.");
    } catch {
      getSelection()?.selectAllChildren(text);
      error.say("The browser does not allow copying. The code is selected: press Ctrl+C.");
    }
  }

  async function still() {
    if (await ask("freeze")) notices.say("info", "The view is frozen. Run the cell again to get it back.");
  }

  return { element };
}
