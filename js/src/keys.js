// Keys pressed inside the view belong to the view: a notebook must not delete a cell because a row had the focus.

const SUPPRESS = "data-lm-suppress-shortcuts";
const OURS = new Set(["Enter", " ", "a", "A", "Escape", "Home", "End", "PageUp", "PageDown", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/** Save, find and the like stay with the host. @param {KeyboardEvent} event */
export const isOurs = (event) => !(event.ctrlKey || event.metaKey) || OURS.has(event.key);

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function keepKeys(root, signal) {
  const decide = (/** @type {KeyboardEvent} */ event) => {
    if (event.target instanceof Node && root.contains(event.target)) root.toggleAttribute(SUPPRESS, isOurs(event));
  };
  root.ownerDocument.defaultView?.addEventListener("keydown", decide, { capture: true, signal });
}
