// Play and pause: one dial moves from place to place, each step when the one before is on the screen, all of it if it comes soon.
import { button } from "../controls.js";
import { nearest } from "./dial.js";

const FRAME_MS = 140;
const GROWING_MS = 350;
const PATIENCE_MS = 2000;

/** @param {any} context @param {import("../types").Setting | undefined} setting */
export function createPlayer({ store, signal }, setting) {
  if (!setting?.stops) return null;
  const { key, label, stops } = setting;
  const element = button("Play", { action: "play", signal, press: () => (playing ? pause() : play()), help: `Moves “${label}” from end to end.` });
  const words = /** @type {HTMLElement} */ (element.querySelector("span"));
  let playing = false;
  /** @type {any} */
  let timer;
  let movedAt = 0;
  let expected = NaN;

  const step = () => {
    const value = store.get()[key];
    // Whoever takes hold of the dial stops the film.
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
    },
  };
}
