/** The current mood and its source: the face, or the user's hand; a mood set by hand is kept in the page's address. */

import { Emitter } from "./events.js";
import { moodAt } from "./mood-space.js";
import { describe } from "./mood-words.js";

/** @import {Hint, Mood, Reading} from "./types.js" */

/**
 * "held": from an earlier frame, since the face cannot be read now; "unknown": too long ago for that; "lost": the
 * camera was turned off.
 *
 * @typedef {"start" | "looking" | "face" | "held" | "unknown" | "lost" | "hand"} MoodOrigin
 */

/** How long a mood must be held before the page says so: a face that turns away briefly changes nothing. */
const HELD_AFTER_MS = 600;

/** @extends {Emitter<{change: undefined}>} */
export class MoodState extends Emitter {
  /** @type {Mood | null} */
  mood = null;
  /** @type {MoodOrigin} */
  source = "start";
  /** @type {Hint | null}  what would help to read the face */
  hint = null;
  /** Whether the user chose whose mood is read. */
  chosen = false;
  #heldSinceMs = Number.NaN;

  get byHand() {
    return this.source === "hand";
  }

  /** The camera was turned on. */
  startLooking() {
    if (!this.byHand) this.#change(this.mood, "looking");
  }

  /** The camera was turned off. */
  stopLooking() {
    this.hint = null;
    this.chosen = false;
    if (!this.byHand) this.#change(this.mood, this.mood === null ? "start" : "lost");
  }

  /**
   * Takes over the mood of a reading, unless one is set by hand.
   *
   * @param {Pick<Reading, "mood" | "held" | "hint" | "chosen">} reading  `held` if the mood is one of an earlier frame
   * @param {number} nowMs
   */
  update({ mood, held, hint, chosen }, nowMs) {
    this.hint = hint;
    this.chosen = chosen;
    if (this.byHand) return;
    if (mood === null) {
      const known = this.mood !== null && this.source !== "looking";
      this.#change(this.mood, known ? "unknown" : "looking");
      return;
    }
    if (!held) this.#heldSinceMs = Number.NaN;
    // True for NaN, and if the clock was set back.
    else if (!(this.#heldSinceMs <= nowMs)) this.#heldSinceMs = nowMs;
    this.#change(mood, nowMs - this.#heldSinceMs >= HELD_AFTER_MS ? "held" : "face");
  }

  /** Sets the mood by hand. @param {Mood} mood */
  set(mood) {
    this.#change(mood, "hand");
    history.replaceState(null, "", `#mood=${mood.valence.toFixed(2)},${mood.arousal.toFixed(2)}`);
  }

  /** Follows the face again. */
  release() {
    if (!this.byHand) return;
    history.replaceState(null, "", location.pathname);
    this.#change(this.mood, "looking");
  }

  /** The mood in the page's address, null if there is none. @returns {Mood | null} */
  static fromAddress() {
    const numbers = /^#mood=(-?[\d.]+),(-?[\d.]+)$/.exec(location.hash)?.slice(1).map(Number) ?? [];
    if (numbers.length !== 2 || numbers.some(Number.isNaN)) return null;
    const mood = moodAt(numbers[0], numbers[1]);
    return { ...mood, words: describe(mood) };
  }

  /** @param {Mood | null} mood @param {MoodOrigin} source */
  #change(mood, source) {
    this.mood = mood;
    this.source = source;
    this.emit("change");
  }
}
