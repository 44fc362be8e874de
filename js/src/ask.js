// Asking a question from anywhere on the screen: change what has to be changed, ask, and bring the answer into sight.

/**
 * @param {import("./context").Context} context
 * @returns {(changes?: Record<string, unknown>) => Promise<string>} "" or the sentence that says why not
 */
export const createAsk = ({ store, wire, root }) => async (changes = {}) => {
  const refused = Object.keys(changes).length ? await store.patch(changes) : "";
  if (refused) return refused;
  try {
    await wire.request("ask");
  } catch (problem) {
    return /** @type {Error} */ (problem).message;
  }
  root.querySelector('[data-panel="study"]')?.scrollIntoView?.({ block: "nearest", behavior: "smooth" });
  return "";
};
