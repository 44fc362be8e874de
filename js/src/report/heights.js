// The same chart with eigenvalues per bin instead of a density: every height times one number. Pure.

export const COUNT_TITLE = "eigenvalues per bin";

/** @param {Record<string, Record<string, any>[]>} datasets @param {number} perBin */
export function countedRows(datasets, perBin) {
  /** @param {Record<string, any>} row */
  const taller = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, (key === "density" || key === "base") && typeof value === "number" ? value * perBin : value]));
  return Object.fromEntries(Object.entries(datasets).map(([name, rows]) => [name, rows.map(taller)]));
}

/** The spec with the vertical axis named for counts. @param {any} part @returns {any} */
export function countedSpec(part) {
  if (Array.isArray(part)) return part.map(countedSpec);
  if (!part || typeof part !== "object") return part;
  const out = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, countedSpec(value)]));
  if (out.encoding?.y?.title) out.encoding.y.title = COUNT_TITLE;
  return out;
}
