// Turns an answer with one buffer into a file the browser saves.

/** @param {import("./types").Answer} answer @param {Document} page */
export function save({ buffers, filename, mime }, page) {
  if (!buffers[0]) throw new Error("The kernel sent no file.");
  const url = URL.createObjectURL(new Blob([/** @type {any} */ (buffers[0])], { type: mime }));
  const link = page.createElement("a");
  link.href = url;
  link.download = String(filename || "file");
  page.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
