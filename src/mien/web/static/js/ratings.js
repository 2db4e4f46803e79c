/** The user's ratings of tracks, as the server stores them: like, or never play again. */

import { fetchRatings, postRating } from "./api.js";
import { Emitter } from "./events.js";

/** @import {Rating} from "./types.js" */

/** @extends {Emitter<{change: undefined}>} */
export class Ratings extends Emitter {
  /** @type {Map<string, Rating>} by track id */
  #ratings = new Map();
  /** Ratings are sent one after the other. @type {Promise<unknown>} */
  #last = Promise.resolve();

  async load() {
    this.#ratings = new Map(Object.entries(await fetchRatings()));
    this.emit("change");
  }

  /** @param {string | undefined} id @returns {Rating | null} */
  of(id) {
    return this.#ratings.get(id ?? "") ?? null;
  }

  /**
   * Rates a track; rejects with an Error for the user.
   *
   * @param {string} id
   * @param {(before: Rating | null) => Rating | null} choose  the new rating, null to remove it
   * @returns {Promise<{before: Rating | null, now: Rating | null}>}
   */
  rate(id, choose) {
    const turn = this.#last.then(async () => {
      const before = this.of(id);
      const now = choose(before);
      await postRating(id, now);
      if (now === null) this.#ratings.delete(id);
      else this.#ratings.set(id, now);
      this.emit("change");
      return { before, now };
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
