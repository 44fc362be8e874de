// All dials of a lab with the switches that every lab has, and the ways back and on.
import { button, flagField, numberField, segmented, selectField } from "../controls.js";
import { h } from "../dom.js";
import { dial } from "./dial.js";
import { createPlayer } from "./play.js";

/** Letters that fit side by side; more are listed in a menu. */
const ROOM_LETTERS = 22;
const LARGEST_SEED = 2 ** 31 - 1;

/** @param {any} context @param {import("../types").Setting} setting */
function controlOf(context, setting) {
  const { kind, look, choices = [], min = 0, max = 0 } = setting;
  if (look === "dial") return dial(context, setting);
  if (kind === "flag") return flagField(context, setting);
  if (kind !== "choice") return numberField(context, { ...setting, min, max, whole: kind === "whole" });
  return choices.map((one) => one.label).join("  ").length > ROOM_LETTERS ? selectField(context, { ...setting, choices }) : segmented(context, { ...setting, choices });
}

/** @param {any} context @param {import("../types").Lesson} lesson */
export function dialPanel(context, lesson) {
  const { store, signal } = context;
  const defaults = Object.fromEntries(lesson.dials.map(({ key, default: value }) => [key, value]));
  const own = lesson.dials.map((setting) => controlOf(context, setting));
  const theory = flagField(context, { key: "theory", label: "Show theory", help: "Draws what theory foretells over the simulation." });
  const seed = numberField(context, { key: "seed", label: "Seed", help: "The same seed gives the same random numbers.", min: 0, max: LARGEST_SEED });
  const another = button("New seed", { action: "new-seed", signal, press: () => store.patch({ seed: (store.get().seed + 1) % LARGEST_SEED }) });
  const reset = button("Reset", { action: "reset", signal, press: () => store.patch({ ...defaults, seed: 0, theory: true }), help: "Puts every dial back to where it stood." });
  const player = createPlayer(context, lesson.dials.find(({ key }) => key === lesson.animation));
  const controls = [...own, theory, seed];
  const element = h("div", { class: "sw-dials" },
    ...own.map((control) => control.element), h("div", { class: "sw-line" }, theory.element, player?.element),
    h("div", { class: "sw-line sw-seed-line" }, seed.element, another, reset));
  return {
    element,
    /** @param {any} state */
    sync: (state) => controls.forEach((control) => control.sync(state)),
    /** A drawing is on the screen. @param {boolean} complete */
    shown: (complete) => player?.shown(complete),
  };
}
