// One layer at a time on the screen, chosen from a list, the table, or the address of the page; on paper they all stand.
import { createChart } from "../chart.js";
import { button } from "../controls.js";
import { h } from "../dom.js";
import { rowsOf } from "./read.js";
import { createSpectrum } from "./spectrum.js";

/** @param {string | undefined} text @returns {import("../types").TrapKey | null} */
function trapKey(text) {
  const [seed, index] = (text ?? "").split(" ").map(Number);
  return Number.isInteger(seed) && Number.isInteger(index) ? { seed, index } : null;
}

/** @param {import("./spectrum.js").Context} context @param {(place: number) => void} chosen */
export function createLayers(context, chosen) {
  const { root, signal, data, said } = context;
  const sections = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("section.layer")]);
  const place = /** @type {HTMLElement} */ (root.querySelector("#layers"));
  /** @type {Map<HTMLElement, ReturnType<typeof createChart>>} */
  const ablations = new Map();
  let current = 0;

  const spectrum = createSpectrum(context, (trap) => choose(current, trap));
  const names = sections.map((section) => section.querySelector("h3")?.textContent ?? "");
  const list = h("select", { id: "choose-layer" }, ...names.map((name, at) => h("option", { value: at + 1 }, name)));
  const step = (/** @type {number} */ by) => () => goTo(`layer-${Math.max(1, Math.min(sections.length, current + by))}`);
  const back = button("‹ Previous", { action: "previous", signal, press: step(-1) });
  const next = button("Next ›", { action: "next", signal, press: step(1) });
  place.prepend(h("div", { class: "layer-bar" }, h("label", { for: "choose-layer" }, "Layer"), list, back, next));
  list.addEventListener("change", () => goTo(`layer-${list.value}`), { signal });

  /** @param {string} id */
  const goTo = (id) => {
    const { history, location } = /** @type {Window} */ (root.ownerDocument.defaultView);
    history.replaceState(null, "", `${location.href.split("#")[0]}#${id}`);
    follow(id, false);
  };

  /** The tests of a trap are drawn when they come into sight. @param {Element} block */
  const drawTests = (block) => {
    for (const test of /** @type {NodeListOf<HTMLElement>} */ (block.querySelectorAll("[data-ablation]"))) {
      const drawn = data.ablations[Number(test.dataset.ablation) - 1];
      const still = test.querySelector("figure.still");
      if (!drawn || !still || ablations.has(test)) continue;
      const chart = createChart(context);
      ablations.set(test, chart);
      still.before(chart.element);
      still.classList.add("paper");
      chart.show({ spec: data.specs[drawn.spec], datasets: rowsOf(drawn.rows, data.columns), alt: drawn.alt });
    }
  };

  /** @param {HTMLElement} section @param {import("../types").TrapKey | null} wanted */
  const chooseTrap = (section, wanted) => {
    const blocks = /** @type {HTMLElement[]} */ ([...section.querySelectorAll(".trap[data-trap]")]);
    const text = wanted && `${wanted.seed} ${wanted.index}`;
    const block = blocks.find((one) => one.dataset.trap === text) ?? blocks[0];
    for (const one of blocks) one.classList.toggle("chosen", one === block);
    for (const link of /** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll("a[data-trap]"))) {
      const here = link.dataset.trap === block?.dataset.trap;
      link.closest("tr")?.classList.toggle("chosen", here);
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (block) drawTests(block);
    return block ? trapKey(block.dataset.trap) : null;
  };

  /** @param {number} number @param {import("../types").TrapKey | null} wanted */
  function choose(number, wanted) {
    const section = sections[number - 1];
    if (!section) return;
    const isNew = number !== current;
    current = number;
    for (const one of sections) one.classList.toggle("chosen", one === section);
    list.value = String(number);
    back.disabled = number === 1;
    next.disabled = number === sections.length;
    const trap = chooseTrap(section, wanted);
    const still = [...section.children].find((child) => child.matches("figure.still"));
    if (still) {
      still.classList.add("paper");
      still.before(spectrum.element);
    }
    if (isNew) said(`Layer ${names[number - 1]}. ${data.layers[number - 1]?.alt ?? ""}`);
    else if (trap) said(`Trap ${trap.index + 1} of the shuffle with seed ${trap.seed}.`);
    chosen(number);
    spectrum.show(number, trap);
  }

  /** What an address leads to. @param {string} id @param {boolean} [scrolls] */
  function follow(id, scrolls = true) {
    const target = root.ownerDocument.getElementById(id);
    const section = /** @type {HTMLElement | null | undefined} */ (target?.closest("section.layer"));
    if (!target || !section) return false;
    choose(sections.indexOf(section) + 1, trapKey(/** @type {HTMLElement | null} */ (target.closest(".trap"))?.dataset.trap));
    if (scrolls) target.scrollIntoView({ block: "start" });
    return true;
  }

  return {
    follow,
    goTo,
    redraw: () => Promise.all([spectrum.redraw(), ...[...ablations.values()].map((chart) => chart.redraw())]),
  };
}
