// A button that is disabled loses the focus; for the keyboard it has to go on to somewhere.
import { isFocused } from "./dom.js";

/**
 * The focus goes from Run to Cancel and back, unless the user took it elsewhere meanwhile. Call it with false just
 * before Run is disabled and with true just after it is enabled.
 * @param {HTMLButtonElement} run
 * @param {HTMLElement} strip the job strip that holds Cancel
 */
export function createFocusHand(run, strip) {
  let handed = false;
  /** @param {boolean} on */
  return (on) => {
    const cancel = strip.querySelector("button");
    const { activeElement } = /** @type {Document | ShadowRoot} */ (run.getRootNode());
    if (!on && isFocused(run)) {
      handed = true;
      cancel?.focus();
    } else if (on && handed) {
      handed = false;
      if (!activeElement || activeElement === cancel || activeElement === run.ownerDocument.body) run.focus();
    }
  };
}
