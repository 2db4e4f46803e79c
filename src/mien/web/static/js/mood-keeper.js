/** Which mood holds: the face's, or the one that a hand has set; the latter is kept in the page's address. */

import { moodAt } from "./mood-space.js";
import { describe } from "./mood-words.js";

/** @import {MoodSource} from "./elements/mood-words.js" */
/** @import {Mood} from "./types.js" */

/** Event: "change". */
export class MoodKeeper extends EventTarget {
  /** @type {Mood | null} */
  mood = null;
  /** @type {MoodSource} */
  source = "start";

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

  /** A reading's mood, null when no face was seen; a mood set by hand stays. @param {Mood | null} mood */
  see(mood) {
    if (this.byHand) return;
    if (mood !== null) this.#become(mood, "face");
    else if (this.mood !== null && this.source === "face") this.#become(this.mood, "lost");
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
