// src/dom.js
var ids = 0;
var freshId = (stem) => `sw-${stem}-${++ids}`;
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(.../** @type {(Node | string)[]} */
  children.flat().filter((child) => child != null && child !== false && child !== ""));
  return element;
}
function setAttribute(element, name, value) {
  if (value === false || value === null || value === void 0) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children);
  return element;
}
var breakable = (name) => String(name).split(/(?<=[./_])/).flatMap((part, i) => i ? [h("wbr"), part] : [part]);
function arrange(parent, nodes) {
  const { activeElement } = (
    /** @type {Document | ShadowRoot} */
    parent.getRootNode()
  );
  const focused = activeElement && parent.contains(activeElement) ? activeElement : null;
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, i) => {
    if (parent.children[i] !== node) parent.insertBefore(node, parent.children[i] ?? null);
  });
  if (focused instanceof HTMLElement && focused.isConnected && !isFocused(focused)) focused.focus();
}
var isFocused = (element) => (
  /** @type {Document | ShadowRoot} */
  element.getRootNode().activeElement === element
);
var ICONS = {
  warn: "M8 1.8 15 14H1L8 1.8Zm0 4.4v4m0 1.6v.2",
  check: "M3 8.5 6.5 12 13 4.5",
  close: "M4 4l8 8m0-8-8 8",
  pin: "M9.5 2 14 6.5l-3 .8L8.5 10l-.3 2.8L3.2 7.8 6 7.5 8.7 5ZM5.6 10.4 2 14",
  pulse: "M1.5 8h3l2-5 3 10 2-5h3",
  flat: "M2 6h12M2 10h12",
  wave: "M1.5 9.5c2-5 4.5-5 6.5-1.5s4.500 3.500 6.500-1.500",
  down: "M8 2v8m-3.500-3L8 10.500 11.500 7M2.500 13.500h11",
  shuffle: "M2 4.500h2.500c3 0 4 7 7 7H14m-2-2 2 2-2 2M2 11.500h2.500c1 0 1.800-.8 2.500-1.900M14 4.500h-2.500c-1 0-1.800.8-2.500 1.900M12 2.500l2 2-2 2"
};
var icon = (name) => svg(
  "svg",
  { class: "sw-icon", viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" },
  svg("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round" })
);

// src/keys.js
var SUPPRESS = "data-lm-suppress-shortcuts";
var OURS = /* @__PURE__ */ new Set(["Enter", " ", "a", "A", "Escape", "Home", "End", "PageUp", "PageDown", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
var isOurs = (event) => !(event.ctrlKey || event.metaKey) || OURS.has(event.key);
function keepKeys(root, signal) {
  const decide = (event) => {
    const { target } = event;
    if (target instanceof Element && root.contains(target)) target.toggleAttribute(SUPPRESS, isOurs(event));
  };
  root.ownerDocument.defaultView?.addEventListener("keydown", decide, { capture: true, signal });
}

// src/notices.js
var STAY_MS = 6e3;
var AT_MOST = 4;
function createNotices(signal) {
  const news = h("div", { class: "sw-news", role: "status", "aria-live": "polite" });
  const errors = h("div", { class: "sw-news", role: "alert", "aria-live": "assertive" });
  const element = h("div", { class: "sw-notices" }, errors, news);
  const say = (level, text) => {
    const list = level === "error" ? errors : news;
    const twin = [...list.children].find((child) => child.textContent === text);
    twin?.remove();
    const close = h("button", { type: "button", class: "sw-close", "aria-label": "Close this message", "data-action": "close-notice" }, icon("close"));
    const notice = h("p", { class: `sw-notice sw-${level}` }, level === "error" && icon("warn"), h("span", {}, text), close);
    const timer = level === "info" ? setTimeout(() => notice.remove(), STAY_MS) : void 0;
    close.addEventListener("click", () => notice.remove(), { signal });
    signal.addEventListener("abort", () => clearTimeout(timer));
    list.append(notice);
    while (list.children.length > AT_MOST) list.firstElementChild?.remove();
  };
  return { element, say, error: (text) => text && say("error", text) };
}

// src/store.js
var SETTLE_MS = 2e3;
var THROTTLE_MS = 60;
var same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
function createStore(model, wire, signal) {
  const overlay = /* @__PURE__ */ new Map();
  const listeners = /* @__PURE__ */ new Set();
  let soon = {};
  let soonTimer = null;
  let tickets = 0;
  let sentAt = 0;
  const get = () => ({ ...model.get("state"), ...Object.fromEntries([...overlay].map(([key, { value }]) => [key, value])) });
  const tell = () => listeners.forEach((listener) => listener(get()));
  const drop = (gone) => {
    for (const [key, entry2] of overlay) if (gone(key, entry2)) overlay.delete(key);
  };
  const kernelChanged = () => {
    const truth = model.get("state");
    drop((key, entry2) => entry2.answered || same(truth[key], entry2.value));
    tell();
  };
  const settle = (ticket) => {
    const truth = model.get("state");
    for (const entry2 of overlay.values()) if (entry2.ticket === ticket) entry2.answered = true;
    drop((key, entry2) => entry2.ticket === ticket && same(truth[key], entry2.value));
    setTimeout(() => forget(ticket), SETTLE_MS);
  };
  const forget = (ticket) => {
    if (signal.aborted || ![...overlay.values()].some((entry2) => entry2.ticket === ticket)) return;
    drop((_key, entry2) => entry2.ticket === ticket);
    tell();
  };
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
      return (
        /** @type {Error} */
        problem.message
      );
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
    }
  };
}

// src/theme.js
var WATCHED = ["class", "data-jp-theme-light", "data-vscode-theme-kind", "data-theme", "theme"];
function themeOf(page) {
  const hosts = [page.body, page.documentElement];
  const jupyter = page.body.dataset.jpThemeLight;
  if (jupyter !== void 0) return jupyter === "false" ? "dark" : "light";
  const words = hosts.map((host) => `${host.className} ${host.dataset.theme ?? ""} ${host.getAttribute("theme") ?? ""}`).join(" ");
  if (/\b(vscode-dark|dark|dark-theme)\b/.test(words) || /vscode-high-contrast(?!-light)/.test(words)) return "dark";
  if (/\b(vscode-light|vscode-high-contrast-light|light|light-theme)\b/.test(words)) return "light";
  return globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
function followTheme(root, signal, changed) {
  const page = root.ownerDocument;
  root.dataset.theme = themeOf(page);
  const look = () => {
    const theme = themeOf(page);
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    changed();
  };
  const observer = new MutationObserver(look);
  for (const host of [page.body, page.documentElement]) observer.observe(host, { attributes: true, attributeFilter: WATCHED });
  signal.addEventListener("abort", () => observer.disconnect());
  globalThis.matchMedia?.("(prefers-color-scheme: dark)").addEventListener?.("change", look, { signal });
}
function chartConfig(root) {
  const style = getComputedStyle(root);
  const colour = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  const text = colour("--sw-text", "#1f2328");
  const quiet = colour("--sw-quiet", "#57606a");
  const line = colour("--sw-line", "#d0d7de");
  const font = colour("--sw-font", "sans-serif");
  const labels = { labelColor: quiet, titleColor: quiet, labelFont: font, titleFont: font, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500 };
  return {
    background: "transparent",
    font,
    view: { stroke: "transparent" },
    axis: { ...labels, gridColor: line, gridOpacity: 0.55, domainColor: line, tickColor: line, titlePadding: 8 },
    legend: labels,
    header: labels,
    title: { color: text, font, fontSize: 12, fontWeight: 600, anchor: "start", subtitleColor: quiet, subtitleFont: font },
    text: { font }
  };
}

// src/tip.js
var GAP = 12;
function createTip(root, signal) {
  const card = h("div", { class: "sw-tip", role: "tooltip", hidden: true });
  root.append(card);
  const hide = () => {
    card.hidden = true;
  };
  const place = (x, y, above) => {
    card.hidden = false;
    card.style.left = card.style.top = "0";
    const frame = root.getBoundingClientRect();
    const size = card.getBoundingClientRect();
    const left = Math.max(4, Math.min(x - frame.left, frame.width - size.width - 4));
    const below = y - frame.top + GAP;
    const fits = below + size.height < frame.height && y + GAP + size.height < (root.ownerDocument.defaultView?.innerHeight ?? Infinity);
    card.style.left = `${left}px`;
    card.style.top = `${fits ? below : Math.max(2, y - frame.top - above - size.height - GAP / 2)}px`;
  };
  const help = (target) => {
    card.replaceChildren(...(target.getAttribute("data-help") ?? "").split("\n").map((line) => h("p", {}, line)));
    const box = target.getBoundingClientRect();
    place(box.left, box.bottom - GAP / 2, box.height);
  };
  const enter = (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-help]") : null;
    if (target && root.contains(target)) help(target);
    else if (!(event.target instanceof Element && event.target.closest(".sw-chart"))) hide();
  };
  root.addEventListener("mouseover", enter, { signal });
  root.addEventListener("focusin", enter, { signal });
  root.addEventListener("focusout", hide, { signal });
  root.addEventListener("mouseleave", hide, { signal });
  root.addEventListener("keydown", (event) => event.key === "Escape" && hide(), { signal });
  const lines2 = (value) => {
    if (typeof value !== "object" || value === null) return [h("p", {}, String(value))];
    const entries = Object.entries(value);
    const titles = entries.filter(([name]) => !name.trim()).map(([, text]) => h("p", { class: "sw-tip-title" }, String(text)));
    const facts = entries.filter(([name]) => name.trim()).flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, String(text))]);
    return [...titles, h("dl", {}, ...facts)];
  };
  return {
    hide,
    /** Vega calls this with the value of a mark's tooltip. @param {any} _handler @param {any} event @param {any} _item @param {unknown} value */
    forChart(_handler, event, _item, value) {
      if (value === null || value === void 0 || value === "") return hide();
      card.replaceChildren(...lines2(value));
      place(event.clientX + GAP, event.clientY, GAP);
    }
  };
}
function withHelp(element, help) {
  if (!help) {
    for (const name of ["data-help", "aria-description"]) element.removeAttribute(name);
    return element;
  }
  element.setAttribute("data-help", help);
  element.setAttribute("aria-description", help);
  return element;
}

// src/protocol.js
var VERSION = 1;
var EVENTS = ["answer", "panel", "rows", "progress", "finished", "notice", "drawn"];

// src/wire.js
var ANSWER_MS = 2e4;
function createFreshness() {
  const runs = /* @__PURE__ */ new Map();
  return ({ kind, job, run }) => {
    if (kind !== "progress" && kind !== "finished") return true;
    if (!Number.isInteger(run)) return true;
    const known = runs.get(job);
    if (known && (run < known.run || run === known.run && known.ended)) return false;
    runs.set(job, { run, ended: kind === "finished" });
    return true;
  };
}
function createWire(model, signal) {
  const prefix = Math.random().toString(36).slice(2, 10);
  const waiting = /* @__PURE__ */ new Map();
  const listeners = new Map(EVENTS.map((name) => [name, /* @__PURE__ */ new Set()]));
  const isFresh = createFreshness();
  let count = 0;
  const take = (id) => {
    const entry2 = waiting.get(id);
    if (entry2) clearTimeout(entry2.timer);
    waiting.delete(id);
    return entry2;
  };
  const answered = (message, buffers) => {
    const entry2 = take(message.id);
    if (!entry2) return;
    if (message.ok) entry2.resolve({ ...message, buffers: buffers ?? [] });
    else entry2.reject(new Error(message.error || "The kernel refused without a reason."));
  };
  const tell = (event, message, buffers = []) => listeners.get(event)?.forEach((listener) => listener(message, buffers));
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
    }
  };
}

// src/feed.js
var fieldsOf = (rows) => rows.length ? Object.keys(rows[0]) : [];
var haveAll = (rows, fields) => rows.every((row) => Object.keys(row).length === fields.length && fields.every((field) => field in row));
function createFeed(view) {
  const known = /* @__PURE__ */ new Map();
  const replace = (name, rows, fields) => {
    const held = structuredClone(rows);
    known.set(name, { held, fields });
    view.data(name, held);
  };
  const change = (name, held, rows, fields) => {
    const kept = Math.min(held.length, rows.length);
    const rowOf = new Map(rows.slice(0, kept).map((row, i) => [held[i], row]));
    const moved2 = fields.filter((field) => rows.slice(0, kept).some((row, i) => row[field] !== held[i][field]));
    const more2 = structuredClone(rows.slice(kept));
    const gone = held.slice(kept);
    if (!moved2.length && !more2.length && !gone.length) return;
    const changes = view.changeset().insert(more2).remove(gone);
    for (const field of moved2) changes.modify((tuple) => rowOf.has(tuple), field, (tuple) => rowOf.get(tuple)[field]);
    view.change(name, changes);
    known.set(name, { held: [...held.slice(0, kept), ...more2], fields });
  };
  return (name, rows) => {
    const before = known.get(name);
    const fields = fieldsOf(rows);
    const same2 = haveAll(rows, fields);
    const alike = before?.fields && before.held.length && rows.length && same2 && fields.join() === before.fields.join();
    if (alike) change(name, before.held, rows, fields);
    else replace(name, rows, same2 ? fields : null);
  };
}

// src/spec.js
var LEGEND_COLUMN = 165;
var MOST_COLUMNS = 6;
var merged = (base, over) => {
  if (!base || !over || typeof base !== "object" || typeof over !== "object") return over ?? base;
  const out = { ...base };
  for (const key of Object.keys(over)) out[key] = merged(base[key], over[key]);
  return out;
};
var isFluid = (spec) => (spec.mark !== void 0 || spec.layer !== void 0) && !spec.encoding?.facet && !spec.encoding?.column && typeof spec.width !== "object";
function withLegends(part, most) {
  if (!part || typeof part !== "object") return part;
  if (Array.isArray(part)) return part.map((item) => withLegends(item, most));
  const out = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === "values" ? value : withLegends(value, most)]));
  if (out.legend?.columns > most) out.legend = { ...out.legend, columns: most };
  return out;
}
var legendColumns = (width) => width > 0 ? Math.max(1, Math.min(MOST_COLUMNS, Math.floor(width / LEGEND_COLUMN))) : MOST_COLUMNS;
function pageSpec({ spec, datasets, alt }, config, columns = Infinity) {
  const fitted = withLegends(spec, columns);
  const out = { ...fitted, description: alt, datasets: structuredClone(datasets), config: merged(fitted.config, config), background: "transparent" };
  return isFluid(spec) ? { ...out, width: "container", autosize: { type: "fit-x", contains: "padding", resize: true } } : out;
}
var LEAST_STEP = 5;
var fittingStep = ({ wanted, step, inner, outer, room }) => Math.max(LEAST_STEP, Math.min(wanted, Math.floor(step * (room - (outer - inner)) / inner)));
var layerOf = (item) => typeof item?.datum?.layer === "string" ? item.datum.layer : null;
function trapOf(item) {
  const datum = item?.datum;
  return Number.isInteger(datum?.trap_seed) && Number.isInteger(datum?.trap_index) ? { seed: datum.trap_seed, index: datum.trap_index } : null;
}

// src/chart.js
var ERRORS_ONLY = 1;
var HIDDEN_MS = [50, 150, 400, 1e3, 3e3, 8e3];
var squareStep = ({ width, height }) => width?.step && width.step === height?.step ? width.step : null;
function createChart({ embed, root, tip, signal, prepared, marksAreRead = true }, chosen, pick) {
  const place = h("div", { class: "sw-chart-place" });
  const problem = h("p", { class: "sw-error", role: "alert", hidden: true });
  const element = h("figure", { class: "sw-chart", role: "figure", hidden: true }, place, problem);
  let drawn = null;
  let wanted = null;
  let busy = null;
  let last = null;
  let shownColumns = 0;
  let room = 0;
  let fitted = 0;
  const remove = () => {
    drawn?.finalize();
    drawn?.element.remove();
    drawn = null;
  };
  const wire = (view) => {
    view.addEventListener("click", (_event, item) => {
      const [trap, layer] = [trapOf(item), layerOf(item)];
      if (trap) chosen?.(trap);
      else if (layer) pick?.(layer);
    });
    view.addEventListener("mouseover", (_event, item) => place.classList.toggle("sw-clickable", Boolean(chosen && trapOf(item) || pick && layerOf(item))));
    view.addEventListener("mouseout", () => place.classList.remove("sw-clickable"));
  };
  const draw = async (chart, key, columns) => {
    const fresh = h("div", { class: "sw-chart-fresh" });
    place.append(fresh);
    const width = room;
    const result = await embed(fresh, pageSpec(chart, { ...chartConfig(root), aria: marksAreRead }, columns), {
      mode: "vega-lite",
      ast: true,
      actions: false,
      renderer: "svg",
      defaultStyle: false,
      logLevel: ERRORS_ONLY,
      tooltip: tip.forChart
    }).catch((error) => {
      fresh.remove();
      throw error;
    });
    remove();
    fresh.classList.remove("sw-chart-fresh");
    fitted = width;
    drawn = { view: result.view, feed: createFeed(result.view), element: fresh, key, fluid: isFluid(chart.spec), step: squareStep(chart.spec), finalize: () => result.finalize() };
    wire(result.view);
    prepared?.(result.view, fresh);
    await fitCells();
  };
  const fitCells = async () => {
    if (!drawn?.step) return;
    const outer = Number(drawn.element.querySelector("svg")?.getAttribute("width"));
    room = place.clientWidth;
    if (!outer || !room) return;
    const { view, step: wanted2 } = drawn;
    const step = view.signal("x_step");
    const next = fittingStep({ wanted: wanted2, step, inner: view.width(), outer, room });
    if (next !== step) await view.signal("x_step", next).signal("y_step", next).runAsync();
  };
  const swap = async (chart) => {
    for (const [name, rows] of Object.entries(chart.datasets)) drawn?.feed(name, rows);
    drawn?.view.description?.(chart.alt);
    await drawn?.view.runAsync();
    await fitCells();
  };
  const settle = () => {
    if (!busy && wanted && !signal.aborted) busy = drawAll();
    return busy ?? Promise.resolve();
  };
  const drawAll = async () => {
    let fresh = false;
    while (wanted && !signal.aborted) {
      const chart = wanted;
      wanted = null;
      try {
        room ||= place.clientWidth;
        const columns = legendColumns(room);
        const key = `${root.dataset.theme} ${columns} ${JSON.stringify(chart.spec)} ${Object.keys(chart.datasets).sort()}`;
        if (drawn?.key === key) await swap(chart);
        else {
          fresh = true;
          room = place.clientWidth;
          await draw(chart, key, columns);
        }
        shownColumns = columns;
        problem.hidden = true;
      } catch (error) {
        problem.textContent = `This chart could not be drawn: ${/** @type {Error} */
        error.message}`;
        problem.hidden = false;
      }
    }
    busy = null;
    if (signal.aborted) remove();
    else if (fresh || !room) fitLater(HIDDEN_MS);
  };
  const fitLater = ([wait, ...waits]) => {
    if (signal.aborted) return;
    room = place.clientWidth;
    if (room > 0 || wait === void 0) fit();
    else setTimeout(fitLater, wait, waits);
  };
  const redraw = () => {
    wanted = last;
    return settle();
  };
  const fit = () => {
    room = place.clientWidth;
    if (drawn?.fluid && room > 0 && Math.abs(fitted - room) > 1) {
      fitted = room;
      drawn.view.width(room).runAsync();
    }
    fitCells();
    if (drawn && room > 0 && legendColumns(room) !== shownColumns) redraw();
  };
  const observer = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(() => requestAnimationFrame(fit));
  observer?.observe(place);
  signal.addEventListener("abort", () => {
    observer?.disconnect();
    if (!busy) remove();
  });
  return {
    element,
    /** @param {import("./types").Chart | null | undefined} chart */
    show(chart) {
      last = chart ?? null;
      element.hidden = !chart;
      if (!chart) return Promise.resolve();
      element.setAttribute("aria-label", chart.alt);
      wanted = chart;
      return settle();
    },
    redraw
  };
}

// src/controls.js
var labelOf = (id, label, help) => withHelp(h("label", { class: "sw-label", for: id }, label), help);
function errorLine() {
  const element = h("p", { class: "sw-error", role: "alert", hidden: true });
  return {
    element,
    /** @param {string} text */
    say(text) {
      element.textContent = text;
      element.hidden = !text;
    }
  };
}
function button(text, { action, signal, press, look = "", sign, help }) {
  const element = h("button", { type: "button", class: `sw-button ${look}`.trim(), "data-action": action });
  if (sign) element.append(icon(sign));
  element.append(h("span", {}, text));
  element.addEventListener("click", press, { signal });
  return withHelp(element, help);
}
function segmented({ store, signal }, { key, label, help, choices }) {
  const error = errorLine();
  const name = freshId(key);
  const inputs = choices.map(({ value }) => h("input", { type: "radio", name, value, id: freshId(key) }));
  const options = choices.map((choice, i) => [inputs[i], withHelp(h("label", { for: inputs[i].id }, choice.label), choice.help)]);
  const legend = withHelp(h("legend", { class: "sw-label" }, label), help);
  const element = h("fieldset", { class: "sw-field sw-segmented", "data-key": key }, legend, h("div", { class: "sw-segments" }, ...options), error.element);
  element.addEventListener("change", async (event) => {
    if (event.target instanceof HTMLInputElement) error.say(await store.patch({ [key]: event.target.value }));
  }, { signal });
  return {
    element,
    sync: (state) => inputs.forEach((input) => input.checked = input.value === state[key]),
    enable: (on) => void (element.disabled = !on)
  };
}
function numberField({ store, signal }, { key, label, help, min, max, step = 1, whole: whole2 = true }) {
  const error = errorLine();
  const id = freshId(key);
  const input = h("input", { type: "number", id, class: "sw-input sw-number", min, max, step: whole2 ? step : "any", inputmode: whole2 ? "numeric" : "decimal" });
  const element = h("div", { class: "sw-field", "data-key": key }, labelOf(id, label, help), input, error.element);
  let typing = false;
  const say = (text) => {
    input.setAttribute("aria-invalid", String(Boolean(text)));
    error.say(text);
  };
  const commit = async () => {
    typing = false;
    const value = Number(input.value);
    const fits = input.value.trim() !== "" && (whole2 ? Number.isInteger(value) : Number.isFinite(value)) && value >= min && value <= max;
    if (!fits) return say(`Give a ${whole2 ? "whole number" : "number"} from ${min} to ${max}.`);
    say("");
    if (value !== store.get()[
      /** @type {keyof import("./types").State} */
      key
    ]) say(await store.patch({ [key]: value }));
  };
  input.addEventListener("input", () => typing = true, { signal });
  input.addEventListener("change", commit, { signal });
  return {
    element,
    sync(state) {
      if (typing && isFocused(input)) return;
      if (input.getAttribute("aria-invalid") === "true" && isFocused(input)) return;
      input.value = String(state[key] ?? "");
    },
    enable: (on) => void (input.disabled = !on)
  };
}
function slider({ store, signal }, { key, label, help, min, max, step }) {
  const error = errorLine();
  const id = freshId(key);
  const value = h("output", { class: "sw-value", for: id });
  const input = h("input", { type: "range", id, class: "sw-range", min, max, step });
  const element = h("div", { class: "sw-field", "data-key": key }, labelOf(id, label, help), h("div", { class: "sw-range-line" }, input, value), error.element);
  input.addEventListener("input", () => {
    value.textContent = input.value;
    store.patchSoon({ [key]: Number(input.value) }, error.say);
  }, { signal });
  let dragging = false;
  input.addEventListener("pointerdown", () => dragging = true, { signal });
  for (const end of ["pointerup", "pointercancel", "blur"]) input.addEventListener(end, () => dragging = false, { signal });
  return {
    element,
    sync(state) {
      if (dragging) return;
      input.value = String(state[key]);
      value.textContent = input.value;
    },
    enable: (on) => void (input.disabled = !on)
  };
}
function selectField({ store, signal }, { key, label, help, choices }) {
  const error = errorLine();
  const id = freshId(key);
  const option2 = (choice) => h("option", { value: choice.value }, choice.label);
  const select = h("select", { id, class: "sw-input" }, ...choices.map(option2));
  const read = (text) => choices.find(({ value }) => String(value) === text)?.value ?? Number(text);
  const element = h("div", { class: "sw-field", "data-key": key }, labelOf(id, label, help), select, error.element);
  select.addEventListener("change", async () => error.say(await store.patch({ [key]: read(select.value) })), { signal });
  return {
    element,
    sync(state) {
      const value = String(state[key]);
      if (![...select.options].some((known) => known.value === value)) select.append(option2({ value: state[key], label: value }));
      select.value = value;
    },
    enable: (on) => void (select.disabled = !on)
  };
}
function flagField({ store, signal }, { key, label, help }) {
  const error = errorLine();
  const id = freshId(key);
  const input = h("input", { type: "checkbox", id, class: "sw-check" });
  const element = h("div", { class: "sw-field sw-flag", "data-key": key }, input, labelOf(id, label, help), error.element);
  input.addEventListener("change", async () => error.say(await store.patch({ [key]: input.checked })), { signal });
  return {
    element,
    sync: (state) => void (input.checked = Boolean(state[key])),
    enable: (on) => void (input.disabled = !on)
  };
}

// src/format.js
var SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
var MISSING = "–";
var raised = (exponent) => (exponent < 0 ? "⁻" : "") + [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[Number(digit)]).join("");
function short(value) {
  if (value === null || value === void 0 || value === "") return MISSING;
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? MISSING : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return signed(String(value));
  if (size >= 1e6 || size < 1e-3) return scientific(value);
  return signed(size >= 1e3 ? value.toFixed(0) : value.toPrecision(3));
}
var ratio = (value) => typeof value === "number" && value >= 5e-4 ? value.toFixed(3) : short(value);
var signed = (digits) => digits.replace("-", "−");
function scientific(value) {
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${signed(digits)}×10${raised(Number(exponent))}`;
}
var percent = (share) => typeof share === "number" && Number.isFinite(share) ? `${signed((share * 100).toPrecision(share >= 0.995 ? 3 : 2))} %` : short(share);
var dimensions = (shape) => Array.isArray(shape) ? shape.join(" × ") : short(shape);
function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
function rate(perSecond) {
  const [unit, times] = perSecond >= 1 ? ["s", 1] : perSecond * 60 >= 1 ? ["min", 60] : ["h", 3600];
  const value = perSecond * Number(times);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}/${unit}`;
}
function progressWords({ done, total, elapsed_s, remaining_s }) {
  const count = total > 0 ? `${done} of ${total}` : `${done} done`;
  const left = remaining_s === null || remaining_s === void 0 ? "" : `, about ${duration(remaining_s)} left`;
  const pace = done > 0 && elapsed_s > 0 ? ` · ${rate(done / elapsed_s)}` : "";
  return `${count}${pace} · ${duration(elapsed_s ?? 0)}${left}`;
}
var counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

// src/facts.js
function fact({ label, value, help }) {
  const name = withHelp(h("dt", { class: help ? "sw-has-help" : "", tabindex: help ? 0 : null }, label), help);
  return h("div", { class: "sw-fact" }, name, h("dd", {}, short(value)));
}
function showFacts(list, facts) {
  const text = JSON.stringify(facts ?? []);
  if (list.dataset.shown === text) return;
  list.dataset.shown = text;
  list.hidden = !facts?.length;
  list.replaceChildren(...(facts ?? []).map(fact));
}
var headCell = ({ title, numeric, help }) => h("th", { scope: "col", class: numeric ? "sw-numeric" : "" }, withHelp(h("span", { class: help ? "sw-has-help" : "", tabindex: help ? 0 : null }, title), help));
function plainTable(columns, rows, caption) {
  const content2 = (row, key, at) => at === 0 && row.changes ? h("button", { type: "button", class: "sw-button sw-link sw-row-link", "data-changes": JSON.stringify(row.changes) }, ...breakable(row[key])) : row[key];
  const head = h("tr", {}, ...columns.map(headCell));
  const body = rows.map((row) => h("tr", { "data-role": row.role }, ...columns.map(({ key, numeric }, at) => h("td", { class: numeric ? "sw-numeric" : "" }, content2(row, key, at)))));
  return h("div", { class: "sw-table-scroll" }, h("table", { class: "sw-table" }, h("caption", { class: "sw-caption" }, caption), h("thead", {}, head), h("tbody", {}, ...body)));
}

// src/panels/recipe.js
function codeBox({ wire, signal, notices }) {
  const error = errorLine();
  const text = h("pre", { class: "sw-code", tabindex: 0, hidden: true, "aria-label": "Python that gives this screen" });
  const show = button("Show as code", { action: "recipe", signal, press: () => recipe(), help: "The Python that gives the same state without the mouse." });
  const copy = button("Copy", { action: "copy-recipe", signal, press: () => copied() });
  const freeze = button("Freeze", { action: "freeze", signal, press: () => still(), help: "Puts a still picture in place of this view, for readers without a kernel." });
  const element = h("div", { class: "sw-recipe" }, h("h3", { class: "sw-minor" }, "Share"), h("div", { class: "sw-line" }, show, copy, freeze), text, error.element);
  copy.hidden = true;
  async function ask(kind) {
    try {
      const answer = await wire.request(kind);
      error.say("");
      return answer;
    } catch (problem) {
      error.say(
        /** @type {Error} */
        problem.message
      );
      return null;
    }
  }
  async function recipe() {
    const answer = await ask("recipe");
    if (!answer) return;
    text.textContent = String(answer.code ?? "");
    text.hidden = copy.hidden = false;
    text.focus();
  }
  async function copied() {
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      notices.say("info", "The code is on the clipboard.");
    } catch {
      getSelection()?.selectAllChildren(text);
      error.say("The browser does not allow copying. The code is selected: press Ctrl+C.");
    }
  }
  async function still() {
    if (await ask("freeze")) notices.say("info", "The view is frozen. Run the cell again to get it back.");
  }
  return { element };
}

// src/lab/columns.js
var floats = (view, length, columns) => {
  const out = new Float32Array(length * columns);
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(4 * i, true);
  return out;
};
function rowsOf({ length, numbers, words, buffer }, buffers) {
  const values = floats(buffers[buffer], length, numbers.length);
  return Array.from({ length }, (_, row) => {
    const made = {};
    numbers.forEach((name, column) => made[name] = finite(values[column * length + row]));
    for (const [name, column] of Object.entries(words)) made[name] = column[row];
    return made;
  });
}
var finite = (value) => Number.isFinite(value) ? value : null;
var unpacked = (datasets, buffers) => Object.fromEntries(Object.entries(datasets).map(([name, packed]) => [name, rowsOf(packed, buffers)]));

// src/lab/dial.js
var nearest = (stops, value) => stops.reduce((best, stop, i) => Math.abs(stop - value) < Math.abs(stops[best] - value) ? i : best, 0);
function dial({ store, signal }, { key, label, help, kind, min = 0, max = 0, stops = [], unit = "" }) {
  const error = errorLine();
  const id = freshId(key);
  const whole2 = kind === "whole";
  const range = h("input", { type: "range", id, class: "sw-range", min: 0, max: stops.length - 1, step: 1 });
  const field = h("input", { type: "number", class: "sw-input sw-number", min, max, step: "any", inputmode: whole2 ? "numeric" : "decimal", "aria-label": `${label}, exactly` });
  const title = withHelp(h("label", { class: "sw-label", for: id }, label), help);
  const element = h("div", { class: "sw-field sw-dial", "data-key": key }, title, h("div", { class: "sw-range-line" }, range, field, unit), error.element);
  let dragging = false;
  const read = (value) => range.setAttribute("aria-valuetext", `${value} ${unit}`.trim());
  range.addEventListener("input", () => {
    const value = stops[Number(range.value)];
    field.value = String(value);
    read(value);
    error.say("");
    store.patchSoon({ [key]: value }, error.say);
  }, { signal });
  range.addEventListener("pointerdown", () => dragging = true, { signal });
  for (const end of ["pointerup", "pointercancel", "blur"]) range.addEventListener(end, () => dragging = false, { signal });
  field.addEventListener("change", async () => {
    const value = Number(field.value);
    const fits = field.value.trim() !== "" && (whole2 ? Number.isInteger(value) : Number.isFinite(value)) && value >= min && value <= max;
    field.setAttribute("aria-invalid", String(!fits));
    if (!fits) return error.say(`Give a ${whole2 ? "whole number" : "number"} from ${min} to ${max}.`);
    error.say(await store.patch({ [key]: value }));
  }, { signal });
  return {
    element,
    sync(state) {
      const value = state[key];
      if (!dragging) range.value = String(nearest(stops, value));
      read(value);
      if (isFocused(field) || field.getAttribute("aria-invalid") === "true") return;
      field.value = String(value);
    },
    enable: (on) => void (range.disabled = field.disabled = !on)
  };
}

// src/lab/play.js
var FRAME_MS = 140;
var GROWING_MS = 350;
var PATIENCE_MS = 2e3;
function createPlayer({ store, signal }, setting) {
  if (!setting?.stops) return null;
  const { key, label, stops } = setting;
  const element = button("Play", { action: "play", signal, press: () => playing ? pause() : play(), help: `Moves “${label}” from end to end.` });
  const words = (
    /** @type {HTMLElement} */
    element.querySelector("span")
  );
  let playing = false;
  let timer;
  let movedAt = 0;
  let expected = NaN;
  const step = () => {
    const value = store.get()[key];
    if (!Number.isNaN(expected) && value !== expected) return pause();
    expected = stops[(nearest(stops, value) + 1) % stops.length];
    movedAt = Date.now();
    timer = setTimeout(step, PATIENCE_MS);
    store.patch({ [key]: expected });
  };
  const play = () => {
    playing = true;
    expected = NaN;
    words.textContent = "Pause";
    step();
  };
  const pause = () => {
    playing = false;
    words.textContent = "Play";
    clearTimeout(timer);
  };
  signal.addEventListener("abort", pause);
  return {
    element,
    /** @param {boolean} complete */
    shown(complete) {
      if (!playing) return;
      clearTimeout(timer);
      timer = setTimeout(step, Math.max(0, movedAt + (complete ? FRAME_MS : GROWING_MS) - Date.now()));
    }
  };
}

// src/lab/dials.js
var ROOM_LETTERS = 22;
var LARGEST_SEED = 2 ** 31 - 1;
function controlOf(context, setting) {
  const { kind, look, choices = [], min = 0, max = 0 } = setting;
  if (look === "dial") return dial(context, setting);
  if (kind === "flag") return flagField(context, setting);
  if (kind !== "choice") return numberField(context, { ...setting, min, max, whole: kind === "whole" });
  return choices.map((one) => one.label).join("  ").length > ROOM_LETTERS ? selectField(context, { ...setting, choices }) : segmented(context, { ...setting, choices });
}
function dialPanel(context, lesson) {
  const { store, signal } = context;
  const defaults = Object.fromEntries(lesson.dials.map(({ key, default: value }) => [key, value]));
  const own = lesson.dials.map((setting) => controlOf(context, setting));
  const theory = flagField(context, { key: "theory", label: "Show theory", help: "Draws what theory foretells over the simulation." });
  const seed = numberField(context, { key: "seed", label: "Seed", help: "The same seed gives the same random numbers.", min: 0, max: LARGEST_SEED });
  const another = button("New seed", { action: "new-seed", signal, press: () => store.patch({ seed: (store.get().seed + 1) % LARGEST_SEED }) });
  const reset = button("Reset", { action: "reset", signal, press: () => store.patch({ ...defaults, seed: 0, theory: true }), help: "Puts every dial back to where it stood." });
  const player = createPlayer(context, lesson.dials.find(({ key }) => key === lesson.animation));
  const controls = [...own, theory, seed];
  const element = h(
    "div",
    { class: "sw-dials" },
    ...own.map((control) => control.element),
    h("div", { class: "sw-line" }, theory.element, player?.element),
    h("div", { class: "sw-line sw-seed-line" }, seed.element, another, reset)
  );
  return {
    element,
    /** @param {any} state */
    sync: (state) => controls.forEach((control) => control.sync(state)),
    /** A drawing is on the screen. @param {boolean} complete */
    shown: (complete) => player?.shown(complete)
  };
}

// src/lab/drag.js
var originOf = (group, axis) => group ? (group[axis] ?? 0) + originOf(group.mark?.group, axis) : 0;
function dragLines(view, place, { signal, move }) {
  view.addEventListener("pointerdown", (event, item) => {
    const dial2 = item?.datum?.drag;
    if (typeof dial2 !== "string") return;
    event.preventDefault();
    const axis = Number.isFinite(item.datum.x) ? "x" : "y";
    const origin = originOf(item.mark.group, axis) + view.origin()[axis === "x" ? 0 : 1];
    const ending = new AbortController();
    const page = place.ownerDocument;
    const follow = ({ clientX, clientY }) => {
      const frame = (
        /** @type {Element} */
        place.querySelector("svg, canvas").getBoundingClientRect()
      );
      const at = (axis === "x" ? clientX - frame.left : clientY - frame.top) - origin;
      move(dial2, view.scale(axis).invert(at));
    };
    page.addEventListener("pointermove", follow, { signal: ending.signal });
    for (const end of ["pointerup", "pointercancel"]) page.addEventListener(end, () => ending.abort(), { signal: ending.signal });
    signal.addEventListener("abort", () => ending.abort(), { signal: ending.signal });
  });
}

// src/lab/screen.js
var COLUMNS = [
  { key: "label", title: "Quantity" },
  { key: "value", title: "Simulated", numeric: true, help: "Mean over draws with its standard error." },
  { key: "theory", title: "Theory", numeric: true },
  { key: "deviation", title: "Difference in s.e.", numeric: true, help: "Simulation less theory, in standard errors. Within ±2 is the rule, beyond ±4 theory does not hold." }
];
function questionBox({ question, answer }, signal) {
  const id = freshId("answer");
  const said = h("p", { id, class: "sw-lab-answer", hidden: true }, answer);
  const show = button("Show the answer", { action: "answer", signal, press: () => {
    said.hidden = !said.hidden;
    show.setAttribute("aria-expanded", String(!said.hidden));
    show.firstElementChild.textContent = said.hidden ? "Show the answer" : "Hide the answer";
  } });
  show.setAttribute("aria-expanded", "false");
  show.setAttribute("aria-controls", id);
  return h("div", { class: "sw-lab-question sw-stack" }, h("h3", { class: "sw-minor" }, "Question"), h("p", {}, question), h("div", { class: "sw-line" }, show), said);
}
var lessonBox = ({ text, look_for }) => h("div", { class: "sw-lab-lesson sw-stack" }, ...text.map((part) => h("p", {}, part)), h("p", { class: "sw-look-for" }, h("strong", {}, "What to look for. "), look_for));
function drawsLine() {
  const bar = h("progress", { class: "sw-progress", max: 1, value: 0, "aria-label": "Draws" });
  const words = h("span", { class: "sw-draws-words" });
  return {
    element: h("div", { class: "sw-draws" }, bar, words),
    /** @param {number} done @param {number} total */
    say(done, total) {
      bar.max = total;
      bar.value = done;
      words.textContent = done < total ? `${done} of ${counted(total, "draw")}` : counted(done, "draw");
    }
  };
}
function labScreen(context, lesson) {
  const { store, signal } = context;
  const dials = dialPanel(context, lesson);
  const draws = drawsLine();
  const sentence = h("p", { class: "sw-lead sw-answer-sentence" });
  const spoken = h("p", { class: "sw-hidden", role: "status", "aria-live": "polite" });
  const caveat = h("p", { class: "sw-caveat-line", hidden: true });
  const charts = h("div", { class: "sw-lab-charts" });
  const facts = h("div", { class: "sw-lab-facts" });
  const results = h("div", { class: "sw-stack sw-lab-results", "aria-busy": "true" }, draws.element, charts, sentence, caveat, spoken, facts);
  const side = h("div", { class: "sw-stack" }, dials.element);
  const id = freshId("lab");
  const below = h("div", { class: "sw-stack" }, questionBox(lesson, signal), codeBox(context).element);
  const element = h(
    "section",
    { class: "sw-panel sw-panel-lab", "aria-labelledby": id },
    h("header", { class: "sw-panel-head" }, h("h2", { class: "sw-title", id }, lesson.title)),
    h("div", { class: "sw-panel-body" }, h("div", { class: "sw-stack" }, lessonBox(lesson), h("div", { class: "sw-lab-desk" }, side, results), below))
  );
  let newest = null;
  let charted = Promise.resolve();
  const specs = /* @__PURE__ */ new Map();
  const drawn = [];
  const move = (dial2, value) => {
    const setting = lesson.dials.find(({ key }) => key === dial2);
    if (!setting?.stops) return;
    const { stops } = setting;
    const at = stops.reduce((best, stop) => Math.abs(stop - value) < Math.abs(best - value) ? stop : best);
    if (at !== /** @type {any} */
    store.get()[dial2]) store.patchSoon({ [dial2]: at }, context.notices.error);
  };
  const showCharts = async (data, buffers) => {
    while (drawn.length < data.panels.length) {
      drawn.push(createChart({ ...context, marksAreRead: false, prepared: (view, place) => dragLines(view, place, { signal, move }) }));
      charts.append(drawn[drawn.length - 1].element);
    }
    await Promise.all(drawn.map((chart, i) => {
      const panel = data.panels[i];
      if (!panel) return chart.show(null);
      if (panel.spec) specs.set(panel.shape, panel.spec);
      const spec = specs.get(panel.shape);
      if (!spec) return void 0;
      return chart.show({ spec, datasets: unpacked(panel.datasets, buffers), alt: panel.alt });
    }));
  };
  const showFacts2 = ({ facts: rows, n_draws }) => {
    const caption = `Simulation beside theory, ${counted(n_draws, "draw")}`;
    facts.replaceChildren(plainTable(COLUMNS, rows.map(({ help, ...row }) => row), caption));
  };
  return {
    element,
    sync: dials.sync,
    redraw: () => drawn.forEach((chart) => chart.redraw()),
    /** @param {import("../types").Drawn | import("../types").DrawnAll} news @param {DataView[]} buffers */
    async show(news, buffers) {
      if (!news.panels && !newest) return;
      const data = (
        /** @type {import("../types").Drawn} */
        { ...newest, ...news }
      );
      newest = data;
      draws.say(data.n_draws, data.n_total);
      sentence.textContent = data.sentence;
      caveat.textContent = data.caveat;
      caveat.hidden = !data.caveat;
      results.setAttribute("aria-busy", String(!data.complete));
      if (data.complete) spoken.textContent = `${data.sentence} ${data.caveat}`;
      if (news.panels) {
        showFacts2(data);
        charted = showCharts(data, buffers);
      }
      await charted;
      if (newest !== data) return;
      results.dataset.draws = String(data.n_draws);
      results.dataset.complete = String(data.complete);
      dials.shown(data.complete);
    }
  };
}

// src/lab/view.js
function renderLab({ model, el }, embed) {
  const closing = new AbortController();
  const { signal } = closing;
  const root = h("section", { class: "sw-explorer sw-lab", "aria-label": "Teaching lab" });
  const wire = createWire(model, signal);
  const store = createStore(model, wire, signal);
  const notices = createNotices(signal);
  const context = { root, signal, embed, wire, store, notices, tip: createTip(root, signal) };
  let screen = null;
  const early = [];
  root.prepend(notices.element);
  el.append(root);
  followTheme(root, signal, () => screen?.redraw());
  keepKeys(root, signal);
  wire.on("notice", ({ level, text }) => notices.say(level === "error" ? "error" : "info", text));
  wire.on("drawn", ({ data }, buffers) => screen ? screen.show(data, buffers) : early.push([data, buffers]));
  store.subscribe((state) => screen?.sync(state));
  const open = ({ lesson }) => {
    if (signal.aborted) return;
    screen = labScreen(context, lesson);
    root.append(screen.element);
    screen.sync(store.get());
    for (const one of early.splice(0)) screen.show(...one);
  };
  wire.request("hello").then(open).catch((problem) => signal.aborted || notices.error(problem.message));
  return () => {
    closing.abort();
    root.remove();
  };
}

// src/focus.js
function createFocusHand(run, strip) {
  let handed = false;
  return (on) => {
    const cancel = strip.querySelector("button");
    const { activeElement } = (
      /** @type {Document | ShadowRoot} */
      run.getRootNode()
    );
    if (!on && isFocused(run)) {
      handed = true;
      cancel?.focus();
    } else if (on && handed) {
      handed = false;
      if (!activeElement || activeElement === cancel || activeElement === run.ownerDocument.body) run.focus();
    }
  };
}

// src/job.js
function createJobStrip({ wire, signal }, { job, label }) {
  const bar = h("progress", { class: "sw-progress", max: 1, "aria-label": label });
  const title = h("span", { class: "sw-job-title" });
  const words = h("span", { class: "sw-job-words" });
  const error = errorLine();
  const cancel = button("Cancel", { action: `cancel-${job}`, signal, press: () => stop() });
  const line = h("div", { class: "sw-job-line", hidden: true }, bar, h("span", { class: "sw-job-text" }, title, words), cancel);
  const outcome = h("p", { class: "sw-note", role: "status", hidden: true });
  const element = h("div", { class: "sw-job", "data-job": job }, line, outcome, error.element);
  let running = false;
  async function stop() {
    cancel.disabled = true;
    words.textContent = "Cancelling…";
    try {
      await wire.request("cancel", { job });
    } catch (problem) {
      cancel.disabled = false;
      error.say(
        /** @type {Error} */
        problem.message
      );
    }
  }
  const begin = () => {
    running = true;
    line.hidden = false;
    outcome.hidden = true;
    cancel.disabled = false;
    title.textContent = label;
    words.textContent = "Starting…";
    bar.removeAttribute("value");
    error.say("");
  };
  const end = () => {
    running = false;
    line.hidden = true;
  };
  return {
    element,
    begin,
    end,
    get running() {
      return running;
    },
    /** @param {import("./types").Progress} progress */
    progress(progress) {
      if (!running) begin();
      title.textContent = progress.label || label;
      if (!cancel.disabled) words.textContent = progressWords(progress);
      if (progress.total > 0) {
        bar.max = progress.total;
        bar.value = progress.done;
      } else bar.removeAttribute("value");
    },
    /** @param {import("./types").Finished} finished */
    finished({ outcome: how, message }) {
      end();
      if (how === "failed") return error.say(message || `${label} failed.`);
      outcome.textContent = message;
      outcome.hidden = !message || how === "done";
    },
    /** @param {string} text */
    fail(text) {
      end();
      error.say(text);
    }
  };
}

// src/panel.js
function createPanel(name, title, ...tools) {
  const id = freshId(name);
  const heading = h("h2", { class: "sw-title", id }, title);
  const subtitle = h("p", { class: "sw-subtitle" });
  const body = h("div", { class: "sw-panel-body" });
  const head = h("header", { class: "sw-panel-head" }, h("div", { class: "sw-heading" }, heading, subtitle), tools.length ? h("div", { class: "sw-tools" }, ...tools) : null);
  const element = h("section", { class: `sw-panel sw-panel-${name}`, "data-panel": name, "aria-labelledby": id }, head, body);
  return {
    element,
    body,
    /** @param {...import("./dom.js").Child} words */
    describe: (...words) => subtitle.replaceChildren(.../** @type {any[]} */
    words.filter(Boolean)),
    /** @param {string} status */
    mark: (status) => {
      element.dataset.status = status;
      element.setAttribute("aria-busy", String(status === "working"));
    }
  };
}
function emptyState(sentence) {
  const words = h("p", {}, sentence);
  const element = h("div", { class: "sw-empty", role: "note" }, words);
  return {
    element,
    /** @param {string} text */
    say(text) {
      words.textContent = text || sentence;
    }
  };
}

// src/panels/ablate_choices.js
function optionsField({ store, signal }, { key, kind, label, help, options = [], enabled }) {
  const error = errorLine();
  const name = freshId(key);
  const several = kind === "several";
  const inputs = options.map(({ value, enabled: can }) => h("input", { type: several ? "checkbox" : "radio", class: "sw-check", name, value, id: freshId(key), disabled: !can }));
  const lines2 = options.map((option2, i) => h("div", { class: "sw-option" }, inputs[i], withHelp(h("label", { for: inputs[i].id }, option2.label), option2.help)));
  const legend = withHelp(h("legend", { class: "sw-label" }, label), help);
  const element = h("fieldset", { class: "sw-field sw-options", "data-key": key, disabled: !enabled }, legend, ...lines2, error.element);
  const chosen = () => inputs.filter(({ checked }) => checked).map(({ value }) => value);
  element.addEventListener("change", async () => error.say(await store.patch({ [key]: several ? chosen() : chosen()[0] })), { signal });
  return {
    element,
    sync(state) {
      for (const input of inputs) input.checked = several ? (state[key] ?? []).includes(input.value) : input.value === state[key];
    }
  };
}
function decimalField({ store, signal }, { key, label, help, min = 0, max = 1, step = 0.1, enabled }) {
  const error = errorLine();
  const id = freshId(key);
  const input = h("input", { type: "number", id, class: "sw-input sw-number", min, max, step: "any", inputmode: "decimal", disabled: !enabled });
  const element = h("div", { class: "sw-field", "data-key": key }, withHelp(h("label", { class: "sw-label", for: id }, label), help), input, error.element);
  const say = (text) => {
    input.setAttribute("aria-invalid", String(Boolean(text)));
    error.say(text);
  };
  const commit = async () => {
    const value = Number(input.value);
    const fits = input.value.trim() !== "" && Number.isFinite(value) && value >= min && value <= max;
    say(fits ? await store.patch({ [key]: value }) : `Give a number from ${min} to ${max}.`);
  };
  input.addEventListener("change", commit, { signal });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    const next = Number(input.value || 0) + (event.key === "ArrowUp" ? step : -step);
    input.value = String(Number(Math.min(max, Math.max(min, next)).toPrecision(6)));
    commit();
  }, { signal });
  return {
    element,
    sync(state) {
      if (isFocused(input)) return;
      if (input.getAttribute("aria-invalid") === "true") say("");
      input.value = String(state[key] ?? "");
    }
  };
}
function moreChoices(context) {
  const places = h("div", { class: "sw-fold-body" });
  const changed = h("span", { class: "sw-fold-note" });
  const summary = h("summary", { class: "sw-fold-title" }, "More choices", changed);
  const holder = h("fieldset", { class: "sw-field sw-bare", "aria-label": "More choices" }, places);
  const element = h("details", { class: "sw-fold" }, summary, holder);
  let drawn = [];
  let shown = "";
  return {
    element,
    /** @param {Field[]} fields @param {number} count @param {import("../types").State} state */
    show(fields, count, state) {
      changed.textContent = count ? `${count} changed` : "";
      element.hidden = !fields.length;
      const text = JSON.stringify(fields);
      if (text !== shown) {
        drawn = fields.map((field) => field.kind === "number" ? decimalField(context, field) : optionsField(context, field));
        places.replaceChildren(...drawn.map((field) => field.element));
      }
      shown = text;
      this.sync(state);
    },
    /** @param {import("../types").State} state */
    sync: (state) => drawn.forEach((field) => field.sync(state)),
    /** @param {boolean} on */
    enable: (on) => void (holder.disabled = !on)
  };
}

// src/panels/ablate.js
var ROLES = { edit: "this edit", companion: "for comparison", control: "matched control" };
var VERDICTS = {
  harmful: { sign: "warn", word: "Harmful" },
  benign: { sign: "check", word: "Benign" },
  // by labels
  active: { sign: "pulse", word: "Active" },
  inert: { sign: "flat", word: "Inert" },
  // by the outputs alone
  undecided: { sign: "wave", word: "Undecided" }
};
var COLUMNS2 = [
  { key: "label", title: "Change to the layer" },
  { key: "value", title: "Effect", numeric: true },
  { key: "interval", title: "95 % interval", numeric: true }
];
var MEASURES = [
  { key: "name", title: "Measure" },
  { key: "value", title: "This edit", numeric: true },
  { key: "interval", title: "95 % interval", numeric: true },
  { key: "control", title: "Strongest control", numeric: true }
];
function editChoice({ store, signal }) {
  const error = errorLine();
  const name = freshId("edit");
  const options = h("div", { class: "sw-edits" });
  const element = h("fieldset", { class: "sw-field", "data-key": "edit" }, h("legend", { class: "sw-label" }, "What to do with the trap"), options, error.element);
  options.addEventListener("change", async (event) => {
    if (event.target instanceof HTMLInputElement) error.say(await store.patch({ edit: event.target.value }));
  }, { signal });
  const option2 = ({ value, label, help, enabled }) => {
    const id = freshId("edit");
    const input = h("input", { type: "radio", name, id, value, disabled: !enabled });
    return h("div", { class: "sw-edit" }, input, withHelp(h("label", { for: id }, label), help));
  };
  return {
    element,
    /** @param {import("../types").EditChoice[]} choices @param {import("../types").State} state */
    show(choices, state) {
      const text = JSON.stringify(choices);
      if (options.dataset.shown !== text) options.replaceChildren(...choices.map(option2));
      options.dataset.shown = text;
      this.sync(state);
    },
    /** @param {import("../types").State} state */
    sync(state) {
      for (const input of options.querySelectorAll("input")) input.checked = input.value === state.edit;
    },
    /** @param {boolean} on */
    enable: (on) => void (element.disabled = !on)
  };
}
function showVerdict(verdict, place, running) {
  place.hidden = !verdict;
  if (!verdict) return;
  const { sign, word } = VERDICTS[verdict.word] ?? { sign: "wave", word: verdict.word };
  place.dataset.word = verdict.word;
  place.replaceChildren(h("span", { class: "sw-verdict-word" }, icon(sign), h("span", {}, running ? `So far ${word.toLowerCase()}` : word)), h("p", {}, verdict.reason));
}
var resultTable = (rows, caption) => plainTable(COLUMNS2, rows.map((row) => ({ ...row, label: [row.label, h("span", { class: "sw-hidden" }, ` (${ROLES[row.role] ?? row.role})`)], value: short(row.value) })), caption);
var measureTable = (rows) => plainTable(MEASURES, rows.map((row) => ({ ...row, name: withHelp(h("span", { class: "sw-has-help", tabindex: 0 }, row.title), row.help) })), "Further measures of the same runs");
function ablatePanel(context) {
  const { store, wire, signal } = context;
  const edits = editChoice(context);
  const numbers = [
    numberField(context, { key: "n_probes", label: "Probes", help: "How many random inputs go through both models. Data are used whole.", min: 8, max: 1e5 }),
    numberField(context, { key: "n_controls", label: "Controls", help: "How many random edits of the same size, elsewhere in the layer, stand beside it.", min: 1, max: 199 }),
    numberField(context, { key: "probe_seed", label: "Probe seed", help: "The same seed gives the same inputs and the same controls.", min: 0, max: 2 ** 31 - 1 })
  ];
  const more2 = moreChoices(context);
  const run = button("Run", { action: "ablate", signal, look: "sw-primary", press: () => start() });
  const job = createJobStrip(context, { job: "ablate", label: "Ablating" });
  const made = h("p", { class: "sw-help" });
  const probe = h("p", { class: "sw-help" });
  const verdict = h("div", { class: "sw-verdict", role: "status", hidden: true });
  const rule = h("p", { class: "sw-rule" });
  const said = h("p", { class: "sw-help", role: "status" });
  const caveat = h("p", { class: "sw-caveat-line" });
  const charts = h("div", { class: "sw-charts" });
  const table = h("div", { class: "sw-stack" });
  const empty = emptyState("Choose a trap first. Then this panel takes it out of the layer and measures the harm.");
  const setup = h("div", { class: "sw-setup" }, edits.element, h("div", { class: "sw-controls" }, ...numbers.map(({ element }) => element), run), more2.element, made, probe);
  const results = h("div", { class: "sw-stack" }, charts, table);
  const content2 = h("div", { class: "sw-ablate" }, h("div", { class: "sw-stack" }, setup, job.element, said, verdict, caveat, rule), results);
  const panel = createPanel("ablate", "Ablate");
  panel.body.append(empty.element, content2);
  panel.mark("empty");
  content2.hidden = true;
  const drawn = [];
  let data = null;
  let asking = false;
  let heard = false;
  let lastEnded = -Infinity;
  const handFocus = createFocusHand(run, job.element);
  const lock = () => {
    const on = !job.running;
    if (!on) handFocus(on);
    run.disabled = !on || data?.status === "unavailable";
    edits.enable(on);
    for (const number of numbers) number.enable(on);
    more2.enable(on);
    if (on) handFocus(on);
  };
  async function start() {
    job.begin();
    asking = true;
    heard = false;
    lock();
    try {
      await wire.request("ablate");
      asking = false;
      if (heard && data?.status !== "working") job.end();
    } catch (problem) {
      asking = false;
      job.fail(
        /** @type {Error} */
        problem.message
      );
    }
    lock();
  }
  const isLate = ({ status, run: number }) => status === "working" && Number(number ?? Infinity) <= lastEnded;
  const showCharts = (list) => {
    while (drawn.length < list.length) {
      drawn.push(createChart(context));
      charts.append(drawn[drawn.length - 1].element);
    }
    drawn.forEach((chart, i) => chart.show(list[i]));
    charts.hidden = !list.length;
  };
  const showResult = (next) => {
    showVerdict(next.verdict, verdict, next.status === "working");
    rule.replaceChildren(...next.rule ? [h("strong", {}, "Rule "), next.rule] : []);
    rule.hidden = !next.rule;
    showCharts(next.charts ?? []);
    const done = next.status === "done" ? "Measured" : "Measured so far";
    table.replaceChildren(...next.rows?.length ? [resultTable(next.rows, done)] : [], ...next.measures?.length ? [measureTable(next.measures)] : []);
    caveat.textContent = next.caveat ?? "";
    caveat.hidden = !next.caveat;
  };
  return {
    element: panel.element,
    /** @param {import("../types").AblateData} next */
    show(next) {
      if (data && isLate(next)) return;
      data = next;
      heard = true;
      panel.mark(next.status);
      const away = next.status === "empty" || next.status === "unavailable";
      empty.element.hidden = !away;
      empty.say(next.message);
      const stuck = next.status === "unavailable" && next.fields_changed > 0;
      setup.hidden = away && !stuck;
      content2.hidden = away && !next.charts?.length && !stuck;
      edits.show(next.edits ?? [], store.get());
      more2.show(next.fields ?? [], next.fields_changed ?? 0, store.get());
      made.textContent = next.edit_sentence ?? "";
      probe.textContent = next.probe_sentence ?? "";
      if (next.status === "working" && !job.running) job.begin();
      if (next.status !== "working" && !asking) job.end();
      panel.describe(next.n_done > 0 ? `${next.n_done} of ${next.n_planned} probes` : "");
      said.textContent = away ? "" : next.message;
      said.hidden = !said.textContent;
      showResult(next);
      lock();
    },
    /** @param {import("../types").Progress} progress */
    progress(progress) {
      job.progress(progress);
      lock();
    },
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      lastEnded = Math.max(lastEnded, finished.run ?? -Infinity);
      job.finished(finished);
      if (data?.status === "working") said.textContent = "Drawing the result…";
      lock();
    },
    redraw: () => Promise.all(drawn.map((chart) => chart.redraw())),
    /** @param {import("../types").State} state */
    sync(state) {
      edits.sync(state);
      for (const number of numbers) number.sync(state);
      more2.sync(state);
    }
  };
}

// src/save.js
function save({ buffers, filename, mime }, page) {
  if (!buffers[0]) throw new Error("The kernel sent no file.");
  const url = URL.createObjectURL(new Blob([
    /** @type {any} */
    buffers[0]
  ], { type: mime }));
  const link = page.createElement("a");
  link.href = url;
  link.download = String(filename || "file");
  page.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1e4);
}

// src/panels/finding.js
function itemOf({ wire, signal }, finding) {
  const id = freshId("finding");
  const claim = h("p", { class: "sw-claim" });
  const facts = h("p", { class: "sw-pin-facts" });
  const caveats = h("ul", { class: "sw-caveats" });
  const note = h("textarea", { id, class: "sw-input sw-note-text", rows: 1, placeholder: "Add a note" });
  const error = errorLine();
  const saved = h("span", { class: "sw-count", role: "status" });
  const ask = button("Unpin", { action: "unpin", signal, look: "sw-link", press: () => confirm(true) });
  const yes = button("Unpin for good", { action: "unpin-yes", signal, look: "sw-danger", press: () => send("unpin", {}) });
  const no = button("Keep", { action: "unpin-no", signal, press: () => confirm(false) });
  const element = h(
    "li",
    { class: "sw-pin", "data-finding": finding },
    h("div", { class: "sw-pin-head" }, claim, h("div", { class: "sw-line" }, ask, yes, no)),
    facts,
    caveats,
    h("label", { class: "sw-hidden", for: id }, "Note of this finding"),
    note,
    saved,
    error.element
  );
  let known = "";
  yes.hidden = no.hidden = true;
  function confirm(asking) {
    ask.hidden = asking;
    yes.hidden = no.hidden = !asking;
    (asking ? yes : ask).focus();
  }
  async function send(kind, fields) {
    try {
      await wire.request(kind, { finding, ...fields });
      error.say("");
      return true;
    } catch (problem) {
      error.say(
        /** @type {Error} */
        problem.message
      );
      return false;
    }
  }
  note.addEventListener("input", () => saved.textContent = "", { signal });
  note.addEventListener("change", async () => {
    if (note.value !== known && await send("note", { note: note.value })) saved.textContent = "Note saved.";
  }, { signal });
  return {
    element,
    /** @param {import("../types").FindingItem} item */
    show(item) {
      claim.textContent = item.claim;
      facts.replaceChildren(h("span", { class: "sw-mono" }, ...breakable(item.layer)), h("span", { class: "sw-badge" }, item.strength), h("span", {}, item.created));
      caveats.hidden = !item.caveats?.length;
      caveats.replaceChildren(...(item.caveats ?? []).map((caveat) => h("li", {}, caveat)));
      if (!isFocused(note)) note.value = item.note;
      known = item.note;
    }
  };
}

// src/panels/findings.js
var EXPORT_MS = 12e4;
function pinned({ layer, trap }) {
  if (!layer) return ["Choose a layer first; a pin keeps what is on the screen."];
  const rest = trap ? ", the chosen trap and its ablation as far as it has run." : ". Choose a trap to pin that too.";
  return ["A pin keeps layer ", h("span", { class: "sw-mono" }, ...breakable(layer)), rest];
}
function findingsPanel(context) {
  const { store, wire, signal } = context;
  const id = freshId("note");
  const what = h("p", { class: "sw-help" });
  const note = h("textarea", { id, class: "sw-input sw-note-text", rows: 2, placeholder: "What did you see?" });
  const pin = button("Pin", { action: "pin", signal, look: "sw-primary", sign: "pin", press: () => keep() });
  const pinError = errorLine();
  const exportError = errorLine();
  const formats = h("div", { class: "sw-chips", role: "group", "aria-label": "Export the findings" });
  const exporting = h("div", { class: "sw-export" }, h("h3", { class: "sw-minor" }, "Export"), formats, exportError.element);
  const list = h("ul", { class: "sw-pins" });
  const empty = emptyState("Nothing pinned yet. Write a note and press Pin to keep what is on the screen.");
  const code = codeBox(context);
  const panel = createPanel("findings", "Findings");
  const form = h("div", { class: "sw-pin-form" }, h("label", { class: "sw-label", for: id }, "Note"), note, h("div", { class: "sw-line" }, pin, what), pinError.element, exporting, code.element);
  panel.body.append(h("div", { class: "sw-findings" }, form, h("div", { class: "sw-pins-side" }, empty.element, list)));
  panel.mark("empty");
  exporting.hidden = true;
  const items = /* @__PURE__ */ new Map();
  async function keep() {
    pin.disabled = true;
    try {
      await wire.request("pin", { note: note.value });
      note.value = "";
      pinError.say("");
    } catch (problem) {
      pinError.say(
        /** @type {Error} */
        problem.message
      );
    }
    pin.disabled = !store.get().layer;
  }
  async function take(format) {
    formats.setAttribute("aria-busy", "true");
    try {
      save(await wire.request("export", { format }, EXPORT_MS), context.root.ownerDocument);
      exportError.say("");
    } catch (problem) {
      exportError.say(
        /** @type {Error} */
        problem.message
      );
    }
    formats.removeAttribute("aria-busy");
  }
  formats.addEventListener("click", (event) => {
    const format = event.target instanceof Element ? event.target.closest("button")?.dataset.format : void 0;
    if (format) take(format);
  }, { signal });
  const showItems = (findings) => {
    const known = new Set(findings.map((finding) => finding.id));
    for (const key of [...items.keys()]) if (!known.has(key)) items.delete(key);
    for (const finding of findings) {
      if (!items.has(finding.id)) items.set(finding.id, itemOf(context, finding.id));
      items.get(finding.id)?.show(finding);
    }
    arrange(list, findings.map((finding) => (
      /** @type {any} */
      items.get(finding.id).element
    )));
  };
  const showFormats = (choices) => formats.replaceChildren(...choices.map(({ value, label }) => h("button", { type: "button", class: "sw-button", "data-format": value, "data-action": `export-${value}`, "aria-label": `Export as ${label}` }, label)));
  return {
    element: panel.element,
    /** @param {import("../types").FindingsData} data */
    show(data) {
      const some = data.items.length > 0;
      panel.mark(some ? "ready" : "empty");
      panel.describe(some ? `${counted(data.items.length, "finding")} pinned` : "");
      empty.element.hidden = some;
      empty.say(some ? "" : data.message);
      if (formats.dataset.shown !== JSON.stringify(data.formats)) showFormats(data.formats);
      formats.dataset.shown = JSON.stringify(data.formats);
      exporting.hidden = !some || !data.formats.length;
      showItems(data.items);
    },
    /** @param {import("../types").State} state */
    sync(state) {
      pin.disabled = !state.layer;
      what.replaceChildren(...pinned(state));
    }
  };
}

// src/sketch.js
var WIDTH = 96;
var HEIGHT = 24;
function outline(heights) {
  const step = WIDTH / heights.length;
  const tops = heights.map((height, i) => {
    const y = (HEIGHT - 1 - Math.max(0, Math.min(1, Number(height) || 0)) * (HEIGHT - 3)).toFixed(1);
    return `V${y}H${((i + 1) * step).toFixed(1)}`;
  });
  return `M0 ${HEIGHT - 1}${tops.join("")}V${HEIGHT - 1}Z`;
}
var sketch = (heights) => svg(
  "svg",
  { class: "sw-sketch", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true", preserveAspectRatio: "none" },
  svg("path", { d: outline(heights) })
);

// src/cells.js
var TEXT_COLUMNS = /* @__PURE__ */ new Set(["name", "kind", "shape", "sketch"]);
var STATUS_WORDS = { waiting: "waiting", working: "being measured", failed: "could not be measured" };
var whole = (words) => words.replaceAll(" ", " ");
var more = ({ kind, shape, depth }) => [kind, whole(dimensions(shape)), depth === null || depth === void 0 ? "" : whole(`depth ${depth}`)].filter(Boolean).join(" · ");
function nameCell(row) {
  const status = row.status === "done" ? null : h("span", { class: "sw-hidden" }, ` (${STATUS_WORDS[row.status] ?? row.status})`);
  const sign = row.status === "failed" ? icon("warn") : row.status === "working" ? h("span", { class: "sw-spinner", "aria-hidden": "true" }) : null;
  const caveat = row.caveat ? h("span", { class: "sw-row-caveat" }, row.caveat) : null;
  const cut = row.cut ? h("span", { class: "sw-row-cut" }, row.cut) : null;
  return [h("span", { class: "sw-row-name" }, sign, ...breakable(row.name), status), cut, h("span", { class: "sw-row-more" }, more(row)), caveat];
}
function trapsCell(row) {
  if (!row.traps) return [short(row.traps)];
  return [h("span", { class: "sw-trap-count" }, icon("warn"), short(row.traps)), h("span", { class: "sw-hidden" }, row.traps === 1 ? " trap" : " traps")];
}
function content(row, key) {
  if (key === "name") return nameCell(row);
  if (key === "sketch") return [row.sketch?.length ? sketch(row.sketch) : h("span", { class: "sw-sketch-none" })];
  if (key === "shape") return [dimensions(row.shape)];
  if (key === "kind") return [String(row.kind ?? MISSING)];
  if (row.waiting?.includes(key)) return [h("span", { class: "sw-wait", "aria-hidden": "true" }, "…"), h("span", { class: "sw-hidden" }, "not measured yet")];
  if (row[key] === null || row[key] === void 0) return [row.status === "done" || row.status === "failed" ? MISSING : ""];
  if (key === "aspect") return [ratio(row.aspect)];
  const error = row.errors?.[key];
  if (error !== void 0) return ["≈ ", short(row[key]), whole(` ± ${short(error)}`), h("span", { class: "sw-hidden" }, " estimated")];
  return key === "traps" ? trapsCell(row) : [short(row[key])];
}
var cellHelp = (row, key) => [row.waiting?.includes(key) ? "Measured on request: its turn has not come yet." : "", row.bands?.[key] ? `Band: ${row.bands[key].words}` : "", ...caveatsOf(row, key)].filter(Boolean).join("\n");
var caveatsOf = (row, key) => [key === "traps" && row.traps_text ? `Traps: ${row.traps_text}.` : "", row.caveats?.[key] ?? ""].filter(Boolean);
var bandMark = (mark, tone) => h("span", { class: `sw-band sw-band-${tone}`, "aria-hidden": "true" }, mark);
function beside(row, key) {
  const value = row.other?.[key];
  return value === void 0 ? null : h("span", { class: "sw-beside" }, h("span", { class: "sw-hidden" }, ", other model "), short(value));
}
function cell(row, key) {
  const numeric = !TEXT_COLUMNS.has(key);
  const caveat = row.caveats?.[key];
  const band = row.bands?.[key];
  const mark = caveat && row.errors?.[key] === void 0 ? h("span", { class: "sw-caveat-mark", "aria-hidden": "true" }, "*") : null;
  const element = h("td", { role: "gridcell", class: `${numeric ? "sw-numeric " : ""}sw-col-${key}` }, band ? bandMark(band.mark, band.tone) : null, ...content(row, key), mark, beside(row, key));
  return withHelp(element, cellHelp(row, key));
}

// src/header.js
function headCell2({ key, title, unit, help }) {
  const words = [h("span", {}, title, unit ? h("span", { class: "sw-unit" }, ` ${unit}`) : null)];
  const arrow = h("span", { class: "sw-arrow", "aria-hidden": "true" });
  const inner = key === "sketch" ? h("span", { class: "sw-head-text" }, ...words) : h("button", { type: "button", class: "sw-sort", "data-sort": key }, ...words, arrow);
  const numeric = TEXT_COLUMNS.has(key) ? "" : "sw-numeric ";
  return h("th", { role: "columnheader", scope: "col", class: `${numeric}sw-col-${key}`, "data-column": key }, withHelp(inner, help));
}
function withSketch(columns) {
  if (!columns.length || columns.some(({ key }) => key === "sketch")) return columns;
  const at = columns.findIndex(({ key }) => key === "name") + 1;
  const picture = { key: "sketch", title: "Spectrum", help: "The layer's eigenvalues as a small histogram, on a logarithmic axis." };
  return [...columns.slice(0, at), picture, ...columns.slice(at)];
}
function headRow(columns) {
  const all = h("input", { type: "checkbox", class: "sw-check", "aria-label": "Select all layers shown", "data-action": "select-all" });
  return h("tr", { role: "row" }, h("th", { role: "columnheader", scope: "col", class: "sw-col-check" }, all), ...columns.map(headCell2));
}
function showSort(head, { by, descending }) {
  for (const cell2 of head.querySelectorAll("th[data-column]")) {
    const here = cell2.getAttribute("data-column") === by;
    cell2.setAttribute("aria-sort", here ? descending ? "descending" : "ascending" : "none");
    const arrow = cell2.querySelector(".sw-arrow");
    if (arrow) arrow.textContent = here ? descending ? "↓" : "↑" : "";
  }
}
var nextSort = (sort, key) => ({ by: key, descending: sort.by === key ? !sort.descending : !TEXT_COLUMNS.has(key) && key !== "depth" });

// src/rows.js
var names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
function sortValue(row, key) {
  const value = row[key];
  if (Array.isArray(value)) return value.reduce((product, side) => product * side, 1);
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}
var compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : names.compare(String(a), String(b));
function sorted(rows, { by, descending }) {
  const sign = descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const a = sortValue(left, by);
    const b = sortValue(right, by);
    const missing = Number(a === null || a === void 0) - Number(b === null || b === void 0);
    return missing || (a === null || a === void 0 ? 0 : sign * compare(a, b));
  });
}
function filtered(rows, { text, kind }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => (!kind || row.kind === kind) && words.every((word) => `${row.name} ${row.kind}`.toLowerCase().includes(word)));
}
function between(shown, from, to) {
  const [a, b] = [shown.indexOf(from), shown.indexOf(to)];
  if (a < 0 || b < 0) return [to];
  return shown.slice(Math.min(a, b), Math.max(a, b) + 1);
}

// src/selection.js
var only = (name) => ({ layer: name, selected: [name] });
function toggled({ layer, selected }, name) {
  if (!selected.includes(name)) return { layer: layer ?? name, selected: [...selected, name] };
  const rest = selected.filter((other) => other !== name);
  return { layer: layer === name && rest.length ? rest[rest.length - 1] : layer, selected: rest };
}
var extended = ({ layer }, shown, anchor, name) => ({ layer, selected: between(shown, anchor ?? name, name) });
var PAGE = 10;
function moved(key, at, count) {
  const targets = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + PAGE, PageUp: at - PAGE, Home: 0, End: count - 1 };
  return key in targets && count ? Math.max(0, Math.min(count - 1, targets[key])) : null;
}

// src/table.js
function createTable({ signal, change, point }) {
  const head = h("thead", { role: "rowgroup" });
  const body = h("tbody", { role: "rowgroup" });
  const grid = h("table", { class: "sw-grid", role: "grid", "aria-label": "Layers of the model", "aria-multiselectable": "true" }, head, body);
  const nothing = h("p", { class: "sw-empty", hidden: true }, "No layer matches the filter. Clear the text or choose another kind.");
  const element = h("div", { class: "sw-grid-scroll" }, grid, nothing);
  let columns = [];
  let rows = /* @__PURE__ */ new Map();
  const lines2 = /* @__PURE__ */ new Map();
  let shown = [];
  let state = null;
  let anchor = null;
  let active = null;
  const pointed = { under: null, focused: null };
  const choice = () => ({ layer: state?.layer ?? null, selected: state?.selected ?? [] });
  const fill = (row) => {
    const text = JSON.stringify(row);
    const line = lines2.get(row.name) ?? { element: h("tr", { role: "row", tabindex: -1 }), text: "" };
    lines2.set(row.name, line);
    if (line.text === text) return line.element;
    line.text = text;
    const tick = h("input", { type: "checkbox", class: "sw-check", tabindex: -1, "aria-label": `Select ${row.name}` });
    line.element.dataset.name = row.name;
    line.element.dataset.status = row.status;
    line.element.replaceChildren(h("td", { role: "gridcell", class: "sw-col-check" }, tick), ...columns.map(({ key }) => cell(row, key)));
    return line.element;
  };
  const markRows = () => {
    const { layer, selected } = choice();
    const chosen = new Set(selected);
    const stop = [active, layer, shown[0]].find((name) => name && shown.includes(name));
    for (const name of shown) {
      const line = (
        /** @type {Line} */
        lines2.get(name).element
      );
      const on = chosen.has(name);
      line.setAttribute("aria-selected", String(on));
      line.toggleAttribute("data-current", name === layer);
      line.tabIndex = name === stop ? 0 : -1;
      const tick = line.querySelector("input");
      if (tick) tick.checked = on;
    }
    const all = head.querySelector("input");
    const count = shown.filter((name) => chosen.has(name)).length;
    if (all) Object.assign(all, { checked: count > 0 && count === shown.length, indeterminate: count > 0 && count < shown.length });
  };
  const reveal = () => {
    const line = lines2.get(state?.layer ?? "")?.element;
    if (!line?.isConnected || !element.clientHeight) return;
    const top = line.offsetTop - (head.offsetHeight || 0);
    const bottom = line.offsetTop + line.offsetHeight - element.clientHeight;
    if (element.scrollTop > top) element.scrollTop = top;
    else if (element.scrollTop < bottom) element.scrollTop = bottom;
  };
  const draw = () => {
    if (!state) return;
    const list = sorted(filtered([...rows.values()], state.filter), state.sort);
    shown = list.map(({ name }) => name);
    arrange(body, list.map(fill));
    nothing.hidden = shown.length > 0 || rows.size === 0;
    grid.setAttribute("aria-rowcount", String(rows.size + 1));
    showSort(head, state.sort);
    markRows();
  };
  const choose = (name, { shiftKey, ctrlKey, metaKey }, tick = false) => {
    active = name;
    if (shiftKey) return change(extended(choice(), shown, anchor, name));
    anchor = name;
    change(tick || ctrlKey || metaKey ? toggled(choice(), name) : only(name));
  };
  const focus = (name) => {
    active = name;
    markRows();
    const line = lines2.get(name)?.element;
    line?.focus({ preventScroll: true });
    line?.scrollIntoView?.({ block: "nearest" });
  };
  const nameAt = (target) => target instanceof Element ? target.closest("tr")?.dataset.name ?? null : null;
  body.addEventListener("click", (event) => {
    const name = nameAt(event.target);
    if (name !== null) choose(name, event, event.target instanceof HTMLInputElement);
  }, { signal });
  const points = (way) => (event) => {
    const name = event.type === "mouseleave" || event.type === "focusout" ? null : nameAt(event.target);
    if (pointed[way] === name) return;
    pointed[way] = name;
    point();
  };
  for (const kind of ["mouseover", "mouseleave"]) body.addEventListener(kind, points("under"), { signal });
  for (const kind of ["focusin", "focusout"]) body.addEventListener(kind, points("focused"), { signal });
  body.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault(), { signal });
  body.addEventListener("focusin", (event) => {
    const name = nameAt(event.target);
    if (name !== null && name !== active) {
      active = name;
      markRows();
    }
  }, { signal });
  body.addEventListener("keydown", (event) => {
    const name = nameAt(event.target);
    if (name === null) return;
    const to = moved(event.key, shown.indexOf(name), shown.length);
    if (to !== null) {
      focus(shown[to]);
      if (event.shiftKey) change(extended(choice(), shown, anchor ??= name, shown[to]));
    } else if (event.key === "Enter") choose(name, event);
    else if (event.key === " ") choose(name, event, true);
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) change({ selected: [...shown] });
    else if (event.key === "Escape") change({ selected: choice().layer ? [
      /** @type {string} */
      choice().layer
    ] : [] });
    else return;
    event.preventDefault();
  }, { signal });
  head.addEventListener("click", (event) => {
    const key = event.target instanceof Element ? event.target.closest("[data-sort]")?.getAttribute("data-sort") : null;
    if (key && state) change({ sort: nextSort(state.sort, key) });
  }, { signal });
  head.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) change({ selected: event.target.checked ? [...shown] : [] });
  }, { signal });
  return {
    element,
    /** @param {import("./types").Column[]} newColumns @param {import("./types").Row[]} newRows */
    show(newColumns, newRows) {
      if (JSON.stringify(withSketch(newColumns)) !== JSON.stringify(columns)) {
        columns = withSketch(newColumns);
        lines2.clear();
        head.replaceChildren(headRow(columns));
      }
      rows = new Map(newRows.map((row) => [row.name, row]));
      for (const name of [...lines2.keys()]) if (!rows.has(name)) lines2.delete(name);
      draw();
      reveal();
    },
    /** @param {import("./types").Row[]} changed */
    update(changed) {
      for (const row of changed) rows.set(row.name, row);
      draw();
    },
    /** @param {import("./types").State} newState */
    sync(newState) {
      const old = state;
      state = newState;
      const reorder = !old || JSON.stringify([old.sort, old.filter]) !== JSON.stringify([state.sort, state.filter]);
      if (reorder) draw();
      else markRows();
      if (old?.layer !== state.layer) reveal();
    },
    rows: () => rows,
    /** The row under the mouse, else the one with the focus. */
    pointed: () => rows.get(pointed.under ?? pointed.focused ?? ""),
    shown: () => shown
  };
}

// src/panels/bands.js
var entry = ({ mark, tone, name, range, meaning, fails }) => withHelp(h("span", { class: "sw-band-entry", tabindex: 0 }, bandMark(mark, tone), h("span", { class: "sw-hidden" }, `${mark}: `), `${name} ${range}`), [meaning, fails].filter(Boolean).join("\n"));
function lines({ title, source, fails, bands }) {
  const own = bands.filter((band) => band.fails).map((band) => h("li", {}, `${band.name}: ${band.fails}`));
  const more2 = h("details", { class: "sw-band-more" }, h("summary", {}, "where they come from, where they fail"), h("p", {}, `From ${source}. A convention, not a law. ${fails}`), own.length ? h("ul", {}, ...own) : null);
  return h("div", { class: "sw-band-line" }, h("span", { class: "sw-minor" }, `Bands of ${title}`), ...bands.map(entry), more2);
}
function bandLegend() {
  const element = h("div", { class: "sw-band-legend", hidden: true });
  return {
    element,
    /** @param {import("../types").Legend[]} legends */
    show(legends) {
      element.hidden = !legends.length;
      const text = JSON.stringify(legends);
      if (element.dataset.shown === text) return;
      element.dataset.shown = text;
      element.replaceChildren(...legends.map(lines));
    }
  };
}

// src/panels/columns.js
var matches = (text, { key, title, label, help }) => text.toLowerCase().split(/\s+/).every((word) => `${key} ${title} ${label} ${help ?? ""}`.toLowerCase().includes(word));
var withColumn = (columns, key, on) => on ? [...columns.filter((name) => name !== key), key] : columns.filter((name) => name !== key);
function option({ key, title, label, help, on_request }) {
  const id = freshId("column");
  const input = h("input", { type: "checkbox", class: "sw-check", id, value: key });
  const symbol = title === label ? null : h("span", { class: "sw-column-symbol" }, title);
  const later = on_request ? h("span", { class: "sw-column-later" }, "on request") : null;
  return h("div", { class: "sw-column", "data-column": key }, input, withHelp(h("label", { for: id }, label, symbol, later), help));
}
function groupOf({ title, columns }) {
  const id = freshId("columns");
  return h("div", { class: "sw-column-group", role: "group", "aria-labelledby": id }, h("p", { class: "sw-minor", id }, title), ...columns.map(option));
}
function columnPicker({ store, signal }) {
  const title = h("summary", { class: "sw-fold-title" });
  const buttons = h("div", { class: "sw-chips", role: "group", "aria-label": "Sets of columns" });
  const id = freshId("columns");
  const search = h("input", { type: "search", id, class: "sw-input sw-search", placeholder: "Find a metric", autocomplete: "off", spellcheck: "false" });
  const groups = h("div", { class: "sw-column-groups", tabindex: -1 });
  const none = h("p", { class: "sw-help", role: "status", hidden: true }, "No metric is called so.");
  const error = errorLine();
  const tools = h("div", { class: "sw-line" }, buttons, h("label", { class: "sw-hidden", for: id }, "Find a metric"), search);
  const element = h("details", { class: "sw-fold sw-columns" }, title, h("div", { class: "sw-columns-body" }, tools, groups, none, error.element));
  let known = [];
  let presets = [];
  const choose = async (columns) => error.say(await store.patch({ columns }));
  groups.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) choose(withColumn(store.get().columns, target.value, target.checked));
  }, { signal });
  buttons.addEventListener("click", ({ target }) => {
    const name = target instanceof Element ? target.closest("button")?.dataset.preset : void 0;
    const preset = presets.find(({ value }) => value === name);
    if (preset) choose(preset.columns);
  }, { signal });
  const find = () => {
    const text = search.value.trim();
    const all = known.flatMap(({ columns }) => columns);
    const hits = new Set(all.filter((choice) => matches(text, choice)).map(({ key }) => key));
    for (const line of groups.querySelectorAll("[data-column]")) line.hidden = !hits.has(line.getAttribute("data-column") ?? "");
    for (const group of groups.children) group.hidden = !group.querySelector("[data-column]:not([hidden])");
    none.hidden = hits.size > 0;
  };
  search.addEventListener("input", find, { signal });
  const sync = ({ columns = [] }) => {
    const chosen = new Set(columns);
    for (const input of groups.querySelectorAll("input")) input.checked = chosen.has(input.value);
    for (const button2 of buttons.querySelectorAll("button")) {
      const preset = presets.find(({ value }) => value === button2.dataset.preset);
      button2.setAttribute("aria-pressed", String(JSON.stringify(preset?.columns) === JSON.stringify(columns)));
    }
    const total = known.reduce((sum, group) => sum + group.columns.length, 0);
    title.textContent = `Columns: ${columns.length} of ${total}`;
  };
  return {
    element,
    /** @param {import("../types").LayersData} data */
    show({ choices = [], presets: sets = [] }) {
      element.hidden = !choices.length;
      if (JSON.stringify([choices, sets]) !== JSON.stringify([known, presets])) {
        [known, presets] = [choices, sets];
        groups.replaceChildren(...choices.map(groupOf));
        buttons.replaceChildren(...sets.map(({ value, label, help }) => withHelp(h("button", { type: "button", class: "sw-chip", "data-preset": value, "data-action": `columns-${value}` }, label), help)));
        find();
      }
      sync(store.get());
    },
    sync
  };
}

// src/panels/layers.js
function leftOutList() {
  const title = h("summary", { class: "sw-fold-title" });
  const list = h("dl", { tabindex: 0 });
  const element = h("details", { class: "sw-fold sw-left-out", hidden: true }, title, list);
  return {
    element,
    /** @param {{ reason: string, names: string[] }[]} reasons */
    show(reasons) {
      const count = reasons.reduce((sum, { names: names2 }) => sum + names2.length, 0);
      element.hidden = !count;
      title.textContent = `${counted(count, "tensor")} left out: why`;
      list.replaceChildren(...reasons.flatMap(({ reason, names: names2 }) => [h("dt", {}, `${counted(names2.length, "tensor")}: ${reason}`), h("dd", {}, ...names2.flatMap((name, i) => [i ? ", " : "", ...breakable(name)]))]));
    }
  };
}
var SAVE_MS = 6e4;
function tableSaver({ wire, signal, root }) {
  const error = errorLine();
  const take = async (format) => {
    try {
      save(await wire.request("export", { what: "table", format }, SAVE_MS), root.ownerDocument);
      error.say("");
    } catch (problem) {
      error.say(
        /** @type {Error} */
        problem.message
      );
    }
  };
  const help = "All that was measured of every layer, with unit, meaning and source of each metric.";
  const buttons = ["csv", "json"].map((format) => button(format.toUpperCase(), { action: `table-${format}`, signal, help, press: () => take(format) }));
  for (const one of buttons) one.setAttribute("aria-label", `Save the table as ${one.textContent}`);
  const element = h("div", { class: "sw-line", role: "group", "aria-label": "Save the table" }, h("span", { class: "sw-minor" }, "Save table"), ...buttons, error.element);
  const enable = (on) => buttons.forEach((one) => one.disabled = !on);
  enable(false);
  return { element, enable, enabled: () => !buttons[0].disabled };
}
function layersPanel(context) {
  const { store, wire, signal, notices } = context;
  const change = async (changes) => notices.error(await store.patch(changes));
  const table = createTable({ signal, change, point: () => tell() });
  const job = createJobStrip(context, { job: "layers", label: "Measuring the layers" });
  const textId = freshId("filter");
  const kindId = freshId("kind");
  const text = h("input", { type: "search", id: textId, class: "sw-input sw-search", placeholder: "Filter by name", autocomplete: "off", spellcheck: "false" });
  const kind = h("select", { id: kindId, class: "sw-input" });
  const count = h("span", { class: "sw-count", role: "status" });
  const chosen = h("span", { class: "sw-count" });
  const clear = button("Clear selection", { action: "clear-selection", signal, look: "sw-link", press: () => change({ selected: store.get().layer ? [store.get().layer] : [] }) });
  const measure = button("Measure the rest", { action: "measure", signal, press: () => start() });
  const detail = h("p", { class: "sw-detail" });
  const foot = h("div", { class: "sw-table-foot" }, count, chosen, clear, detail);
  const leftOut = leftOutList();
  const columns = columnPicker(context);
  const legend = bandLegend();
  const bands = flagField(context, { key: "bands", label: "Colour by band", help: "Marks numbers that the field has names for, such as an α below 2, with a letter and a colour." });
  const saving = tableSaver(context);
  const empty = h("p", { class: "sw-empty", role: "status" }, "Asking the kernel for the layers…");
  const panel = createPanel(
    "layers",
    "Layers",
    h("label", { class: "sw-hidden", for: textId }, "Filter layers by name"),
    text,
    h("label", { class: "sw-hidden", for: kindId }, "Kind of layer"),
    kind,
    measure
  );
  panel.body.append(job.element, columns.element, empty, table.element, foot, legend.element, h("div", { class: "sw-line sw-table-tools" }, bands.element, saving.element), leftOut.element);
  measure.hidden = true;
  table.element.hidden = true;
  async function start() {
    job.begin();
    measure.hidden = true;
    try {
      await wire.request("measure");
    } catch (problem) {
      job.fail(
        /** @type {Error} */
        problem.message
      );
      measure.hidden = false;
    }
  }
  text.addEventListener("input", () => store.patchSoon({ filter: { ...store.get().filter, text: text.value } }, notices.error), { signal });
  kind.addEventListener("change", () => change({ filter: { ...store.get().filter, kind: kind.value } }), { signal });
  const caveats = (row) => ["traps", ...Object.keys(row.caveats ?? {})].flatMap((key) => caveatsOf(row, key));
  let tallest = 0;
  const showFoot = () => {
    const state = store.get();
    const total = table.rows().size;
    const shown = table.shown().length;
    count.textContent = shown === total ? counted(total, "layer") : `${shown} of ${counted(total, "layer")}`;
    chosen.textContent = state.selected.length > 1 ? `${state.selected.length} selected` : "";
    clear.hidden = state.selected.length < 2;
    foot.classList.toggle("sw-has-detail", [...table.rows().values()].some((row) => caveats(row).length > 0));
    tell();
  };
  const tell = () => {
    const row = table.pointed();
    detail.textContent = row ? [...new Set(caveats(row))].join(" ") : "";
    tallest = Math.max(tallest, detail.offsetHeight);
    detail.style.minHeight = tallest ? `${tallest}px` : "";
  };
  const showKinds = ({ kinds }) => {
    const wanted = store.get().filter.kind;
    const option2 = (value, label) => h("option", { value }, label);
    kind.replaceChildren(option2("", "All kinds"), ...kinds.map((name) => option2(name, name)));
    kind.value = wanted;
  };
  const unfinished = () => [...table.rows().values()].some(({ status, waiting }) => status === "waiting" || status === "working" || waiting?.length);
  return {
    element: panel.element,
    /** @param {import("../types").LayersData} data */
    show(data) {
      panel.describe(h("strong", {}, data.model), data.summary ? ` ${data.summary}` : "");
      showKinds(data);
      leftOut.show(data.left_out ?? []);
      columns.show(data);
      legend.show(data.legends ?? []);
      saving.enable(data.rows.some(({ status }) => status === "done"));
      empty.hidden = data.rows.length > 0;
      empty.textContent = "This model has no weight matrices to show.";
      table.element.hidden = data.rows.length === 0;
      table.show(data.columns, data.rows);
      if (data.job_active && !job.running) job.begin();
      if (!data.job_active) job.end();
      measure.hidden = data.job_active || !unfinished();
      showFoot();
    },
    /** @param {import("../types").Row[]} rows */
    update(rows) {
      table.update(rows);
      saving.enable(rows.some(({ status }) => status === "done") || saving.enabled());
      showFoot();
    },
    progress: job.progress,
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      job.finished(finished);
      measure.hidden = !unfinished();
    },
    /** @param {import("../types").State} state */
    sync(state) {
      if (!isFocused(text)) text.value = state.filter.text;
      kind.value = state.filter.kind;
      table.sync(state);
      columns.sync(state);
      bands.sync(state);
      showFoot();
    }
  };
}

// src/panels/metrics.js
function axisField({ store, signal }, key, label) {
  const error = errorLine();
  const id = freshId(key);
  const select = h("select", { id, class: "sw-input sw-axis" });
  const element = h("div", { class: "sw-field", "data-key": key }, h("label", { class: "sw-label", for: id }, label), select, error.element);
  select.addEventListener("change", async () => error.say(await store.patch({ [key]: select.value })), { signal });
  return {
    element,
    /** @param {import("../types").OptionGroup[]} groups */
    show(groups) {
      const text = JSON.stringify(groups);
      if (select.dataset.shown === text) return;
      select.dataset.shown = text;
      select.replaceChildren(...groups.map(({ title, options }) => h("optgroup", { label: title }, ...options.map(({ value, label: label2 }) => h("option", { value }, label2)))));
    },
    /** @param {any} state */
    sync: (state) => void (select.value = state[key])
  };
}
function metricsPanel(context) {
  const { store, notices } = context;
  const pick = async (layer) => notices.error(await store.patch({ layer, selected: [layer] }));
  const chart = createChart(context, void 0, pick);
  const up = axisField(context, "chart_y", "Metric");
  const across = axisField(context, "chart_x", "Over");
  const log = segmented(context, { key: "chart_log", label: "Log axes", help: "Values that are not positive are left out on a logarithmic axis.", choices: [
    { value: "none", label: "None" },
    { value: "x", label: "x" },
    { value: "y", label: "y" },
    { value: "both", label: "Both" }
  ] });
  const fields = [up, across, log];
  const sentence = h("p", { class: "sw-chart-words", role: "status" });
  const notes = h("p", { class: "sw-help" });
  const empty = emptyState("The chart appears with the first measured layer.");
  const panel = createPanel("metrics", "Metrics");
  const controls = h("div", { class: "sw-controls" }, ...fields.map(({ element }) => element));
  panel.body.append(h("div", { class: "sw-stack" }, controls, empty.element, sentence, chart.element, notes));
  panel.mark("empty");
  return {
    element: panel.element,
    /** @param {import("../types").MetricsData} data */
    show(data) {
      panel.mark(data.status);
      up.show(data.choices.slice(1));
      across.show(data.choices);
      for (const field of fields) field.sync(store.get());
      empty.element.hidden = Boolean(data.chart);
      empty.say(data.sentence);
      sentence.textContent = data.chart ? data.sentence : "";
      notes.textContent = data.notes.join(" ");
      chart.show(data.chart);
    },
    redraw: chart.redraw,
    /** @param {import("../types").State} state */
    sync(state) {
      for (const field of fields) field.sync(state);
    }
  };
}

// src/panels/shuffles.js
function shufflePicker({ store, signal }, say) {
  const id = freshId("shuffle");
  const select = h("select", { id, class: "sw-input" });
  const label = withHelp(h("label", { class: "sw-label", for: id }, "Shuffle shown"), "Each shuffle is drawn with its own traps; a trap that shows in every shuffle is sure.");
  const element = h("div", { class: "sw-field", "data-key": "shuffle", hidden: true }, label, select);
  select.addEventListener("change", async () => say(await store.patch({ shuffle: Number(select.value) })), { signal });
  return {
    element,
    /** @param {import("../types").Shuffle[]} list */
    show(list) {
      element.hidden = list.length < 2;
      const text = JSON.stringify(list);
      if (select.dataset.shown === text) return;
      select.dataset.shown = text;
      select.replaceChildren(...list.map(({ seed, count }) => h("option", { value: seed }, `seed ${seed}: ${counted(count, "trap")}`)));
      select.value = String(list.find(({ shown }) => shown)?.seed ?? "");
    }
  };
}

// src/panels/spectrum.js
var FEW_MARKS = 16;
function controlsOf(context) {
  const look = [
    segmented(context, { key: "x_scale", label: "Eigenvalue axis", choices: [{ value: "log", label: "Log" }, { value: "linear", label: "Linear" }] }),
    segmented(context, { key: "y_scale", label: "Density axis", choices: [{ value: "linear", label: "Linear" }, { value: "log", label: "Log" }] }),
    slider(context, { key: "bins", label: "Bins", min: 10, max: 200, step: 1 })
  ];
  const noise = [
    segmented(context, { key: "engine", label: "Trap rule", help: "Which rule says how large an eigenvalue of the shuffled matrix must be to count as a trap.", choices: [
      { value: "calibrated", label: "Calibrated", help: "Marchenko–Pastur edge and Tracy–Widom law, calibrated to a known false-alarm rate." },
      { value: "weightwatcher", label: "WeightWatcher", help: "The published WeightWatcher rule, step by step." }
    ] }),
    segmented(context, { key: "view", label: "Entries", help: "What is subtracted before the spectrum and the shuffles. A mean offset makes a trap in the raw entries only.", choices: [
      { value: "raw", label: "Raw", help: "The weights as they are." },
      { value: "centred", label: "Centred", help: "Less the mean of all entries." },
      { value: "double_centred", label: "Rows and columns", help: "Less the means of rows and columns." }
    ] }),
    selectField(context, { key: "level", label: "False alarms", help: "How often pure noise may be called a trap.", choices: [
      { value: 0.05, label: "5 %" },
      { value: 0.01, label: "1 %" },
      { value: 1e-3, label: "0.1 %" }
    ] }),
    numberField(context, { key: "n_shuffles", label: "Shuffles", help: "How many times the entries are shuffled. A trap that shows in every shuffle is sure.", min: 1, max: 50 }),
    numberField(context, { key: "seed", label: "First seed", help: "The same seed gives the same shuffles.", min: 0, max: 2 ** 31 - 1 })
  ];
  return { look, noise, all: [...look, ...noise] };
}
function chip({ seed, index, label, help }, trap) {
  const on = trap?.seed === seed && trap?.index === index;
  return withHelp(h("button", { type: "button", class: "sw-chip", "data-seed": seed, "data-index": index, "aria-pressed": String(on) }, icon("warn"), h("span", {}, label)), help);
}
function spectrumPanel(context) {
  const { store, wire, signal } = context;
  const error = errorLine();
  const job = createJobStrip(context, { job: "scan", label: "Shuffling" });
  const chooseTrap = async (trap) => error.say(await store.patch({ trap }));
  const chart = createChart(context, chooseTrap);
  const { look, noise, all } = controlsOf(context);
  const again = button("Re-shuffle", { action: "reshuffle", signal, sign: "shuffle", press: () => reshuffle(), help: "Shuffles again with the next seeds." });
  const exact = button("Compute exactly", { action: "exact", signal, press: async () => {
    if (data?.exact) error.say(await store.patch({ exact: data.exact.exact }));
  }, help: "Every eigenvalue of this layer in place of an estimate." });
  exact.hidden = true;
  const counts = h("dl", {});
  const countsCard = h("div", { class: "sw-counts" }, h("h3", { class: "sw-minor" }, "Traps per shuffle"), counts);
  const facts = h("dl", { class: "sw-facts" });
  const marksTitle = h("h3", { class: "sw-minor" });
  const chips = h("div", { class: "sw-chips", role: "group", "aria-label": "Traps of the shuffled matrix" });
  const shuffles = shufflePicker(context, error.say);
  const marks = h("div", { class: "sw-marks" }, shuffles.element, h("div", {}, marksTitle, chips));
  const message = h("p", { class: "sw-help", role: "status" });
  const empty = emptyState("Choose a layer in the table to see its spectrum.");
  const content2 = h(
    "div",
    { class: "sw-spectrum" },
    h("div", { class: "sw-spectrum-main" }, h("div", { class: "sw-controls" }, ...look.map(({ element }) => element)), chart.element, message, exact, marks),
    h("div", { class: "sw-spectrum-side" }, countsCard, h("div", { class: "sw-controls" }, ...noise.map(({ element }) => element), again), facts)
  );
  const panel = createPanel("spectrum", "Spectrum");
  panel.body.append(job.element, error.element, empty.element, content2);
  let data = null;
  let failure = null;
  let showAll = false;
  content2.hidden = true;
  async function reshuffle() {
    again.disabled = true;
    try {
      await wire.request("reshuffle");
      error.say("");
    } catch (problem) {
      error.say(
        /** @type {Error} */
        problem.message
      );
    }
    again.disabled = false;
  }
  chips.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("button") : null;
    if (!target) return;
    if (target.dataset.seed !== void 0) chooseTrap({ seed: Number(target.dataset.seed), index: Number(target.dataset.index) });
    else {
      showAll = true;
      showMarks(store.get());
    }
  }, { signal });
  const showMarks = (state) => {
    const list = data?.marks ?? [];
    shuffles.show(data?.shuffles ?? []);
    const ready = list.length > 0 || data?.status === "ready" && data.counts?.length > 0 && !job.running;
    marks.hidden = !ready;
    marksTitle.textContent = list.length ? "Traps of the shuffled matrix: choose one" : "No trap in the shuffle that is shown.";
    const some = showAll ? list : list.slice(0, FEW_MARKS);
    const more2 = list.length - some.length;
    const text = JSON.stringify([some, state.trap, more2]);
    if (chips.dataset.shown === text) return;
    chips.dataset.shown = text;
    const place = [...chips.children].findIndex(isFocused);
    chips.replaceChildren(...some.map((mark) => chip(mark, state.trap)), ...more2 ? [h("button", { type: "button", class: "sw-button sw-link" }, `Show ${more2} more`)] : []);
    if (place >= 0) chips.children[place]?.focus();
  };
  const sayFailure = () => {
    const failed = data?.status === "failed" ? data.message || "The spectrum could not be computed." : "";
    error.say(failed || (failure && failure.layer === store.get().layer ? failure.message : ""));
  };
  const showFreshness = (state) => {
    if (!data) return;
    const stale = Boolean(data.layer && state.layer && data.layer !== state.layer);
    panel.mark(stale ? "working" : data.status);
    const name = h("span", { class: "sw-mono" }, ...breakable((stale ? state.layer : data.layer) ?? ""));
    panel.describe(name, stale ? " computing…" : data.subtitle ? ` ${data.subtitle}` : "");
  };
  return {
    element: panel.element,
    /** @param {import("../types").SpectrumData} next */
    show(next) {
      if (next.layer !== data?.layer) showAll = false;
      data = next;
      const waits = next.status === "working" && !next.chart && !content2.hidden;
      const hasContent = Boolean(next.chart) || waits;
      empty.element.hidden = hasContent || next.status === "failed";
      empty.say(next.status === "failed" ? "" : next.message || (next.status === "working" ? "Computing the spectrum…" : ""));
      content2.hidden = !hasContent;
      sayFailure();
      if (!waits) chart.show(next.chart);
      message.textContent = next.status === "failed" ? "" : next.message;
      message.hidden = !message.textContent;
      exact.hidden = !next.exact;
      if (next.exact) withHelp(exact, next.exact.help);
      if (!waits) {
        showFacts(counts, next.counts);
        showFacts(facts, next.facts);
        countsCard.hidden = !next.counts?.length;
      }
      if (next.status !== "working" && next.status !== "ready") job.end();
      const state = store.get();
      showFreshness(state);
      showMarks(state);
    },
    /** @param {import("../types").Progress} progress */
    progress(progress) {
      failure = null;
      job.progress(progress);
    },
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      if (finished.outcome === "failed") {
        failure = { layer: store.get().layer, message: finished.message || "The shuffles could not be computed." };
        job.end();
        sayFailure();
      } else job.finished(finished);
      showMarks(store.get());
    },
    redraw: chart.redraw,
    /** @param {import("../types").State} state */
    sync(state) {
      for (const control of all) control.sync(state);
      showFreshness(state);
      showMarks(state);
    }
  };
}

// src/ask.js
var createAsk = ({ store, wire, root }) => async (changes = {}) => {
  const refused = Object.keys(changes).length ? await store.patch(changes) : "";
  if (refused) return refused;
  try {
    await wire.request("ask");
  } catch (problem) {
    return (
      /** @type {Error} */
      problem.message
    );
  }
  root.querySelector('[data-panel="study"]')?.scrollIntoView?.({ block: "nearest", behavior: "smooth" });
  return "";
};

// src/settings.js
var FEW_CHOICES = 3;
function controlOf2(context, { key, label, help, kind, min = 0, max = 0, choices = [], look, step = 1 }) {
  if (look === "slider") return slider(context, { key, label, help, min, max, step });
  if (kind === "flag") return flagField(context, { key, label, help });
  if (kind !== "choice") return numberField(context, { key, label, help, min, max, whole: kind === "whole" });
  return choices.length > FEW_CHOICES ? selectField(context, { key, label, help, choices }) : segmented(context, { key, label, help, choices });
}
function studySettings({ store, signal }) {
  const element = h("div", { class: "sw-controls", hidden: true });
  let study = null;
  let settings = [];
  let controls = [];
  let closing = new AbortController();
  signal.addEventListener("abort", () => closing.abort());
  let moving = {};
  let moves = 0;
  const values = () => ({ ...Object.fromEntries(settings.map((one) => [one.key, one.default])), ...store.get().study_settings?.[study ?? ""], ...moving });
  const own = {
    get: values,
    /** @param {Record<string, unknown>} changes */
    patch: (changes) => store.patch({ study_settings: { ...store.get().study_settings, [study ?? ""]: { ...values(), ...changes } } }),
    /** @param {Record<string, unknown>} changes @param {(error: string) => void} done */
    patchSoon(changes, done) {
      Object.assign(moving, changes);
      const ticket = ++moves;
      store.patchSoon({ study_settings: { ...store.get().study_settings, [study ?? ""]: values() } }, (error) => {
        if (ticket === moves) moving = {};
        done(error);
      });
    },
    subscribe() {
    }
  };
  const build = () => {
    closing.abort();
    closing = new AbortController();
    controls = settings.map((setting) => controlOf2({ store: own, signal: closing.signal }, setting));
    element.replaceChildren(...controls.map((control) => control.element));
    element.hidden = !controls.length;
  };
  const sync = () => {
    const now = values();
    for (const control of controls) control.sync(now);
  };
  return {
    element,
    sync,
    /** @param {string | null} name @param {import("./types").Setting[]} list */
    show(name, list) {
      const shape = JSON.stringify([name, list.map(({ value, ...fixed }) => fixed)]);
      if (element.dataset.shown !== shape) {
        [study, settings, moving] = [name, list, {}];
        build();
      }
      element.dataset.shown = shape;
      sync();
    },
    /** @param {boolean} on */
    enable: (on) => controls.forEach((control) => control.enable(on))
  };
}

// src/panels/answer.js
function answerBox(context, act) {
  const { store, wire, signal, notices } = context;
  const error = errorLine();
  const sentence = h("p", { class: "sw-lead sw-answer-sentence", role: "status" });
  const caveat = h("p", { class: "sw-caveat-line" });
  const facts = h("dl", { class: "sw-facts" });
  const charts = h("div", { class: "sw-charts" });
  const tables = h("div", { class: "sw-stack" });
  const actions = h("div", { class: "sw-line sw-actions" });
  const code = h("pre", { class: "sw-code", tabindex: 0, "aria-label": "Python that gives this answer" });
  const copy = button("Copy", { action: "copy-answer", signal, press: () => copied() });
  const fold = h("details", { class: "sw-fold" }, h("summary", { class: "sw-fold-title" }, "Show code"), code, copy);
  const pin = button("Pin this answer", { action: "pin-answer", signal, sign: "pin", press: () => keep(), help: "Keeps the sentence with its charts and numbers among the findings." });
  const element = h("div", { class: "sw-answer sw-stack", hidden: true }, sentence, caveat, facts, charts, tables, actions, error.element, h("div", { class: "sw-line" }, pin), fold);
  const drawn = [];
  async function keep() {
    pin.disabled = true;
    try {
      await wire.request("pin", { note: "", what: "answer" });
      notices.say("info", "The answer is among the findings.");
      error.say("");
    } catch (problem) {
      error.say(
        /** @type {Error} */
        problem.message
      );
    }
    pin.disabled = false;
  }
  async function copied() {
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      notices.say("info", "The code is on the clipboard.");
    } catch {
      getSelection()?.selectAllChildren(code);
      error.say("The browser does not allow copying. The code is selected: press Ctrl+C.");
    }
  }
  element.addEventListener("click", async (event) => {
    const target = event.target instanceof Element ? event.target.closest("button") : null;
    if (target?.dataset.changes) error.say(await act(changesOf(target), target.dataset.study));
  }, { signal });
  const changesOf = ({ dataset }) => {
    const changes = JSON.parse(dataset.changes ?? "{}");
    if (!dataset.settings) return changes;
    const now = store.get().study_settings;
    const own = Object.entries(JSON.parse(dataset.settings)).map(([name, settings]) => [name, { ...now[name], .../** @type {any} */
    settings }]);
    return { ...changes, study_settings: { ...now, ...Object.fromEntries(own) } };
  };
  const showCharts = (list) => {
    while (drawn.length < list.length) {
      drawn.push(createChart(context));
      charts.append(drawn[drawn.length - 1].element);
    }
    drawn.forEach((chart, i) => chart.show(list[i]));
    charts.hidden = !list.length;
  };
  const fresh = (place, content2, make) => {
    const text = JSON.stringify(content2);
    if (place.dataset.shown !== text) place.replaceChildren(...make());
    place.dataset.shown = text;
  };
  const actionButton = ({ label, help, changes, study, settings }) => withHelp(h("button", { type: "button", class: "sw-button", "data-changes": JSON.stringify(changes ?? {}), "data-study": study ?? null, "data-settings": settings ? JSON.stringify(settings) : null }, label), help);
  return {
    element,
    /** @param {import("../types").StudyData} data */
    show(data) {
      element.hidden = !data.sentence;
      error.say("");
      if (sentence.textContent !== data.sentence) sentence.textContent = data.sentence;
      caveat.textContent = data.caveat;
      caveat.hidden = !data.caveat;
      showFacts(facts, data.facts);
      showCharts(data.charts);
      fresh(tables, data.tables, () => data.tables.map(({ caption, columns, rows }) => plainTable(columns, rows, caption)));
      tables.hidden = !data.tables.length;
      fresh(actions, data.actions, () => data.actions.map(actionButton));
      actions.hidden = !data.actions.length;
      code.textContent = data.code;
      fold.hidden = !data.code;
    },
    redraw: () => Promise.all(drawn.map((chart) => chart.redraw()))
  };
}

// src/panels/questions.js
var GROUPS = [["layer", "This layer"], ["trap", "This trap"], ["model", "Whole model"]];
function questionList({ store, signal }) {
  const error = errorLine();
  const name = freshId("study");
  const groups = h("div", { class: "sw-question-groups" });
  const element = h("fieldset", { class: "sw-field sw-questions", "data-key": "study" }, h("legend", { class: "sw-hidden" }, "Question"), groups, error.element);
  groups.addEventListener("change", async (event) => {
    if (event.target instanceof HTMLInputElement) error.say(await store.patch({ study: event.target.value }));
  }, { signal });
  const option2 = ({ value, title, help, enabled, why_not }, said) => {
    const [id, reason] = [freshId("study"), freshId("why")];
    const own = why_not && why_not !== said ? h("span", { class: "sw-why-not", id: reason }, why_not) : null;
    const input = h("input", { type: "radio", name, id, value, disabled: !enabled, "aria-describedby": own ? reason : null });
    return h("div", { class: "sw-edit" }, input, h("div", { class: "sw-question" }, withHelp(h("label", { for: id }, title), help), own));
  };
  const group = (title, topic, questions, known) => {
    const reasons = new Set(questions.map((question) => question.why_not));
    const said = reasons.size === 1 ? [...reasons][0] : "";
    const id = freshId("group");
    const head = h("p", { class: "sw-minor", id }, h("span", { class: topic ? "sw-about" : "" }, title), topic, said && said !== known ? h("span", { class: "sw-why-not" }, ` ${said}`) : null);
    return h("div", { class: "sw-question-group", role: "group", "aria-labelledby": id }, head, ...questions.map((question) => option2(question, said)));
  };
  return {
    element,
    /** @param {import("../types").Question[]} questions @param {import("../types").State} state */
    show(questions, state) {
      const text = JSON.stringify(questions);
      if (groups.dataset.shown !== text) {
        const at = (
          /** @type {any} */
          groups.getRootNode().activeElement
        );
        const focused = at instanceof HTMLInputElement && groups.contains(at) ? at.value : null;
        groups.replaceChildren(...GROUPS.flatMap(([about, title]) => {
          const list = questions.filter((question) => question.about === about);
          const topics = [...new Set(list.map(({ topic }) => topic))];
          const lists = topics.map((topic) => list.filter((question) => question.topic === topic));
          return topics.map((topic, i) => group(title, topics.length > 1 ? topic : "", lists[i], i ? lists[i - 1][0].why_not : ""));
        }));
        groups.dataset.shown = text;
        if (focused) groups.querySelector(`input[value="${focused}"]`)?.focus();
      }
      this.sync(state);
    },
    /** @param {import("../types").State} state */
    sync(state) {
      for (const input of groups.querySelectorAll("input")) input.checked = input.value === state.study;
    }
  };
}

// src/panels/study.js
function studyPanel(context) {
  const { store, signal } = context;
  const ask = createAsk(context);
  const questions = questionList(context);
  const settings = studySettings(context);
  const run = button("Run", { action: "ask", signal, look: "sw-primary", press: () => start() });
  const job = createJobStrip(context, { job: "study", label: "Finding the answer" });
  const title = h("h3", { class: "sw-question-title" });
  const help = h("p", { class: "sw-help" });
  const said = h("p", { class: "sw-help", role: "status" });
  const empty = emptyState("Choose a question: it is answered in a sentence, with its chart.");
  const answer = answerBox(context, (changes, study) => study ? start({ ...changes, study }) : store.patch(changes));
  const setup = h("div", { class: "sw-stack" }, title, help, h("div", { class: "sw-controls" }, settings.element, run));
  const side = h("div", { class: "sw-stack" }, empty.element, setup, job.element, said, answer.element);
  const panel = createPanel("study", "Questions");
  panel.body.append(h("div", { class: "sw-study" }, questions.element, side));
  panel.mark("empty");
  setup.hidden = true;
  let data = null;
  let asking = false;
  let heard = false;
  let lastEnded = -Infinity;
  const handFocus = createFocusHand(run, job.element);
  const lock = () => {
    const on = !job.running;
    if (!on) handFocus(on);
    run.disabled = !on || data?.status === "unavailable";
    settings.enable(on);
    if (on) handFocus(on);
  };
  async function start(changes) {
    job.begin();
    asking = true;
    heard = false;
    lock();
    const refused = await ask(changes);
    asking = false;
    if (refused) job.fail(refused);
    else if (heard && data?.status !== "working") job.end();
    lock();
    return "";
  }
  const isLate = ({ status, run: number }) => status === "working" && Number(number ?? Infinity) <= lastEnded;
  return {
    element: panel.element,
    /** @param {import("../types").StudyData} next */
    show(next) {
      if (data && isLate(next)) return;
      data = next;
      heard = true;
      panel.mark(next.status);
      questions.show(next.questions, store.get());
      const none = next.status === "empty";
      const away = none || next.status === "unavailable";
      empty.element.hidden = !away;
      empty.say(away ? next.message : "");
      setup.hidden = none;
      title.textContent = next.title;
      help.textContent = next.help;
      settings.show(next.study, next.settings);
      said.textContent = away ? "" : next.message;
      said.className = next.status === "failed" ? "sw-caveat-line" : "sw-help";
      said.hidden = !said.textContent;
      answer.show(next);
      if (next.status === "working" && !job.running) job.begin();
      if (next.status !== "working" && !asking) job.end();
      lock();
    },
    /** @param {import("../types").Progress} progress */
    progress(progress) {
      job.progress(progress);
      lock();
    },
    /** @param {import("../types").Finished} finished */
    finished(finished) {
      lastEnded = Math.max(lastEnded, finished.run ?? -Infinity);
      if (finished.outcome === "failed") job.end();
      else job.finished(finished);
      lock();
    },
    redraw: answer.redraw,
    /** @param {import("../types").State} state */
    sync(state) {
      questions.sync(state);
      settings.sync();
    }
  };
}

// src/panels/trap.js
var COLUMNS3 = [
  { key: "row", title: "Row", numeric: true },
  { key: "column", title: "Column", numeric: true },
  { key: "value", title: "Value", numeric: true },
  { key: "z_score", title: "z-score", numeric: true },
  { key: "share", title: "Share of trap", numeric: true }
];
var culpritTable = (culprits) => plainTable(COLUMNS3, culprits.map(({ row, column, value, z_score, share }) => ({ row: short(row), column: short(column), value: short(value), z_score: short(z_score), share: percent(share) })), "Entries that cause it");
function trapPanel(context) {
  const empty = emptyState("Choose a trap: click a mark in the spectrum or one of the buttons under it.");
  const explanation = h("p", { class: "sw-lead" });
  const caveat = h("p", { class: "sw-caveat-line" });
  const facts = h("dl", { class: "sw-facts" });
  const culprits = h("div", { class: "sw-culprits" });
  const actions = h("div", { class: "sw-line" });
  const error = errorLine();
  const ask = createAsk(context);
  const chart = createChart(context);
  const caption = h("p", { class: "sw-caption" });
  const content2 = h("div", { class: "sw-trap" }, h("div", { class: "sw-stack" }, explanation, caveat, facts, culprits, actions, error.element), h("div", { class: "sw-figure" }, caption, chart.element));
  const panel = createPanel("trap", "Trap");
  panel.body.append(empty.element, content2);
  panel.mark("empty");
  content2.hidden = true;
  actions.addEventListener("click", async (event) => {
    const name = event.target instanceof Element ? event.target.closest("button")?.dataset.study : void 0;
    if (name) error.say(await ask({ study: name }));
  }, { signal: context.signal });
  return {
    element: panel.element,
    /** @param {import("../types").TrapData} data */
    show(data) {
      panel.mark(data.status);
      const ready = data.status === "ready";
      empty.element.hidden = ready;
      empty.say(data.message);
      content2.hidden = !ready;
      panel.describe(ready ? data.title : "");
      explanation.textContent = data.explanation;
      explanation.hidden = !data.explanation;
      caveat.textContent = data.message;
      caveat.hidden = !data.message;
      showFacts(facts, data.facts);
      culprits.replaceChildren(...data.culprits?.length ? [culpritTable(data.culprits)] : []);
      actions.replaceChildren(...(data.actions ?? []).map(({ label, help, study }) => withHelp(h("button", { type: "button", class: "sw-button", "data-action": `ask-${study}`, "data-study": study ?? null }, label), help)));
      actions.hidden = !data.actions?.length;
      error.say("");
      caption.textContent = data.chart_caption;
      caption.hidden = !data.chart || !data.chart_caption;
      chart.show(data.chart);
    },
    redraw: chart.redraw,
    sync() {
    }
  };
}

// src/view.js
var panelsOf = (context) => ({
  layers: layersPanel(context),
  metrics: metricsPanel(context),
  spectrum: spectrumPanel(context),
  trap: trapPanel(context),
  study: studyPanel(context),
  ablate: ablatePanel(context),
  findings: findingsPanel(context)
});
function listen({ wire, store, notices }, panels) {
  const workers = { layers: panels.layers, scan: panels.spectrum, ablate: panels.ablate, study: panels.study };
  const worker = (job) => (
    /** @type {any} */
    workers[job]
  );
  wire.on("panel", ({ panel, data }) => (
    /** @type {any} */
    panels[panel]?.show(data)
  ));
  wire.on("rows", ({ rows }) => panels.layers.update(rows));
  wire.on("progress", (message) => worker(message.job)?.progress(message));
  wire.on("finished", (message) => worker(message.job)?.finished(message));
  wire.on("notice", ({ level, text }) => notices.say(level === "error" ? "error" : "info", text));
  store.subscribe((state) => Object.values(panels).forEach((panel) => panel.sync(state)));
}
var render = (place, embed) => (place.model.get("_screen") === "lab" ? renderLab : renderExplorer)(place, embed);
function renderExplorer({ model, el }, embed) {
  const closing = new AbortController();
  const { signal } = closing;
  const root = h("section", { class: "sw-explorer", "aria-label": "Spectra of a model's weights" });
  const wire = createWire(model, signal);
  const store = createStore(model, wire, signal);
  const notices = createNotices(signal);
  el.append(root);
  followTheme(root, signal, () => Object.values(panels).forEach((panel) => "redraw" in panel && panel.redraw()));
  keepKeys(root, signal);
  const context = { root, signal, embed, wire, store, notices, tip: createTip(root, signal) };
  const panels = panelsOf(context);
  root.prepend(notices.element, h("div", { class: "sw-layout" }, ...Object.values(panels).map(({ element }) => element)));
  listen(context, panels);
  for (const panel of Object.values(panels)) panel.sync(store.get());
  wire.request("hello").catch((problem) => signal.aborted || notices.error(problem.message));
  return () => {
    closing.abort();
    root.remove();
  };
}
export {
  render
};
