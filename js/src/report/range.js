// Which part of the eigenvalue axis is in sight, and how high it stands. Pure.

/** @typedef {[number, number]} Range */

const LEAST = 1e-3;
const ROOM = { linear: 1.18, log: 1.6 };

/** @param {boolean} isLog */
const along = (isLog) => (isLog ? { to: Math.log, from: Math.exp } : { to: (/** @type {number} */ x) => x, from: (/** @type {number} */ x) => x });

/**
 * A part of the axis within the whole; `null` for all of it. Never narrower than a thousandth.
 * @param {Range} part @param {Range} whole @param {boolean} isLog @returns {Range | null}
 */
export function within(part, whole, isLog) {
  const { to, from } = along(isLog);
  const [low, high] = whole.map(to);
  let [a, b] = [Math.min(...part), Math.max(...part)].map(to);
  const width = Math.max(b - a, LEAST * (high - low));
  if (!(width < high - low)) return null;
  a = Math.max(low, Math.min(a, high - width));
  b = a + width;
  return [a === low ? whole[0] : from(a), b === high ? whole[1] : from(b)];
}

/** The part made wider or narrower around a place in it. @param {Range | null} part @param {Range} whole @param {number} factor @param {boolean} isLog @param {number} [centre] */
export function scaled(part, whole, factor, isLog, centre) {
  const { to, from } = along(isLog);
  const [a, b] = (part ?? whole).map(to);
  const middle = centre === undefined ? (a + b) / 2 : to(centre);
  return within([from(middle + (a - middle) * factor), from(middle + (b - middle) * factor)], whole, isLog);
}

/** The part moved by a share of its own width. @param {Range | null} part @param {Range} whole @param {number} share @param {boolean} isLog */
export function moved(part, whole, share, isLog) {
  const { to, from } = along(isLog);
  const [a, b] = (part ?? whole).map(to);
  const step = share * (b - a);
  return within([from(a + step), from(b + step)], whole, isLog);
}

/** Base and top of the heights in sight, with some room; `null` where nothing stands there. @param {Record<string, Record<string, any>[]>} datasets @param {Range} part @param {boolean} isLog */
export function heightsWithin(datasets, [low, high], isLog) {
  const rows = Object.entries(datasets).filter(([name]) => name !== "note").flatMap(([, list]) => list);
  const seen = rows.filter((row) => row.density > 0 && (row.high ?? row.eigenvalue) >= low && (row.low ?? row.eigenvalue) <= high);
  if (!seen.length) return null;
  const base = rows.find((row) => typeof row.base === "number")?.base ?? 0;
  const top = Math.max(...seen.map((row) => row.density)) * (isLog ? ROOM.log : ROOM.linear);
  return top > base ? /** @type {Range} */ ([base, top]) : null;
}
