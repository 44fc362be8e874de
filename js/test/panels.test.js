import { afterEach, describe, expect, it, vi } from "vitest";
import { chart, fakeModel, layers, obliging, one, refusing, row, settled, spectrum, STATE } from "./fake.js";
import { openScreen } from "./screen.js";

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());
const chosen = { state: { ...structuredClone(STATE), layer: "a.weight", selected: ["a.weight"] } };
const open = (model = obliging(fakeModel(chosen))) => (screen = openScreen(model));
const text = (/** @type {string} */ panel) => screen.panel(panel).textContent;
const action = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (one(screen.root, `[data-action="${name}"]`));
const progress = (/** @type {any} */ more) => screen.model.tell("progress", { job: "layers", label: "Measuring", done: 12, total: 40, elapsed_s: 12, remaining_s: 30, ...more });
const job = (/** @type {string} */ name) => /** @type {HTMLElement} */ (one(screen.root, `[data-job="${name}"]`));
const strip = (/** @type {string} */ name) => /** @type {HTMLElement} */ (one(job(name), ".sw-job-line"));

describe("layers", () => {
  it("names the model, says hello once, and says so when there is no matrix", () => {
    open();
    expect(screen.model.asked("hello")).toHaveLength(1);
    screen.model.panel("layers", layers([]));
    expect(text("layers")).toContain("no weight matrices");
    screen.model.panel("layers", layers([row("a.weight")]));
    expect(text("layers")).toContain("a model");
    expect(text("layers")).toContain("1 layer");
  });

  it("tells progress in plain words, cancels, and offers to go on", async () => {
    open();
    screen.model.panel("layers", layers([row("a.weight", { status: "waiting" })], { job_active: true }));
    progress({});
    const bar = one(strip("layers"), "progress");
    expect([bar.value, bar.max, bar.getAttribute("aria-label")]).toEqual([12, 40, "Measuring the layers"]);
    expect(strip("layers").textContent).toContain("12 of 40 · 1.0/s · 12 s, about 30 s left");
    action("cancel-layers").click();
    expect(screen.model.asked("cancel")[0].job).toBe("layers");
    screen.model.tell("finished", { job: "layers", outcome: "cancelled", message: "Stopped after 12." });
    expect(strip("layers").hidden).toBe(true);
    expect(text("layers")).toContain("Stopped after 12.");
    expect(action("measure").hidden).toBe(false);
    action("measure").click();
    expect(screen.model.asked("measure")).toHaveLength(1);
  });

  it("sends the filter as it is typed, the first letter at once and the rest in one", async () => {
    open();
    screen.model.panel("layers", layers([row("a.weight"), row("b.weight")]));
    const input = one(screen.root, 'input[type="search"]');
    // However slow the machine, all three letters come within one moment.
    const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
    for (const typed of ["b", "b.", "b.w"]) {
      input.value = typed;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    clock.mockRestore();
    await settled(80);
    expect(screen.model.asked("set").map(({ changes }) => changes)).toEqual([{ filter: { text: "b", kind: "" } }, { filter: { text: "b.w", kind: "" } }]);
    expect(screen.root.querySelectorAll("tbody tr")).toHaveLength(1);
  });
});

describe("spectrum", () => {
  it("says what to do while empty, and what it does while working", () => {
    open();
    expect(text("spectrum")).toContain("Choose a layer");
    screen.model.panel("spectrum", spectrum({ status: "working", chart: null, message: "Computing, 200×64 …" }));
    expect(text("spectrum")).toContain("Computing, 200×64 …");
    expect(screen.panel("spectrum").getAttribute("aria-busy")).toBe("true");
  });

  it("draws once with the interpreter and swaps data afterwards", async () => {
    open();
    screen.model.panel("spectrum", spectrum());
    await settled();
    screen.model.panel("spectrum", spectrum({ chart: chart([{ x: 5 }]) }));
    await settled();
    expect(screen.drawn).toHaveLength(1);
    expect(screen.drawn[0].options).toMatchObject({ ast: true, actions: false, renderer: "svg" });
    expect(screen.drawn[0].spec).toMatchObject({ width: "container", datasets: { layer: [{ x: 1 }] }, description: "Largest eigenvalue 3." });
    expect(screen.drawn[0].view.data).toHaveBeenCalledWith("layer", [{ x: 5 }]);
    screen.model.panel("spectrum", spectrum({ chart: chart([{ x: 5 }], { mark: "line", data: { name: "layer" } }) }));
    await settled();
    expect(screen.drawn).toHaveLength(2);
    expect(screen.drawn[0].finalize).toHaveBeenCalledOnce();
  });

  it("draws anew in the colours of a new theme", async () => {
    open();
    screen.model.panel("spectrum", spectrum());
    await settled();
    document.body.dataset.jpThemeLight = "false";
    await settled();
    expect(screen.root.dataset.theme).toBe("dark");
    expect(screen.drawn).toHaveLength(2);
    delete document.body.dataset.jpThemeLight;
  });

  it("keeps the old chart while the next layer is computed, and drops it when that fails", async () => {
    open();
    screen.model.panel("spectrum", spectrum());
    await settled();
    screen.model.panel("spectrum", spectrum({ status: "working", layer: "b.weight", chart: null, facts: [], counts: [], marks: [] }));
    const figure = one(screen.panel("spectrum"), "figure");
    expect(figure.hidden).toBe(false);
    expect(text("spectrum")).toContain("2.5");
    screen.model.panel("spectrum", spectrum({ status: "failed", chart: null, message: "b.weight holds NaN." }));
    expect(figure.hidden).toBe(true);
    expect(one(screen.panel("spectrum"), ".sw-panel-body > [role=alert]").textContent).toBe("b.weight holds NaN.");
  });

  it("chooses a trap by a click on its mark and by its button, and nothing by other marks", async () => {
    open();
    screen.model.panel("spectrum", spectrum());
    await settled();
    screen.drawn[0].fire("click", { datum: { x: 1 } });
    screen.drawn[0].fire("click", null);
    expect(screen.model.asked("set")).toEqual([]);
    screen.drawn[0].fire("click", { datum: { trap_seed: 3, trap_index: 1 } });
    expect(screen.model.asked("set")[0].changes).toEqual({ trap: { seed: 3, index: 1 } });
    one(screen.panel("spectrum"), '.sw-chip[data-index="0"]').click();
    expect(screen.model.asked("set")[1].changes).toEqual({ trap: { seed: 0, index: 0 } });
    expect(one(screen.panel("spectrum"), '.sw-chip[data-index="0"]').getAttribute("aria-pressed")).toBe("true");
    expect(one(screen.panel("spectrum"), '.sw-chip[data-index="1"]').getAttribute("aria-pressed")).toBe("false");
  });

  it("picks the shuffle that is shown, once there are several", () => {
    open();
    const field = one(screen.root, '[data-key="shuffle"]');
    screen.model.panel("spectrum", spectrum({ shuffles: [{ seed: 4, count: 1, shown: true }] }));
    expect(field.hidden).toBe(true);
    screen.model.panel("spectrum", spectrum({ shuffles: [{ seed: 4, count: 1, shown: false }, { seed: 5, count: 2, shown: true }] }));
    expect([field.hidden, one(field, "select").value, one(field, "select").textContent]).toEqual([false, "5", "seed 4: 1 trapseed 5: 2 traps"]);
    one(field, "select").value = "4";
    one(field, "select").dispatchEvent(new Event("change", { bubbles: true }));
    expect(screen.model.asked("set").at(-1).changes).toEqual({ shuffle: 4 });
  });

  it("takes the width that its place has when it is drawn, however late the place gets it", async () => {
    open();
    const place = one(screen.panel("spectrum"), ".sw-chart-place");
    const width = vi.spyOn(place, "clientWidth", "get").mockReturnValue(0);
    screen.model.panel("spectrum", spectrum());
    await settled();
    width.mockReturnValue(720);
    await settled(80);
    expect(screen.drawn[0].view.width).toHaveBeenCalledWith(720);
    const { view } = /** @type {any} */ (screen.drawn.at(-1));
    const fitted = view.width.mock.calls.length;
    const asked = width.mock.calls.length;
    screen.model.panel("spectrum", spectrum({ chart: chart([{ x: 5 }]) }));
    await settled(80);
    expect(view.data).toHaveBeenCalledWith("layer", [{ x: 5 }]);
    expect([view.width.mock.calls.length, width.mock.calls.length]).toEqual([fitted, asked]);
    width.mockRestore();
  });

  it("points at trap marks only", async () => {
    open();
    screen.model.panel("spectrum", spectrum());
    await settled();
    const place = one(screen.panel("spectrum"), ".sw-chart-place");
    screen.drawn[0].fire("mouseover", { datum: { trap_seed: 0, trap_index: 0 } });
    expect(place.classList.contains("sw-clickable")).toBe(true);
    screen.drawn[0].fire("mouseover", { datum: { x: 1 } });
    expect(place.classList.contains("sw-clickable")).toBe(false);
  });

  it("says it works while another layer is chosen than shown", () => {
    open();
    screen.model.panel("spectrum", spectrum());
    screen.model.kernelState({ layer: "b.weight" });
    expect(screen.panel("spectrum").dataset.status).toBe("working");
    expect(text("spectrum")).toContain("b.weight computing…");
  });

  it("sends every control and shows what the kernel holds", async () => {
    open();
    screen.model.panel("spectrum", spectrum());
    const field = (/** @type {string} */ key) => one(screen.root, `[data-key="${key}"]`);
    one(field("x_scale"), 'input[value="linear"]').click();
    const seed = one(field("seed"), "input");
    seed.value = "12";
    seed.dispatchEvent(new Event("change", { bubbles: true }));
    const level = one(field("level"), "select");
    level.value = "0.05";
    level.dispatchEvent(new Event("change", { bubbles: true }));
    expect(screen.model.asked("set").map(({ changes }) => changes)).toEqual([{ x_scale: "linear" }, { seed: 12 }, { level: 0.05 }]);
    screen.model.kernelState({ bins: 33, engine: "weightwatcher", level: 0.02 });
    expect(one(field("bins"), "input").value).toBe("33");
    expect(one(field("engine"), 'input[value="weightwatcher"]').checked).toBe(true);
    expect(level.value).toBe("0.02");
  });

  it("keeps a bad number back and says what fits", () => {
    open();
    const field = one(screen.root, '[data-key="n_shuffles"]');
    const input = one(field, "input");
    for (const bad of ["0", "51", "2.5", ""]) {
      input.value = bad;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      expect(one(field, "[role=alert]").textContent).toBe("Give a whole number from 1 to 50.");
    }
    expect(screen.model.asked("set")).toEqual([]);
  });

  it("stands by its data when the kernel refuses a re-shuffle", async () => {
    open(refusing(fakeModel(chosen), "a.weight does not fit into memory."));
    screen.model.panel("spectrum", spectrum());
    action("reshuffle").click();
    await settled();
    expect(text("spectrum")).toContain("a.weight does not fit into memory.");
    expect(one(screen.panel("spectrum"), "figure").hidden).toBe(false);
    expect(action("reshuffle").disabled).toBe(false);
  });

  it("says so in its place when a chart cannot be drawn", async () => {
    open();
    screen.model.panel("spectrum", spectrum({ chart: { spec: { mark: "bar" }, datasets: { bad: /** @type {any} */ (() => 1) }, alt: "" } }));
    await settled();
    expect(one(screen.panel("spectrum"), ".sw-chart [role=alert]").textContent).toContain("could not be drawn");
  });
});
