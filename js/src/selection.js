// What a click or a key does to the chosen layer and the selected ones. Pure.
import { between } from "./rows.js";

/** @typedef {{ layer: string | null, selected: string[] }} Choice */

/** @param {string} name @returns {Choice} */
export const only = (name) => ({ layer: name, selected: [name] });

/** @param {Choice} choice @param {string} name @returns {Choice} */
export function toggled({ layer, selected }, name) {
  if (!selected.includes(name)) return { layer: layer ?? name, selected: [...selected, name] };
  const rest = selected.filter((other) => other !== name);
  return { layer: layer === name && rest.length ? rest[rest.length - 1] : layer, selected: rest };
}

/** @param {Choice} choice @param {string[]} shown @param {string | null} anchor @param {string} name @returns {Choice} */
export const extended = ({ layer }, shown, anchor, name) => ({ layer, selected: between(shown, anchor ?? name, name) });

const PAGE = 10;

/** The row a movement key leads to. @param {string} key @param {number} at @param {number} count */
export function moved(key, at, count) {
  /** @type {Record<string, number>} */
  const targets = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 };
  return key in targets && count ? Math.max(0, Math.min(count - 1, targets[key])) : null;
}
