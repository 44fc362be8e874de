// One drawn screen on a fake kernel.
import { render } from "../src/view.js";
import { fakeEmbed, fakeModel, obliging } from "./fake.js";

/** @param {ReturnType<typeof fakeModel>} [model] */
export function openScreen(model = obliging(fakeModel())) {
  const el = document.createElement("div");
  document.body.replaceChildren(el);
  const { embed, drawn } = fakeEmbed();
  const close = render({ model, el }, embed);
  const root = /** @type {HTMLElement} */ (el.firstElementChild);
  const panel = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(`[data-panel="${name}"]`));
  return { model, el, root, close, drawn, panel };
}
