// What the kernel wants said: information leaves by itself, an error stays until it is closed.
import { h, icon } from "./dom.js";

const STAY_MS = 6000;
const AT_MOST = 4;

/** @param {AbortSignal} signal */
export function createNotices(signal) {
  const news = h("div", { class: "sw-news", role: "status", "aria-live": "polite" });
  const errors = h("div", { class: "sw-news", role: "alert", "aria-live": "assertive" });
  const element = h("div", { class: "sw-notices" }, errors, news);

  /** @param {"info" | "error"} level @param {string} text */
  const say = (level, text) => {
    const list = level === "error" ? errors : news;
    const twin = [...list.children].find((child) => child.textContent === text);
    twin?.remove();
    const close = h("button", { type: "button", class: "sw-close", "aria-label": "Close this message", "data-action": "close-notice" }, icon("close"));
    const notice = h("p", { class: `sw-notice sw-${level}` }, level === "error" && icon("warn"), h("span", {}, text), close);
    const timer = level === "info" ? setTimeout(() => notice.remove(), STAY_MS) : undefined;
    close.addEventListener("click", () => notice.remove(), { signal });
    signal.addEventListener("abort", () => clearTimeout(timer));
    list.append(notice);
    while (list.children.length > AT_MOST) list.firstElementChild?.remove();
  };

  return { element, say, error: (/** @type {string} */ text) => text && say("error", text) };
}
