import type { createNotices } from "./notices.js";
import type { createStore } from "./store.js";
import type { Tip } from "./tip.js";
import type { Embed } from "./types";
import type { createWire } from "./wire.js";

/** What every panel is given. */
export interface Context {
  root: HTMLElement;
  signal: AbortSignal;
  embed: Embed;
  wire: ReturnType<typeof createWire>;
  store: ReturnType<typeof createStore>;
  notices: ReturnType<typeof createNotices>;
  tip: Tip;
}
