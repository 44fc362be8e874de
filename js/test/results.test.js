import { afterEach, describe, expect, it, vi } from "vitest";
import { ablation, chart, fakeModel, finding, findings, obliging, one, refusing, settled, spectrum, STATE, trap } from "./fake.js";
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

describe("what the kernel adds in words", () => {
  it("stands in the panel that it is about", () => {
    open();
    screen.model.panel("spectrum", spectrum({ message: "Shuffling: 2 of 5 done.", marks: [], counts: [] }));
    screen.model.panel("trap", trap({ message: "The entries are heavy-tailed." }));
    screen.model.panel("ablate", ablation({ status: "done", n_done: 64, message: "The model is as it was." }));
    expect(text("spectrum")).toContain("Shuffling: 2 of 5 done.");
    expect(one(screen.panel("spectrum"), ".sw-marks").hidden).toBe(true);
    expect(text("trap")).toContain("The entries are heavy-tailed.");
    expect(text("ablate")).toContain("The model is as it was.");
    screen.model.panel("spectrum", spectrum({ marks: [] }));
    expect(one(screen.panel("spectrum"), ".sw-marks h3").textContent).toBe("No trap in the shuffle that is shown.");
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
    const radios = [...screen.panel("ablate").querySelectorAll('.sw-edits input[type="radio"]')].map((input) => /** @type {HTMLInputElement} */ (input));
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

  it.each([["harmful", "Harmful"], ["benign", "Benign"], ["active", "Active"], ["inert", "Inert"], ["undecided", "Undecided"]])("says %s in a word, with reason and rule", (word, shown) => {
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
