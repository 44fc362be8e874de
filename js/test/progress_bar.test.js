import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import bar from "../src/progress_bar.js";
import { one } from "./fake.js";

/** A model with one trait, as a notebook gives it. @param {any} tally */
function modelWith(tally) {
  /** @type {Set<Function>} */
  const listeners = new Set();
  let held = tally;
  return {
    sent: /** @type {any[]} */ ([]),
    listeners,
    get: () => held,
    on: (/** @type {string} */ _, /** @type {Function} */ listener) => listeners.add(listener),
    off: (/** @type {string} */ _, /** @type {Function} */ listener) => listeners.delete(listener),
    send(/** @type {any} */ message) {
      this.sent.push(message);
    },
    now(/** @type {any} */ next) {
      held = next;
      listeners.forEach((listener) => listener());
    },
  };
}

const TALLY = { label: "Measuring", share: 0.25, words: "12 of 39 · 3.1/s · 9.0 s left", ended: false };

it("shows label, share and words, and follows them", () => {
  const model = modelWith(TALLY);
  const el = document.createElement("div");
  const close = bar.render({ model: /** @type {any} */ (model), el });
  expect(one(el, "progress").value).toBe(0.25);
  expect(one(el, "progress").getAttribute("aria-label")).toBe("Measuring");
  expect(el.textContent).toContain("12 of 39 · 3.1/s · 9.0 s left");
  model.now({ ...TALLY, share: 1, words: "39 of 39 in 12 s", ended: true });
  expect(one(el, "progress").value).toBe(1);
  expect(el.textContent).toContain("39 of 39 in 12 s");
  expect(one(el, "button").hidden).toBe(true);
  close();
  expect(el.children).toHaveLength(0);
  expect(model.listeners.size).toBe(0);
});

it("asks the kernel once to cancel and says so until the end", () => {
  const model = modelWith(TALLY);
  const el = document.createElement("div");
  bar.render({ model: /** @type {any} */ (model), el });
  const cancel = one(el, "button");
  cancel.click();
  cancel.click();
  expect(model.sent).toEqual([{ kind: "cancel" }]);
  model.now({ ...TALLY, words: "13 of 39" });
  expect(one(el, ".sw-bar-words").textContent).toBe("Cancelling…");
  model.now({ ...TALLY, words: "13 of 39 in 4.0 s", ended: true });
  expect(one(el, ".sw-bar-words").textContent).toBe("13 of 39 in 4.0 s");
});

it("says when there is no kernel", () => {
  const model = modelWith(TALLY);
  model.send = () => {
    throw new Error("no kernel");
  };
  const el = document.createElement("div");
  bar.render({ model: /** @type {any} */ (model), el });
  one(el, "button").click();
  expect(el.textContent).toContain("There is no kernel");
  expect(one(el, "button").disabled).toBe(false);
});

it("never takes labels for markup", () => {
  const el = document.createElement("div");
  bar.render({ model: /** @type {any} */ (modelWith({ ...TALLY, label: "<img src=x>" })), el });
  expect(el.querySelector("img")).toBeNull();
});

it("scopes every style to the bar", () => {
  const text = readFileSync(resolve(import.meta.dirname, "../../spectral_widgets/static/progress_bar.css"), "utf8");
  const rules = text.replace(/\/\*[\s\S]*?\*\//g, "").match(/^\s*[^\s@}][^{};]*(?=\{)/gm) ?? [];
  expect(rules.map((rule) => rule.trim()).filter((rule) => !rule.startsWith(".sw-bar"))).toEqual([]);
});
