import { afterEach, describe, expect, it, vi } from "vitest";
import { ablation, chart, fakeModel, finding, findings, layers, obliging, one, refusing, row, settled, spectrum, STATE, trap } from "./fake.js";
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
    expect(strip("layers").textContent).toContain("12 of 40 · 12 s, about 30 s left");
    action("cancel-layers").click();
    expect(screen.model.asked("cancel")[0].job).toBe("layers");
    screen.model.tell("finished", { job: "layers", outcome: "cancelled", message: "Stopped after 12." });
    expect(strip("layers").hidden).toBe(true);
    expect(text("layers")).toContain("Stopped after 12.");
    expect(action("measure").hidden).toBe(false);
    action("measure").click();
    expect(screen.model.asked("measure")).toHaveLength(1);
  });

  it("sends the filter as it is typed, once", async () => {
    open();
    screen.model.panel("layers", layers([row("a.weight"), row("b.weight")]));
    const input = one(screen.root, 'input[type="search"]');
    for (const typed of ["b", "b.", "b.w"]) {
      input.value = typed;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    await settled(80);
    expect(screen.model.asked("set").map(({ changes }) => changes)).toEqual([{ filter: { text: "b.w", kind: "" } }]);
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

describe("what the kernel adds in words", () => {
  it("stands in the panel that it is about", () => {
    open();
    screen.model.panel("spectrum", spectrum({ message: "Shuffling: 2 of 5 done.", marks: [], counts: [] }));
    screen.model.panel("trap", trap({ message: "The entries are heavy-tailed." }));
    screen.model.panel("ablate", ablation({ status: "done", n_done: 64, message: "The model is as it was." }));
    expect(text("spectrum")).toContain("Shuffling: 2 of 5 done.");
    expect(one(screen.panel("spectrum"), ".sw-marks").hidden).toBe(true);
    expect(text("trap")).toContain("The entries are heavy-tailed.");
    expect(text("ablate")).toContain("64 of 64 probes. The model is as it was.");
    screen.model.panel("spectrum", spectrum({ marks: [] }));
    expect(one(screen.panel("spectrum"), ".sw-marks").textContent).toBe("No trap in the shuffle that is shown.");
  });
});

describe("trap", () => {
  it("says what to do, then shows facts, culprits and the heat map", async () => {
    open();
    expect(text("trap")).toContain("Choose a trap");
    screen.model.panel("trap", trap());
    await settled();
    expect(text("trap")).toContain("One entry causes it.");
    const cells = [...screen.panel("trap").querySelectorAll("tbody td")].map((cell) => cell.textContent);
    expect(cells).toEqual(["99", "856", "−3.25", "175", "93 %"]);
    expect(one(screen.panel("trap"), "figure").getAttribute("aria-label")).toBe("Largest eigenvalue 3.");
    screen.model.panel("trap", trap({ status: "empty", message: "No shuffle has a trap.", chart: null }));
    expect(text("trap")).toContain("No shuffle has a trap.");
    expect(one(screen.panel("trap"), ".sw-trap").hidden).toBe(true);
  });

  it("leaves out the table when a mean offset is the cause", () => {
    open();
    screen.model.panel("trap", trap({ culprits: [], chart: null }));
    expect(screen.panel("trap").querySelector("table")).toBeNull();
  });
});

describe("ablate", () => {
  it("says what is missing", () => {
    open();
    expect(text("ablate")).toContain("Choose a trap first");
    screen.model.panel("ablate", ablation({ status: "unavailable", message: "There is no model to run: open the module itself." }));
    expect(text("ablate")).toContain("open the module itself");
    expect(one(screen.panel("ablate"), ".sw-ablate").hidden).toBe(true);
  });

  it("offers the edits that can be made, and locks the setup while it runs", async () => {
    open();
    screen.model.panel("ablate", ablation());
    const radios = [...screen.panel("ablate").querySelectorAll('input[type="radio"]')].map((input) => /** @type {HTMLInputElement} */ (input));
    expect(radios.map(({ value, checked, disabled }) => [value, checked, disabled])).toEqual([["replace", true, false], ["change_entries", false, true]]);
    action("ablate").click();
    expect(screen.model.asked("ablate")).toHaveLength(1);
    expect(strip("ablate").hidden).toBe(false);
    expect(action("ablate").disabled).toBe(true);
    screen.model.panel("ablate", ablation({ status: "working", n_done: 16, charts: [chart()], verdict: { word: "undecided", reason: "Too few." } }));
    progress({ job: "ablate", done: 16, total: 64 });
    expect(strip("ablate").textContent).toContain("16 of 64");
    expect(text("ablate")).toContain("So far undecided");
    action("cancel-ablate").click();
    expect(screen.model.asked("cancel")[0].job).toBe("ablate");
    screen.model.tell("finished", { job: "ablate", outcome: "cancelled", message: "Stopped; what was measured is kept." });
    expect(action("ablate").disabled).toBe(false);
    expect(text("ablate")).toContain("what was measured is kept");
  });

  it.each([["harmful", "Harmful"], ["benign", "Benign"], ["undecided", "Undecided"]])("says %s in a word, with reason and rule", (word, shown) => {
    open();
    screen.model.panel("ablate", ablation({ status: "done", n_done: 64, verdict: { word, reason: "By the controls." }, rows: [{ label: "replace by random", role: "edit", value: 0.012, interval: "0.01 to 0.02" }] }));
    const verdict = one(screen.panel("ablate"), ".sw-verdict");
    expect(one(verdict, ".sw-verdict-word").textContent).toBe(shown);
    expect(verdict.textContent).toContain("By the controls.");
    expect(text("ablate")).toContain("Harmful when above all controls.");
    expect(one(screen.panel("ablate"), 'tr[data-role="edit"]').textContent).toContain("0.0120");
    expect(strip("ablate").hidden).toBe(true);
  });

  it("keeps the results when a run fails and says why beside them", async () => {
    open(refusing(fakeModel(chosen), "The forward pass failed."));
    screen.model.panel("ablate", ablation({ status: "done", n_done: 64, rows: [{ label: "x", role: "edit", value: "1", interval: "" }] }));
    action("ablate").click();
    await settled();
    expect(text("ablate")).toContain("The forward pass failed.");
    expect(screen.panel("ablate").querySelectorAll("tbody tr")).toHaveLength(1);
    expect(action("ablate").disabled).toBe(false);
    screen.model.tell("finished", { job: "ablate", outcome: "failed", message: "Out of memory." });
    expect(one(job("ablate"), "[role=alert]").textContent).toBe("Out of memory.");
  });
});

describe("findings", () => {
  it("pins with a note and clears it only when that worked", async () => {
    open();
    const note = one(screen.panel("findings"), "textarea");
    note.value = "a note";
    action("pin").click();
    await settled();
    expect(screen.model.asked("pin")[0].note).toBe("a note");
    expect(note.value).toBe("");
    screen.model.answer = ({ id }) => screen.model.tell("answer", { id, ok: false, error: "The disk is full." });
    note.value = "another";
    action("pin").click();
    await settled();
    expect(note.value).toBe("another");
    expect(text("findings")).toContain("The disk is full.");
  });

  it("cannot pin before a layer is chosen and says so", () => {
    open(obliging(fakeModel()));
    expect(action("pin").disabled).toBe(true);
    expect(text("findings")).toContain("Choose a layer first");
  });

  it("lists pins, changes a note, and unpins only after a second press", async () => {
    open();
    screen.model.panel("findings", findings([finding()]));
    expect(text("findings")).toContain("A trap harms.");
    expect(text("findings")).toContain("one seed");
    const note = one(screen.panel("findings"), ".sw-pin textarea");
    note.value = "new";
    note.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    expect(screen.model.asked("note")[0]).toMatchObject({ finding: "f1", note: "new" });
    action("unpin").click();
    expect(screen.model.asked("unpin")).toEqual([]);
    action("unpin-yes").click();
    expect(screen.model.asked("unpin")[0].finding).toBe("f1");
    screen.model.panel("findings", findings([], { message: "Nothing pinned yet." }));
    expect(screen.panel("findings").querySelector(".sw-pin")).toBeNull();
    expect(text("findings")).toContain("Nothing pinned yet.");
  });

  it("keeps a half-written note when the list is sent again", () => {
    open();
    screen.model.panel("findings", findings([finding()]));
    const note = one(screen.panel("findings"), ".sw-pin textarea");
    note.focus();
    note.value = "half";
    screen.model.panel("findings", findings([finding(), finding({ id: "f2" })]));
    expect(note.value).toBe("half");
    expect(document.activeElement).toBe(note);
  });

  it("saves an export under the name that the kernel gives", async () => {
    open();
    screen.model.panel("findings", findings([finding()]));
    const bytes = new DataView(new ArrayBuffer(3));
    screen.model.answer = ({ id }) => screen.model.hear({ v: 1, kind: "answer", id, ok: true, filename: "findings.json", mime: "application/json" }, [bytes]);
    URL.createObjectURL = vi.fn(() => "blob:file");
    /** @type {HTMLAnchorElement[]} */
    const links = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(
      /** @this {HTMLAnchorElement} */ function () {
        links.push(this);
      },
    );
    action("export-json").click();
    await settled();
    expect(links.map(({ download, href }) => [download, href])).toEqual([["findings.json", "blob:file"]]);
    const blob = /** @type {any} */ (URL.createObjectURL).mock.calls[0][0];
    expect([blob.type, blob.size]).toEqual(["application/json", 3]);
  });

  it("shows the screen as code", async () => {
    open();
    screen.model.answer = ({ id }) => screen.model.tell("answer", { id, ok: true, code: "sw.explore(model)" });
    action("recipe").click();
    await settled();
    expect(one(screen.panel("findings"), "pre").textContent).toBe("sw.explore(model)");
  });
});
