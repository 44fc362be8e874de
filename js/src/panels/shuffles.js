// Which of the shuffles is drawn behind the layer; each says how many traps it has.
import { freshId, h } from "../dom.js";
import { counted } from "../format.js";
import { withHelp } from "../tip.js";

/** @param {import("../context").Context} context @param {(error: string) => void} say */
export function shufflePicker({ store, signal }, say) {
  const id = freshId("shuffle");
  const select = h("select", { id, class: "sw-input" });
  const label = withHelp(h("label", { class: "sw-label", for: id }, "Shuffle shown"), "Each shuffle is drawn with its own traps; a trap that shows in every shuffle is sure.");
  const element = h("div", { class: "sw-field", "data-key": "shuffle", hidden: true }, label, select);
  select.addEventListener("change", async () => say(await store.patch({ shuffle: Number(select.value) })), { signal });

  return {
    element,
    /** @param {import("../types").Shuffle[]} list */
    show(list) {
      element.hidden = list.length < 2;
      const text = JSON.stringify(list);
      if (select.dataset.shown === text) return;
      select.dataset.shown = text;
      select.replaceChildren(...list.map(({ seed, count }) => h("option", { value: seed }, `seed ${seed}: ${counted(count, "trap")}`)));
      select.value = String(list.find(({ shown }) => shown)?.seed ?? "");
    },
  };
}
