/** Detects that a mood has settled, from its readings, whose rate depends on the computer. */

import { distance } from "./mood-space.js";

/** @import {Mood} from "./types.js" */

export class MoodSettling {
  /**
   * @param {{readings?: number, spanMs?: number, maxDistance?: number, limitMs?: number}} [options]
   *   Settled when the last `readings` readings span at least `spanMs` and lie within `maxDistance`; after `limitMs`,
   *   the count alone suffices.
   */
  constructor({ readings = 6, spanMs = 1_500, maxDistance = 0.15, limitMs = 12_000 } = {}) {
    this.readings = readings;
    this.spanMs = spanMs;
    this.maxDistance = maxDistance;
    this.limitMs = limitMs;
  }

  /** @type {{mood: Mood, atMs: number}[]} the last readings, oldest first */
  #recent = [];
  #firstMs = 0;

  reset() {
    this.#recent = [];
  }

  /** @param {Mood} mood @param {number} nowMs @returns {boolean} whether the mood has settled */
  update(mood, nowMs) {
    // The clock may be set back.
    if (nowMs < (this.#recent.at(-1)?.atMs ?? nowMs)) this.reset();
    if (this.#recent.length === 0) this.#firstMs = nowMs;
    this.#recent.push({ mood, atMs: nowMs });
    while (this.#recent.length > this.readings && nowMs - this.#recent[1].atMs >= this.spanMs) this.#recent.shift();
    if (this.#recent.length < this.readings) return false;
    if (nowMs - this.#firstMs >= this.limitMs) return true;
    if (nowMs - this.#recent[0].atMs < this.spanMs) return false;
    return this.#recent.every((reading) => distance(reading.mood, mood) <= this.maxDistance);
  }
}
