// The layers table: a keyboard grid that sorts, filters and selects in the page and tells the state what was chosen.
import { cell } from "./cells.js";
import { arrange, h } from "./dom.js";
import { headRow, nextSort, showSort, withSketch } from "./header.js";
import { filtered, sorted } from "./rows.js";
import { extended, moved, only, toggled } from "./selection.js";

/** @typedef {{ element: HTMLTableRowElement, text: string }} Line */

/** @param {{ signal: AbortSignal, change: (changes: Partial<import("./types").State>) => void, point: () => void }} options */
export function createTable({ signal, change, point }) {
  const head = h("thead", { role: "rowgroup" });
  const body = h("tbody", { role: "rowgroup" });
  const grid = h("table", { class: "sw-grid", role: "grid", "aria-label": "Layers of the model", "aria-multiselectable": "true" }, head, body);
  const nothing = h("p", { class: "sw-empty", hidden: true }, "No layer matches the filter. Clear the text or choose another kind.");
  const element = h("div", { class: "sw-grid-scroll" }, grid, nothing);
  /** @type {import("./types").Column[]} */
  let columns = [];
  /** @type {Map<string, import("./types").Row>} */
  let rows = new Map();
  /** @type {Map<string, Line>} */
  const lines = new Map();
  /** @type {string[]} */
  let shown = [];
  /** @type {import("./types").State | null} */
  let state = null;
  /** @type {string | null} */
  let anchor = null;
  /** @type {string | null} */
  let active = null;
  /** @type {{ under: string | null, focused: string | null }} */
  const pointed = { under: null, focused: null };

  const choice = () => ({ layer: state?.layer ?? null, selected: state?.selected ?? [] });

  /** @param {import("./types").Row} row */
  const fill = (row) => {
    const text = JSON.stringify(row);
    const line = lines.get(row.name) ?? { element: h("tr", { role: "row", tabindex: -1 }), text: "" };
    lines.set(row.name, line);
    if (line.text === text) return line.element;
    line.text = text;
    const tick = h("input", { type: "checkbox", class: "sw-check", tabindex: -1, "aria-label": `Select ${row.name}` });
    line.element.dataset.name = row.name;
    line.element.dataset.status = row.status;
    line.element.replaceChildren(h("td", { role: "gridcell", class: "sw-col-check" }, tick), ...columns.map(({ key }) => cell(row, key)));
    return line.element;
  };

  const markRows = () => {
    const { layer, selected } = choice();
    const chosen = new Set(selected);
    const stop = [active, layer, shown[0]].find((name) => name && shown.includes(name));
    for (const name of shown) {
      const line = /** @type {Line} */ (lines.get(name)).element;
      const on = chosen.has(name);
      line.setAttribute("aria-selected", String(on));
      line.toggleAttribute("data-current", name === layer);
      line.tabIndex = name === stop ? 0 : -1;
      const tick = line.querySelector("input");
      if (tick) tick.checked = on;
    }
    const all = head.querySelector("input");
    const count = shown.filter((name) => chosen.has(name)).length;
    if (all) Object.assign(all, { checked: count > 0 && count === shown.length, indeterminate: count > 0 && count < shown.length });
  };

  /** The chosen layer is never out of sight when it was not chosen by hand. */
  const reveal = () => {
    const line = lines.get(state?.layer ?? "")?.element;
    if (!line?.isConnected || !element.clientHeight) return;
    const top = line.offsetTop - (head.offsetHeight || 0);
    const bottom = line.offsetTop + line.offsetHeight - element.clientHeight;
    if (element.scrollTop > top) element.scrollTop = top;
    else if (element.scrollTop < bottom) element.scrollTop = bottom;
  };

  const draw = () => {
    if (!state) return;
    const list = sorted(filtered([...rows.values()], state.filter), state.sort);
    shown = list.map(({ name }) => name);
    arrange(body, list.map(fill));
    nothing.hidden = shown.length > 0 || rows.size === 0;
    grid.setAttribute("aria-rowcount", String(rows.size + 1));
    showSort(head, state.sort);
    markRows();
  };

  /** @param {string} name @param {{ shiftKey: boolean, ctrlKey: boolean, metaKey: boolean }} keys @param {boolean} [tick] */
  const choose = (name, { shiftKey, ctrlKey, metaKey }, tick = false) => {
    active = name;
    if (shiftKey) return change(extended(choice(), shown, anchor, name));
    anchor = name;
    change(tick || ctrlKey || metaKey ? toggled(choice(), name) : only(name));
  };

  /** @param {string} name */
  const focus = (name) => {
    active = name;
    markRows();
    const line = lines.get(name)?.element;
    line?.focus({ preventScroll: true });
    line?.scrollIntoView?.({ block: "nearest" });
  };

  /** @param {EventTarget | null} target */
  const nameAt = (target) => (target instanceof Element ? target.closest("tr")?.dataset.name ?? null : null);

  body.addEventListener("click", (event) => {
    const name = nameAt(event.target);
    if (name !== null) choose(name, event, event.target instanceof HTMLInputElement);
  }, { signal });
  /** @param {keyof typeof pointed} way */
  const points = (way) => (/** @type {Event} */ event) => {
    const name = event.type === "mouseleave" || event.type === "focusout" ? null : nameAt(event.target);
    if (pointed[way] === name) return;
    pointed[way] = name;
    point();
  };
  for (const kind of ["mouseover", "mouseleave"]) body.addEventListener(kind, points("under"), { signal });
  for (const kind of ["focusin", "focusout"]) body.addEventListener(kind, points("focused"), { signal });
  body.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault(), { signal });
  body.addEventListener("focusin", (event) => {
    const name = nameAt(event.target);
    if (name !== null && name !== active) {
      active = name;
      markRows();
    }
  }, { signal });

  body.addEventListener("keydown", (event) => {
    const name = nameAt(event.target);
    if (name === null) return;
    const to = moved(event.key, shown.indexOf(name), shown.length);
    if (to !== null) {
      focus(shown[to]);
      if (event.shiftKey) change(extended(choice(), shown, (anchor ??= name), shown[to]));
    } else if (event.key === "Enter") choose(name, event);
    else if (event.key === " ") choose(name, event, true);
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) change({ selected: [...shown] });
    else if (event.key === "Escape") change({ selected: choice().layer ? [/** @type {string} */ (choice().layer)] : [] });
    else return;
    event.preventDefault();
  }, { signal });

  head.addEventListener("click", (event) => {
    const key = event.target instanceof Element ? event.target.closest("[data-sort]")?.getAttribute("data-sort") : null;
    if (key && state) change({ sort: nextSort(state.sort, key) });
  }, { signal });
  head.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) change({ selected: event.target.checked ? [...shown] : [] });
  }, { signal });

  return {
    element,
    /** @param {import("./types").Column[]} newColumns @param {import("./types").Row[]} newRows */
    show(newColumns, newRows) {
      if (JSON.stringify(withSketch(newColumns)) !== JSON.stringify(columns)) {
        columns = withSketch(newColumns);
        lines.clear();
        head.replaceChildren(headRow(columns));
      }
      rows = new Map(newRows.map((row) => [row.name, row]));
      for (const name of [...lines.keys()]) if (!rows.has(name)) lines.delete(name);
      draw();
      reveal();
    },
    /** @param {import("./types").Row[]} changed */
    update(changed) {
      for (const row of changed) rows.set(row.name, row);
      draw();
    },
    /** @param {import("./types").State} newState */
    sync(newState) {
      const old = state;
      state = newState;
      const reorder = !old || JSON.stringify([old.sort, old.filter]) !== JSON.stringify([state.sort, state.filter]);
      if (reorder) draw();
      else markRows();
      if (old?.layer !== state.layer) reveal();
    },
    rows: () => rows,
    /** The row under the mouse, else the one with the focus. */
    pointed: () => rows.get(pointed.under ?? pointed.focused ?? ""),
    shown: () => shown,
  };
}
