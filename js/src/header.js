// The head of the layers table: one sort button a column.
import { h } from "./dom.js";
import { TEXT_COLUMNS } from "./cells.js";
import { withHelp } from "./tip.js";

/** @param {import("./types").Column} column */
function headCell({ key, title, unit, help }) {
  const words = [h("span", {}, title, unit ? h("span", { class: "sw-unit" }, ` ${unit}`) : null)];
  const arrow = h("span", { class: "sw-arrow", "aria-hidden": "true" });
  const inner = key === "sketch" ? h("span", { class: "sw-head-text" }, ...words) : h("button", { type: "button", class: "sw-sort", "data-sort": key }, ...words, arrow);
  const numeric = TEXT_COLUMNS.has(key) ? "" : "sw-numeric ";
  return h("th", { role: "columnheader", scope: "col", class: `${numeric}sw-col-${key}`, "data-column": key }, withHelp(inner, help));
}

/** The picture stands after the name when the kernel does not place it. @param {import("./types").Column[]} columns */
export function withSketch(columns) {
  if (!columns.length || columns.some(({ key }) => key === "sketch")) return columns;
  const at = columns.findIndex(({ key }) => key === "name") + 1;
  const picture = { key: "sketch", title: "Spectrum", help: "The layer's eigenvalues as a small histogram, on a logarithmic axis." };
  return [...columns.slice(0, at), picture, ...columns.slice(at)];
}

/** @param {import("./types").Column[]} columns */
export function headRow(columns) {
  const all = h("input", { type: "checkbox", class: "sw-check", "aria-label": "Select all layers shown", "data-action": "select-all" });
  return h("tr", { role: "row" }, h("th", { role: "columnheader", scope: "col", class: "sw-col-check" }, all), ...columns.map(headCell));
}

/** @param {Element} head @param {import("./types").Sort} sort */
export function showSort(head, { by, descending }) {
  for (const cell of head.querySelectorAll("th[data-column]")) {
    const here = cell.getAttribute("data-column") === by;
    cell.setAttribute("aria-sort", here ? (descending ? "descending" : "ascending") : "none");
    const arrow = cell.querySelector(".sw-arrow");
    if (arrow) arrow.textContent = here ? (descending ? "↓" : "↑") : "";
  }
}

/** A second press turns the order round; numbers start with the largest. @param {import("./types").Sort} sort @param {string} key */
export const nextSort = (sort, key) => ({ by: key, descending: sort.by === key ? !sort.descending : !TEXT_COLUMNS.has(key) && key !== "depth" });
