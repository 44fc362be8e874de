// What the letters and colours of bands mean, where they come from, and where they fail.
import { bandMark } from "../cells.js";
import { h } from "../dom.js";
import { withHelp } from "../tip.js";

/** @param {import("../types").Legend["bands"][number]} band */
const entry = ({ mark, tone, name, range, meaning, fails }) =>
  withHelp(h("span", { class: "sw-band-entry", tabindex: 0 }, bandMark(mark, tone), h("span", { class: "sw-hidden" }, `${mark}: `), `${name} ${range}`), [meaning, fails].filter(Boolean).join("\n"));

/** @param {import("../types").Legend} legend */
function lines({ title, source, fails, bands }) {
  const own = bands.filter((band) => band.fails).map((band) => h("li", {}, `${band.name}: ${band.fails}`));
  const more = h("details", { class: "sw-band-more" }, h("summary", {}, "where they come from, where they fail"), h("p", {}, `From ${source}. A convention, not a law. ${fails}`), own.length ? h("ul", {}, ...own) : null);
  return h("div", { class: "sw-band-line" }, h("span", { class: "sw-minor" }, `Bands of ${title}`), ...bands.map(entry), more);
}

export function bandLegend() {
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
    },
  };
}
