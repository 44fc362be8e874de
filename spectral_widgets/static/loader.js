// src/loader.js
var CHUNKS = /* @__PURE__ */ Symbol.for("spectral_widgets.chunks");
var PATIENCE_MS = 3e4;
var SLOW_MS = 2e3;
var shared = () => (
  /** @type {any} */
  globalThis[CHUNKS] ??= /* @__PURE__ */ new Map()
);
function ask(model, name, hash) {
  return new Promise((resolve, reject) => {
    const hear = (message, buffers) => {
      if (message?.kind !== "chunk" || message.hash !== hash || !buffers?.[0]) return;
      stop();
      resolve(buffers[0]);
    };
    const stop = () => {
      clearTimeout(timer);
      model.off("msg:custom", hear);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error("no kernel answers"));
    }, PATIENCE_MS);
    model.on("msg:custom", hear);
    try {
      model.send({ v: 1, kind: "chunk", name, hash });
    } catch {
      stop();
      reject(new Error("there is no kernel"));
    }
  });
}
async function moduleOf(bytes) {
  const url = URL.createObjectURL(new Blob([
    /** @type {any} */
    bytes
  ], { type: "text/javascript" }));
  try {
    return await import(
      /* @vite-ignore */
      url
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
function chunk(model, name, open = moduleOf) {
  const known = shared();
  const hash = model.get("_chunks")[name];
  let loading = known.get(hash);
  if (!loading) {
    loading = ask(model, name, hash).then(open);
    known.set(hash, loading);
    loading.catch(() => known.delete(hash));
  }
  return loading;
}
function address(bytes) {
  if (!bytes?.byteLength) return "";
  const all = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return `data:image/png;base64,${btoa(Array.from(all, (byte) => String.fromCharCode(byte)).join(""))}`;
}
var made = (tag, properties) => Object.assign(document.createElement(tag), properties);
function staticView(model, retry) {
  const src = address(model.get("_png"));
  const words = made("p", { role: "status" });
  const again = made("button", { type: "button", textContent: "Try again", onclick: retry });
  const box = made("div", { className: "sw-static" });
  if (src) box.append(made("img", { src, alt: model.get("_alt") || "", style: "max-width: 100%" }));
  box.append(words, again);
  const say = (text, failed) => {
    words.textContent = text;
    again.hidden = !failed;
  };
  say("Opening the live view…", false);
  const stay = (reason) => say(`${src ? "This is a still picture" : "There is no live view"}, because ${reason}. Run this cell again to get the live view.`, true);
  return { box, say, stay };
}
var FROZEN = "Frozen on this page only: it was loaded anew. To save the picture, run the cell again and freeze it then.";
function render({ model, el }) {
  let closed = false;
  let cleanup;
  let still = staticView(model, start);
  el.append(still.box);
  const follow = () => {
    if (!model.get("_frozen")) return void start();
    cleanup?.();
    cleanup = void 0;
    still.box.remove();
    still = staticView(model, start);
    el.append(still.box);
    still.say(FROZEN, false);
  };
  async function start() {
    if (cleanup) return;
    still.say("Opening the live view…", false);
    const slow = setTimeout(() => still.stay("no kernel has answered yet"), SLOW_MS);
    try {
      const [vendor, view] = await Promise.all([chunk(model, "vendor"), chunk(model, "view")]);
      if (closed || cleanup || model.get("_frozen")) return;
      cleanup = view.render({ model, el }, vendor.vegaEmbed);
      still.box.remove();
    } catch (problem) {
      still.stay(problem.message);
    } finally {
      clearTimeout(slow);
    }
  }
  model.on("change:_frozen", follow);
  if (model.get("_frozen")) still.say(FROZEN, false);
  else start();
  return () => {
    closed = true;
    model.off("change:_frozen", follow);
    cleanup?.();
    still.box.remove();
  };
}
var loader_default = { render };
export {
  chunk,
  loader_default as default
};
