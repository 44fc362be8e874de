import { afterEach, describe, expect, it, vi } from "vitest";
import { duration, percent, progressWords, rate, short } from "../src/format.js";
import { fittingStep, isFluid, legendColumns, pageSpec } from "../src/spec.js";
import { themeOf } from "../src/theme.js";
import { ablation, fakeModel, finding, findings, layers, one, row, settled, spectrum, trap } from "./fake.js";
import { openScreen } from "./screen.js";

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => {
  screen?.close();
  vi.useRealTimers();
});

const HOSTILE = '<img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>';

describe("text from the kernel", () => {
  it("is never taken for markup, wherever it stands", async () => {
    screen = openScreen();
    const { model, root } = screen;
    model.panel("layers", layers([row(HOSTILE, { kind: HOSTILE, caveat: HOSTILE, status: "failed", caveats: { alpha: HOSTILE }, traps: 1, traps_text: HOSTILE, sketch: [HOSTILE] })], { model: HOSTILE, summary: HOSTILE, kinds: [HOSTILE] }));
    model.kernelState({ layer: HOSTILE, selected: [HOSTILE] });
    const fact = { label: HOSTILE, value: HOSTILE, help: HOSTILE };
    model.panel("spectrum", spectrum({ layer: HOSTILE, subtitle: HOSTILE, facts: [fact], counts: [fact], marks: [{ seed: 0, index: 0, label: HOSTILE, help: HOSTILE }] }));
    model.panel("trap", trap({ title: HOSTILE, explanation: HOSTILE, chart_caption: HOSTILE, facts: [fact], culprits: [{ row: HOSTILE, column: HOSTILE, value: HOSTILE, z_score: HOSTILE, share: HOSTILE }] }));
    model.panel("ablate", ablation({ status: "done", n_done: 1, verdict: { word: "harmful", reason: HOSTILE }, rule: HOSTILE, caveat: HOSTILE, edit_sentence: HOSTILE, edits: [{ value: HOSTILE, label: HOSTILE, help: HOSTILE, enabled: true }], rows: [{ label: HOSTILE, role: HOSTILE, value: HOSTILE, interval: HOSTILE }] }));
    model.panel("findings", findings([finding({ claim: HOSTILE, layer: HOSTILE, strength: HOSTILE, note: HOSTILE, caveats: [HOSTILE] })], { formats: [{ value: HOSTILE, label: HOSTILE }] }));
    model.tell("notice", { level: "error", text: HOSTILE });
    model.tell("progress", { job: "scan", label: HOSTILE, done: 1, total: 2, elapsed_s: 1, remaining_s: null });
    one(root, "[data-help]").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    await settled();
    expect(root.querySelectorAll("img, script")).toHaveLength(0);
    expect(/** @type {any} */ (globalThis).hacked).toBeUndefined();
    expect(one(root, ".sw-row-name").textContent).toContain(HOSTILE);
  });
});

describe("notices", () => {
  it("reads information out and lets it go, keeps errors until they are closed", () => {
    vi.useFakeTimers();
    screen = openScreen();
    const { model, root } = screen;
    model.tell("notice", { level: "info", text: "Saved." });
    model.tell("notice", { level: "error", text: "Out of memory." });
    expect(one(root, '[aria-live="polite"]').textContent).toBe("Saved.");
    vi.advanceTimersByTime(7000);
    expect(one(root, '[aria-live="polite"]').textContent).toBe("");
    expect(one(root, '[aria-live="assertive"]').textContent).toBe("Out of memory.");
    one(root, '[data-action="close-notice"]').click();
    expect(one(root, '[aria-live="assertive"]').textContent).toBe("");
  });

  it("says a thing twice only once and does not pile up", () => {
    screen = openScreen();
    for (const text of ["a", "a", "b", "c", "d", "e"]) screen.model.tell("notice", { level: "error", text });
    expect([...screen.root.querySelectorAll(".sw-notice")].map((item) => item.textContent)).toEqual(["b", "c", "d", "e"]);
  });

  it("tells when the kernel does not answer hello", async () => {
    vi.useFakeTimers();
    screen = openScreen(fakeModel());
    await vi.advanceTimersByTimeAsync(20001);
    expect(one(screen.root, '[aria-live="assertive"]').textContent).toContain("did not answer");
  });
});

describe("help", () => {
  it("shows on hover and on focus, goes with Escape", () => {
    screen = openScreen();
    screen.model.panel("spectrum", spectrum());
    const label = one(screen.panel("spectrum"), "dt[data-help]");
    const tip = one(screen.root, ".sw-tip");
    label.focus();
    expect([tip.hidden, tip.textContent]).toEqual([false, "exponent"]);
    label.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(tip.hidden).toBe(true);
    label.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
    expect(tip.hidden).toBe(false);
  });

  it("shows a mark's tooltip as text, its blank name as a title", async () => {
    screen = openScreen();
    screen.model.panel("spectrum", spectrum());
    await settled();
    const { tooltip } = screen.drawn[0].options;
    tooltip(null, { clientX: 5, clientY: 5 }, null, { " ": "trap 1", "p-value": "<b>0.01</b>" });
    const tip = one(screen.root, ".sw-tip");
    expect(one(tip, ".sw-tip-title").textContent).toBe("trap 1");
    expect([tip.hidden, one(tip, "dd").textContent, tip.querySelector("b")]).toEqual([false, "<b>0.01</b>", null]);
    tooltip(null, {}, null, null);
    expect(tip.hidden).toBe(true);
  });

  it("labels every control", () => {
    screen = openScreen();
    screen.model.panel("layers", layers([row("a.weight")]));
    screen.model.panel("spectrum", spectrum());
    screen.model.panel("ablate", ablation());
    screen.model.panel("findings", findings([finding()]));
    const controls = [...screen.root.querySelectorAll("input, select, textarea, button, progress")];
    const nameless = controls.filter((item) => !(item.textContent?.trim() || item.getAttribute("aria-label") || /** @type {any} */ (item).labels?.length));
    expect(controls.length).toBeGreaterThan(30);
    expect(nameless).toEqual([]);
  });
});

describe("closing", () => {
  it("takes everything away and hears nothing any more", async () => {
    const add = vi.spyOn(window, "addEventListener");
    screen = openScreen();
    const { model, el, close, drawn } = screen;
    model.panel("spectrum", spectrum());
    await settled();
    expect(model.listening()).toBeGreaterThan(0);
    close();
    expect(model.listening()).toBe(0);
    expect(el.children).toHaveLength(0);
    expect(drawn[0].finalize).toHaveBeenCalledOnce();
    const left = add.mock.calls.filter(([, , options]) => !(/** @type {any} */ (options)?.signal?.aborted));
    expect(left).toEqual([]);
    document.body.dataset.jpThemeLight = "false";
    await settled();
    expect(drawn).toHaveLength(1);
    delete document.body.dataset.jpThemeLight;
  });
});

describe("words and numbers", () => {
  it.each([[0, "0"], [7, "7"], [-3.25, "−3.25"], [0.05, "0.0500"], [1234.5, "1235"], [123456, "123456"], [1.5e7, "1.5×10⁷"], [-0.00042, "−4.2×10⁻⁴"], [null, "–"], [NaN, "–"], [Infinity, "∞"], ["ready", "ready"]])("%s reads %s", (value, words) => {
    expect(short(value)).toBe(words);
  });

  it("says times as people do", () => {
    expect([duration(0.44), duration(12.3), duration(300), duration(9000)]).toEqual(["0.4 s", "12 s", "5 min", "2.5 h"]);
    expect([rate(3.14), rate(25), rate(0.2), rate(0.001)]).toEqual(["3.1/s", "25/s", "12/min", "3.6/h"]);
    expect(progressWords({ job: "", label: "", done: 3, total: 0, elapsed_s: 1, remaining_s: null })).toBe("3 done · 3.0/s · 1.0 s");
    expect([percent(0.93), percent(1), percent(0.051), percent(null)]).toEqual(["93 %", "100 %", "5.1 %", "–"]);
  });
});

describe("theme and charts", () => {
  it("asks the host first, then the system", () => {
    const page = document.implementation.createHTMLDocument();
    expect(themeOf(page)).toBe("light");
    page.body.className = "vscode-dark";
    expect(themeOf(page)).toBe("dark");
    page.body.dataset.jpThemeLight = "true";
    expect(themeOf(page)).toBe("light");
    page.body.dataset.jpThemeLight = "false";
    expect(themeOf(page)).toBe("dark");
  });

  it("shrinks the cells of a heat map until it fits, and lets them grow back", () => {
    const map = { wanted: 20, step: 20, inner: 500, outer: 640 };
    expect(fittingStep({ ...map, room: 700 })).toBe(20);
    expect(fittingStep({ ...map, room: 440 })).toBe(12);
    expect(fittingStep({ ...map, room: 50 })).toBe(5);
    expect(fittingStep({ wanted: 20, step: 12, inner: 300, outer: 440, room: 640 })).toBe(20);
  });

  it("gives a chart the width of its place, the page's colours and room for its legend", () => {
    const spec = { layer: [{ encoding: { color: { legend: { columns: 4 } } } }], config: { axis: { grid: false, labelColor: "red" } } };
    const made = pageSpec({ spec, datasets: { a: [1] }, alt: "words" }, { axis: { labelColor: "blue" } }, 2);
    expect(made).toMatchObject({ width: "container", description: "words", background: "transparent", config: { axis: { grid: false, labelColor: "blue" } } });
    expect(made.layer[0].encoding.color.legend.columns).toBe(2);
    expect(spec.layer[0].encoding.color.legend.columns).toBe(4);
    expect(isFluid({ layer: [], width: { step: 20 } })).toBe(false);
    expect(isFluid({ vconcat: [] })).toBe(false);
    expect([legendColumns(0), legendColumns(100), legendColumns(560), legendColumns(5000)]).toEqual([6, 1, 3, 6]);
  });
});
