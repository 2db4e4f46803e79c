/** Describes a mood in words, exactly as `mien.mood.circumplex.describe` on the server. */

/** @import {Mood} from "./types.js" */

const SLIGHT = 0.15;
const CLEAR = 0.45;

/** @param {Mood} mood */
export function describe({ valence, arousal }) {
  return [arousalWord(arousal), valenceWord(valence, arousal)].filter(Boolean).join(", ") || "even";
}

/** @param {number} arousal */
function arousalWord(arousal) {
  if (Math.abs(arousal) < SLIGHT) return "";
  if (arousal > 0) return arousal >= CLEAR ? "excited" : "lively";
  return arousal <= -CLEAR ? "very calm" : "calm";
}

/** @param {number} valence @param {number} arousal */
function valenceWord(valence, arousal) {
  if (Math.abs(valence) < SLIGHT) return "";
  const word = valence > 0 ? "happy" : arousal >= SLIGHT ? "tense" : "sad";
  return Math.abs(valence) >= CLEAR ? word : `a little ${word}`;
}
