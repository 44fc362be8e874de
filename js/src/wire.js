// Requests to the kernel and what comes back: every request has an id and ends in one answer or one error.
import { EVENTS, VERSION } from "./protocol.js";

/** @typedef {{ resolve: (answer: import("./types").Answer) => void, reject: (error: Error) => void, timer: any }} Waiting */

const ANSWER_MS = 20000;

/** Messages of an older run of a job, or after its end, say nothing true any more. */
export function createFreshness() {
  /** @type {Map<string, { run: number, ended: boolean }>} */
  const runs = new Map();
  /** @param {any} message */
  return ({ kind, job, run }) => {
    if (kind !== "progress" && kind !== "finished") return true;
    if (!Number.isInteger(run)) return true;
    const known = runs.get(job);
    if (known && (run < known.run || (run === known.run && known.ended))) return false;
    runs.set(job, { run, ended: kind === "finished" });
    return true;
  };
}

/** @param {import("./types").Model} model @param {AbortSignal} signal */
export function createWire(model, signal) {
  const prefix = Math.random().toString(36).slice(2, 10);
  /** @type {Map<string, Waiting>} */
  const waiting = new Map();
  /** @type {Map<string, Set<(message: any, buffers: DataView[]) => void>>} */
  const listeners = new Map(EVENTS.map((name) => [name, new Set()]));
  const isFresh = createFreshness();
  let count = 0;

  /** @param {string} id */
  const take = (id) => {
    const entry = waiting.get(id);
    if (entry) clearTimeout(entry.timer);
    waiting.delete(id);
    return entry;
  };

  /** @param {any} message @param {DataView[]} buffers */
  const answered = (message, buffers) => {
    const entry = take(message.id);
    if (!entry) return;
    if (message.ok) entry.resolve({ ...message, buffers: buffers ?? [] });
    else entry.reject(new Error(message.error || "The kernel refused without a reason."));
  };

  /** @param {string} event @param {any} message @param {DataView[]} [buffers] */
  const tell = (event, message, buffers = []) => listeners.get(event)?.forEach((listener) => listener(message, buffers));

  /** @param {any} message @param {DataView[]} buffers */
  const hear = (message, buffers) => {
    if (!message || !EVENTS.includes(message.kind)) return;
    if (message.v !== VERSION) return tell("notice", { level: "error", text: "Page and kernel are of different versions. Run the cell again." });
    if (message.kind === "answer") return answered(message, buffers);
    if (isFresh(message)) tell(message.kind, message, buffers ?? []);
  };

  model.on("msg:custom", hear);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", hear);
    for (const id of [...waiting.keys()]) take(id)?.reject(new Error("The view was closed."));
  });

  return {
    /**
     * @param {string} kind @param {Record<string, unknown>} [fields] @param {number} [patience]
     * @returns {Promise<import("./types").Answer>}
     */
    request(kind, fields = {}, patience = ANSWER_MS) {
      const id = `${prefix}-${++count}`;
      return new Promise((resolve, reject) => {
        const late = () => take(id)?.reject(new Error("The kernel did not answer. It may be busy or stopped: wait, or run the cell again."));
        waiting.set(id, { resolve, reject, timer: setTimeout(late, patience) });
        try {
          model.send({ v: VERSION, id, kind, ...fields });
        } catch {
          take(id)?.reject(new Error("There is no kernel. Start one and run the cell again."));
        }
      });
    },
    /** @param {string} event @param {(message: any, buffers: DataView[]) => void} listener */
    on(event, listener) {
      listeners.get(event)?.add(listener);
    },
  };
}
