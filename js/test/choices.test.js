import { afterEach, describe, expect, it } from "vitest";
import { ablation, fakeModel, FIELDS, obliging, one, press, refusing, settled, STATE } from "./fake.js";
import { openScreen } from "./screen.js";

/** @type {ReturnType<typeof openScreen>} */
let screen;
afterEach(() => screen?.close());
const chosen = { state: { ...structuredClone(STATE), layer: "a.weight" } };
const open = (model = obliging(fakeModel(chosen)), /** @type {any} */ data = {}) => {
  screen = openScreen(model);
  model.panel("ablate", ablation(data));
  return one(screen.panel("ablate"), "details.sw-fold");
};
const field = (/** @type {string} */ key) => one(screen.panel("ablate"), `[data-key="${key}"]`);
const input = (/** @type {string} */ key, /** @type {string} */ value) => /** @type {HTMLInputElement} */ (one(field(key), `input[value="${value}"]`));
const changes = () => screen.model.asked("set").map((message) => message.changes);

describe("more choices", () => {
  it("stand in a fold that says how many are not the usual ones", () => {
    const fold = open(undefined, { fields_changed: 2 });
    expect(fold.open).toBe(false);
    expect(one(fold, "summary").textContent).toBe("More choices2 changed");
    expect(field("controls").tagName).toBe("FIELDSET");
    expect(one(field("controls"), "legend").dataset.help).toBe("Random edits.");
    expect([...fold.querySelectorAll("input")].every((control) => control.labels?.length === 1)).toBe(true);
  });

  it("take several, one, or a number, and send each as its state key", async () => {
    open();
    expect([input("controls", "moved").checked, input("controls", "rank_one").checked]).toEqual([true, false]);
    input("controls", "rank_one").click();
    await settled();
    input("probe_kind", "uniform").click();
    await settled();
    const temperature = /** @type {HTMLInputElement} */ (one(field("temperature"), "input"));
    expect(temperature.value).toBe("1");
    temperature.value = "2.5";
    temperature.dispatchEvent(new Event("change", { bubbles: true }));
    await settled();
    press(temperature, "ArrowUp");
    await settled();
    expect(changes()).toEqual([{ controls: ["moved", "rank_one"] }, { probe_kind: "uniform" }, { temperature: 2.5 }, { temperature: 2.6 }]);
    expect(input("controls", "rank_one").checked).toBe(true);
    expect(input("probe_kind", "uniform").checked).toBe(true);
  });

  it("refuse what cannot be, beside the control, and fall back to what the kernel holds", async () => {
    open(refusing(fakeModel(chosen), "controls takes one or more."));
    input("controls", "moved").click();
    await settled();
    expect(one(field("controls"), "[role=alert]").textContent).toBe("controls takes one or more.");
    expect(input("controls", "moved").checked).toBe(true);
    const temperature = /** @type {HTMLInputElement} */ (one(field("temperature"), "input"));
    temperature.value = "-1";
    temperature.dispatchEvent(new Event("change", { bubbles: true }));
    expect(one(field("temperature"), "[role=alert]").textContent).toBe("Give a number from 0.01 to 100.");
    expect(temperature.getAttribute("aria-invalid")).toBe("true");
  });

  it("cannot be made while it runs, nor where the reason says why not", () => {
    open();
    expect(input("probe_kind", "permuted").disabled).toBe(true);
    expect(input("probe_kind", "permuted").labels?.[0].dataset.help).toBe("There is no data.");
    screen.model.panel("ablate", ablation({ status: "working" }));
    expect(input("controls", "moved").matches(":disabled")).toBe(true);
    screen.model.panel("ablate", ablation({ status: "done" }));
    expect(input("controls", "moved").matches(":disabled")).toBe(false);
  });

  it("stay in reach when the chosen inputs cannot be had, and keep the focus through a redraw", () => {
    open(undefined, { status: "unavailable", message: "There is no data.", fields_changed: 1 });
    expect(one(screen.panel("ablate"), ".sw-ablate").hidden).toBe(false);
    expect(one(screen.panel("ablate"), ".sw-empty").textContent).toBe("There is no data.");
    input("controls", "moved").focus();
    screen.model.panel("ablate", ablation({ fields: structuredClone(FIELDS) }));
    expect(document.activeElement).toBe(input("controls", "moved"));
    screen.model.panel("ablate", ablation({ status: "unavailable", message: "No model.", fields_changed: 0 }));
    expect(one(screen.panel("ablate"), ".sw-ablate").hidden).toBe(true);
  });
});

describe("further measures", () => {
  it("stand in a second table with help for each", () => {
    open(undefined, { status: "done", rows: [{ label: "x", role: "edit", value: "1", interval: "" }], measures: [{ key: "accuracy", title: "accuracy with the edit", help: "Share that is right.", value: "0.85", interval: "0.8 to 0.9", control: "0.9" }] });
    const [, table] = [...screen.panel("ablate").querySelectorAll("table")];
    expect([...table.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual(["accuracy with the edit", "0.85", "0.8 to 0.9", "0.9"]);
    expect(one(table, "td span").dataset.help).toBe("Share that is right.");
  });
});
