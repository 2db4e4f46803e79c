/** The colour of a mood: warm for excited, green for calm, blue for sad, red for tense, grey in the middle. */

/** @import {Mood} from "./types.js" */

/** Hues (degrees of OKLCH) at the four diagonals, by the angle on the plane; the last closes the circle. */
const HUES = [
  { angle: -135, hue: -105 }, // sad
  { angle: -45, hue: -200 }, // calm
  { angle: 45, hue: -290 }, // excited
  { angle: 135, hue: -340 }, // tense
  { angle: 225, hue: -465 }, // sad again
];

/** @param {Mood} mood @returns {number} degrees, 0..360 */
export function hueOf({ valence, arousal }) {
  let angle = (Math.atan2(arousal, valence) * 180) / Math.PI;
  if (angle < -135) angle += 360;
  const after = HUES.findIndex((stop) => stop.angle > angle);
  const [from, to] = [HUES[after - 1], HUES[after]];
  const share = (angle - from.angle) / (to.angle - from.angle);
  return (from.hue + share * (to.hue - from.hue) + 720) % 360;
}

/** The saturation of a mood's colour: 0 at the centre, 1 from about half-way to the rim. @param {Mood} mood */
export function strengthOf({ valence, arousal }) {
  return Math.min(1, Math.hypot(valence, arousal) / 0.6);
}

/** A vivid colour for a mood, as CSS. @param {Mood} mood @param {number} [lightness] 0..1 */
export function colourOfMood(mood, lightness = 0.75) {
  const chroma = 0.03 + 0.11 * strengthOf(mood);
  return `oklch(${lightness} ${chroma.toFixed(3)} ${hueOf(mood).toFixed(1)})`;
}
