// Dragging a line of a chart moves the dial that it stands for.

/** Where a group of marks begins, in the chart's own pixels. @param {any} group @param {"x" | "y"} axis @returns {number} */
const originOf = (group, axis) => (group ? (group[axis] ?? 0) + originOf(group.mark?.group, axis) : 0);

/**
 * @param {any} view
 * @param {HTMLElement} place
 * @param {{ signal: AbortSignal, move: (dial: string, value: number) => void }} options
 */
export function dragLines(view, place, { signal, move }) {
  view.addEventListener("pointerdown", (/** @type {any} */ event, /** @type {any} */ item) => {
    const dial = item?.datum?.drag;
    if (typeof dial !== "string") return;
    event.preventDefault();
    /** @type {"x" | "y"} */
    const axis = Number.isFinite(item.datum.x) ? "x" : "y";
    const origin = originOf(item.mark.group, axis) + view.origin()[axis === "x" ? 0 : 1];
    const ending = new AbortController();
    const page = place.ownerDocument;
    const follow = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const frame = /** @type {Element} */ (place.querySelector("svg, canvas")).getBoundingClientRect();
      const at = (axis === "x" ? clientX - frame.left : clientY - frame.top) - origin;
      move(dial, view.scale(axis).invert(at));
    };
    page.addEventListener("pointermove", follow, { signal: ending.signal });
    for (const end of ["pointerup", "pointercancel"]) page.addEventListener(end, () => ending.abort(), { signal: ending.signal });
    signal.addEventListener("abort", () => ending.abort(), { signal: ending.signal });
  });
}
