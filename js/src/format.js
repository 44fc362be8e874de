// Numbers and times in few digits and plain words.

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
export const MISSING = "–";

/** @param {number} exponent */
const raised = (exponent) => (exponent < 0 ? "⁻" : "") + [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPT[Number(digit)]).join("");

/** Three significant digits; whole numbers below a million stay whole. @param {unknown} value */
export function short(value) {
  if (value === null || value === undefined || value === "") return MISSING;
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? MISSING : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return signed(String(value));
  if (size >= 1e6 || size < 1e-3) return scientific(value);
  return signed(size >= 1000 ? value.toFixed(0) : value.toPrecision(3));
}

/** A ratio from 0 to 1, in three decimals so that a column of them lines up. @param {unknown} value */
export const ratio = (value) => (typeof value === "number" && value >= 0.0005 ? value.toFixed(3) : short(value));

/** @param {string} digits */
const signed = (digits) => digits.replace("-", "−");

/** @param {number} value */
function scientific(value) {
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${signed(digits)}×10${raised(Number(exponent))}`;
}

/** @param {unknown} share */
export const percent = (share) => (typeof share === "number" && Number.isFinite(share) ? `${signed((share * 100).toPrecision(share >= 0.995 ? 3 : 2))} %` : short(share));

/** @param {unknown} shape */
export const dimensions = (shape) => (Array.isArray(shape) ? shape.join(" × ") : short(shape));

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** A rate in the unit that gives at least one: "3.1/s", "12/min", "2.0/h". @param {number} perSecond */
export function rate(perSecond) {
  const [unit, times] = perSecond >= 1 ? ["s", 1] : perSecond * 60 >= 1 ? ["min", 60] : ["h", 3600];
  const value = perSecond * Number(times);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}/${unit}`;
}

/** "12 of 40 · 1.0/s · 12 s, about 30 s left" @param {import("./types").Progress} progress */
export function progressWords({ done, total, elapsed_s, remaining_s }) {
  const count = total > 0 ? `${done} of ${total}` : `${done} done`;
  const left = remaining_s === null || remaining_s === undefined ? "" : `, about ${duration(remaining_s)} left`;
  const pace = done > 0 && elapsed_s > 0 ? ` · ${rate(done / elapsed_s)}` : "";
  return `${count}${pace} · ${duration(elapsed_s ?? 0)}${left}`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
