// The state as the user sees it: what the kernel holds, with the user's own fresh changes laid over it.

const SETTLE_MS = 2000;
const THROTTLE_MS = 60;

/** @param {unknown} a @param {unknown} b */
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * @param {import("./types").Model} model
 * @param {{ request: (kind: string, fields: any) => Promise<any> }} wire
 * @param {AbortSignal} signal
 */
export function createStore(model, wire, signal) {
  /** @type {Map<string, { value: unknown, ticket: number, answered: boolean }>} */
  const overlay = new Map();
  /** @type {Set<(state: import("./types").State) => void>} */
  const listeners = new Set();
  /** @type {Record<string, unknown>} */
  let soon = {};
  /** @type {any} */
  let soonTimer = null;
  let tickets = 0;
  let sentAt = 0;

  /** @returns {import("./types").State} */
  const get = () => ({ ...model.get("state"), ...Object.fromEntries([...overlay].map(([key, { value }]) => [key, value])) });
  const tell = () => listeners.forEach((listener) => listener(get()));

  /** @param {(key: string, entry: { value: unknown, ticket: number, answered: boolean }) => boolean} gone */
  const drop = (gone) => {
    for (const [key, entry] of overlay) if (gone(key, entry)) overlay.delete(key);
  };

  const kernelChanged = () => {
    const truth = model.get("state");
    drop((key, entry) => entry.answered || same(truth[key], entry.value));
    tell();
  };

  /** @param {number} ticket */
  const settle = (ticket) => {
    const truth = model.get("state");
    for (const entry of overlay.values()) if (entry.ticket === ticket) entry.answered = true;
    drop((key, entry) => entry.ticket === ticket && same(truth[key], entry.value));
    setTimeout(() => forget(ticket), SETTLE_MS);
  };

  /** @param {number} ticket */
  const forget = (ticket) => {
    if (signal.aborted || ![...overlay.values()].some((entry) => entry.ticket === ticket)) return;
    drop((_key, entry) => entry.ticket === ticket);
    tell();
  };

  /** @param {Record<string, unknown>} changes @returns {Promise<string>} "" or the sentence that says why not */
  const patch = async (changes) => {
    const ticket = ++tickets;
    for (const [key, value] of Object.entries(changes)) overlay.set(key, { value, ticket, answered: false });
    tell();
    try {
      await wire.request("set", { changes });
      settle(ticket);
      return "";
    } catch (problem) {
      forget(ticket);
      return /** @type {Error} */ (problem).message;
    }
  };

  model.on("change:state", kernelChanged);
  signal.addEventListener("abort", () => {
    model.off("change:state", kernelChanged);
    clearTimeout(soonTimer);
  });

  return {
    get,
    patch,
    /** The first change goes out at once, those that follow at most every 60 ms, always the last. @param {Record<string, unknown>} changes @param {(error: string) => void} done */
    patchSoon(changes, done) {
      Object.assign(soon, changes);
      const flush = async () => {
        const send = soon;
        soon = {};
        soonTimer = null;
        sentAt = Date.now();
        done(await patch(send));
      };
      const wait = sentAt + THROTTLE_MS - Date.now();
      if (wait <= 0 && soonTimer === null) flush();
      else soonTimer ??= setTimeout(flush, wait);
    },
    /** @param {(state: import("./types").State) => void} listener */
    subscribe(listener) {
      listeners.add(listener);
    },
  };
}
