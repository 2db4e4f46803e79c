/** What the person said of tracks, as the server keeps it: like, or never again. */

import { fetchRatings, postRating } from "./api.js";

/** @import {Rating} from "./types.js" */

/** Event: "change". */
export class Ratings extends EventTarget {
  /** @type {Map<string, Rating>} */
  #said = new Map();
  /** Words are kept in the order in which they were said. @type {Promise<unknown>} */
  #last = Promise.resolve();

  async load() {
    this.#said = new Map(Object.entries(await fetchRatings()));
    this.dispatchEvent(new Event("change"));
  }

  /** @param {string | undefined} id @returns {Rating | null} */
  of(id) {
    return this.#said.get(id ?? "") ?? null;
  }

  /**
   * Says something of a track, null to take back what was said; rejects with a sentence for people.
   *
   * @param {string} id
   * @param {(before: Rating | null) => Rating | null} choose
   * @returns {Promise<{before: Rating | null, now: Rating | null}>}
   */
  say(id, choose) {
    const turn = this.#last.then(async () => {
      const before = this.of(id);
      const now = choose(before);
      await postRating(id, now);
      if (now === null) this.#said.delete(id);
      else this.#said.set(id, now);
      this.dispatchEvent(new Event("change"));
      return { before, now };
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
