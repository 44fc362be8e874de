// The widget's `_esm`: shows the static picture, asks the kernel for the two big chunks once a page, then hands over.
const CHUNKS = Symbol.for("spectral_widgets.chunks");
const PATIENCE_MS = 10000;

/** @returns {Map<string, Promise<any>>} modules by content hash, shared by all widgets of the page */
const shared = () => (/** @type {any} */ (globalThis)[CHUNKS] ??= new Map());

/** @param {import("./types").Model} model @param {string} name @param {string} hash @returns {Promise<DataView>} */
function ask(model, name, hash) {
  return new Promise((resolve, reject) => {
    /** @param {any} message @param {DataView[]} buffers */
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

/** @param {DataView} bytes */
async function moduleOf(bytes) {
  const url = URL.createObjectURL(new Blob([/** @type {any} */ (bytes)], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {import("./types").Model} model @param {string} name @param {(bytes: DataView) => Promise<any>} open */
export function chunk(model, name, open = moduleOf) {
  const known = shared();
  const hash = model.get("_chunks")[name];
  if (!known.has(hash)) {
    const loading = ask(model, name, hash).then(open);
    known.set(hash, loading);
    loading.catch(() => known.delete(hash));
  }
  return /** @type {Promise<any>} */ (known.get(hash));
}

/** @param {import("./types").Model} model @param {() => void} retry */
function staticView(model, retry) {
  const box = document.createElement("div");
  box.className = "sw-static";
  const picture = document.createElement("img");
  picture.alt = model.get("_alt") || "";
  picture.style.maxWidth = "100%";
  const bytes = model.get("_png");
  const url = bytes?.byteLength ? URL.createObjectURL(new Blob([bytes], { type: "image/png" })) : "";
  if (url) picture.src = url;
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  words.textContent = "Opening the live view…";
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Try again";
  again.hidden = true;
  again.onclick = retry;
  if (url) box.append(picture);
  box.append(words, again);
  /** @param {string} text @param {boolean} failed */
  const say = (text, failed) => {
    words.textContent = text;
    again.hidden = !failed;
  };
  return { box, say, free: () => url && URL.revokeObjectURL(url) };
}

/** @param {{ model: import("./types").Model, el: HTMLElement }} context */
function render({ model, el }) {
  let closed = false;
  /** @type {(() => void) | undefined} */
  let cleanup;
  const still = staticView(model, start);
  el.append(still.box);

  async function start() {
    still.say("Opening the live view…", false);
    try {
      const [vendor, view] = await Promise.all([chunk(model, "vendor"), chunk(model, "view")]);
      if (closed) return;
      cleanup = view.render({ model, el }, vendor.vegaEmbed);
      still.box.remove();
    } catch (problem) {
      const reason = /** @type {Error} */ (problem).message;
      still.say(`This is a still picture, because ${reason}. Run this cell again to get the live view.`, true);
    }
  }

  start();
  return () => {
    closed = true;
    cleanup?.();
    still.free();
    still.box.remove();
  };
}

export default { render };
