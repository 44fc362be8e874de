// Small makers of elements. Data only ever goes in as text nodes and attributes, never as markup.

let ids = 0;
/** @param {string} stem */
export const freshId = (stem) => `sw-${stem}-${++ids}`;

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, unknown>} [attributes] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(.../** @type {(Node | string)[]} */ (children.flat().filter((child) => child != null && child !== false && child !== "")));
  return element;
}

/** @param {Element} element @param {string} name @param {unknown} value */
export function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** @param {string} tag @param {Record<string, unknown>} attributes @param {...Element} children */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children);
  return element;
}

/** A dotted name that may break after its dots. @param {string} name */
export const breakable = (name) => String(name).split(/(?<=[./_])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));

/** Puts nodes into a parent in order, moving only what is out of place, and keeps the focus. @param {Element} parent @param {Element[]} nodes */
export function arrange(parent, nodes) {
  const { activeElement } = /** @type {Document | ShadowRoot} */ (parent.getRootNode());
  const focused = activeElement && parent.contains(activeElement) ? activeElement : null;
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, i) => {
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
  });
  if (focused instanceof HTMLElement && focused.isConnected && !isFocused(focused)) focused.focus();
}

/** @param {Element} element */
export const isFocused = (element) => /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement === element;

const ICONS = {
  warn: "M8 1.8 15 14H1L8 1.8Zm0 4.4v4m0 1.6v.2",
  check: "M3 8.5 6.5 12 13 4.5",
  close: "M4 4l8 8m0-8-8 8",
  pin: "M9.5 2 14 6.5l-3 .8L8.5 10l-.3 2.8L3.2 7.8 6 7.5 8.7 5ZM5.6 10.4 2 14",
  pulse: "M1.5 8h3l2-5 3 10 2-5h3",
  flat: "M2 6h12M2 10h12",
  wave: "M1.5 9.5c2-5 4.5-5 6.5-1.5s4.500 3.500 6.500-1.500",
  down: "M8 2v8m-3.500-3L8 10.500 11.500 7M2.500 13.500h11",
  shuffle: "M2 4.500h2.500c3 0 4 7 7 7H14m-2-2 2 2-2 2M2 11.500h2.500c1 0 1.800-.8 2.500-1.900M14 4.500h-2.500c-1 0-1.800.8-2.500 1.900M12 2.500l2 2-2 2",
};

/** A decorative sign, unseen by screen readers. @param {keyof typeof ICONS} name */
export const icon = (name) =>
  svg("svg", { class: "sw-icon", viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" },
    svg("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" }));
