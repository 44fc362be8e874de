import { afterEach, describe, expect, it, vi } from "vitest";
import { unpacked } from "../src/lab/columns.js";
import { nearest } from "../src/lab/dial.js";
import { dragLines } from "../src/lab/drag.js";
import { chart, fakeModel, obliging, one, settled } from "./fake.js";
import { openScreen } from "./screen.js";

const DIALS = [
  { key: "n_rows", label: "Rows N", kind: "whole", help: "The long side.", default: 20, min: 10, max: 40, look: "dial", stops: [10, 20, 30, 40], unit: "" },
  { key: "share", label: "Share", kind: "number", help: "h", default: 0.5, min: 0, max: 1, look: "dial", stops: [0, 0.5, 1], unit: "%" },
  { key: "law", label: "Entries", kind: "choice", help: "h", default: "a", choices: [{ value: "a", label: "normal" }, { value: "b", label: "a long name of a law" }] },
  { key: "fast", label: "Fast", kind: "flag", help: "h", default: false },
];
const LESSON = { name: "bulk", title: "Bulk", text: ["First.", "Second."], look_for: "Bars.", question: "Why?", answer: "Because.", dials: DIALS, animation: "n_rows" };
const STATE = { n_rows: 20, share: 0.5, law: "a", fast: false, seed: 3, theory: true };

/** @param {number[]} values */
const buffer = (values) => new DataView(new Float32Array(values).buffer);
/** @param {any} [more] */
const drawn = (more = {}) => ({
  panels: [{ shape: "s", spec: chart().spec, alt: "Bars.", datasets: { layer: { length: 2, numbers: ["x", "y"], words: { label: ["p", "q"] }, buffer: 0 } } }],
  sentence: "All is noise.", caveat: "", facts: [{ label: "mean", value: "1 ± 0.1", theory: "1", deviation: "+0.2", help: "" }], n_draws: 2, n_total: 5, complete: false, ...more,
});

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => {
  screen?.close();
  vi.useRealTimers();
});
const place = () => {
  const model = fakeModel({ state: { ...STATE }, _screen: "lab" });
  const oblige = obliging(model);
  const answer = /** @type {any} */ (oblige.answer);
  model.answer = (message) => (message.kind === "hello" ? model.tell("answer", { id: message.id, ok: true, lesson: LESSON }) : answer(message));
  return model;
};
const open = async (model = place()) => {
  screen = openScreen(model);
  await settled();
};
const show = async (/** @type {any} */ more = {}, values = [1, 2, 3, NaN]) => {
  screen.model.hear({ v: 1, kind: "drawn", data: drawn(more) }, [buffer(values)]);
  await settled();
};
const field = (/** @type {string} */ key) => one(screen.root, `[data-key="${key}"]`);
const action = (/** @type {string} */ name) => one(screen.root, `[data-action="${name}"]`);
const changes = () => screen.model.asked("set").map((message) => message.changes);
const slide = (/** @type {string} */ key, /** @type {number} */ at) => {
  const range = one(field(key), "input[type=range]");
  range.value = String(at);
  range.dispatchEvent(new Event("input", { bubbles: true }));
};

describe("columns", () => {
  it("become rows, and what is not a number becomes null", () => {
    const made = unpacked({ a: { length: 2, numbers: ["x", "y"], words: { label: ["p", "q"] }, buffer: 1 } }, [buffer([]), buffer([1, 2, 0.5, NaN])]);
    expect(made).toEqual({ a: [{ x: 1, y: 0.5, label: "p" }, { x: 2, y: null, label: "q" }] });
  });
});

describe("the lesson", () => {
  it("shows its words, its dials with labels, and hides the answer until it is asked for", async () => {
    await open();
    expect(screen.root.textContent).toContain("Second.");
    for (const { key, label } of DIALS) {
      const input = one(field(key), "input[type=range], select, input[type=checkbox]");
      expect(one(field(key), `label[for="${input.id}"]`).textContent).toBe(label);
    }
    const button = action("answer");
    const answer = one(screen.root, `#${button.getAttribute("aria-controls")}`);
    expect([answer.hidden, button.getAttribute("aria-expanded")]).toEqual([true, "false"]);
    button.click();
    expect([answer.hidden, answer.textContent, button.getAttribute("aria-expanded")]).toEqual([false, "Because.", "true"]);
  });

  it("says so when the kernel refuses", async () => {
    const model = fakeModel({ state: { ...STATE }, _screen: "lab" });
    model.answer = ({ id }) => model.tell("answer", { id, ok: false, error: "No." });
    await open(model);
    expect(one(screen.root, '[role="alert"]').textContent).toContain("No.");
  });
});

describe("a dial", () => {
  it("moves over its places, reads out its value and sends it", async () => {
    await open();
    const range = one(field("n_rows"), "input[type=range]");
    expect([range.min, range.max, range.value, range.getAttribute("aria-valuetext")]).toEqual(["0", "3", "1", "20"]);
    slide("n_rows", 3);
    expect([range.getAttribute("aria-valuetext"), one(field("n_rows"), "input[type=number]").value]).toEqual(["40", "40"]);
    await settled();
    expect(changes()).toEqual([{ n_rows: 40 }]);
    slide("share", 2);
    expect(one(field("share"), "input[type=range]").getAttribute("aria-valuetext")).toBe("1 %");
  });

  it("takes a place between its stops from the field, and refuses what does not fit", async () => {
    await open();
    const number = one(field("n_rows"), "input[type=number]");
    number.value = "23";
    number.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    expect(changes()).toEqual([{ n_rows: 23 }]);
    expect(one(field("n_rows"), "input[type=range]").value).toBe("1");
    for (const bad of ["9", "2.5", ""]) {
      number.value = bad;
      number.dispatchEvent(new Event("change", { bubbles: true }));
      expect(field("n_rows").textContent).toContain("Give a whole number from 10 to 40.");
    }
    expect(changes()).toHaveLength(1);
  });

  it("finds the nearest place", () => expect([nearest([1, 2, 5], 4), nearest([1, 2, 5], -1)]).toEqual([2, 0]));

  it("goes back to where it stood, and the seed goes on", async () => {
    await open();
    action("new-seed").click();
    await settled();
    action("reset").click();
    await settled();
    expect(changes()).toEqual([{ seed: 4 }, { n_rows: 20, share: 0.5, law: "a", fast: false, seed: 0, theory: true }]);
  });
});

describe("a drawing", () => {
  it("is embedded once, then fed with numbers; draws are counted and the end is read out", async () => {
    await open();
    await show();
    expect(screen.drawn).toHaveLength(1);
    expect(screen.drawn[0].spec.datasets.layer).toEqual([{ x: 1, y: 3, label: "p" }, { x: 2, y: null, label: "q" }]);
    const spoken = one(screen.root, '[role="status"].sw-hidden');
    expect([one(screen.root, ".sw-draws").textContent, spoken.textContent]).toEqual(["2 of 5 draws", ""]);
    await show({ panels: [{ ...drawn().panels[0], spec: undefined }], n_draws: 5, complete: true, caveat: "Mind the gap." }, [4, 5, 6, 7]);
    expect(screen.drawn).toHaveLength(1);
    expect(screen.drawn[0].view.data).toHaveBeenCalledWith("layer", [{ x: 4, y: 6, label: "p" }, { x: 5, y: 7, label: "q" }]);
    expect([one(screen.root, ".sw-draws").textContent, spoken.textContent]).toEqual(["5 draws", "All is noise. Mind the gap."]);
    expect(one(screen.root, "caption").textContent).toBe("Simulation beside theory, 5 draws");
    expect(one(screen.root, "tbody").textContent).toBe("mean1 ± 0.11+0.2");
  });

  it("that comes before the lesson is kept, and one without its spec is left out", async () => {
    const model = place();
    const answer = /** @type {any} */ (model.answer);
    model.answer = (message) => {
      if (message.kind === "hello") model.hear({ v: 1, kind: "drawn", data: drawn() }, [buffer([1, 2, 3, 4])]);
      answer(message);
    };
    await open(model);
    expect(screen.drawn).toHaveLength(1);
    await show({ panels: [{ ...drawn().panels[0], shape: "unknown", spec: undefined }] });
    expect(screen.drawn).toHaveLength(1);
  });
});

describe("play", () => {
  it("moves the dial when the last drawing is on the screen, and stops when it is taken by hand", async () => {
    await open();
    await show();
    vi.useFakeTimers();
    action("play").click();
    expect(action("play").textContent).toBe("Pause");
    await vi.advanceTimersByTimeAsync(10);
    expect(changes()).toEqual([{ n_rows: 30 }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(changes()).toHaveLength(1);
    screen.model.hear({ v: 1, kind: "drawn", data: drawn() }, [buffer([1, 2, 3, 4])]);
    await vi.advanceTimersByTimeAsync(500);
    expect(changes()).toEqual([{ n_rows: 30 }, { n_rows: 40 }]);
    screen.model.kernelState({ n_rows: 10 });
    screen.model.hear({ v: 1, kind: "drawn", data: drawn() }, [buffer([1, 2, 3, 4])]);
    await vi.advanceTimersByTimeAsync(500);
    expect([action("play").textContent, changes().length]).toEqual(["Play", 2]);
  });
});

describe("a dragged line", () => {
  it("moves its dial by the place of the pointer, until it is let go", () => {
    /** @type {any} */
    const heard = {};
    const view = { addEventListener: (/** @type {string} */ name, /** @type {any} */ listener) => (heard[name] = listener), origin: () => [5, 0], scale: () => ({ invert: (/** @type {number} */ at) => at / 10 }) };
    const holder = document.createElement("div");
    holder.append(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    const move = vi.fn();
    const closing = new AbortController();
    dragLines(view, holder, { signal: closing.signal, move });
    const event = { preventDefault: vi.fn() };
    heard.pointerdown(event, { datum: { x: 2 } });
    document.dispatchEvent(new MouseEvent("pointermove", { clientX: 100 }));
    expect(move).not.toHaveBeenCalled();
    heard.pointerdown(event, { datum: { drag: "cut", x: 2 }, mark: { group: { x: 15, mark: {} } } });
    document.dispatchEvent(new MouseEvent("pointermove", { clientX: 100 }));
    expect(move.mock.calls).toEqual([["cut", 8]]);
    document.dispatchEvent(new MouseEvent("pointerup"));
    document.dispatchEvent(new MouseEvent("pointermove", { clientX: 120 }));
    expect(move).toHaveBeenCalledTimes(1);
  });
});
