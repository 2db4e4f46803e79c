/** Words for moods and expressions, exactly as in `mien.mood.circumplex` on the server; docs/mood-words.md shows them. */

/** @import {Emotion, Mood} from "./types.js" */

/** @type {Readonly<Record<Emotion, string>>} */
export const EXPRESSION_WORDS = Object.freeze({
  angry: "angry",
  disgust: "disgusted",
  fear: "afraid",
  happy: "happy",
  sad: "sad",
  surprise: "surprised",
  neutral: "neutral",
});

export const UNSURE_WORDS = "not sure";

const NEUTRAL_RADIUS = 0.25;
const CLEAR_RADIUS = 0.5;

/** For the eight sectors, counterclockwise from pleasant: near the middle, and farther out. */
const PLANE_WORDS = [
  ["a little happy", "happy"],
  ["lively", "excited"],
  ["alert", "very alert"],
  ["a little tense", "tense"],
  ["a little unhappy", "unhappy"],
  ["a little sad", "sad"],
  ["quiet", "very quiet"],
  ["calm", "very calm"],
];

/** @param {Mood} mood */
export function describe({ valence, arousal }) {
  const radius = Math.hypot(valence, arousal);
  if (radius < NEUTRAL_RADIUS) return EXPRESSION_WORDS.neutral;
  const turns = Math.atan2(arousal, valence) / (2 * Math.PI);
  const sector = (Math.floor(turns * PLANE_WORDS.length + 0.5) + PLANE_WORDS.length) % PLANE_WORDS.length;
  const [near, far] = PLANE_WORDS[sector];
  return radius >= CLEAR_RADIUS ? far : near;
}
