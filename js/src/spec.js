// A chart's spec made fit for the page: its width, its colours, its legend. Pure.

const LEGEND_COLUMN = 165;
const MOST_COLUMNS = 6;

/** @param {any} base @param {any} over @returns {any} */
const merged = (base, over) => {
  if (!base || !over || typeof base !== "object" || typeof over !== "object") return over ?? base;
  const out = { ...base };
  for (const key of Object.keys(over)) out[key] = merged(base[key], over[key]);
  return out;
};

/** A single or layered chart takes the width of its place; steps and joined charts keep their own. @param {any} spec */
export const isFluid = (spec) =>
  (spec.mark !== undefined || spec.layer !== undefined) && !spec.encoding?.facet && !spec.encoding?.column && typeof spec.width !== "object";

/** Legends get no more columns than fit into the width. @param {any} part @param {number} most @returns {any} */
export function withLegends(part, most) {
  if (!part || typeof part !== "object") return part;
  if (Array.isArray(part)) return part.map((item) => withLegends(item, most));
  const out = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === "values" ? value : withLegends(value, most)]));
  if (out.legend?.columns > most) out.legend = { ...out.legend, columns: most };
  return out;
}

/** @param {number} width */
export const legendColumns = (width) => (width > 0 ? Math.max(1, Math.min(MOST_COLUMNS, Math.floor(width / LEGEND_COLUMN))) : MOST_COLUMNS);

/** @param {import("./types").Chart} chart @param {any} config @param {number} [columns] */
export function pageSpec({ spec, datasets, alt }, config, columns = Infinity) {
  const fitted = withLegends(spec, columns);
  const out = { ...fitted, description: alt, datasets: structuredClone(datasets), config: merged(fitted.config, config), background: "transparent" };
  // Wider labels beside the axis must not push it out of its place: the room for them is made anew where they change.
  return isFluid(spec) ? { ...out, width: "container", autosize: { type: "fit-x", contains: "padding", resize: true } } : out;
}

const LEAST_STEP = 5;

/**
 * The size of a cell with which a chart of square cells fits into its place; never larger than asked for.
 * @param {{ wanted: number, step: number, inner: number, outer: number, room: number }} sizes cell wanted and now; width of the cells, of the whole chart, and of the place
 */
export const fittingStep = ({ wanted, step, inner, outer, room }) => Math.max(LEAST_STEP, Math.min(wanted, Math.floor((step * (room - (outer - inner))) / inner)));

/** The layer that a mark stands for. @param {any} item @returns {string | null} */
export const layerOf = (item) => (typeof item?.datum?.layer === "string" ? item.datum.layer : null);

/** @param {any} item @returns {import("./types").TrapKey | null} */
export function trapOf(item) {
  const datum = item?.datum;
  return Number.isInteger(datum?.trap_seed) && Number.isInteger(datum?.trap_index) ? { seed: datum.trap_seed, index: datum.trap_index } : null;
}
