import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { countedRows, countedSpec, COUNT_TITLE } from "../src/report/heights.js";
import { start } from "../src/report/main.js";
import { heightsWithin, moved, scaled, within } from "../src/report/range.js";
import { columnOf, rowsOf } from "../src/report/read.js";

const base64 = (/** @type {ArrayBufferView} */ array) => Buffer.from(array.buffer).toString("base64");

describe("packed columns", () => {
  it("come out as they went in", () => {
    expect(columnOf({ all: "x" }, 3)).toEqual(["x", "x", "x"]);
    expect(columnOf({ list: [1, null] }, 2)).toEqual([1, null]);
    expect(columnOf({ u2: base64(Uint16Array.from([7, 65535])) }, 2)).toEqual([7, 65535]);
    expect(columnOf({ texts: ["a", "b"], at: { u1: base64(Uint8Array.from([1, 0, 1])) } }, 3)).toEqual(["b", "a", "b"]);
  });

  it("make rows, and none of no rows", () => {
    const pool = [{ f4: base64(Float32Array.from([0.5, 2])) }, { all: true }];
    expect(rowsOf({ bars: { n: 2, columns: { x: 0, on: 1 } }, none: { n: 0, columns: {} } }, pool)).toEqual({ bars: [{ x: 0.5, on: true }, { x: 2, on: true }], none: [] });
  });
});

describe("counts", () => {
  it("scale every height and nothing else", () => {
    expect(countedRows({ bars: [{ low: 1, density: 2, base: 0.5, count: 6 }] }, 3)).toEqual({ bars: [{ low: 1, density: 6, base: 1.5, count: 6 }] });
    const spec = { layer: [{ encoding: { y: { title: "density per unit λ" }, x: { title: "λ" } } }] };
    expect(countedSpec(spec).layer[0].encoding).toEqual({ y: { title: COUNT_TITLE }, x: { title: "λ" } });
    expect(spec.layer[0].encoding.y.title).toBe("density per unit λ");
  });
});

describe("the part in sight", () => {
  /** @type {[number, number]} */
  const whole = [1, 10000];

  it("stays within the whole, and is all of it when it is as wide", () => {
    expect(within([0.001, 1e9], whole, true)).toBeNull();
    expect(within([2, 0], [0, 10], false)).toEqual([0, 2]);
    expect(scaled(null, [0, 8], 0.5, false)).toEqual([2, 6]);
    expect(scaled([2, 6], [0, 8], 2, false)).toBeNull();
    const [low, high] = scaled(null, whole, 0.5, true) ?? [0, 0];
    expect([low, high].map(Math.round)).toEqual([10, 1000]);
    expect(moved([6, 8], [0, 8], 0.5, false)).toEqual([6, 8]);
    expect(moved([2, 4], [0, 8], 0.5, false)).toEqual([3, 5]);
  });

  it("zooms around the place of the pointer", () => {
    const [low, high] = scaled([0, 4], [0, 8], 0.5, false, 1) ?? [0, 0];
    expect((1 - low) / (high - low)).toBeCloseTo(0.25);
  });

  it("is as high as what stands in it", () => {
    const datasets = { layer: [{ low: 0, high: 1, density: 9, base: 0 }, { low: 5, high: 6, density: 2, base: 0 }], note: [{ eigenvalue: 5, density: 99 }] };
    expect(heightsWithin(datasets, [4, 7], false)).toEqual([0, 2 * 1.18]);
    expect(heightsWithin(datasets, [20, 30], false)).toBeNull();
  });
});

const PAGE = `<main><header><h1>t</h1></header>
<div id="layers-table"><table class="layers"><thead><tr><th data-key="name">Layer</th><th data-key="kind">Kind</th><th class="number" data-key="alpha" data-help="m">α</th><th class="number" data-key="r" hidden>r</th></tr></thead><tbody>
<tr data-place="1"><th data-value="b"><a href="#layer-1">b</a></th><td data-value="linear">linear</td><td class="number" data-value="2">2</td><td hidden>–</td></tr>
<tr data-place="2"><th data-value="a"><a href="#layer-2">a</a></th><td data-value="conv">conv</td><td class="number">–</td><td hidden data-value="1">1</td></tr>
<tr data-place="3"><th data-value="c"><a href="#layer-3">c</a></th><td data-value="linear">linear</td><td class="number" data-value="5">5</td><td hidden>–</td></tr></tbody></table></div>
<div id="layers"><section class="layer" id="layer-1"><h3>b</h3></section><section class="layer" id="layer-2"><h3>a</h3>
<table><tr><td><a data-trap="0 0" href="#trap-2-0-0">one</a></td></tr><tr><td><a data-trap="0 1" href="#trap-2-0-1">two</a></td></tr></table>
<div class="trap" id="trap-2-0-0" data-trap="0 0"></div><div class="trap" id="trap-2-0-1" data-trap="0 1"></div></section>
<section class="layer" id="layer-3"><h3>c</h3></section></div><pre class="code"><code>print(1)</code></pre></main>
<script type="application/json" id="data">{"layers":[null,null,null],"ablations":[],"specs":[],"columns":[]}</script>`;

describe("a page of three layers", () => {
  /** @param {string} text @returns {any} */
  const one = (text) => document.querySelector(text);
  const names = () => [...document.querySelectorAll("table.layers tbody tr a")].map((link) => link.textContent);

  beforeEach(() => {
    Element.prototype.scrollIntoView ??= () => {};
    history.replaceState(null, "", "#");
    document.body.innerHTML = PAGE;
    start(document, async () => ({ view: {}, finalize() {} }));
  });
  afterEach(() => vi.useRealTimers());

  it("begins with the layer that has a trap and goes where it is told", () => {
    expect(one(".layer.chosen").id).toBe("layer-2");
    expect(one("tr.chosen").dataset.place).toBe("2");
    one("[data-action=next]").click();
    expect(one(".layer.chosen").id).toBe("layer-3");
    expect(one("[data-action=next]").disabled).toBe(true);
    one("#choose-layer").value = "1";
    one("#choose-layer").dispatchEvent(new Event("change"));
    expect(one(".layer.chosen").id).toBe("layer-1");
    expect(one("main > [role=status]").textContent).toContain("Layer b");
    one("tr[data-place='2'] td").click();
    expect(location.hash).toBe("#layer-2");
    expect(document.querySelectorAll(".layer.chosen")).toHaveLength(1);
  });

  it("shows the trap of the address", () => {
    expect(one(".trap.chosen").id).toBe("trap-2-0-0");
    history.replaceState(null, "", "#trap-2-0-1");
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    expect(one(".trap.chosen").id).toBe("trap-2-0-1");
    expect(one("[aria-current=true][data-trap]").textContent).toBe("two");
  });

  it("sorts with missing numbers last, and filters by text and kind", () => {
    one("th[data-key=alpha] button").click();
    expect(names()).toEqual(["c", "b", "a"]);
    one("th[data-key=alpha] button").click();
    expect(names()).toEqual(["b", "c", "a"]);
    expect(one("th[data-key=alpha]").getAttribute("aria-sort")).toBe("ascending");
    one("th[data-key=name] button").click();
    expect(names()).toEqual(["a", "b", "c"]);
    one("#filter-kind").value = "linear";
    one("#filter-kind").dispatchEvent(new Event("change"));
    one("#filter-layers").value = "c";
    one("#filter-layers").dispatchEvent(new Event("input"));
    expect(names()).toEqual(["c"]);
    expect(one("#table, .tools [role=status]").textContent).toBe("1 of 3 layers");
  });

  it("shows a column that was out of sight", () => {
    const box = one(".columns input:not(:checked)");
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    expect(one("th[data-key=r]").hidden).toBe(false);
    expect(one("tr[data-place='2'] td:last-child").hidden).toBe(false);
  });

  it("copies code, or selects it where the clipboard is closed", async () => {
    vi.useFakeTimers();
    one("[data-action=copy]").click();
    await vi.advanceTimersByTimeAsync(10);
    expect(one("[data-action=copy]").textContent).toBe("Selected");
    expect(document.getSelection()?.toString()).toBe("print(1)");
    await vi.advanceTimersByTimeAsync(3000);
    expect(one("[data-action=copy]").textContent).toBe("Copy");
  });

  it("turns dark and light again", async () => {
    one("[data-action=theme]").click();
    expect(document.documentElement.dataset.theme).toBe("dark");
    await new Promise((resolve) => setTimeout(resolve, 5));
    one("[data-action=theme]").click();
    expect(document.documentElement.dataset.theme).toBe("light");
  });
});
