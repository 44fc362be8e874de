// Labelled values, as a quiet list or as tiles.
import { h } from "./dom.js";
import { short } from "./format.js";
import { withHelp } from "./tip.js";

/** @param {import("./types").Fact} fact */
function fact({ label, value, help }) {
  const name = withHelp(h("dt", { class: help ? "sw-has-help" : "", tabindex: help ? 0 : null }, label), help);
  return h("div", { class: "sw-fact" }, name, h("dd", {}, short(value)));
}

/** @param {HTMLElement} list @param {import("./types").Fact[] | undefined} facts */
export function showFacts(list, facts) {
  const text = JSON.stringify(facts ?? []);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  list.hidden = !facts?.length;
  list.replaceChildren(...(facts ?? []).map(fact));
}

/** @param {{ key: string, title: string, numeric?: boolean }[]} columns @param {Record<string, any>[]} rows @param {string} caption */
export function plainTable(columns, rows, caption) {
  const head = h("tr", {}, ...columns.map(({ title, numeric }) => h("th", { scope: "col", class: numeric ? "sw-numeric" : "" }, title)));
  const body = rows.map((row) => h("tr", { "data-role": row.role }, ...columns.map(({ key, numeric }) => h("td", { class: numeric ? "sw-numeric" : "" }, row[key]))));
  return h("div", { class: "sw-table-scroll" }, h("table", { class: "sw-table" }, h("caption", { class: "sw-caption" }, caption), h("thead", {}, head), h("tbody", {}, ...body)));
}
