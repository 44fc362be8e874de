// Sliders that an answer follows, buttons that set several of them, and headings of the list of questions.
import { afterEach, describe, expect, it } from "vitest";
import { chart, fakeModel, obliging, one, question, settled, STATE, study } from "./fake.js";
import { openScreen } from "./screen.js";

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());
const chosen = (/** @type {any} */ more = {}) => ({ state: { ...structuredClone(STATE), layer: "a.weight", study: "settled", ...more } });
const open = (model = obliging(fakeModel(chosen()))) => (screen = openScreen(model));
const panel = () => screen.panel("study");
const field = (/** @type {string} */ key) => one(panel(), `[data-key="${key}"]`);
const show = (/** @type {any} */ more = {}) => screen.model.panel("study", study(more));
const changes = () => screen.model.asked("set").map((message) => message.changes);
const done = () => ({ status: "done", run: 1, sentence: "From 1 to 3.", charts: [chart()] });

describe("the list of questions", () => {
  it("has a heading for every topic, and says a reason that topics share once", () => {
    open();
    const of = (/** @type {string} */ value, /** @type {string} */ topic, /** @type {any} */ more = {}) => question({ value, topic, title: `${value}?`, ...more });
    const shut = { enabled: false, why_not: "Choose a layer first." };
    show({ questions: [of("a", "Traps", shut), of("b", "Tail", shut), of("c", "Traps", { ...shut, about: "trap" }), of("d", "Traps", { about: "model" }), of("e", "What to do", { about: "model" })] });
    const heads = [...panel().querySelectorAll(".sw-question-group > .sw-minor")].map((head) => head.textContent);
    expect(heads).toEqual(["This layerTraps Choose a layer first.", "This layerTail", "This trap Choose a layer first.", "Whole modelTraps", "Whole modelWhat to do"]);
    expect(panel().querySelectorAll(".sw-edit .sw-why-not")).toHaveLength(0);
  });
});

describe("a slider of a question", () => {
  const slider = (/** @type {string} */ key) => /** @type {HTMLInputElement} */ (one(field(key), "input[type=range]"));
  const drag = (/** @type {string} */ key, /** @type {string} */ value) => {
    slider(key).value = value;
    slider(key).dispatchEvent(new Event("input", { bubbles: true }));
  };
  const TWO = ["low", "high"].map((key) => ({ key, label: key, kind: "number", look: "slider", live: true, help: "", value: 1, default: 1, min: 0, max: 3, step: 0.05 }));

  it("goes to the state at once under the name of the question, with the number beside it", async () => {
    open();
    show({ ...done(), settings: TWO });
    drag("low", "0.5");
    expect(one(field("low"), "output").textContent).toBe("0.5");
    expect(changes()).toEqual([{ study_settings: { settled: { low: 0.5, high: 1 } } }]);
    await settled();
  });

  it("keeps one slider where it was put while another one moves", async () => {
    open();
    show({ ...done(), settings: TWO });
    drag("low", "0.5");
    drag("low", "0.6");
    drag("high", "2");
    await settled(150);
    expect(changes().at(-1)).toEqual({ study_settings: { settled: { low: 0.6, high: 2 } } });
    expect([slider("low").value, slider("high").value]).toEqual(["0.6", "2"]);
  });

  it("has a button for published values that leaves all other settings alone", async () => {
    open(obliging(fakeModel(chosen({ study_settings: { settled: { low: 2, most: 9 }, all: { rate: 0.1 } } }))));
    show({ ...done(), actions: [{ label: "As published", help: "", changes: {}, settings: { settled: { low: 0.5, high: 1.5 } } }] });
    /** @type {HTMLButtonElement} */ (one(panel(), "[data-settings]")).click();
    await settled();
    expect(changes()).toEqual([{ study_settings: { settled: { low: 0.5, most: 9, high: 1.5 }, all: { rate: 0.1 } } }]);
    expect(screen.model.asked("ask")).toEqual([]);
  });
});
