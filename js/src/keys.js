// Keys pressed inside the view belong to the view: a notebook must not delete a cell because a button had the focus.

const SUPPRESS = "data-lm-suppress-shortcuts";
const OURS = new Set(["Enter", " ", "a", "A", "Escape", "Home", "End", "PageUp", "PageDown", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/** Save, find and the like stay with the host. @param {KeyboardEvent} event */
export const isOurs = (event) => !(event.ctrlKey || event.metaKey) || OURS.has(event.key);

/**
 * The host looks for its shortcuts from the target upwards and stops before an element with the mark, so the target itself
 * has to bear it. It listens on the document; the window comes first.
 * @param {HTMLElement} root @param {AbortSignal} signal
 */
export function keepKeys(root, signal) {
  const decide = (/** @type {KeyboardEvent} */ event) => {
    const { target } = event;
    if (target instanceof Element && root.contains(target)) target.toggleAttribute(SUPPRESS, isOurs(event));
  };
  root.ownerDocument.defaultView?.addEventListener("keydown", decide, { capture: true, signal });
}
