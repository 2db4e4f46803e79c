/** The crossfade between two tracks: how long they overlap, their gains meanwhile, and the user's setting. */

import { counted } from "./durations.js";

const KEY = "mien.crossfade";
const DEFAULT_S = 4;

export const MAX_CROSSFADE_S = 12;

/** Without a crossfade the next track starts this early, which hides the time that it takes to start. */
const LEAD_S = 0.06;

/** The user's setting in seconds, 0 for none. */
export function storedCrossfade() {
  const text = localStorage.getItem(KEY);
  const seconds = text === null ? Number.NaN : Number.parseFloat(text);
  return seconds >= 0 && seconds <= MAX_CROSSFADE_S ? seconds : DEFAULT_S;
}

/** @param {number} seconds */
export function storeCrossfade(seconds) {
  localStorage.setItem(KEY, String(seconds));
}

/** The setting as a sentence. @param {number} seconds */
export function crossfadeWords(seconds) {
  if (seconds === 0) return "Tracks follow each other without a gap.";
  return `Tracks overlap by ${counted(seconds, "second")}.`;
}

/**
 * How many seconds two tracks overlap: as set, but no more than half of either.
 *
 * @param {number} crossfadeS  the user's setting
 * @param {number[]} durationsS  NaN and infinity if unknown
 */
export function overlapOf(crossfadeS, durationsS) {
  const halves = durationsS.filter((duration) => duration > 0).map((duration) => duration / 2);
  return Math.max(LEAD_S, Math.min(crossfadeS, ...halves));
}

/**
 * The gains of the track that ends and of the one that starts, 0..1. Their squares sum to 1, so that the total power,
 * and with it the loudness of two different tracks, is constant. An overlap that only hides the start is not a fade:
 * both gains are 1.
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
