import { afterEach, describe, expect, it } from "vitest";
import { chart, fakeModel, layers, obliging, one, press, question, refusing, row, settled, STATE, study, trap } from "./fake.js";
import { openScreen } from "./screen.js";

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());
const chosen = (/** @type {any} */ more = {}) => ({ state: { ...structuredClone(STATE), layer: "a.weight", study: "settled", ...more } });
const open = (model = obliging(fakeModel(chosen()))) => (screen = openScreen(model));
const panel = () => screen.panel("study");
const action = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (one(screen.root, `[data-action="${name}"]`));
const field = (/** @type {string} */ key) => one(panel(), `[data-key="${key}"]`);
const show = (/** @type {any} */ more = {}) => screen.model.panel("study", study(more));
const changes = () => screen.model.asked("set").map((message) => message.changes);
const SETTINGS = [
  { key: "most", label: "Most shuffles", kind: "whole", help: "h", value: 20, default: 20, min: 2, max: 200 },
  { key: "rate", label: "Rate", kind: "number", help: "", value: 0.01, default: 0.01, min: 0, max: 0.5 },
  { key: "early", label: "Stop early", kind: "flag", help: "", value: true, default: true },
  { key: "of", label: "Of", kind: "choice", help: "", value: "a", default: "a", choices: [{ value: "a", label: "A" }, { value: "b", label: "B" }] },
  { key: "many", label: "Many", kind: "choice", help: "", value: "p", default: "p", choices: ["p", "q", "r", "s"].map((value) => ({ value, label: value })) },
];
const done = (/** @type {any} */ more = {}) => ({
  status: "done", run: 1, sentence: "Settled after 7 shuffles.", facts: [{ label: "evidence", value: "31", help: "e-value" }], charts: [chart()], caveat: "Heavy tails.", code: "result = 1",
  tables: [{ caption: "Layers", columns: [{ key: "name", title: "Layer", help: "Choose a row." }, { key: "n", title: "Traps", numeric: true }], rows: [{ name: "b.weight", n: 2, changes: { layer: "b.weight" } }, { name: "plain", n: 0 }] }],
  actions: [{ label: "Look", help: "h", changes: { trap: { seed: 0, index: 1 } } }, { label: "Ask on", help: "", changes: { bins: 44 }, study: "all" }], ...more,
});

describe("the list of questions", () => {
  it("stands in three groups, and one that cannot be asked says why", () => {
    open();
    show();
    const groups = [...panel().querySelectorAll('[role="group"]')].filter((group) => group.querySelector('input[type="radio"]'));
    expect(groups.map((group) => one(group, ".sw-minor").textContent)).toEqual(["This layer", "This trap Choose a trap first.", "Whole model"]);
    const radios = [...field("study").querySelectorAll("input")];
    expect(radios.map(({ value, checked, disabled }) => [value, checked, disabled])).toEqual([["settled", true, false], ["removal", false, true], ["all", false, false]]);
    expect(new Set(radios.map(({ name }) => name)).size).toBe(1);
    expect(one(field("study"), `label[for="${radios[0].id}"]`).getAttribute("aria-description")).toBe("Shuffles again.");
  });

  it("says the reason of a single question beside it and ties it to the choice", () => {
    open();
    show({ questions: [question(), question({ value: "entries", enabled: false, why_not: "No entries here." })] });
    const input = one(field("study"), 'input[value="entries"]');
    expect(one(panel(), `#${input.getAttribute("aria-describedby")}`).textContent).toBe("No entries here.");
  });

  it("chooses by a change of the radio and keeps the focus when it is drawn anew", () => {
    open();
    show();
    const radio = one(field("study"), 'input[value="all"]');
    radio.focus();
    radio.click();
    expect(changes()).toEqual([{ study: "all" }]);
    show({ study: "all", questions: [question({ value: "all", about: "model", title: "Renamed?" })] });
    expect(document.activeElement).toBe(one(field("study"), 'input[value="all"]'));
  });

  it("invites while nothing is chosen, and says what is missing", () => {
    open();
    show({ status: "empty", study: null, message: "Choose a question." });
    expect(one(panel(), ".sw-empty").textContent).toBe("Choose a question.");
    expect(action("ask").closest("[hidden]")).not.toBeNull();
    show({ status: "unavailable", message: "Choose a trap first." });
    expect(one(panel(), ".sw-empty").textContent).toBe("Choose a trap first.");
    expect(action("ask").disabled).toBe(true);
  });
});

describe("settings", () => {
  it("are labelled controls of their kind that send themselves under the question's name", async () => {
    open();
    show({ settings: SETTINGS });
    for (const { key, label } of SETTINGS) expect(field(key).textContent).toContain(label);
    const most = one(field("most"), "input");
    expect([most.value, most.min, most.max, one(field("early"), "input").checked, one(field("many"), "select").value]).toEqual(["20", "2", "200", true, "p"]);
    most.value = "30";
    most.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    expect(changes().at(-1)).toEqual({ study_settings: { settled: { most: 30, rate: 0.01, early: true, of: "a", many: "p" } } });
    one(field("early"), "input").click();
    one(field("of"), 'input[value="b"]').click();
    one(field("many"), "select").value = "r";
    one(field("many"), "select").dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    expect(changes().at(-1).study_settings.settled).toEqual({ most: 30, rate: 0.01, early: false, of: "b", many: "r" });
  });

  it("take fractions where they are allowed and keep a bad number back with a sentence", () => {
    open();
    show({ settings: SETTINGS });
    const type = (/** @type {string} */ key, /** @type {string} */ value) => {
      const input = one(field(key), "input");
      input.value = value;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      return one(field(key), "[role=alert]").textContent;
    };
    expect(type("most", "2.5")).toBe("Give a whole number from 2 to 200.");
    expect(type("rate", "0.7")).toBe("Give a number from 0 to 0.5.");
    expect(changes()).toEqual([]);
    expect(type("rate", "0.05")).toBe("");
    expect(changes()[0].study_settings.settled.rate).toBe(0.05);
  });

  it("follow the kernel, and stand still while it works", () => {
    open();
    show({ settings: SETTINGS });
    screen.model.kernelState({ study_settings: { settled: { most: 44 } } });
    expect(one(field("most"), "input").value).toBe("44");
    show({ settings: SETTINGS, status: "working", run: 1 });
    expect(one(field("most"), "input").disabled).toBe(true);
    expect(action("ask").disabled).toBe(true);
  });
});

describe("a run", () => {
  const strip = () => /** @type {HTMLElement} */ (one(screen.root, '[data-job="study"] .sw-job-line'));

  it("asks, tells its progress, can be cancelled, and keeps what there is", async () => {
    open();
    show();
    action("ask").click();
    expect(strip().hidden).toBe(false);
    await settled();
    expect(screen.model.asked("ask")).toHaveLength(1);
    show({ status: "working", run: 1, message: "Working" });
    screen.model.tell("progress", { job: "study", run: 1, label: "Finding the answer", done: 3, total: 20, elapsed_s: 1, remaining_s: 6 });
    expect(strip().textContent).toContain("3 of 20");
    action("cancel-study").click();
    expect(screen.model.asked("cancel")[0].job).toBe("study");
    screen.model.tell("finished", { job: "study", run: 1, outcome: "cancelled", message: "Cancelled after 1 s." });
    show(done({ message: "Stopped before the end." }));
    show({ status: "working", run: 1 });
    expect([strip().hidden, panel().dataset.status, action("ask").disabled]).toEqual([true, "done", false]);
    expect(panel().textContent).toContain("Stopped before the end.");
  });

  it("hands the focus from Run to Cancel and back, and leaves it where the user took it", async () => {
    open();
    show();
    const focused = () => /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.action;
    action("ask").focus();
    action("ask").click();
    expect(focused()).toBe("cancel-study");
    await settled();
    show(done());
    expect(focused()).toBe("ask");
    action("ask").click();
    show({ status: "working", run: 2 });
    action("recipe").focus();
    await settled();
    show(done({ run: 2 }));
    expect(focused()).toBe("recipe");
  });

  it("says why the kernel refuses", async () => {
    open(refusing(fakeModel(chosen()), "Choose a layer first."));
    show();
    action("ask").click();
    await settled();
    expect(one(panel(), '[data-job="study"] [role=alert]').textContent).toBe("Choose a layer first.");
    expect(action("ask").disabled).toBe(false);
  });

  it("that fails is said once, beside nothing else", () => {
    open();
    show({ status: "working", run: 1 });
    screen.model.tell("finished", { job: "study", run: 1, outcome: "failed", message: "The layer is constant." });
    show({ status: "failed", run: 1, message: "The layer is constant." });
    expect((panel().textContent ?? "").split("The layer is constant.")).toHaveLength(2);
    expect(strip().hidden).toBe(true);
  });
});

describe("an answer", () => {
  it("is a sentence first, then facts, charts, tables, caveat and code", async () => {
    open();
    show(done());
    await settled();
    const sentence = one(panel(), ".sw-answer-sentence");
    expect([sentence.textContent, sentence.getAttribute("role")]).toEqual(["Settled after 7 shuffles.", "status"]);
    expect(one(panel(), ".sw-answer .sw-facts").textContent).toBe("evidence31");
    expect(one(panel(), ".sw-answer .sw-caveat-line").textContent).toBe("Heavy tails.");
    expect(one(panel(), "figure").getAttribute("aria-label")).toBe("Largest eigenvalue 3.");
    expect(one(panel(), "caption").textContent).toBe("Layers");
    expect(one(panel(), "th [tabindex]").getAttribute("aria-description")).toBe("Choose a row.");
    expect(one(panel(), "details summary").textContent).toBe("Show code");
    expect(one(panel(), "details pre").textContent).toBe("result = 1");
    show({ sentence: "" });
    expect(one(panel(), ".sw-answer").hidden).toBe(true);
  });

  it("leads on: a row and a button change choices, another asks the next question", async () => {
    open();
    show(done());
    const links = [...panel().querySelectorAll("tbody button")];
    expect(links.map((link) => link.textContent)).toEqual(["b.weight"]);
    /** @type {HTMLButtonElement} */ (links[0]).click();
    const [look, on] = /** @type {HTMLButtonElement[]} */ ([...one(panel(), ".sw-actions").children]);
    look.click();
    on.click();
    await settled();
    expect(changes()).toEqual([{ layer: "b.weight" }, { trap: { seed: 0, index: 1 } }, { bins: 44, study: "all" }]);
    expect(screen.model.asked("ask")).toHaveLength(1);
  });

  it("is pinned by its button and says so", async () => {
    open();
    show(done());
    action("pin-answer").click();
    await settled();
    expect(screen.model.asked("pin")[0]).toMatchObject({ note: "", what: "answer" });
    expect(one(screen.root, ".sw-notices").textContent).toContain("The answer is among the findings.");
  });

  it("takes data as words, never as markup", async () => {
    open();
    show(done({ sentence: "<img src=x onerror=alert(1)>", tables: [{ caption: "<b>c</b>", columns: [{ key: "a", title: "<i>t</i>" }], rows: [{ a: "<script>1</script>", changes: {} }] }] }));
    await settled();
    expect(panel().querySelectorAll("img, b, i, script")).toHaveLength(0);
    expect(panel().textContent).toContain("<script>1</script>");
  });
});

describe("ways in from other panels", () => {
  it("a button under the entries of a trap opens the question and asks it", async () => {
    open();
    screen.model.panel("trap", trap({ actions: [{ label: "Remove these entries", help: "h", study: "removal", changes: {} }] }));
    const remove = action("ask-removal");
    expect(remove.textContent).toBe("Remove these entries");
    remove.focus();
    press(remove, "Enter");
    remove.click();
    await settled();
    expect(changes()).toEqual([{ study: "removal" }]);
    expect(screen.model.asked("ask")).toHaveLength(1);
  });

  it("says under the table which tensors are left out, each reason once, and how a layer was cut", () => {
    open();
    screen.model.panel("layers", layers([row("w[i]", { cut: "gate i" })], { left_out: [{ reason: "a bias", names: ["b1", "b2"] }, { reason: "a buffer", names: ["m"] }] }));
    const fold = one(screen.panel("layers"), "details.sw-left-out");
    expect([fold.hidden, one(fold, "summary").textContent]).toEqual([false, "3 tensors left out: why"]);
    expect([...fold.querySelectorAll("dt, dd")].map((part) => part.textContent)).toEqual(["2 tensors: a bias", "b1, b2", "1 tensor: a buffer", "m"]);
    expect(one(screen.root, ".sw-row-cut").textContent).toBe("gate i");
    screen.model.panel("layers", layers([row("w")]));
    expect(fold.hidden).toBe(true);
  });
});
