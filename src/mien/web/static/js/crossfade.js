/** How one piece gives way to the next: how long both are heard, how loud each is meanwhile, and words for that. */

const KEY = "mien.crossfade";
const GENTLE_S = 4;

export const LONGEST_S = 12;

/** Without a crossfade the next piece begins this much early, which hides the moment that it takes to start. */
const LEAD_S = 0.06;

/** The seconds that the person chose, 0 for none; four until they do. */
export function storedCrossfade() {
  const text = localStorage.getItem(KEY);
  const seconds = text === null ? Number.NaN : Number.parseFloat(text);
  return seconds >= 0 && seconds <= LONGEST_S ? seconds : GENTLE_S;
}

/** @param {number} seconds */
export function storeCrossfade(seconds) {
  localStorage.setItem(KEY, String(seconds));
}

/** @param {number} seconds */
export function wordsForCrossfade(seconds) {
  if (seconds === 0) return "without a pause";
  return `over ${seconds} second${seconds === 1 ? "" : "s"}`;
}

/**
 * How many seconds two pieces are heard together: as chosen, but no more than half of either.
 *
 * @param {number} chosenS
 * @param {number[]} durationsS  NaN and infinity where unknown
 */
export function overlapOf(chosenS, durationsS) {
  const halves = durationsS.filter((duration) => duration > 0).map((duration) => duration / 2);
  return Math.max(LEAD_S, Math.min(chosenS, ...halves));
}

/**
 * How loud the leaving and the coming piece are, 0..1 each. Their squares sum to 1, so that the power, and with it the
 * loudness of two different pieces, stays as it is. An overlap that only hides the start is no fade: both are at full.
 *
 * @param {number} share  of the overlap that is over, 0..1
 * @param {number} overlapS
 * @returns {[number, number]}
 */
export function gainsAt(share, overlapS) {
  if (overlapS <= LEAD_S) return [1, 1];
  const angle = (Math.PI / 2) * Math.min(1, Math.max(0, share));
  return [Math.cos(angle), Math.sin(angle)];
}
