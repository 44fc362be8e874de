// One pinned finding: its claim, where it comes from, and a note that can be changed.
import { button, errorLine } from "../controls.js";
import { breakable, freshId, h, isFocused } from "../dom.js";

/** @param {import("../context").Context} context @param {string} finding */
export function itemOf({ wire, signal }, finding) {
  const id = freshId("finding");
  const claim = h("p", { class: "sw-claim" });
  const facts = h("p", { class: "sw-pin-facts" });
  const caveats = h("ul", { class: "sw-caveats" });
  const note = h("textarea", { id, class: "sw-input sw-note-text", rows: 1, placeholder: "Add a note" });
  const error = errorLine();
  const saved = h("span", { class: "sw-count", role: "status" });
  const ask = button("Unpin", { action: "unpin", signal, look: "sw-link", press: () => confirm(true) });
  const yes = button("Unpin for good", { action: "unpin-yes", signal, look: "sw-danger", press: () => send("unpin", {}) });
  const no = button("Keep", { action: "unpin-no", signal, press: () => confirm(false) });
  const element = h("li", { class: "sw-pin", "data-finding": finding }, h("div", { class: "sw-pin-head" }, claim, h("div", { class: "sw-line" }, ask, yes, no)), facts, caveats,
    h("label", { class: "sw-hidden", for: id }, "Note of this finding"), note, saved, error.element);
  let known = "";
  yes.hidden = no.hidden = true;

  /** @param {boolean} asking */
  function confirm(asking) {
    ask.hidden = asking;
    yes.hidden = no.hidden = !asking;
    (asking ? yes : ask).focus();
  }

  /** @param {string} kind @param {Record<string, unknown>} fields */
  async function send(kind, fields) {
    try {
      await wire.request(kind, { finding, ...fields });
      error.say("");
      return true;
    } catch (problem) {
      error.say(/** @type {Error} */ (problem).message);
      return false;
    }
  }

  note.addEventListener("input", () => (saved.textContent = ""), { signal });
  note.addEventListener("change", async () => {
    if (note.value !== known && (await send("note", { note: note.value }))) saved.textContent = "Note saved.";
  }, { signal });

  return {
    element,
    /** @param {import("../types").FindingItem} item */
    show(item) {
      claim.textContent = item.claim;
      facts.replaceChildren(h("span", { class: "sw-mono" }, ...breakable(item.layer)), h("span", { class: "sw-badge" }, item.strength), h("span", {}, item.created));
      caveats.hidden = !item.caveats?.length;
      caveats.replaceChildren(...(item.caveats ?? []).map((caveat) => h("li", {}, caveat)));
      if (!isFocused(note)) note.value = item.note;
      known = item.note;
    },
  };
}
