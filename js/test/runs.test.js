import { afterEach, describe, expect, it } from "vitest";
import { ablation, fakeModel, obliging, one, settled, spectrum, STATE } from "./fake.js";
import { openScreen } from "./screen.js";

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());
const chosen = { state: { ...structuredClone(STATE), layer: "a.weight", selected: ["a.weight"] } };
const open = (model = obliging(fakeModel(chosen))) => (screen = openScreen(model));
const action = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (one(screen.root, `[data-action="${name}"]`));
const progress = (/** @type {any} */ more) => screen.model.tell("progress", { job: "layers", label: "Measuring", done: 12, total: 40, elapsed_s: 12, remaining_s: 30, ...more });
const job = (/** @type {string} */ name) => /** @type {HTMLElement} */ (one(screen.root, `[data-job="${name}"]`));
const strip = (/** @type {string} */ name) => /** @type {HTMLElement} */ (one(job(name), ".sw-job-line"));

describe("the end of a run", () => {
  const measured = (/** @type {any} */ more) => ablation({ n_done: 64, rows: [{ label: "x", role: "edit", value: "1", interval: "" }], ...more });
  const idle = () => [strip("ablate").hidden, action("ablate").disabled];

  it("is not undone by a panel that was drawn before it and comes after it", async () => {
    open();
    screen.model.panel("ablate", ablation({ run: null }));
    action("ablate").click();
    await settled();
    screen.model.panel("ablate", measured({ status: "working", run: 3, n_done: 8 }));
    progress({ job: "ablate", run: 3, done: 8, total: 64 });
    screen.model.tell("finished", { job: "ablate", run: 3, outcome: "cancelled", message: "Stopped." });
    screen.model.panel("ablate", measured({ status: "done", run: 3, n_done: 16 }));
    screen.model.panel("ablate", measured({ status: "working", run: 3, n_done: 8 }));
    expect(idle()).toEqual([true, false]);
    expect(screen.panel("ablate").dataset.status).toBe("done");
    screen.model.panel("ablate", ablation({ run: 3, n_planned: 128 }));
    expect(idle()).toEqual([true, false]);
    screen.model.panel("ablate", measured({ status: "working", run: 4, n_done: 8 }));
    expect(idle()).toEqual([false, true]);
    screen.model.panel("ablate", ablation({ run: 4 }));
    expect(idle()).toEqual([true, false]);
  });

  it("keeps the strip while the kernel has not answered, whatever is drawn meanwhile", async () => {
    const model = fakeModel(chosen);
    open(model);
    model.panel("ablate", ablation({ run: null }));
    action("ablate").click();
    model.panel("ablate", ablation({ run: null }));
    expect(idle()).toEqual([false, true]);
    model.panel("ablate", measured({ status: "working", run: 1 }));
    model.tell("answer", { id: model.asked("ablate")[0].id, ok: true });
    await settled();
    expect(idle()).toEqual([false, true]);
    model.tell("finished", { job: "ablate", run: 1, outcome: "done", message: "Done." });
    model.panel("ablate", measured({ status: "done", run: 1 }));
    expect(idle()).toEqual([true, false]);
  });

  it("comes at once when the kernel has the result already", async () => {
    const model = fakeModel(chosen);
    open(model);
    model.panel("ablate", ablation());
    action("ablate").click();
    model.panel("ablate", measured({ status: "done" }));
    model.tell("answer", { id: model.asked("ablate")[0].id, ok: true });
    await settled();
    expect(idle()).toEqual([true, false]);
  });

  it("is said in the table of results", () => {
    open();
    const caption = () => one(screen.panel("ablate"), "caption").textContent;
    screen.model.panel("ablate", measured({ status: "working", run: 1 }));
    expect(caption()).toBe("Measured so far");
    screen.model.panel("ablate", measured({ status: "done", run: 1 }));
    expect(caption()).toBe("Measured");
  });
});

describe("a scan that fails", () => {
  const times = (/** @type {string} */ words) => (screen.root.textContent ?? "").split(words).length - 1;
  const fail = () => screen.model.tell("finished", { job: "scan", outcome: "failed", message: "a.weight holds NaN." });
  const failed = () => screen.model.panel("spectrum", spectrum({ status: "failed", message: "a.weight holds NaN.", chart: null, marks: [], counts: [], facts: [] }));

  it.each([["before", [fail, failed]], ["after", [failed, fail]]])("is said once when its end comes %s its panel", (_when, steps) => {
    open();
    progress({ job: "scan", done: 0, total: 5 });
    for (const step of steps) step();
    expect(times("a.weight holds NaN.")).toBe(1);
    expect(strip("scan").hidden).toBe(true);
  });

  it("is said beside a spectrum that could be computed, until the next scan or another layer", () => {
    open();
    screen.model.panel("spectrum", spectrum());
    fail();
    screen.model.panel("spectrum", spectrum());
    expect(times("a.weight holds NaN.")).toBe(1);
    progress({ job: "scan", done: 0, total: 5 });
    screen.model.panel("spectrum", spectrum());
    expect(times("a.weight holds NaN.")).toBe(0);
    fail();
    screen.model.kernelState({ layer: "b.weight" });
    screen.model.panel("spectrum", spectrum({ layer: "b.weight" }));
    expect(times("a.weight holds NaN.")).toBe(0);
  });
});
