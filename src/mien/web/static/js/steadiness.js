/** How calmly the mood follows a face: a number from 0 to 1 that is remembered, and words for it. */

const KEY = "mien.steadiness";
const WORDS = ["at once", "quickly", "evenly", "calmly", "very calmly"];

/** What the person chose, null where they did not. @returns {number | null} */
export function storedSteadiness() {
  const text = localStorage.getItem(KEY);
  const value = text === null ? Number.NaN : Number.parseFloat(text);
  return value >= 0 && value <= 1 ? value : null;
}

/** @param {number} value */
export function storeSteadiness(value) {
  localStorage.setItem(KEY, String(value));
}

/** @param {number} value */
export function wordsForSteadiness(value) {
  return WORDS[Math.min(WORDS.length - 1, Math.floor(value * WORDS.length))];
}
