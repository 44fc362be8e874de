// The strip that shows a long job: a labelled bar, counts and times in words, and Cancel.
import { button, errorLine } from "./controls.js";
import { h } from "./dom.js";
import { progressWords } from "./format.js";

/**
 * @param {{ wire: ReturnType<typeof import("./wire.js").createWire>, signal: AbortSignal }} context
 * @param {{ job: string, label: string }} options
 */
export function createJobStrip({ wire, signal }, { job, label }) {
  const bar = h("progress", { class: "sw-progress", max: 1, "aria-label": label });
  const title = h("span", { class: "sw-job-title" });
  const words = h("span", { class: "sw-job-words" });
  const error = errorLine();
  const cancel = button("Cancel", { action: `cancel-${job}`, signal, press: () => stop() });
  const line = h("div", { class: "sw-job-line", hidden: true }, bar, h("span", { class: "sw-job-text" }, title, words), cancel);
  const outcome = h("p", { class: "sw-note", role: "status", hidden: true });
  const element = h("div", { class: "sw-job", "data-job": job }, line, outcome, error.element);
  let running = false;

  async function stop() {
    cancel.disabled = true;
    words.textContent = "Cancelling…";
    try {
      await wire.request("cancel", { job });
    } catch (problem) {
      cancel.disabled = false;
      error.say(/** @type {Error} */ (problem).message);
    }
  }

  const begin = () => {
    running = true;
    line.hidden = false;
    outcome.hidden = true;
    cancel.disabled = false;
    title.textContent = label;
    words.textContent = "Starting…";
    bar.removeAttribute("value");
    error.say("");
  };

  const end = () => {
    running = false;
    line.hidden = true;
  };

  return {
    element,
    begin,
    end,
    get running() {
      return running;
    },
    /** @param {import("./types").Progress} progress */
    progress(progress) {
      if (!running) begin();
      title.textContent = progress.label || label;
      if (!cancel.disabled) words.textContent = progressWords(progress);
      if (progress.total > 0) {
        bar.max = progress.total;
        bar.value = progress.done;
      } else bar.removeAttribute("value");
    },
    /** @param {import("./types").Finished} finished */
    finished({ outcome: how, message }) {
      end();
      if (how === "failed") return error.say(message || `${label} failed.`);
      outcome.textContent = message;
      outcome.hidden = !message || how === "done";
    },
    /** @param {string} text */
    fail(text) {
      end();
      error.say(text);
    },
  };
}
