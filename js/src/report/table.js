// The table of layers that stands in the page, made to sort, to filter and to show other columns.
import { arrange, h } from "../dom.js";
import { nextSort, showSort } from "../header.js";
import { filtered, sorted } from "../rows.js";

const WORDS = new Set(["name", "kind"]);

/** @param {HTMLElement} root @param {AbortSignal} signal @param {{ go: (id: string) => void, said: (text: string) => void }} does */
export function enliven(root, signal, { go, said }) {
  const table = /** @type {HTMLTableElement} */ (root.querySelector("table.layers"));
  const heads = /** @type {HTMLElement[]} */ ([...table.querySelectorAll("thead th")]);
  const body = table.tBodies[0];
  /** @type {(Record<string, any> & { element: HTMLTableRowElement })[]} */
  const rows = [...body.rows].map((element) => ({ ...valuesOf(element, heads), element }));
  let sort = { by: "", descending: false };
  const filter = { text: "", kind: "" };

  const draw = () => {
    const list = filtered(/** @type {any[]} */ (rows), filter);
    arrange(body, (sort.by ? sorted(list, sort) : list).map((row) => /** @type {any} */ (row).element));
    showSort(/** @type {Element} */ (table.tHead), sort);
    count.textContent = list.length === rows.length ? `${rows.length} layers` : `${list.length} of ${rows.length} layers`;
    nothing.hidden = list.length > 0;
  };

  for (const head of heads.filter((one) => one.dataset.key)) {
    head.dataset.column = head.dataset.key;
    const arrow = h("span", { class: "sw-arrow", "aria-hidden": "true" });
    const press = h("button", { type: "button", class: "sort", "aria-description": head.dataset.help ?? null }, h("span", {}, ...head.childNodes), arrow);
    head.append(press);
    press.addEventListener("click", () => {
      sort = WORDS.has(head.dataset.key ?? "") ? textSort(sort, head.dataset.key ?? "") : nextSort(sort, head.dataset.key ?? "");
      draw();
      said(`Sorted by ${press.textContent}, ${sort.descending ? "largest first" : "smallest first"}.`);
    }, { signal });
  }

  const search = h("input", { type: "search", id: "filter-layers", placeholder: "part of a name", autocomplete: "off" });
  const kinds = [...new Set(rows.map((row) => String(row.kind)))].sort();
  const kind = h("select", { id: "filter-kind" }, h("option", { value: "" }, "all kinds"), ...kinds.map((one) => h("option", { value: one }, one)));
  const count = h("span", { class: "quiet", role: "status" });
  const nothing = h("p", { class: "empty", hidden: true }, "No layer matches. Clear the text or choose another kind.");
  search.addEventListener("input", () => { filter.text = search.value; draw(); }, { signal });
  kind.addEventListener("change", () => { filter.kind = kind.value; draw(); }, { signal });
  const place = /** @type {HTMLElement} */ (root.querySelector("#layers-table"));
  place.before(h("div", { class: "tools" }, h("label", { for: "filter-layers" }, "Filter"), search, h("label", { for: "filter-kind" }, "Kind"), kind, count, columnChoice(table, heads, signal)));
  place.after(nothing);
  body.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("a") ? null : target?.closest("tr");
    if (row) go(`layer-${row.dataset.place}`);
  }, { signal });
  draw();

  return {
    /** @param {number} place */
    mark(place) {
      for (const { element } of rows) {
        const here = element.dataset.place === String(place);
        element.classList.toggle("chosen", here);
        element.querySelector("a")?.toggleAttribute("aria-current", here);
      }
    },
  };
}

/** Words start with A. @param {import("../types").Sort} sort @param {string} key */
const textSort = (sort, key) => ({ by: key, descending: sort.by === key && !sort.descending });

/** @param {HTMLTableRowElement} row @param {HTMLElement[]} heads @returns {Record<string, string | number | null>} */
function valuesOf(row, heads) {
  return Object.fromEntries(heads.flatMap((head, at) => {
    const key = head.dataset.key;
    if (!key) return [];
    const value = row.cells[at].dataset.value;
    return [[key, value === undefined || value === "" ? null : WORDS.has(key) ? value : Number(value)]];
  }));
}

/** @param {HTMLTableElement} table @param {HTMLElement[]} heads @param {AbortSignal} signal */
function columnChoice(table, heads, signal) {
  const boxes = heads.flatMap((head, at) => {
    if (!head.classList.contains("number")) return [];
    const box = h("input", { type: "checkbox", value: at, checked: !head.hidden });
    const symbol = head.querySelector(".sort > span")?.textContent ?? "";
    return [h("label", { class: "column" }, box, h("span", {}, symbol), h("span", { class: "quiet" }, head.dataset.help ?? ""))];
  });
  const element = h("details", { class: "columns" }, h("summary", {}, "Columns"), h("div", { class: "column-list" }, ...boxes));
  element.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const at = Number(event.target.value);
    for (const row of table.rows) row.cells[at].hidden = !event.target.checked;
  }, { signal });
  return boxes.length ? element : h("span");
}
