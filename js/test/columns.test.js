import { afterEach, describe, expect, it } from "vitest";
import { withColumn } from "../src/panels/columns.js";
import { layerOf } from "../src/spec.js";
import { chart, layers, one, row, settled } from "./fake.js";
import { openScreen } from "./screen.js";

const CHOICES = [
  { title: "The layer", columns: [{ key: "kind", title: "kind", label: "kind", on_request: false }] },
  { title: "Power-law tails", columns: [{ key: "alpha", title: "α", label: "alpha", help: "Exponent.\nWhere it fails: short tails.", on_request: false }] },
  { title: "Hill exponents", columns: [{ key: "farms_alpha", title: "α FARMS", label: "farms alpha", help: "Windows.", on_request: true }] },
];
const PRESETS = [{ value: "essentials", label: "Essentials", help: "As at first.", columns: ["kind", "alpha"] }, { value: "tails", label: "Tails", help: "", columns: ["alpha", "farms_alpha"] }];
const LEGENDS = [{ column: "alpha", title: "α", source: "A paper", fails: "Short tails.", bands: [{ mark: "O", tone: "heavy", name: "over-trained", range: "below 2", meaning: "Heavy.", fails: "Rank collapse." }] }];
const HEADS = [{ key: "name", title: "layer" }, { key: "alpha", title: "α", help: "Exponent." }, { key: "farms_alpha", title: "α FARMS" }];
const ROWS = [
  row("a.weight", { alpha: 1.5, farms_alpha: 3, bands: { alpha: { mark: "O", tone: "heavy", words: "over-trained: Heavy." } } }),
  row("b.weight", { alpha: 4, farms_alpha: null, waiting: ["farms_alpha"] }), row("c.weight", { alpha: 3, farms_alpha: 9, other: { alpha: 2.25 } }),
];
/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());

const open = (/** @type {any} */ more = {}) => {
  screen = openScreen();
  screen.model.kernelState({ columns: ["kind", "alpha"] });
  screen.model.panel("layers", layers(ROWS, { columns: HEADS, choices: CHOICES, presets: PRESETS, legends: LEGENDS, ...more }));
  return screen.panel("layers");
};
const box = (/** @type {string} */ key) => one(screen.root, `.sw-columns input[value="${key}"]`);
const line = (/** @type {string} */ name) => one(screen.root, `tbody tr[data-name="${name}"]`);
const state = () => screen.model.get("state");

describe("columns", () => {
  it("are ticked as the state says, in groups that are named, with help of several lines", () => {
    const panel = open();
    expect(one(panel, ".sw-columns summary").textContent).toBe("Columns: 2 of 3");
    expect([box("kind").checked, box("alpha").checked, box("farms_alpha").checked]).toEqual([true, true, false]);
    const group = box("farms_alpha").closest("[role=group]");
    expect(one(panel, `#${group.getAttribute("aria-labelledby")}`).textContent).toBe("Hill exponents");
    expect(one(panel, `label[for="${box("alpha").id}"]`).getAttribute("data-help")).toContain("Where it fails");
    expect(box("farms_alpha").closest(".sw-column").textContent).toContain("on request");
  });

  it("are added and taken away by their box, and set by a preset", () => {
    open();
    box("farms_alpha").click();
    expect(state().columns).toEqual(["kind", "alpha", "farms_alpha"]);
    box("kind").click();
    expect(state().columns).toEqual(["alpha", "farms_alpha"]);
    expect(one(screen.root, '[data-preset="tails"]').getAttribute("aria-pressed")).toBe("true");
    one(screen.root, '[data-action="columns-essentials"]').click();
    expect(state().columns).toEqual(["kind", "alpha"]);
    expect(withColumn(["a", "b"], "a", true)).toEqual(["b", "a"]);
  });

  it("say why a choice is refused and go back", async () => {
    open();
    screen.model.answer = ({ id }) => screen.model.tell("answer", { id, ok: false, error: "There is no such metric." });
    box("farms_alpha").click();
    await settled();
    expect(one(screen.root, ".sw-columns .sw-error").textContent).toBe("There is no such metric.");
    expect(box("farms_alpha").checked).toBe(false);
  });

  it("are found by name, symbol and meaning", () => {
    open();
    const search = one(screen.root, ".sw-columns input[type=search]");
    const find = (/** @type {string} */ text) => {
      search.value = text;
      search.dispatchEvent(new Event("input", { bubbles: true }));
      return [...screen.root.querySelectorAll(".sw-column:not([hidden])")].map((item) => item.getAttribute("data-column"));
    };
    expect(find("FARMS")).toEqual(["farms_alpha"]);
    expect(find("windows")).toEqual(["farms_alpha"]);
    expect(one(screen.root, ".sw-column-group").hidden).toBe(true);
    expect(find("nothing at all")).toEqual([]);
    expect(screen.panel("layers").textContent).toContain("No metric is called so.");
    expect(find("")).toHaveLength(3);
  });

  it("sort by numbers, those that wait last", () => {
    open();
    const names = () => [...screen.root.querySelectorAll("tbody tr")].map((item) => item.getAttribute("data-name"));
    one(screen.root, '[data-sort="farms_alpha"]').click();
    expect(names()).toEqual(["c.weight", "a.weight", "b.weight"]);
    one(screen.root, '[data-sort="farms_alpha"]').click();
    expect(names()).toEqual(["a.weight", "c.weight", "b.weight"]);
  });

  it("show what waits in words, what the other model has, and offer to go on", () => {
    open();
    const cell = one(line("b.weight"), ".sw-col-farms_alpha");
    expect(cell.textContent).toContain("not measured yet");
    expect(cell.getAttribute("aria-description")).toContain("on request");
    expect(one(line("c.weight"), ".sw-col-alpha").textContent).toContain("other model 2.25");
    expect(one(screen.root, '[data-action="measure"]').hidden).toBe(false);
  });
});

describe("bands", () => {
  it("have a letter beside their colour, words in the help, and a legend with source and failures", () => {
    const panel = open();
    const cell = one(line("a.weight"), ".sw-col-alpha");
    expect(one(cell, ".sw-band").textContent).toBe("O");
    expect(cell.getAttribute("aria-description")).toBe("Band: over-trained: Heavy.");
    expect(line("b.weight").querySelector(".sw-band")).toBeNull();
    const legend = one(panel, ".sw-band-legend");
    for (const words of ["over-trained below 2", "A paper", "Short tails.", "Rank collapse."]) expect(legend.textContent).toContain(words);
  });

  it("are switched off by a box, and the legend goes when there is none", () => {
    const panel = open();
    one(panel, '[data-key="bands"] input').click();
    expect(state().bands).toBe(false);
    screen.model.panel("layers", layers(ROWS, { columns: HEADS, choices: CHOICES, legends: [] }));
    expect(one(panel, ".sw-band-legend").hidden).toBe(true);
  });
});

describe("saving the table", () => {
  it("waits for a measured row and asks for the format", () => {
    const panel = open({ rows: [row("a.weight", { status: "waiting" })] });
    expect(one(panel, '[data-action="table-csv"]').disabled).toBe(true);
    screen.model.tell("rows", { rows: [row("a.weight")] });
    one(panel, '[data-action="table-json"]').click();
    expect(screen.model.asked("export")[0]).toMatchObject({ what: "table", format: "json" });
  });
});

describe("the chart of metrics", () => {
  const CHART = { status: "ready", sentence: "α from 1.5 to 4.", notes: ["One left out."], choices: [
    { title: "Place", options: [{ value: "depth", label: "depth, block" }] }, { title: "Tails", options: [{ value: "alpha", label: "α" }, { value: "spikes", label: "spikes" }] }] };

  it("says its finding, offers metrics in groups, and only rows change", async () => {
    open();
    const panel = screen.panel("metrics");
    const own = () => screen.drawn.filter(({ el }) => panel.contains(el) || !el.isConnected);
    screen.model.panel("metrics", { ...CHART, chart: chart([{ layer: "a.weight" }]) });
    await settled();
    expect(panel.textContent).toContain("α from 1.5 to 4.");
    expect(panel.textContent).toContain("One left out.");
    const [up, across] = panel.querySelectorAll("select");
    expect([...up.options].map(({ value }) => value)).toEqual(["alpha", "spikes"]);
    expect([...across.options].map(({ value }) => value)).toEqual(["depth", "alpha", "spikes"]);
    expect([up.value, across.value]).toEqual(["alpha", "depth"]);
    up.value = "spikes";
    up.dispatchEvent(new Event("change", { bubbles: true }));
    expect(state().chart_y).toBe("spikes");
    screen.model.panel("metrics", { ...CHART, chart: chart([{ layer: "b.weight" }]) });
    await settled();
    expect(own()).toHaveLength(1);
    expect(own()[0].view.data).toHaveBeenCalled();
  });

  it("chooses the layer of a mark that is pressed", async () => {
    open();
    screen.model.panel("metrics", { ...CHART, chart: chart([{ layer: "b.weight" }]) });
    await settled();
    screen.drawn[0].fire("click", { datum: { layer: "b.weight" } });
    expect(state()).toMatchObject({ layer: "b.weight", selected: ["b.weight"] });
    screen.drawn[0].fire("click", { datum: { at: 2 } });
    expect(state().layer).toBe("b.weight");
    expect(layerOf(null)).toBeNull();
  });

  it("asks to wait where there is no number", () => {
    open();
    screen.model.panel("metrics", { ...CHART, status: "empty", sentence: "No layer has α yet.", chart: null });
    expect(one(screen.panel("metrics"), ".sw-empty").textContent).toBe("No layer has α yet.");
    expect(screen.drawn).toHaveLength(0);
  });
});
