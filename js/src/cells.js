// One cell of the layers table for each kind of column.
import { breakable, h, icon } from "./dom.js";
import { dimensions, MISSING, ratio, short } from "./format.js";
import { sketch } from "./sketch.js";
import { withHelp } from "./tip.js";

export const TEXT_COLUMNS = new Set(["name", "kind", "shape", "sketch"]);
const STATUS_WORDS = { waiting: "waiting", working: "being measured", failed: "could not be measured" };

/** Breaks in no place. @param {string} words */
const whole = (words) => words.replaceAll(" ", "\u00a0");

/** What narrow screens show under the name, in place of columns. @param {import("./types").Row} row */
const more = ({ kind, shape, depth }) => [kind, whole(dimensions(shape)), depth === null || depth === undefined ? "" : whole(`depth ${depth}`)].filter(Boolean).join(" · ");

/** @param {import("./types").Row} row */
function nameCell(row) {
  const status = row.status === "done" ? null : h("span", { class: "sw-hidden" }, ` (${STATUS_WORDS[row.status] ?? row.status})`);
  const sign = row.status === "failed" ? icon("warn") : row.status === "working" ? h("span", { class: "sw-spinner", "aria-hidden": "true" }) : null;
  const caveat = row.caveat ? h("span", { class: "sw-row-caveat" }, row.caveat) : null;
  const cut = row.cut ? h("span", { class: "sw-row-cut" }, row.cut) : null;
  return [h("span", { class: "sw-row-name" }, sign, ...breakable(row.name), status), cut, h("span", { class: "sw-row-more" }, more(row)), caveat];
}

/** @param {import("./types").Row} row */
function trapsCell(row) {
  if (!row.traps) return [short(row.traps)];
  return [h("span", { class: "sw-trap-count" }, icon("warn"), short(row.traps)), h("span", { class: "sw-hidden" }, row.traps === 1 ? " trap" : " traps")];
}

/** @param {import("./types").Row} row @param {string} key @returns {import("./dom.js").Child[]} */
function content(row, key) {
  if (key === "name") return nameCell(row);
  if (key === "sketch") return [row.sketch?.length ? sketch(row.sketch) : h("span", { class: "sw-sketch-none" })];
  if (key === "shape") return [dimensions(row.shape)];
  if (key === "kind") return [String(row.kind ?? MISSING)];
  if (row.waiting?.includes(key)) return [h("span", { class: "sw-wait", "aria-hidden": "true" }, "…"), h("span", { class: "sw-hidden" }, "not measured yet")];
  if (row[key] === null || row[key] === undefined) return [row.status === "done" || row.status === "failed" ? MISSING : ""];
  if (key === "aspect") return [ratio(row.aspect)];
  const error = row.errors?.[key];
  if (error !== undefined) return ["≈\u00a0", short(row[key]), whole(` ± ${short(error)}`), h("span", { class: "sw-hidden" }, " estimated")];
  return key === "traps" ? trapsCell(row) : [short(row[key])];
}

/** What stands behind a cell, in a sentence or two. @param {import("./types").Row} row @param {string} key */
export const cellHelp = (row, key) => [row.waiting?.includes(key) ? "Measured on request: its turn has not come yet." : "", row.bands?.[key] ? `Band: ${row.bands[key].words}` : "", ...caveatsOf(row, key)].filter(Boolean).join("\n");

/** @param {import("./types").Row} row @param {string} key */
export const caveatsOf = (row, key) => [key === "traps" && row.traps_text ? `Traps: ${row.traps_text}.` : "", row.caveats?.[key] ?? ""].filter(Boolean);

/** The letter of a band; its tone is a colour behind it, its words stand in the help. @param {string} mark @param {string} tone */
export const bandMark = (mark, tone) => h("span", { class: `sw-band sw-band-${tone}`, "aria-hidden": "true" }, mark);

/** What the layer beside it has. @param {import("./types").Row} row @param {string} key */
function beside(row, key) {
  const value = row.other?.[key];
  return value === undefined ? null : h("span", { class: "sw-beside" }, h("span", { class: "sw-hidden" }, ", other model "), short(value));
}

/** @param {import("./types").Row} row @param {string} key */
export function cell(row, key) {
  const numeric = !TEXT_COLUMNS.has(key);
  const caveat = row.caveats?.[key];
  const band = row.bands?.[key];
  const mark = caveat && row.errors?.[key] === undefined ? h("span", { class: "sw-caveat-mark", "aria-hidden": "true" }, "*") : null;
  const element = h("td", { role: "gridcell", class: `${numeric ? "sw-numeric " : ""}sw-col-${key}` }, band ? bandMark(band.mark, band.tone) : null, ...content(row, key), mark, beside(row, key));
  return withHelp(element, cellHelp(row, key));
}
