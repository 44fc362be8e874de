// New rows for a chart that is drawn. Rows with the fields of the old ones only lend them their values: Vega then keeps
// the marks, and touches what has changed.

/** @param {any[]} rows */
const fieldsOf = (rows) => (rows.length ? Object.keys(rows[0]) : []);

/** @param {any[]} rows @param {string[]} fields */
const haveAll = (rows, fields) => rows.every((row) => Object.keys(row).length === fields.length && fields.every((field) => field in row));

/** @param {any} view */
export function createFeed(view) {
  /** What Vega holds of each dataset, and the fields that each row was given, if all have the same: Vega adds its own. @type {Map<string, { held: any[], fields: string[] | null }>} */
  const known = new Map();

  /** @param {string} name @param {any[]} rows @param {string[] | null} fields */
  const replace = (name, rows, fields) => {
    const held = structuredClone(rows);
    known.set(name, { held, fields });
    view.data(name, held);
  };

  /** @param {string} name @param {any[]} held @param {any[]} rows @param {string[]} fields */
  const change = (name, held, rows, fields) => {
    const kept = Math.min(held.length, rows.length);
    const rowOf = new Map(rows.slice(0, kept).map((row, i) => [held[i], row]));
    const moved = fields.filter((field) => rows.slice(0, kept).some((row, i) => row[field] !== held[i][field]));
    const more = structuredClone(rows.slice(kept));
    const gone = held.slice(kept);
    if (!moved.length && !more.length && !gone.length) return;
    const changes = view.changeset().insert(more).remove(gone);
    for (const field of moved) changes.modify((/** @type {any} */ tuple) => rowOf.has(tuple), field, (/** @type {any} */ tuple) => rowOf.get(tuple)[field]);
    view.change(name, changes);
    known.set(name, { held: [...held.slice(0, kept), ...more], fields });
  };

  /** @param {string} name @param {any[]} rows */
  return (name, rows) => {
    const before = known.get(name);
    const fields = fieldsOf(rows);
    const same = haveAll(rows, fields);
    const alike = before?.fields && before.held.length && rows.length && same && fields.join() === before.fields.join();
    if (alike) change(name, before.held, rows, fields);
    else replace(name, rows, same ? fields : null);
  };
}
