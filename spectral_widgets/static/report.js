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
  const lines = (value) => {
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
      card.replaceChildren(...lines(value));
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

// src/controls.js
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

// src/report/code.js
function offerCopies(root, signal, said) {
  for (const block of root.querySelectorAll("pre.code")) {
    const press = button("Copy", { action: "copy", signal, press: () => copy(block, press, said) });
    block.before(h("div", { class: "copy" }, press));
  }
}
async function copy(block, press, said) {
  const word = (
    /** @type {HTMLElement} */
    press.querySelector("span")
  );
  const done = await navigator.clipboard?.writeText(block.textContent ?? "").then(() => true, () => false);
  if (!done) block.ownerDocument.getSelection()?.selectAllChildren(block);
  word.textContent = done ? "Copied" : "Selected";
  said(done ? "The code is in the clipboard." : "The code is selected: copy it with Ctrl+C.");
  setTimeout(() => word.textContent = "Copy", 2e3);
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
    const more = structuredClone(rows.slice(kept));
    const gone = held.slice(kept);
    if (!moved2.length && !more.length && !gone.length) return;
    const changes = view.changeset().insert(more).remove(gone);
    for (const field of moved2) changes.modify((tuple) => rowOf.has(tuple), field, (tuple) => rowOf.get(tuple)[field]);
    view.change(name, changes);
    known.set(name, { held: [...held.slice(0, kept), ...more], fields });
  };
  return (name, rows) => {
    const before = known.get(name);
    const fields = fieldsOf(rows);
    const same = haveAll(rows, fields);
    const alike = before?.fields && before.held.length && rows.length && same && fields.join() === before.fields.join();
    if (alike) change(name, before.held, rows, fields);
    else replace(name, rows, same ? fields : null);
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

// src/report/read.js
var KINDS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array };
var bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
function columnOf(column, n) {
  if ("all" in column) return Array(n).fill(column.all);
  if ("list" in column) return column.list;
  if ("texts" in column) return columnOf(column.at, n).map((place) => column.texts[place]);
  const [kind, text] = Object.entries(column)[0];
  return [...new KINDS[
    /** @type {keyof typeof KINDS} */
    kind
  ](bytesOf(text))];
}
function rowsOf(packed, pool) {
  return Object.fromEntries(Object.entries(packed).map(([name, { n, columns }]) => {
    const read = Object.entries(columns).map(([key, place]) => (
      /** @type {const} */
      [key, columnOf(pool[place], n)]
    ));
    return [name, Array.from({ length: n }, (_, at) => Object.fromEntries(read.map(([key, values]) => [key, values[at]])))];
  }));
}

// src/report/heights.js
var COUNT_TITLE = "eigenvalues per bin";
function countedRows(datasets, perBin) {
  const taller = (row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, (key === "density" || key === "base") && typeof value === "number" ? value * perBin : value]));
  return Object.fromEntries(Object.entries(datasets).map(([name, rows]) => [name, rows.map(taller)]));
}
function countedSpec(part) {
  if (Array.isArray(part)) return part.map(countedSpec);
  if (!part || typeof part !== "object") return part;
  const out = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, countedSpec(value)]));
  if (out.encoding?.y?.title) out.encoding.y.title = COUNT_TITLE;
  return out;
}

// src/report/range.js
var LEAST = 1e-3;
var ROOM = { linear: 1.18, log: 1.6 };
var along = (isLog) => isLog ? { to: Math.log, from: Math.exp } : { to: (x) => x, from: (x) => x };
function within(part, whole, isLog) {
  const { to, from } = along(isLog);
  const [low, high] = whole.map(to);
  let [a, b] = [Math.min(...part), Math.max(...part)].map(to);
  const width = Math.max(b - a, LEAST * (high - low));
  if (!(width < high - low)) return null;
  a = Math.max(low, Math.min(a, high - width));
  b = a + width;
  return [a === low ? whole[0] : from(a), b === high ? whole[1] : from(b)];
}
function scaled(part, whole, factor, isLog, centre) {
  const { to, from } = along(isLog);
  const [a, b] = (part ?? whole).map(to);
  const middle = centre === void 0 ? (a + b) / 2 : to(centre);
  return within([from(middle + (a - middle) * factor), from(middle + (b - middle) * factor)], whole, isLog);
}
function moved(part, whole, share, isLog) {
  const { to, from } = along(isLog);
  const [a, b] = (part ?? whole).map(to);
  const step = share * (b - a);
  return within([from(a + step), from(b + step)], whole, isLog);
}
function heightsWithin(datasets, [low, high], isLog) {
  const rows = Object.entries(datasets).filter(([name]) => name !== "note").flatMap(([, list]) => list);
  const seen = rows.filter((row) => row.density > 0 && (row.high ?? row.eigenvalue) >= low && (row.low ?? row.eigenvalue) <= high);
  if (!seen.length) return null;
  const base = rows.find((row) => typeof row.base === "number")?.base ?? 0;
  const top = Math.max(...seen.map((row) => row.density)) * (isLog ? ROOM.log : ROOM.linear);
  return top > base ? (
    /** @type {Range} */
    [base, top]
  ) : null;
}

// src/report/zoom.js
var CLICK = 5;
var WHEEL = 1.25;
function createZoom({ signal, said }) {
  let view = null;
  let part = null;
  let whole = null;
  let shown = { datasets: {}, x: "log", y: "linear" };
  const isLog = () => shown.x === "log";
  const apply = () => {
    if (!view) return Promise.resolve();
    const heights = part && heightsWithin(shown.datasets, part, shown.y === "log");
    reset.disabled = out.disabled = left.disabled = right.disabled = !part;
    return view.signal("zoom_x", part).signal("zoom_y", heights).runAsync();
  };
  const go = async (next) => {
    part = next;
    await apply();
    said(part ? `Eigenvalues from ${part[0].toPrecision(3)} to ${part[1].toPrecision(3)}.` : "The whole spectrum.");
  };
  const control = (text, action, next, help) => {
    const made = button(text, { action, signal, press: () => {
      if (whole) go(next(whole));
    } });
    made.setAttribute("aria-label", help);
    made.title = help;
    return made;
  };
  const into = control("+", "zoom-in", (all) => scaled(part, all, 0.5, isLog()), "Zoom in");
  const out = control("−", "zoom-out", (all) => scaled(part, all, 2, isLog()), "Zoom out");
  const left = control("◂", "zoom-left", (all) => moved(part, all, -0.5, isLog()), "Move left");
  const right = control("▸", "zoom-right", (all) => moved(part, all, 0.5, isLog()), "Move right");
  const reset = control("Reset", "zoom-reset", () => null, "Show the whole spectrum");
  const pixel = (place, event) => {
    const drawn = place.querySelector("svg");
    if (!drawn) return null;
    const box = drawn.getBoundingClientRect();
    const factor = box.width / Number(drawn.getAttribute("width")) || 1;
    const at = (event.clientX - box.left) / factor - view.origin()[0];
    return { at: Math.max(0, Math.min(at, view.width())), factor, offset: view.origin()[0] };
  };
  const listen = (place) => {
    const brush = h("div", { class: "brush", hidden: true, "aria-hidden": "true" });
    place.append(brush);
    let start2 = null;
    place.addEventListener("pointerdown", (event) => {
      const here = event.button === 0 && event.pointerType !== "touch" ? pixel(place, event) : null;
      start2 = here && { at: here.at, clientX: event.clientX };
      if (start2) event.preventDefault();
    }, { signal });
    const page = place.ownerDocument;
    page.addEventListener("pointermove", (event) => {
      const here = start2 && place.isConnected ? pixel(place, event) : null;
      if (!start2 || !here || Math.abs(event.clientX - start2.clientX) < CLICK) return;
      brush.hidden = false;
      brush.style.left = `${(Math.min(start2.at, here.at) + here.offset) * here.factor}px`;
      brush.style.width = `${Math.abs(here.at - start2.at) * here.factor}px`;
    }, { signal });
    page.addEventListener("pointerup", (event) => {
      const from = start2;
      start2 = null;
      brush.hidden = true;
      const here = from && whole && place.isConnected && Math.abs(event.clientX - from.clientX) >= CLICK ? pixel(place, event) : null;
      if (from && here && whole) go(within([view.scale("x").invert(from.at), view.scale("x").invert(here.at)], whole, isLog()));
    }, { signal });
    place.addEventListener("dblclick", () => go(null), { signal });
    place.addEventListener("wheel", (event) => {
      const here = event.ctrlKey || event.metaKey ? pixel(place, event) : null;
      if (!here || !whole) return;
      event.preventDefault();
      go(scaled(part, whole, event.deltaY < 0 ? 1 / WHEEL : WHEEL, isLog(), view.scale("x").invert(here.at)));
    }, { signal, passive: false });
  };
  return {
    element: h("div", { class: "zoom", role: "group", "aria-label": "Zoom" }, into, out, left, right, reset),
    /** Every view that is drawn afresh comes here. @param {any} fresh @param {HTMLElement} place */
    prepared(fresh, place) {
      view = fresh;
      listen(place);
    },
    /** What is about to be drawn; another spectrum or another axis begins with all of it. @param {typeof shown} next @param {boolean} keeps */
    expect(next, keeps) {
      shown = next;
      if (!keeps) part = whole = null;
    },
    /** After it is drawn. */
    async settle() {
      if (!view) return;
      if (!part) {
        await view.signal("zoom_x", null).signal("zoom_y", null).runAsync();
        whole = view.scale("x").domain();
      }
      await apply();
    }
  };
}

// src/report/spectrum.js
var BOTH = [{ value: "log", label: "log" }, { value: "linear", label: "linear" }];
var HEIGHTS = [{ value: "density", label: "density" }, { value: "count", label: "count" }];
var HINT = "Drag over the spectrum to zoom in, double-click to see all; Ctrl and scroll works too. A triangle is a trap: click it.";
function createSpectrum(context, chooseTrap) {
  const { data, signal, said } = context;
  const zoom = createZoom({ signal, said });
  const chart = createChart({ ...context, prepared: zoom.prepared }, chooseTrap);
  const state = { x: "log", y: "linear", height: "density" };
  let wanted = { place: 0, trap: null };
  const store = (
    /** @type {any} */
    {
      /** @param {Partial<typeof state>} changes */
      async patch(changes) {
        const keeps = !("x" in changes);
        Object.assign(state, changes);
        await draw(keeps);
        return "";
      }
    }
  );
  const looks = [
    segmented({ store, signal }, { key: "x", label: "λ axis", choices: BOTH }),
    segmented({ store, signal }, { key: "y", label: "Height", choices: BOTH }),
    segmented({ store, signal }, { key: "height", label: "Bars show", choices: HEIGHTS })
  ];
  const element = h("div", { class: "live-spectrum" }, h("div", { class: "tools" }, ...looks.map((look) => look.element), zoom.element), chart.element, h("p", { class: "hint" }, HINT));
  const chartOf = () => {
    const layer = data.layers[wanted.place - 1];
    if (!layer) return null;
    const { spec, rows } = layer.axes[`${state.x} ${state.y}`];
    const { trap } = wanted;
    const perBin = layer.per_bin[state.x];
    const datasets = rowsOf(rows, data.columns);
    for (const row of datasets.traps ?? []) row.selected = row.trap_seed === trap?.seed && row.trap_index === trap?.index;
    const counts = state.height === "count" && perBin;
    return {
      spec: counts ? countedSpec(data.specs[spec]) : data.specs[spec],
      datasets: counts ? countedRows(datasets, perBin) : datasets,
      alt: layer.alt
    };
  };
  async function draw(keeps) {
    const next = chartOf();
    element.hidden = !next;
    if (!next) return;
    for (const look of looks) look.sync(state);
    zoom.expect({ datasets: next.datasets, x: state.x, y: state.y }, keeps);
    await chart.show(next);
    await zoom.settle();
  }
  return {
    element,
    /** @param {number} place @param {import("../types").TrapKey | null} trap */
    show(place, trap) {
      const keeps = place === wanted.place;
      wanted = { place, trap };
      return draw(keeps);
    },
    redraw: async () => {
      await chart.redraw();
      await zoom.settle();
    }
  };
}

// src/report/layers.js
function trapKey(text) {
  const [seed, index] = (text ?? "").split(" ").map(Number);
  return Number.isInteger(seed) && Number.isInteger(index) ? { seed, index } : null;
}
function createLayers(context, chosen) {
  const { root, signal, data, said } = context;
  const sections = (
    /** @type {HTMLElement[]} */
    [...root.querySelectorAll("section.layer")]
  );
  const place = (
    /** @type {HTMLElement} */
    root.querySelector("#layers")
  );
  const ablations = /* @__PURE__ */ new Map();
  let current = 0;
  const spectrum = createSpectrum(context, (trap) => choose(current, trap));
  const names2 = sections.map((section) => section.querySelector("h3")?.textContent ?? "");
  const list = h("select", { id: "choose-layer" }, ...names2.map((name, at) => h("option", { value: at + 1 }, name)));
  const step = (by) => () => goTo(`layer-${Math.max(1, Math.min(sections.length, current + by))}`);
  const back = button("‹ Previous", { action: "previous", signal, press: step(-1) });
  const next = button("Next ›", { action: "next", signal, press: step(1) });
  place.prepend(h("div", { class: "layer-bar" }, h("label", { for: "choose-layer" }, "Layer"), list, back, next));
  list.addEventListener("change", () => goTo(`layer-${list.value}`), { signal });
  const goTo = (id) => {
    const { history, location } = (
      /** @type {Window} */
      root.ownerDocument.defaultView
    );
    history.replaceState(null, "", `${location.href.split("#")[0]}#${id}`);
    follow(id, false);
  };
  const drawTests = (block) => {
    for (
      const test of
      /** @type {NodeListOf<HTMLElement>} */
      block.querySelectorAll("[data-ablation]")
    ) {
      const drawn = data.ablations[Number(test.dataset.ablation) - 1];
      const still = test.querySelector("figure.still");
      if (!drawn || !still || ablations.has(test)) continue;
      const chart = createChart(context);
      ablations.set(test, chart);
      still.before(chart.element);
      still.classList.add("paper");
      chart.show({ spec: data.specs[drawn.spec], datasets: rowsOf(drawn.rows, data.columns), alt: drawn.alt });
    }
  };
  const chooseTrap = (section, wanted) => {
    const blocks = (
      /** @type {HTMLElement[]} */
      [...section.querySelectorAll(".trap[data-trap]")]
    );
    const text = wanted && `${wanted.seed} ${wanted.index}`;
    const block = blocks.find((one) => one.dataset.trap === text) ?? blocks[0];
    for (const one of blocks) one.classList.toggle("chosen", one === block);
    for (
      const link of
      /** @type {NodeListOf<HTMLElement>} */
      section.querySelectorAll("a[data-trap]")
    ) {
      const here = link.dataset.trap === block?.dataset.trap;
      link.closest("tr")?.classList.toggle("chosen", here);
      if (here) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    if (block) drawTests(block);
    return block ? trapKey(block.dataset.trap) : null;
  };
  function choose(number, wanted) {
    const section = sections[number - 1];
    if (!section) return;
    const isNew = number !== current;
    current = number;
    for (const one of sections) one.classList.toggle("chosen", one === section);
    list.value = String(number);
    back.disabled = number === 1;
    next.disabled = number === sections.length;
    const trap = chooseTrap(section, wanted);
    const still = [...section.children].find((child) => child.matches("figure.still"));
    if (still) {
      still.classList.add("paper");
      still.before(spectrum.element);
    }
    if (isNew) said(`Layer ${names2[number - 1]}. ${data.layers[number - 1]?.alt ?? ""}`);
    else if (trap) said(`Trap ${trap.index + 1} of the shuffle with seed ${trap.seed}.`);
    chosen(number);
    spectrum.show(number, trap);
  }
  function follow(id, scrolls = true) {
    const target = root.ownerDocument.getElementById(id);
    const section = (
      /** @type {HTMLElement | null | undefined} */
      target?.closest("section.layer")
    );
    if (!target || !section) return false;
    choose(sections.indexOf(section) + 1, trapKey(
      /** @type {HTMLElement | null} */
      target.closest(".trap")?.dataset.trap
    ));
    if (scrolls) target.scrollIntoView({ block: "start" });
    return true;
  }
  return {
    follow,
    goTo,
    redraw: () => Promise.all([spectrum.redraw(), ...[...ablations.values()].map((chart) => chart.redraw())])
  };
}

// src/cells.js
var TEXT_COLUMNS = /* @__PURE__ */ new Set(["name", "kind", "shape", "sketch"]);

// src/header.js
function showSort(head, { by, descending }) {
  for (const cell of head.querySelectorAll("th[data-column]")) {
    const here = cell.getAttribute("data-column") === by;
    cell.setAttribute("aria-sort", here ? descending ? "descending" : "ascending" : "none");
    const arrow = cell.querySelector(".sw-arrow");
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

// src/report/table.js
var WORDS = /* @__PURE__ */ new Set(["name", "kind"]);
function enliven(root, signal, { go, said }) {
  const table = (
    /** @type {HTMLTableElement} */
    root.querySelector("table.layers")
  );
  const heads = (
    /** @type {HTMLElement[]} */
    [...table.querySelectorAll("thead th")]
  );
  const body = table.tBodies[0];
  const rows = [...body.rows].map((element) => ({ ...valuesOf(element, heads), element }));
  let sort = { by: "", descending: false };
  const filter = { text: "", kind: "" };
  const draw = () => {
    const list = filtered(
      /** @type {any[]} */
      rows,
      filter
    );
    arrange(body, (sort.by ? sorted(list, sort) : list).map((row) => (
      /** @type {any} */
      row.element
    )));
    showSort(
      /** @type {Element} */
      table.tHead,
      sort
    );
    count.textContent = list.length === rows.length ? `${rows.length} layers` : `${list.length} of ${rows.length} layers`;
    nothing.hidden = list.length > 0;
  };
  for (const head of heads.filter((one) => one.dataset.key)) {
    head.dataset.column = head.dataset.key;
    const arrow = h("span", { class: "sw-arrow", "aria-hidden": "true" });
    const press = h("button", { type: "button", class: "sort", "aria-description": head.dataset.help ?? null }, h("span", {}, ...head.childNodes), arrow);
    head.append(press);
    press.addEventListener("click", () => {
      sort = WORDS.has(head.dataset.key ?? "") ? textSort(sort, head.dataset.key ?? "") : nextSort(sort, head.dataset.key ?? "");
      draw();
      said(`Sorted by ${press.textContent}, ${sort.descending ? "largest first" : "smallest first"}.`);
    }, { signal });
  }
  const search = h("input", { type: "search", id: "filter-layers", placeholder: "part of a name", autocomplete: "off" });
  const kinds = [...new Set(rows.map((row) => String(row.kind)))].sort();
  const kind = h("select", { id: "filter-kind" }, h("option", { value: "" }, "all kinds"), ...kinds.map((one) => h("option", { value: one }, one)));
  const count = h("span", { class: "quiet", role: "status" });
  const nothing = h("p", { class: "empty", hidden: true }, "No layer matches. Clear the text or choose another kind.");
  search.addEventListener("input", () => {
    filter.text = search.value;
    draw();
  }, { signal });
  kind.addEventListener("change", () => {
    filter.kind = kind.value;
    draw();
  }, { signal });
  const place = (
    /** @type {HTMLElement} */
    root.querySelector("#layers-table")
  );
  place.before(h("div", { class: "tools" }, h("label", { for: "filter-layers" }, "Filter"), search, h("label", { for: "filter-kind" }, "Kind"), kind, count, columnChoice(table, heads, signal)));
  place.after(nothing);
  body.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const row = target?.closest("a") ? null : target?.closest("tr");
    if (row) go(`layer-${row.dataset.place}`);
  }, { signal });
  draw();
  return {
    /** @param {number} place */
    mark(place2) {
      for (const { element } of rows) {
        const here = element.dataset.place === String(place2);
        element.classList.toggle("chosen", here);
        element.querySelector("a")?.toggleAttribute("aria-current", here);
      }
    }
  };
}
var textSort = (sort, key) => ({ by: key, descending: sort.by === key && !sort.descending });
function valuesOf(row, heads) {
  return Object.fromEntries(heads.flatMap((head, at) => {
    const key = head.dataset.key;
    if (!key) return [];
    const value = row.cells[at].dataset.value;
    return [[key, value === void 0 || value === "" ? null : WORDS.has(key) ? value : Number(value)]];
  }));
}
function columnChoice(table, heads, signal) {
  const boxes = heads.flatMap((head, at) => {
    if (!head.classList.contains("number")) return [];
    const box = h("input", { type: "checkbox", value: at, checked: !head.hidden });
    const symbol = head.querySelector(".sort > span")?.textContent ?? "";
    return [h("label", { class: "column" }, box, h("span", {}, symbol), h("span", { class: "quiet" }, head.dataset.help ?? ""))];
  });
  const element = h("details", { class: "columns" }, h("summary", {}, "Columns"), h("div", { class: "column-list" }, ...boxes));
  element.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const at = Number(event.target.value);
    for (const row of table.rows) row.cells[at].hidden = !event.target.checked;
  }, { signal });
  return boxes.length ? element : h("span");
}

// src/report/main.js
function start(page, embed) {
  const root = (
    /** @type {HTMLElement} */
    page.querySelector("main")
  );
  const { signal } = new AbortController();
  const status = h("p", { class: "sw-hidden", role: "status", "aria-live": "polite" });
  const said = (text) => void (status.textContent = text);
  page.documentElement.classList.add("live");
  const tip = createTip(root, signal);
  root.append(status);
  offerCopies(root, signal, said);
  let layers = null;
  followTheme(root, signal, () => layers?.redraw());
  root.querySelector("header")?.prepend(themeButton(root, page, signal));
  if (!root.querySelector("table.layers")) return;
  const data = JSON.parse(
    /** @type {HTMLElement} */
    page.getElementById("data").textContent ?? ""
  );
  const drawing = (
    /** @type {import("../types").Embed} */
    embed
  );
  const made = createLayers({ embed: drawing, root, tip, signal, data, said }, (place) => table.mark(place));
  layers = made;
  const table = enliven(root, signal, { go: made.goTo, said });
  const view = (
    /** @type {Window} */
    page.defaultView
  );
  const follow = () => made.follow(decodeURIComponent(view.location.hash.slice(1)));
  view.addEventListener("hashchange", follow, { signal });
  if (!follow()) made.follow(firstLayer(root), false);
}
var firstLayer = (root) => (root.querySelector("[data-ablation]") ?? root.querySelector(".trap") ?? root.querySelector("section.layer"))?.closest("section.layer")?.id ?? "";
function themeButton(root, page, signal) {
  const press = button("Light or dark", {
    action: "theme",
    signal,
    look: "theme",
    press: () => page.documentElement.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"
  });
  return press;
}

// src/report/entry.js
start(
  document,
  /** @type {any} */
  globalThis.spectralEmbed
);
