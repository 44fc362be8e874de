// The tray of pins: write a note, keep it, take it along in any format.
import { button, errorLine } from "../controls.js";
import { arrange, breakable, freshId, h } from "../dom.js";
import { counted } from "../format.js";
import { createPanel, emptyState } from "../panel.js";
import { save } from "../save.js";
import { itemOf } from "./finding.js";
import { codeBox } from "./recipe.js";

const EXPORT_MS = 120000;

/** @param {import("../types").State} state */
function pinned({ layer, trap }) {
  if (!layer) return ["Choose a layer first; a pin keeps what is on the screen."];
  const rest = trap ? ", the chosen trap and its ablation as far as it has run." : ". Choose a trap to pin that too.";
  return ["A pin keeps layer ", h("span", { class: "sw-mono" }, ...breakable(layer)), rest];
}

/** @param {import("../context").Context} context */
export function findingsPanel(context) {
  const { store, wire, signal } = context;
  const id = freshId("note");
  const what = h("p", { class: "sw-help" });
  const note = h("textarea", { id, class: "sw-input sw-note-text", rows: 2, placeholder: "What did you see?" });
  const pin = button("Pin", { action: "pin", signal, look: "sw-primary", sign: "pin", press: () => keep() });
  const pinError = errorLine();
  const exportError = errorLine();
  const formats = h("div", { class: "sw-chips", role: "group", "aria-label": "Export the findings" });
  const exporting = h("div", { class: "sw-export" }, h("h3", { class: "sw-minor" }, "Export"), formats, exportError.element);
  const list = h("ul", { class: "sw-pins" });
  const empty = emptyState("Nothing pinned yet. Write a note and press Pin to keep what is on the screen.");
  const code = codeBox(context);
  const panel = createPanel("findings", "Findings");
  const form = h("div", { class: "sw-pin-form" }, h("label", { class: "sw-label", for: id }, "Note"), note, h("div", { class: "sw-line" }, pin, what), pinError.element, exporting, code.element);
  panel.body.append(h("div", { class: "sw-findings" }, form, h("div", { class: "sw-pins-side" }, empty.element, list)));
  panel.mark("empty");
  exporting.hidden = true;
  /** @type {Map<string, ReturnType<typeof itemOf>>} */
  const items = new Map();

  async function keep() {
    pin.disabled = true;
    try {
      await wire.request("pin", { note: note.value });
      note.value = "";
      pinError.say("");
    } catch (problem) {
      pinError.say(/** @type {Error} */ (problem).message);
    }
    pin.disabled = !store.get().layer;
  }

  /** @param {string} format */
  async function take(format) {
    formats.setAttribute("aria-busy", "true");
    try {
      save(await wire.request("export", { format }, EXPORT_MS), context.root.ownerDocument);
      exportError.say("");
    } catch (problem) {
      exportError.say(/** @type {Error} */ (problem).message);
    }
    formats.removeAttribute("aria-busy");
  }

  formats.addEventListener("click", (event) => {
    const format = event.target instanceof Element ? event.target.closest("button")?.dataset.format : undefined;
    if (format) take(format);
  }, { signal });

  /** @param {import("../types").FindingItem[]} findings */
  const showItems = (findings) => {
    const known = new Set(findings.map((finding) => finding.id));
    for (const key of [...items.keys()]) if (!known.has(key)) items.delete(key);
    for (const finding of findings) {
      if (!items.has(finding.id)) items.set(finding.id, itemOf(context, finding.id));
      items.get(finding.id)?.show(finding);
    }
    arrange(list, findings.map((finding) => /** @type {any} */ (items.get(finding.id)).element));
  };

  /** @param {{ value: string, label: string }[]} choices */
  const showFormats = (choices) =>
    formats.replaceChildren(...choices.map(({ value, label }) => h("button", { type: "button", class: "sw-button", "data-format": value, "data-action": `export-${value}`, "aria-label": `Export as ${label}` }, label)));

  return {
    element: panel.element,
    /** @param {import("../types").FindingsData} data */
    show(data) {
      const some = data.items.length > 0;
      panel.mark(some ? "ready" : "empty");
      panel.describe(some ? `${counted(data.items.length, "finding")} pinned` : "");
      empty.element.hidden = some;
      empty.say(some ? "" : data.message);
      if (formats.dataset.shown !== JSON.stringify(data.formats)) showFormats(data.formats);
      formats.dataset.shown = JSON.stringify(data.formats);
      exporting.hidden = !some || !data.formats.length;
      showItems(data.items);
    },
    /** @param {import("../types").State} state */
    sync(state) {
      pin.disabled = !state.layer;
      what.replaceChildren(...pinned(state));
    },
  };
}
