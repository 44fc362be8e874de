// Which rows are shown, and in which order. Pure.

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @param {import("./types").Row} row @param {string} key */
function sortValue(row, key) {
  const value = row[key];
  if (Array.isArray(value)) return value.reduce((product, side) => product * side, 1);
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}

/** @param {any} a @param {any} b */
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : names.compare(String(a), String(b)));

/** Missing values stand last, whichever way the column is sorted; ties keep the model's order. @param {import("./types").Row[]} rows @param {import("./types").Sort} sort */
export function sorted(rows, { by, descending }) {
  const sign = descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const a = sortValue(left, by);
    const b = sortValue(right, by);
    const missing = Number(a === null || a === undefined) - Number(b === null || b === undefined);
    return missing || (a === null || a === undefined ? 0 : sign * compare(a, b));
  });
}

/** Every word must occur in the name or the kind. @param {import("./types").Row[]} rows @param {import("./types").Filter} filter */
export function filtered(rows, { text, kind }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => (!kind || row.kind === kind) && words.every((word) => `${row.name} ${row.kind}`.toLowerCase().includes(word)));
}

/** @param {string[]} shown @param {string} from @param {string} to */
export function between(shown, from, to) {
  const [a, b] = [shown.indexOf(from), shown.indexOf(to)];
  if (a < 0 || b < 0) return [to];
  return shown.slice(Math.min(a, b), Math.max(a, b) + 1);
}
