/** Which mood holds: the face's, or the one that a hand has set; the latter is kept in the page's address. */

import { moodAt } from "./mood-space.js";
import { describe } from "./mood-words.js";

/** @import {MoodSource} from "./elements/mood-words.js" */
/** @import {Mood} from "./types.js" */

/** A mood that is only remembered is said to be so after this time: a face that turns for a moment changes nothing. */
const HELD_AFTER_MS = 600;

/** Event: "change". */
export class MoodState extends EventTarget {
  /** @type {Mood | null} */
  mood = null;
  /** @type {MoodSource} */
  source = "start";
  #heldSinceMs = Number.NaN;

  get byHand() {
    return this.source === "hand";
  }

  /** The camera was turned on. */
  look() {
    if (!this.byHand) this.#become(this.mood, "looking");
  }

  /** The camera was turned off. */
  lookAway() {
    if (!this.byHand) this.#become(this.mood, this.mood === null ? "start" : "lost");
  }

  /**
   * A reading's mood, null when nothing is known, `held` when it is only remembered; a mood set by hand stays.
   *
   * @param {Mood | null} mood
   * @param {{held: boolean, nowMs: number}} reading
   */
  see(mood, { held, nowMs }) {
    if (this.byHand) return;
    if (mood === null) {
      const known = this.mood !== null && this.source !== "looking";
      this.#become(this.mood, known ? "unknown" : "looking");
      return;
    }
    if (!held) this.#heldSinceMs = Number.NaN;
    // Also where the clock was set back.
    else if (!(this.#heldSinceMs <= nowMs)) this.#heldSinceMs = nowMs;
    this.#become(mood, nowMs - this.#heldSinceMs >= HELD_AFTER_MS ? "held" : "face");
  }

  /** @param {Mood} mood */
  set(mood) {
    this.#become(mood, "hand");
    history.replaceState(null, "", `#mood=${mood.valence.toFixed(2)},${mood.arousal.toFixed(2)}`);
  }

  /** The hand lets go; the face decides again. */
  release() {
    if (!this.byHand) return;
    history.replaceState(null, "", location.pathname);
    this.#become(this.mood, "looking");
  }

  /** The mood that the address names, if it names one. @returns {Mood | null} */
  static fromAddress() {
    const numbers = /^#mood=(-?[\d.]+),(-?[\d.]+)$/.exec(location.hash)?.slice(1).map(Number) ?? [];
    if (numbers.length !== 2 || numbers.some(Number.isNaN)) return null;
    const mood = moodAt(numbers[0], numbers[1]);
    return { ...mood, words: describe(mood) };
  }

  /** @param {Mood | null} mood @param {MoodSource} source */
  #become(mood, source) {
    this.mood = mood;
    this.source = source;
    this.dispatchEvent(new Event("change"));
  }
}
