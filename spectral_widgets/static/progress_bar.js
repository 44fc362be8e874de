// src/dom.js
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(.../** @type {(Node | string)[]} */
  children.flat().filter((child) => child != null && child !== false && child !== ""));
  return element;
}
function setAttribute(element, name, value) {
  if (value === false || value === null || value === void 0) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

// src/progress_bar.js
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
var progress_bar_default = { render };
export {
  progress_bar_default as default
};
