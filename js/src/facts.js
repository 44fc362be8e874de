// Labelled values, as a quiet list or as tiles.
import { breakable, h } from "./dom.js";
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

/** @param {import("./types").TableColumn} column */
const headCell = ({ title, numeric, help }) =>
  h("th", { scope: "col", class: numeric ? "sw-numeric" : "" }, withHelp(h("span", { class: help ? "sw-has-help" : "", tabindex: help ? 0 : null }, title), help));

/**
 * A row with `changes` leads somewhere: its first cell is a button that carries them.
 * @param {import("./types").TableColumn[]} columns @param {Record<string, any>[]} rows @param {string} caption
 */
export function plainTable(columns, rows, caption) {
  /** @param {Record<string, any>} row @param {string} key @param {number} at */
  const content = (row, key, at) =>
    at === 0 && row.changes ? h("button", { type: "button", class: "sw-button sw-link sw-row-link", "data-changes": JSON.stringify(row.changes) }, ...breakable(row[key])) : row[key];
  const head = h("tr", {}, ...columns.map(headCell));
  const body = rows.map((row) => h("tr", { "data-role": row.role }, ...columns.map(({ key, numeric }, at) => h("td", { class: numeric ? "sw-numeric" : "" }, content(row, key, at)))));
  return h("div", { class: "sw-table-scroll" }, h("table", { class: "sw-table" }, h("caption", { class: "sw-caption" }, caption), h("thead", {}, head), h("tbody", {}, ...body)));
}
