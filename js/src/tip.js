// One small card of help for the whole view: for labels with data-help, and for marks in charts.
import { h } from "./dom.js";

/** @typedef {ReturnType<typeof createTip>} Tip */

const GAP = 12;

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function createTip(root, signal) {
  const card = h("div", { class: "sw-tip", role: "tooltip", hidden: true });
  root.append(card);

  const hide = () => {
    card.hidden = true;
  };

  /** @param {number} x @param {number} y @param {number} above how far up to go when there is no room below */
  const place = (x, y, above) => {
    card.hidden = false;
    card.style.left = card.style.top = "0";
    const frame = root.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const left = Math.max(4, Math.min(x - frame.left, frame.width - size.width - 4));
    const below = y - frame.top + GAP;
    const fits = below + size.height < frame.height && y + GAP + size.height < (root.ownerDocument.defaultView?.innerHeight ?? Infinity);
    card.style.left = `${left}px`;
    card.style.top = `${fits ? below : Math.max(2, y - frame.top - above - size.height - GAP / 2)}px`;
  };

  /** @param {Element} target */
  const help = (target) => {
    card.replaceChildren(...(target.getAttribute("data-help") ?? "").split("\n").map((line) => h("p", {}, line)));
    const box = target.getBoundingClientRect();
    place(box.left, box.bottom - GAP / 2, box.height);
  };

  /** @param {Event} event */
  const enter = (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-help]") : null;
    if (target && root.contains(target)) help(target);
    else if (!(event.target instanceof Element && event.target.closest(".sw-chart"))) hide();
  };

  root.addEventListener("mouseover", enter, { signal });
  root.addEventListener("focusin", enter, { signal });
  root.addEventListener("focusout", hide, { signal });
  root.addEventListener("mouseleave", hide, { signal });
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide(), { signal });

  /** @param {unknown} value */
  const lines = (value) => {
    if (typeof value !== "object" || value === null) return [h("p", {}, String(value))];
    const entries = Object.entries(value);
    const titles = entries.filter(([name]) => !name.trim()).map(([, text]) => h("p", { class: "sw-tip-title" }, String(text)));
    const facts = entries.filter(([name]) => name.trim()).flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, String(text))]);
    return [...titles, h("dl", {}, ...facts)];
  };

  return {
    hide,
    /** Vega calls this with the value of a mark's tooltip. @param {any} _handler @param {any} event @param {any} _item @param {unknown} value */
    forChart(_handler, event, _item, value) {
      if (value === null || value === undefined || value === "") return hide();
      card.replaceChildren(...lines(value));
      place(event.clientX + GAP, event.clientY, GAP);
    },
  };
}

/** Marks an element as having help: shown on hover and on focus, and read out. @template {HTMLElement} T @param {T} element @param {string | undefined} help @returns {T} */
export function withHelp(element, help) {
  if (!help) {
    for (const name of ["data-help", "aria-description"]) element.removeAttribute(name);
    return element;
  }
  element.setAttribute("data-help", help);
  element.setAttribute("aria-description", help);
  return element;
}
