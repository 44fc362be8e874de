// The bar of a long call in a notebook cell: what it does, a bar, how far it is in words, and Cancel.
import { h } from "./dom.js";

/** @param {{ model: import("./types").Model, el: HTMLElement }} context */
function render({ model, el }) {
  const title = h("span", { class: "sw-bar-title" });
  const words = h("span", { class: "sw-bar-words" });
  const bar = h("progress", { class: "sw-bar-progress", max: 1 });
  const cancel = h("button", { class: "sw-bar-cancel", type: "button" }, "Cancel");
  const root = h("div", { class: "sw-bar", role: "group" }, bar, title, words, cancel);
  let cancelling = false;

  const draw = () => {
    const { label = "", share = 0, words: text = "", ended = false } = model.get("tally") ?? {};
    title.textContent = label;
    root.setAttribute("aria-label", label);
    bar.setAttribute("aria-label", label);
    bar.value = share;
    words.textContent = cancelling && !ended ? "Cancelling…" : text;
    cancel.hidden = ended;
  };

  cancel.onclick = () => {
    cancelling = cancel.disabled = true;
    draw();
    try {
      model.send({ kind: "cancel" });
    } catch {
      cancelling = cancel.disabled = false;
      words.textContent = "There is no kernel to cancel.";
    }
  };

  model.on("change:tally", draw);
  draw();
  el.append(root);
  return () => {
    model.off("change:tally", draw);
    root.remove();
  };
}

export default { render };
