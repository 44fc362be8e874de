import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import loader, { chunk } from "../src/loader.js";
import { fakeModel, one, settled } from "./fake.js";

const CHUNKS = Symbol.for("spectral_widgets.chunks");
const built = (/** @type {string} */ name) => readFileSync(resolve(import.meta.dirname, "../../spectral_widgets/static", name), "utf8");

beforeEach(() => {
  delete (/** @type {any} */ (globalThis)[CHUNKS]);
  URL.createObjectURL = vi.fn(() => "blob:made");
  URL.revokeObjectURL = vi.fn();
});
afterEach(() => vi.useRealTimers());

/** @param {ReturnType<typeof fakeModel>} model */
const serving = (model) => {
  model.answer = ({ name, hash }) => queueMicrotask(() => model.hear({ v: 1, kind: "chunk", name, hash }, [new DataView(new ArrayBuffer(4))]));
  return model;
};

describe("chunks", () => {
  it("cross the wire once a page: three widgets, two transfers", async () => {
    const models = [1, 2, 3].map(() => serving(fakeModel()));
    const open = vi.fn(async (bytes) => ({ size: bytes.byteLength }));
    const modules = await Promise.all(models.flatMap((model) => [chunk(model, "vendor", open), chunk(model, "view", open)]));
    expect(models.flatMap((model) => model.sent)).toHaveLength(2);
    expect(open).toHaveBeenCalledTimes(2);
    expect(modules[2]).toBe(modules[0]);
    expect(models.every((model) => model.listening() === 0)).toBe(true);
  });

  it("are asked for again when their content changed", async () => {
    const open = async () => ({});
    const old = serving(fakeModel());
    const fresh = serving(fakeModel({ _chunks: { vendor: "hash-of-vendor", view: "another" } }));
    await chunk(old, "view", open);
    await chunk(fresh, "view", open);
    expect(fresh.sent).toEqual([{ v: 1, kind: "chunk", name: "view", hash: "another" }]);
  });

  it("are asked for again after a failure", async () => {
    vi.useFakeTimers();
    const silent = fakeModel();
    const outcome = expect(chunk(silent, "view")).rejects.toThrow("no kernel answers");
    await vi.advanceTimersByTimeAsync(30001);
    await outcome;
    vi.useRealTimers();
    await expect(chunk(serving(fakeModel()), "view", async () => "module")).resolves.toBe("module");
  });

  it("ignore the buffers of other chunks", async () => {
    const model = fakeModel();
    const asked = chunk(model, "view", async (bytes) => bytes.byteLength);
    model.hear({ kind: "chunk", hash: "hash-of-vendor" }, [new DataView(new ArrayBuffer(9))]);
    model.hear({ kind: "chunk", hash: "hash-of-view" }, [new DataView(new ArrayBuffer(2))]);
    expect(await asked).toBe(2);
  });
});

describe("the loader", () => {
  it("shows the still picture with its alt text and says what to do without a kernel", async () => {
    vi.useFakeTimers();
    const el = document.createElement("div");
    const model = fakeModel({ _png: new DataView(new ArrayBuffer(8)), _alt: "Spectrum with 2 traps" });
    const close = loader.render({ model, el });
    expect(one(el, "img").alt).toBe("Spectrum with 2 traps");
    expect(one(el, "img").getAttribute("src")).toBe("data:image/png;base64,AAAAAAAAAAA=");
    expect(one(el, "button").hidden).toBe(true);
    await vi.advanceTimersByTimeAsync(2001);
    expect(one(el, "[role=status]").textContent).toContain("still picture, because no kernel has answered yet");
    await vi.advanceTimersByTimeAsync(30001);
    expect(one(el, "[role=status]").textContent).toContain("no kernel answers");
    expect(one(el, "[role=status]").textContent).toContain("Run this cell again");
    expect(one(el, "button").hidden).toBe(false);
    close();
    expect(el.children).toHaveLength(0);
  });

  it("leaves the picture out when there is none", () => {
    const el = document.createElement("div");
    loader.render({ model: fakeModel(), el })();
    const close = loader.render({ model: fakeModel(), el });
    expect(el.querySelector("img")).toBeNull();
    close();
  });

  it("hands over to the view and cleans up after it", async () => {
    const cleanup = vi.fn();
    const render = vi.fn(() => cleanup);
    const known = new Map();
    known.set("hash-of-vendor", Promise.resolve({ vegaEmbed: "embed" }));
    known.set("hash-of-view", Promise.resolve({ render }));
    /** @type {any} */ (globalThis)[CHUNKS] = known;
    const el = document.createElement("div");
    const model = fakeModel();
    const close = loader.render({ model, el });
    await settled();
    expect(render).toHaveBeenCalledWith({ model, el }, "embed");
    expect(el.querySelector(".sw-static")).toBeNull();
    close();
    expect(cleanup).toHaveBeenCalledOnce();
  });

  it("puts the picture in place of the view when it is frozen, and the view back when it is not", async () => {
    const cleanup = vi.fn();
    const render = vi.fn(() => cleanup);
    /** @type {any} */ (globalThis)[CHUNKS] = new Map([["hash-of-vendor", Promise.resolve({})], ["hash-of-view", Promise.resolve({ render })]]);
    const el = document.createElement("div");
    const model = fakeModel({ _frozen: false });
    const close = loader.render({ model, el });
    await settled();
    model.set("_png", new DataView(new ArrayBuffer(8)));
    model.set("_alt", "Two draws");
    model.change("_frozen", true);
    expect(cleanup).toHaveBeenCalledOnce();
    expect(one(el, "img").alt).toBe("Two draws");
    expect(one(el, "[role=status]").textContent).toContain("run the cell again");
    model.change("_frozen", false);
    await settled();
    expect(render).toHaveBeenCalledTimes(2);
    expect(el.querySelector(".sw-static")).toBeNull();
    close();
    expect(model.listening()).toBe(0);
  });

  it("opens no view of what is frozen already", async () => {
    const render = vi.fn();
    /** @type {any} */ (globalThis)[CHUNKS] = new Map([["hash-of-vendor", Promise.resolve({})], ["hash-of-view", Promise.resolve({ render })]]);
    const el = document.createElement("div");
    loader.render({ model: fakeModel({ _frozen: true }), el });
    await settled();
    expect(render).not.toHaveBeenCalled();
    expect(one(el, "[role=status]").textContent).toContain("Frozen");
  });

  it("does not draw into a cell that was closed meanwhile", async () => {
    const render = vi.fn();
    /** @type {any} */ (globalThis)[CHUNKS] = new Map([["hash-of-vendor", Promise.resolve({})], ["hash-of-view", Promise.resolve({ render })]]);
    const close = loader.render({ model: fakeModel(), el: document.createElement("div") });
    close();
    await settled();
    expect(render).not.toHaveBeenCalled();
  });
});

describe("what is built", () => {
  it("keeps the loader under 4 kB", () => expect(Buffer.byteLength(built("loader.js"))).toBeLessThan(4000));
  it("fetches nothing from the style sheet", () => expect(built("explorer.css")).not.toMatch(/@import|url\(/));
  it("scopes every style to the widget", () => {
    const rules = built("explorer.css").replace(/\/\*[\s\S]*?\*\//g, "").match(/^\s*[^\s@}][^{};]*(?=\{)/gm) ?? [];
    const loose = rules.map((rule) => rule.trim()).filter((rule) => !rule.startsWith(".sw-explorer") && !/^(from|to)$/.test(rule));
    expect(loose).toEqual([]);
  });
  it("asks no other place for code", () => expect(built("view.js") + built("loader.js")).not.toMatch(/https?:\/\/(?!www\.w3\.org)/));
});
