import { describe, expect, it, vi } from "vitest";
import { createFreshness, createWire } from "../src/wire.js";
import { fakeModel } from "./fake.js";

const open = () => {
  const model = fakeModel();
  const closing = new AbortController();
  return { model, closing, wire: createWire(model, closing.signal) };
};

describe("requests", () => {
  it("carries version, kind, a fresh id and the fields", () => {
    const { model, wire } = open();
    wire.request("cancel", { job: "scan" }).catch(() => {});
    wire.request("hello").catch(() => {});
    expect(model.sent[0]).toMatchObject({ v: 1, kind: "cancel", job: "scan" });
    expect(model.sent[0].id).not.toBe(model.sent[1].id);
  });

  it("gives each answer to its own request, whatever the order", async () => {
    const { model, wire } = open();
    const first = wire.request("hello");
    const second = wire.request("recipe");
    model.tell("answer", { id: model.sent[1].id, ok: true, code: "second" });
    model.tell("answer", { id: model.sent[0].id, ok: true, code: "first" });
    expect((await first).code).toBe("first");
    expect((await second).code).toBe("second");
  });

  it("fails with the kernel's sentence", async () => {
    const { model, wire } = open();
    const asked = wire.request("pin", { note: "" });
    model.tell("answer", { id: model.sent[0].id, ok: false, error: "Choose a layer first." });
    await expect(asked).rejects.toThrow("Choose a layer first.");
  });

  it("fails when nobody answers in time and ignores the late answer", async () => {
    vi.useFakeTimers();
    const { model, wire } = open();
    const asked = wire.request("hello", {}, 500);
    const outcome = expect(asked).rejects.toThrow("did not answer");
    await vi.advanceTimersByTimeAsync(501);
    await outcome;
    expect(() => model.tell("answer", { id: model.sent[0].id, ok: true })).not.toThrow();
    vi.useRealTimers();
  });

  it("fails at once when there is no comm", async () => {
    const { model, wire } = open();
    model.answer = () => {
      throw new Error("disposed");
    };
    await expect(wire.request("hello")).rejects.toThrow("no kernel");
  });

  it("ignores answers to others and closes all that wait", async () => {
    const { model, wire, closing } = open();
    const asked = wire.request("hello");
    model.tell("answer", { id: "someone-else", ok: true });
    closing.abort();
    await expect(asked).rejects.toThrow("closed");
    expect(model.listening()).toBe(0);
  });
});

describe("events", () => {
  it("tells panels by kind and drops unknown kinds", () => {
    const { model, wire } = open();
    /** @type {any[]} */
    const heard = [];
    wire.on("panel", (message) => heard.push(message.panel));
    model.panel("trap", {});
    model.tell("nonsense", { panel: "layers" });
    expect(heard).toEqual(["trap"]);
  });

  it("turns a message of another version into a notice", () => {
    const { model, wire } = open();
    /** @type {any[]} */
    const notices = [];
    /** @type {any[]} */
    const panels = [];
    wire.on("notice", (message) => notices.push(message));
    wire.on("panel", (message) => panels.push(message));
    model.hear({ v: 2, kind: "panel", panel: "trap", data: {} });
    expect(notices[0].level).toBe("error");
    expect(panels).toEqual([]);
  });

  it("drops progress of an older run and after the end of its run", () => {
    const fresh = createFreshness();
    const progress = (/** @type {number} */ run) => fresh({ kind: "progress", job: "scan", run });
    expect(progress(1)).toBe(true);
    expect(progress(2)).toBe(true);
    expect(progress(1)).toBe(false);
    expect(fresh({ kind: "finished", job: "scan", run: 2 })).toBe(true);
    expect(progress(2)).toBe(false);
    expect(progress(3)).toBe(true);
    expect(fresh({ kind: "progress", job: "ablate", run: 1 })).toBe(true);
    expect(fresh({ kind: "progress", job: "scan" })).toBe(true);
  });
});
