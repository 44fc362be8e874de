// A thumbnail of a spectrum: 24 heights between 0 and 1, drawn as one filled outline.
import { svg } from "./dom.js";

const WIDTH = 96;
const HEIGHT = 24;

/** @param {number[]} heights */
export function outline(heights) {
  const step = WIDTH / heights.length;
  const tops = heights.map((height, i) => {
    const y = (HEIGHT - 1 - Math.max(0, Math.min(1, Number(height) || 0)) * (HEIGHT - 3)).toFixed(1);
    return `V${y}H${((i + 1) * step).toFixed(1)}`;
  });
  return `M0 ${HEIGHT - 1}${tops.join("")}V${HEIGHT - 1}Z`;
}

/** @param {number[]} heights */
export const sketch = (heights) =>
  svg("svg", { class: "sw-sketch", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, "aria-hidden": "true", preserveAspectRatio: "none" },
    svg("path", { d: outline(heights) }));
