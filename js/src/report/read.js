// The data of the page: columns that are packed as numbers, unpacked into rows for the charts. Pure.

/** @typedef {{ n: number, columns: Record<string, number> }} Packed */
/** @typedef {Record<string, Packed>} PackedRows */
/** @typedef {{ alt: string, axes: Record<string, { spec: number, rows: PackedRows }>, per_bin: Record<string, number | null> }} LayerData */
/** @typedef {{ alt: string, spec: number, rows: PackedRows }} AblationData */
/** @typedef {{ layers: (LayerData | null)[], ablations: (AblationData | null)[], specs: any[], columns: any[] }} PageData */

const KINDS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array };

/** @param {string} text */
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;

/** The values of one column. @param {any} column @param {number} n @returns {any[]} */
export function columnOf(column, n) {
  if ("all" in column) return Array(n).fill(column.all);
  if ("list" in column) return column.list;
  if ("texts" in column) return columnOf(column.at, n).map((place) => column.texts[place]);
  const [kind, text] = Object.entries(column)[0];
  return [...new KINDS[/** @type {keyof typeof KINDS} */ (kind)](bytesOf(text))];
}

/** @param {PackedRows} packed @param {any[]} pool @returns {Record<string, Record<string, any>[]>} */
export function rowsOf(packed, pool) {
  return Object.fromEntries(Object.entries(packed).map(([name, { n, columns }]) => {
    const read = Object.entries(columns).map(([key, place]) => /** @type {const} */ ([key, columnOf(pool[place], n)]));
    return [name, Array.from({ length: n }, (_, at) => Object.fromEntries(read.map(([key, values]) => [key, values[at]])))];
  }));
}
