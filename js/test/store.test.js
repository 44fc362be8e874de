import { describe, expect, it, vi } from "vitest";
import { createStore } from "../src/store.js";
import { createWire } from "../src/wire.js";
import { fakeModel, obliging, refusing, settled } from "./fake.js";

const open = (model = fakeModel()) => {
  const closing = new AbortController();
  return { model, closing, store: createStore(model, createWire(model, closing.signal), closing.signal) };
};

describe("the state as the user sees it", () => {
  it("shows a change before the kernel has it", () => {
    const { store } = open();
    store.patch({ bins: 90 });
    expect(store.get().bins).toBe(90);
  });

  it("keeps the newer of two changes when the echo of the older comes in", async () => {
    const { model, store } = open();
    store.patch({ bins: 70 });
    store.patch({ bins: 80 });
    model.kernelState({ bins: 70 });
    model.tell("answer", { id: model.sent[0].id, ok: true });
    await settled();
    expect(store.get().bins).toBe(80);
  });

  it("goes back and says why when the kernel refuses", async () => {
    const { store } = open(refusing(fakeModel(), "bins must lie between 10 and 200."));
    expect(await store.patch({ bins: 900 })).toBe("bins must lie between 10 and 200.");
    expect(store.get().bins).toBe(60);
  });

  it("takes what the kernel made of a change", async () => {
    const { model, store } = open();
    const patched = store.patch({ seed: 7 });
    model.tell("answer", { id: model.sent[0].id, ok: true });
    expect(await patched).toBe("");
    model.kernelState({ seed: 8 });
    expect(store.get().seed).toBe(8);
  });

  it("sends the first of a burst of slider moves at once and the last one last", async () => {
    const { model, store } = open(obliging(fakeModel()));
    for (let bins = 61; bins <= 90; bins++) store.patchSoon({ bins }, () => {});
    await settled(80);
    expect(model.asked("set").map(({ changes }) => changes)).toEqual([{ bins: 61 }, { bins: 90 }]);
  });

  it("stops listening when closed", () => {
    const { model, store, closing } = open();
    const heard = vi.fn();
    store.subscribe(heard);
    closing.abort();
    model.kernelState({ bins: 20 });
    expect(heard).not.toHaveBeenCalled();
    expect(model.listening()).toBe(0);
  });
});
