// A button that copies each piece of code; where the clipboard is closed the code is selected instead.
import { button } from "../controls.js";
import { h } from "../dom.js";

/** @param {HTMLElement} root @param {AbortSignal} signal @param {(text: string) => void} said */
export function offerCopies(root, signal, said) {
  for (const block of root.querySelectorAll("pre.code")) {
    const press = button("Copy", { action: "copy", signal, press: () => copy(block, press, said) });
    block.before(h("div", { class: "copy" }, press));
  }
}

/** @param {Element} block @param {HTMLElement} press @param {(text: string) => void} said */
async function copy(block, press, said) {
  const word = /** @type {HTMLElement} */ (press.querySelector("span"));
  const done = await navigator.clipboard?.writeText(block.textContent ?? "").then(() => true, () => false);
  if (!done) block.ownerDocument.getSelection()?.selectAllChildren(block);
  word.textContent = done ? "Copied" : "Selected";
  said(done ? "The code is in the clipboard." : "The code is selected: copy it with Ctrl+C.");
  setTimeout(() => (word.textContent = "Copy"), 2000);
}
