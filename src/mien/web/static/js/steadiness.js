/** How steadily the mood follows the face: the stored setting from 0 to 1, and words for it. */

const KEY = "mien.steadiness";
const WORDS = ["instantly", "quickly", "smoothly", "slowly", "very slowly"];

/** The user's setting, null if there is none. @returns {number | null} */
export function storedSteadiness() {
  const text = localStorage.getItem(KEY);
  const value = text === null ? Number.NaN : Number.parseFloat(text);
  return value >= 0 && value <= 1 ? value : null;
}

/** @param {number} value  0..1 */
export function storeSteadiness(value) {
  localStorage.setItem(KEY, String(value));
}

/** @param {number} value  0..1 */
export function steadinessWords(value) {
  return WORDS[Math.min(WORDS.length - 1, Math.floor(value * WORDS.length))];
}
