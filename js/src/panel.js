// The frame every panel stands in: heading, a quiet line, a place for tools, and the body.
import { freshId, h } from "./dom.js";

/** @param {string} name @param {string} title @param {...import("./dom.js").Child} tools */
export function createPanel(name, title, ...tools) {
  const id = freshId(name);
  const heading = h("h2", { class: "sw-title", id }, title);
  const subtitle = h("p", { class: "sw-subtitle" });
  const body = h("div", { class: "sw-panel-body" });
  const head = h("header", { class: "sw-panel-head" }, h("div", { class: "sw-heading" }, heading, subtitle), tools.length ? h("div", { class: "sw-tools" }, ...tools) : null);
  const element = h("section", { class: `sw-panel sw-panel-${name}`, "data-panel": name, "aria-labelledby": id }, head, body);
  return {
    element,
    body,
    /** @param {...import("./dom.js").Child} words */
    describe: (...words) => subtitle.replaceChildren(.../** @type {any[]} */ (words.filter(Boolean))),
    /** @param {string} status */
    mark: (status) => {
      element.dataset.status = status;
      element.setAttribute("aria-busy", String(status === "working"));
    },
  };
}

/** What to do next, where there is nothing to show yet. @param {string} sentence */
export function emptyState(sentence) {
  const words = h("p", {}, sentence);
  const element = h("div", { class: "sw-empty", role: "note" }, words);
  return {
    element,
    /** @param {string} text */
    say(text) {
      words.textContent = text || sentence;
    },
  };
}
