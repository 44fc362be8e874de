// Opens the screen of a lab and feeds it with what the kernel draws.
import { h } from "../dom.js";
import { keepKeys } from "../keys.js";
import { createNotices } from "../notices.js";
import { createStore } from "../store.js";
import { followTheme } from "../theme.js";
import { createTip } from "../tip.js";
import { createWire } from "../wire.js";
import { labScreen } from "./screen.js";

/**
 * Draws the lab and returns what undoes it.
 * @param {{ model: import("../types").Model, el: HTMLElement }} place
 * @param {import("../types").Embed} embed
 */
export function renderLab({ model, el }, embed) {
  const closing = new AbortController();
  const { signal } = closing;
  const root = h("section", { class: "sw-explorer sw-lab", "aria-label": "Teaching lab" });
  const wire = createWire(model, signal);
  const store = createStore(model, wire, signal);
  const notices = createNotices(signal);
  const context = { root, signal, embed, wire, store, notices, tip: createTip(root, signal) };
  /** @type {ReturnType<typeof labScreen> | null} */
  let screen = null;
  /** @type {[import("../types").Drawn, DataView[]][]} */
  const early = [];
  root.prepend(notices.element);
  el.append(root);
  followTheme(root, signal, () => screen?.redraw());
  keepKeys(root, signal);
  wire.on("notice", ({ level, text }) => notices.say(level === "error" ? "error" : "info", text));
  wire.on("drawn", ({ data }, buffers) => (screen ? screen.show(data, buffers) : early.push([data, buffers])));
  store.subscribe((state) => screen?.sync(state));

  /** @param {import("../types").Answer} answer */
  const open = ({ lesson }) => {
    if (signal.aborted) return;
    screen = labScreen(context, lesson);
    root.append(screen.element);
    screen.sync(store.get());
    for (const one of early.splice(0)) screen.show(...one);
  };
  wire.request("hello").then(open).catch((problem) => signal.aborted || notices.error(problem.message));
  return () => {
    closing.abort();
    root.remove();
  };
}
