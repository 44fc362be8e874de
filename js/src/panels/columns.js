// Which columns the table has: presets, a search, and every metric in its group.
import { errorLine } from "../controls.js";
import { freshId, h } from "../dom.js";
import { withHelp } from "../tip.js";

/** @param {string} text @param {import("../types").ColumnChoice} choice */
const matches = (text, { key, title, label, help }) => text.toLowerCase().split(/\s+/).every((word) => `${key} ${title} ${label} ${help ?? ""}`.toLowerCase().includes(word));

/** Chosen columns with one more, or one less. @param {string[]} columns @param {string} key @param {boolean} on */
export const withColumn = (columns, key, on) => (on ? [...columns.filter((name) => name !== key), key] : columns.filter((name) => name !== key));

/** @param {import("../types").ColumnChoice} choice */
function option({ key, title, label, help, on_request }) {
  const id = freshId("column");
  const input = h("input", { type: "checkbox", class: "sw-check", id, value: key });
  const symbol = title === label ? null : h("span", { class: "sw-column-symbol" }, title);
  const later = on_request ? h("span", { class: "sw-column-later" }, "on request") : null;
  return h("div", { class: "sw-column", "data-column": key }, input, withHelp(h("label", { for: id }, label, symbol, later), help));
}

/** @param {import("../types").ColumnGroup} group */
function groupOf({ title, columns }) {
  const id = freshId("columns");
  return h("div", { class: "sw-column-group", role: "group", "aria-labelledby": id }, h("p", { class: "sw-minor", id }, title), ...columns.map(option));
}

/** @param {import("../context").Context} context */
export function columnPicker({ store, signal }) {
  const title = h("summary", { class: "sw-fold-title" });
  const buttons = h("div", { class: "sw-chips", role: "group", "aria-label": "Sets of columns" });
  const id = freshId("columns");
  const search = h("input", { type: "search", id, class: "sw-input sw-search", placeholder: "Find a metric", autocomplete: "off", spellcheck: "false" });
  const groups = h("div", { class: "sw-column-groups", tabindex: -1 });
  const none = h("p", { class: "sw-help", role: "status", hidden: true }, "No metric is called so.");
  const error = errorLine();
  const tools = h("div", { class: "sw-line" }, buttons, h("label", { class: "sw-hidden", for: id }, "Find a metric"), search);
  const element = h("details", { class: "sw-fold sw-columns" }, title, h("div", { class: "sw-columns-body" }, tools, groups, none, error.element));
  /** @type {import("../types").ColumnGroup[]} */
  let known = [];
  /** @type {import("../types").Preset[]} */
  let presets = [];

  const choose = async (/** @type {string[]} */ columns) => error.say(await store.patch({ columns }));

  groups.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) choose(withColumn(store.get().columns, target.value, target.checked));
  }, { signal });
  buttons.addEventListener("click", ({ target }) => {
    const name = target instanceof Element ? target.closest("button")?.dataset.preset : undefined;
    const preset = presets.find(({ value }) => value === name);
    if (preset) choose(preset.columns);
  }, { signal });

  const find = () => {
    const text = search.value.trim();
    const all = known.flatMap(({ columns }) => columns);
    const hits = new Set(all.filter((choice) => matches(text, choice)).map(({ key }) => key));
    for (const line of groups.querySelectorAll("[data-column]")) /** @type {HTMLElement} */ (line).hidden = !hits.has(line.getAttribute("data-column") ?? "");
    for (const group of groups.children) /** @type {HTMLElement} */ (group).hidden = !group.querySelector("[data-column]:not([hidden])");
    none.hidden = hits.size > 0;
  };
  search.addEventListener("input", find, { signal });

  /** @param {import("../types").State} state */
  const sync = ({ columns = [] }) => {
    const chosen = new Set(columns);
    for (const input of groups.querySelectorAll("input")) input.checked = chosen.has(input.value);
    for (const button of buttons.querySelectorAll("button")) {
      const preset = presets.find(({ value }) => value === button.dataset.preset);
      button.setAttribute("aria-pressed", String(JSON.stringify(preset?.columns) === JSON.stringify(columns)));
    }
    const total = known.reduce((sum, group) => sum + group.columns.length, 0);
    title.textContent = `Columns: ${columns.length} of ${total}`;
  };

  return {
    element,
    /** @param {import("../types").LayersData} data */
    show({ choices = [], presets: sets = [] }) {
      element.hidden = !choices.length;
      if (JSON.stringify([choices, sets]) !== JSON.stringify([known, presets])) {
        [known, presets] = [choices, sets];
        groups.replaceChildren(...choices.map(groupOf));
        buttons.replaceChildren(...sets.map(({ value, label, help }) => withHelp(h("button", { type: "button", class: "sw-chip", "data-preset": value, "data-action": `columns-${value}` }, label), help)));
        find();
      }
      sync(store.get());
    },
    sync,
  };
}
