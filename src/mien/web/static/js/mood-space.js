/** Geometry of the valence-arousal plane: a square of moods, drawn as a disc. */

/** @import {Mood} from "./types.js" */

/** @param {number} value */
const within = (value) => Math.min(1, Math.max(-1, value));

/** @param {number} valence @param {number} arousal @returns {Mood} */
export function moodAt(valence, arousal) {
  return { valence: within(valence), arousal: within(arousal) };
}

/** The distance between two moods, 0..2.83. @param {Mood} a @param {Mood} b */
export function distance(a, b) {
  return Math.hypot(a.valence - b.valence, a.arousal - b.arousal);
}

/** Interpolates between two moods. @param {Mood} from @param {Mood} to @param {number} share 0..1 */
export function between(from, to, share) {
  return moodAt(from.valence + share * (to.valence - from.valence), from.arousal + share * (to.arousal - from.arousal));
}

/**
 * The point of a mood on the unit disc (x to the right, y up), by the elliptical mapping of the square to the disc:
 * it keeps both axes, and maps the square's corners to the rim.
 *
 * @param {Mood} mood
 * @returns {{x: number, y: number}}
 */
export function toDisc({ valence, arousal }) {
  return {
    x: valence * Math.sqrt(1 - (arousal * arousal) / 2),
    y: arousal * Math.sqrt(1 - (valence * valence) / 2),
  };
}

/**
 * The mood at a point of the unit disc, the inverse of {@link toDisc}; a point outside of the disc is moved to the rim.
 *
 * @param {number} x
 * @param {number} y
 */
export function fromDisc(x, y) {
  const radius = Math.max(1, Math.hypot(x, y));
  const [u, v] = [x / radius, y / radius];
  const root = (/** @type {number} */ value) => Math.sqrt(Math.max(0, value));
  const [along, across] = [2 + u * u - v * v, 2 - u * u + v * v];
  const [shiftU, shiftV] = [2 * Math.SQRT2 * u, 2 * Math.SQRT2 * v];
  return moodAt((root(along + shiftU) - root(along - shiftU)) / 2, (root(across + shiftV) - root(across - shiftV)) / 2);
}
