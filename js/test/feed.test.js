import { describe, expect, it, vi } from "vitest";
import { createFeed } from "../src/feed.js";

/** Vega's side of the data: it keeps the objects that it is given, and adds to them. */
function fakeView() {
  /** @type {Record<string, any[]>} */
  const held = {};
  const view = {
    held,
    data: vi.fn((/** @type {string} */ name, /** @type {any[]} */ rows) => void (held[name] = rows.map((row) => Object.assign(row, { series: "own" })))),
    changeset: () => {
      /** @type {((rows: any[]) => any[])[]} */
      const steps = [];
      const changes = {
        steps,
        insert: (/** @type {any[]} */ more) => steps.push((rows) => [...rows, ...more]) && changes,
        remove: (/** @type {any[]} */ gone) => steps.push((rows) => rows.filter((row) => !gone.includes(row))) && changes,
        modify: (/** @type {Function} */ wanted, /** @type {string} */ field, /** @type {Function} */ value) =>
          steps.push((rows) => rows.map((row) => (wanted(row) ? Object.assign(row, { [field]: value(row) }) : row))) && changes,
      };
      return changes;
    },
    change: vi.fn((/** @type {string} */ name, /** @type {any} */ { steps }) => {
      held[name] = steps.reduce((/** @type {any[]} */ rows, /** @type {Function} */ step) => step(rows), held[name]);
    }),
  };
  return view;
}
const plain = (/** @type {any[]} */ rows) => rows.map(({ series, ...row }) => row);

describe("a feed", () => {
  it("leaves nothing behind of a field that only some rows had", () => {
    const view = fakeView();
    const feed = createFeed(view);
    feed("a", [{ x: 1 }, { x: 2, tip: "old" }]);
    feed("a", [{ x: 1 }, { x: 3 }]);
    expect(plain(view.held.a)).toEqual([{ x: 1 }, { x: 3 }]);
  });

  it("lends the marks on the screen the new values, and adds or takes away the rest", () => {
    const view = fakeView();
    const feed = createFeed(view);
    feed("a", [{ x: 1, y: 1 }, { x: 2, y: 4 }]);
    const first = view.held.a[0];
    for (const rows of [[{ x: 1, y: 9 }, { x: 2, y: 8 }, { x: 3, y: 7 }], [{ x: 5, y: null }], [{ x: 6, y: 0 }, { x: 7, y: 1 }]]) {
      feed("a", rows);
      expect(plain(view.held.a)).toEqual(rows);
      expect(view.held.a[0]).toBe(first);
    }
    expect(view.data).toHaveBeenCalledOnce();
  });

  it("says nothing where nothing has changed, and keeps its hands off the rows that it is given", () => {
    const view = fakeView();
    const feed = createFeed(view);
    const rows = [{ x: 1 }];
    feed("a", rows);
    feed("a", [{ x: 1 }]);
    expect(view.change).not.toHaveBeenCalled();
    feed("a", [{ x: 2 }]);
    expect(rows).toEqual([{ x: 1 }]);
  });

  it("starts anew with rows of other fields, and with none", () => {
    const view = fakeView();
    const feed = createFeed(view);
    for (const rows of [[{ x: 1 }], [{ x: 1, y: 2 }], [{ x: 1, y: 2 }, { x: 1 }], [], [{ x: 3 }]]) {
      feed("a", rows);
      expect(plain(view.held.a)).toEqual(rows);
    }
    expect(view.data).toHaveBeenCalledTimes(5);
  });
});
