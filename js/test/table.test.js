import { afterEach, describe, expect, it } from "vitest";
import { ratio } from "../src/format.js";
import { nextSort, withSketch } from "../src/header.js";
import { between, filtered, sorted } from "../src/rows.js";
import { moved, toggled } from "../src/selection.js";
import { layers, one, press, row } from "./fake.js";
import { openScreen } from "./screen.js";

const ROWS = [
  row("block.2.weight", { alpha: 3.5, traps: 2, traps_text: "2 (per shuffle: 2 2 3)" }), row("block.10.weight", { alpha: null, caveats: { alpha: "Too few eigenvalues." } }),
  row("block.1.weight", { alpha: 1.5, kind: "embedding" }), row("head.weight", { alpha: 2.5, shape: [10, 10] }),
];
/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());

const open = (rows = ROWS) => {
  screen = openScreen();
  screen.model.panel("layers", layers(rows));
  return screen;
};
const names = () => [...screen.root.querySelectorAll("tbody tr")].map((line) => /** @type {HTMLElement} */ (line).dataset.name);
const line = (/** @type {string} */ name) => /** @type {HTMLElement} */ ([...screen.root.querySelectorAll("tbody tr")].find((item) => /** @type {HTMLElement} */ (item).dataset.name === name));
const state = () => screen.model.get("state");
const click = (/** @type {Element} */ target, /** @type {MouseEventInit} */ keys = {}) => target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...keys }));
const sortBy = (/** @type {string} */ key) => one(screen.root, `[data-sort="${key}"]`).click();

describe("order and filter", () => {
  it("puts missing values last both ways and keeps ties in the model's order", () => {
    const order = (/** @type {boolean} */ descending) => sorted(ROWS, { by: "alpha", descending }).map(({ name }) => name);
    expect(order(false)).toEqual(["block.1.weight", "head.weight", "block.2.weight", "block.10.weight"]);
    expect(order(true)).toEqual(["block.2.weight", "head.weight", "block.1.weight", "block.10.weight"]);
    expect(sorted(ROWS, { by: "", descending: false })).toEqual(ROWS);
  });

  it("sorts names as people count and shapes by their size", () => {
    expect(sorted(ROWS, { by: "name", descending: false }).map(({ name }) => name)).toEqual(["block.1.weight", "block.2.weight", "block.10.weight", "head.weight"]);
    expect(sorted(ROWS, { by: "shape", descending: false })[0].name).toBe("head.weight");
  });

  it("filters by every word and by kind", () => {
    expect(filtered(ROWS, { text: "BLOCK 10", kind: "" }).map(({ name }) => name)).toEqual(["block.10.weight"]);
    expect(filtered(ROWS, { text: "", kind: "embedding" })).toHaveLength(1);
    expect(filtered(ROWS, { text: "nothing", kind: "" })).toEqual([]);
  });

  it("sorts by a press of the header and turns round at the second", () => {
    open();
    sortBy("alpha");
    expect(names()[0]).toBe("block.2.weight");
    expect(one(screen.root, '[data-column="alpha"]').getAttribute("aria-sort")).toBe("descending");
    sortBy("alpha");
    expect(names()[0]).toBe("block.1.weight");
    expect(one(screen.root, '[data-column="alpha"]').getAttribute("aria-sort")).toBe("ascending");
    expect(state().sort).toEqual({ by: "alpha", descending: false });
    expect(nextSort({ by: "", descending: false }, "name")).toEqual({ by: "name", descending: false });
  });

  it("says so when the filter leaves nothing and counts what it leaves", () => {
    open();
    const kind = one(screen.root, "select");
    kind.value = "embedding";
    kind.dispatchEvent(new Event("change", { bubbles: true }));
    expect(names()).toEqual(["block.1.weight"]);
    expect(screen.panel("layers").textContent).toContain("1 of 4 layers");
    screen.model.kernelState({ filter: { text: "zzz", kind: "" } });
    expect(one(screen.root, ".sw-grid-scroll .sw-empty").hidden).toBe(false);
  });
});

describe("selection by mouse", () => {
  it("chooses one, adds with Ctrl, extends with Shift, ticks with the box", () => {
    open();
    click(line("block.10.weight"));
    expect(state()).toMatchObject({ layer: "block.10.weight", selected: ["block.10.weight"] });
    click(line("head.weight"), { ctrlKey: true });
    expect(state()).toMatchObject({ layer: "block.10.weight", selected: ["block.10.weight", "head.weight"] });
    click(line("block.2.weight"), { shiftKey: true });
    expect(state().selected).toEqual(["block.2.weight", "block.10.weight", "block.1.weight", "head.weight"]);
    click(one(line("block.1.weight"), "input"));
    expect(state().selected).toEqual(["block.2.weight", "block.10.weight", "head.weight"]);
    expect(line("block.1.weight").getAttribute("aria-selected")).toBe("false");
    expect(line("head.weight").getAttribute("aria-selected")).toBe("true");
    expect(screen.panel("layers").textContent).toContain("3 selected");
  });

  it("selects all that are shown, and none", () => {
    open();
    const all = one(screen.root, '[data-action="select-all"]');
    all.click();
    expect(state().selected).toHaveLength(4);
    all.click();
    expect(state().selected).toEqual([]);
  });

  it("works on names only", () => {
    expect(between(["a", "b", "c"], "c", "b")).toEqual(["b", "c"]);
    expect(between(["a", "b"], "gone", "b")).toEqual(["b"]);
    expect(toggled({ layer: "a", selected: ["a", "b"] }, "a")).toEqual({ layer: "b", selected: ["b"] });
    expect(toggled({ layer: null, selected: [] }, "a")).toEqual({ layer: "a", selected: ["a"] });
    expect([moved("ArrowDown", 3, 4), moved("ArrowUp", 0, 4), moved("End", 0, 4), moved("x", 0, 4)]).toEqual([3, 0, 3, null]);
  });
});

describe("keyboard", () => {
  it("has one row in the tab order, which the arrows move", () => {
    open();
    const stops = () => [...screen.root.querySelectorAll("tbody tr")].filter((item) => /** @type {HTMLElement} */ (item).tabIndex === 0);
    expect(stops()).toHaveLength(1);
    line("block.2.weight").focus();
    press(line("block.2.weight"), "ArrowDown");
    expect(document.activeElement).toBe(line("block.10.weight"));
    press(line("block.10.weight"), "End");
    expect(document.activeElement).toBe(line("head.weight"));
    press(line("head.weight"), "ArrowDown");
    expect(document.activeElement).toBe(line("head.weight"));
    press(line("head.weight"), "Home");
    expect(stops()).toEqual([line("block.2.weight")]);
    expect(screen.model.asked("set")).toEqual([]);
  });

  it("has its stop at the first row, or at the chosen one, until the user moves", () => {
    screen = openScreen();
    const stop = () => [...screen.root.querySelectorAll("tbody tr")].filter((item) => /** @type {HTMLElement} */ (item).tabIndex === 0).map((item) => /** @type {HTMLElement} */ (item).dataset.name);
    screen.model.tell("rows", { rows: [row("head.weight")] });
    screen.model.panel("layers", layers(ROWS));
    expect(stop()).toEqual(["block.2.weight"]);
    screen.model.kernelState({ layer: "block.1.weight" });
    expect(stop()).toEqual(["block.1.weight"]);
    line("head.weight").focus();
    screen.model.kernelState({ layer: "block.2.weight" });
    expect(stop()).toEqual(["head.weight"]);
  });

  it("does with Enter, Space, Shift and Ctrl+A what the mouse does", () => {
    open();
    line("block.2.weight").focus();
    press(line("block.2.weight"), "Enter");
    expect(state()).toMatchObject({ layer: "block.2.weight", selected: ["block.2.weight"] });
    press(line("block.1.weight"), " ");
    expect(state().selected).toEqual(["block.2.weight", "block.1.weight"]);
    press(line("block.1.weight"), "ArrowDown", { shiftKey: true });
    expect(state().selected).toEqual(["block.1.weight", "head.weight"]);
    press(line("head.weight"), "a", { ctrlKey: true });
    expect(state().selected).toHaveLength(4);
    press(line("head.weight"), "Escape");
    expect(state().selected).toEqual(["block.2.weight"]);
  });

  it("leaves other keys alone and keeps the focus when rows are sorted anew", () => {
    open();
    line("head.weight").focus();
    expect(press(line("head.weight"), "q")).toBe(true);
    expect(press(line("head.weight"), "ArrowUp")).toBe(false);
    line("head.weight").focus();
    sortBy("alpha");
    screen.model.tell("rows", { rows: [row("head.weight", { alpha: 99 })] });
    expect(names()[0]).toBe("head.weight");
    expect(document.activeElement).toBe(line("head.weight"));
  });

  it("keeps the notebook's shortcuts out, but not its own Ctrl+S", () => {
    open();
    // What the host does: from the target upwards, the first match wins, and a marked element ends the search before it is compared.
    const hostTakes = (/** @type {Element} */ target) => !target.hasAttribute("data-lm-suppress-shortcuts");
    const targets = [line("head.weight"), one(screen.root, '[data-sort="alpha"]'), one(screen.root, '[data-action="pin"]'), one(screen.root, '[data-key="engine"] input')];
    /** @type {boolean[]} */
    const taken = [];
    const host = (/** @type {Event} */ event) => taken.push(hostTakes(/** @type {Element} */ (event.target)));
    document.addEventListener("keydown", host, { capture: true });
    for (const target of targets) {
      for (const key of ["d", "x", "ArrowDown", "Enter", "Escape", "0"]) press(target, key);
      for (const key of ["Enter", "a"]) press(target, key, { ctrlKey: true });
      expect(taken.splice(0)).toEqual(Array(8).fill(false));
      for (const key of ["s", "f"]) press(target, key, { ctrlKey: true });
      expect(taken.splice(0)).toEqual([true, true]);
    }
    press(document.body, "d");
    expect(taken).toEqual([true]);
    document.removeEventListener("keydown", host, { capture: true });
  });
});

describe("cells", () => {
  it("draws the spectrum, marks traps by sign and word, and names caveats", () => {
    open();
    const outline = one(line("block.2.weight"), ".sw-sketch path").getAttribute("d");
    expect(outline.match(/V/g)).toHaveLength(25);
    const traps = one(line("block.2.weight"), ".sw-col-traps");
    expect(traps.textContent).toContain("2 traps");
    expect(traps.querySelector("svg")).not.toBeNull();
    expect(one(line("head.weight"), ".sw-col-traps").querySelector("svg")).toBeNull();
    expect(one(line("block.10.weight"), ".sw-col-alpha").getAttribute("aria-description")).toBe("Too few eigenvalues.");
    expect(one(line("block.10.weight"), ".sw-col-alpha").textContent).toContain("–");
  });

  it("puts the picture after the name unless the kernel places it", () => {
    expect(withSketch([{ key: "name", title: "" }, { key: "alpha", title: "" }]).map(({ key }) => key)).toEqual(["name", "sketch", "alpha"]);
    const placed = [{ key: "name", title: "" }, { key: "alpha", title: "" }, { key: "sketch", title: "ESD" }];
    expect(withSketch(placed)).toEqual(placed);
  });

  it("shows a row waiting, at work, done and failed, in words too", () => {
    open([row("w", { status: "waiting", alpha: null, sketch: null })]);
    expect(line("w").textContent).toContain("waiting");
    expect(one(line("w"), ".sw-col-alpha").textContent).toBe("");
    screen.model.tell("rows", { rows: [row("w", { status: "working", alpha: null, sketch: null })] });
    expect(line("w").textContent).toContain("being measured");
    screen.model.tell("rows", { rows: [row("w", { status: "failed", alpha: null, sketch: null, caveat: "w holds NaN." })] });
    expect(line("w").textContent).toContain("w holds NaN.");
    expect(one(line("w"), ".sw-col-alpha").textContent).toBe("–");
    screen.model.tell("rows", { rows: [row("w")] });
    expect(line("w").textContent).not.toContain("NaN");
    expect(one(line("w"), ".sw-col-alpha").textContent).toBe("2.50");
  });

  it("shows in words under the table what stands behind the row under the mouse or with the focus", () => {
    open();
    const detail = one(screen.root, ".sw-detail");
    const mouse = (/** @type {string} */ kind, /** @type {Element} */ target, bubbles = true) => target.dispatchEvent(new MouseEvent(kind, { bubbles }));
    screen.model.kernelState({ layer: "block.10.weight", selected: ["block.10.weight"] });
    expect(detail.textContent).toBe("");
    line("block.10.weight").focus();
    expect(detail.textContent).toContain("Too few eigenvalues.");
    mouse("mouseover", one(line("block.2.weight"), "td"));
    expect(detail.textContent).toBe("Traps: 2 (per shuffle: 2 2 3).");
    mouse("mouseleave", one(screen.root, ".sw-grid tbody"), false);
    expect(detail.textContent).toContain("Too few eigenvalues.");
    line("block.10.weight").blur();
    expect(detail.textContent).toBe("");
  });

  it("gives every aspect three decimals", () => {
    expect([1, 0.32, 0.05, 0.0001, null, NaN].map(ratio)).toEqual(["1.000", "0.320", "0.050", "1.0×10⁻⁴", "–", "–"]);
    screen = openScreen();
    screen.model.panel("layers", layers([row("w", { aspect: 1 })], { columns: [{ key: "name", title: "layer" }, { key: "aspect", title: "aspect" }] }));
    expect(one(line("w"), ".sw-col-aspect").textContent).toBe("1.000");
  });
});
