// The page of a report comes alive: what stands in it is read, and nothing is fetched.
import { button } from "../controls.js";
import { h } from "../dom.js";
import { followTheme } from "../theme.js";
import { createTip } from "../tip.js";
import { offerCopies } from "./code.js";
import { createLayers } from "./layers.js";
import { enliven } from "./table.js";

/** @param {Document} page @param {import("../types").Embed | undefined} embed */
export function start(page, embed) {
  const root = /** @type {HTMLElement} */ (page.querySelector("main"));
  const { signal } = new AbortController();
  const status = h("p", { class: "sw-hidden", role: "status", "aria-live": "polite" });
  const said = (/** @type {string} */ text) => void (status.textContent = text);
  page.documentElement.classList.add("live");
  const tip = createTip(root, signal);
  root.append(status);
  offerCopies(root, signal, said);
  /** @type {ReturnType<typeof createLayers> | null} */
  let layers = null;
  followTheme(root, signal, () => layers?.redraw());
  root.querySelector("header")?.prepend(themeButton(root, page, signal));
  if (!root.querySelector("table.layers")) return;

  const data = JSON.parse(/** @type {HTMLElement} */ (page.getElementById("data")).textContent ?? "");
  const drawing = /** @type {import("../types").Embed} */ (embed);
  const made = createLayers({ embed: drawing, root, tip, signal, data, said }, (place) => table.mark(place));
  layers = made;
  const table = enliven(root, signal, { go: made.goTo, said });
  const view = /** @type {Window} */ (page.defaultView);
  const follow = () => made.follow(decodeURIComponent(view.location.hash.slice(1)));
  view.addEventListener("hashchange", follow, { signal });
  if (!follow()) made.follow(firstLayer(root), false);
}

/** The first layer with a test or else with a trap, else the first. @param {HTMLElement} root */
const firstLayer = (root) =>
  (root.querySelector("[data-ablation]") ?? root.querySelector(".trap") ?? root.querySelector("section.layer"))?.closest("section.layer")?.id ?? "";

/** @param {HTMLElement} root @param {Document} page @param {AbortSignal} signal */
function themeButton(root, page, signal) {
  const press = button("Light or dark", {
    action: "theme", signal, look: "theme",
    press: () => (page.documentElement.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"),
  });
  return press;
}
