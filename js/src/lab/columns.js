// Datasets of a chart from the wire: numbers as float32 buffers, column after column, words beside them.

/** @param {DataView} view @param {number} length @param {number} columns */
const floats = (view, length, columns) => {
  const out = new Float32Array(length * columns);
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
  return out;
};

/** @param {import("../types").Packed} packed @param {DataView[]} buffers @returns {Record<string, any>[]} */
export function rowsOf({ length, numbers, words, buffer }, buffers) {
  const values = floats(buffers[buffer], length, numbers.length);
  return Array.from({ length }, (_, row) => {
    /** @type {Record<string, any>} */
    const made = {};
    numbers.forEach((name, column) => (made[name] = finite(values[column * length + row])));
    for (const [name, column] of Object.entries(words)) made[name] = column[row];
    return made;
  });
}

/** Vega breaks a curve at null. @param {number} value */
const finite = (value) => (Number.isFinite(value) ? value : null);

/** @param {Record<string, import("../types").Packed>} datasets @param {DataView[]} buffers */
export const unpacked = (datasets, buffers) => Object.fromEntries(Object.entries(datasets).map(([name, packed]) => [name, rowsOf(packed, buffers)]));
