/** The order of tracks: those that were played, the current one and those that come next. */

/** @import {Pick} from "./types.js" */

const MAX_HISTORY = 50;

export class PlayQueue {
  /** @type {Pick | null} */
  current = null;
  /** Whether the current track has been heard, if only its beginning. */
  started = false;
  /** @type {readonly Pick[]} */
  upcoming = [];
  /** The tracks before, oldest first. @type {readonly Pick[]} */
  #history = [];
  /** The ids of the tracks that were left for a change of mood. @type {Set<string>} */
  #setAside = new Set();

  /** What plays after the current track. @returns {Pick | undefined} */
  get next() {
    return this.upcoming[0];
  }

  /** What played before the current track. @returns {Pick | undefined} */
  get previous() {
    return this.#history.at(-1);
  }

  /** The ids of the tracks that were played lately and of the current one; none that was set aside. @returns {string[]} */
  get playedIds() {
    const played = this.#history.filter(({ track }) => !this.#setAside.has(track.id));
    return [...played, this.current].flatMap((pick) => (pick === null ? [] : [pick.track.id]));
  }

  /**
   * Replaces what comes next. A current track that has not started is replaced by the first pick.
   *
   * @param {Pick[]} picks
   * @returns {boolean} whether the current track was replaced by another
   */
  replace(picks) {
    if (this.started) {
      this.upcoming = picks.filter(({ track }) => track.id !== this.current?.track.id);
      return false;
    }
    const [first, ...rest] = picks;
    this.upcoming = rest;
    if (first === undefined) return false;
    const changed = first.track.id !== this.current?.track.id;
    this.current = first;
    return changed;
  }

  /** Adds the picks that are not in the queue to its end. @param {Pick[]} picks */
  append(picks) {
    const known = new Set([this.current, ...this.upcoming].map((pick) => pick?.track.id));
    this.upcoming = [...this.upcoming, ...picks.filter(({ track }) => !known.has(track.id))];
  }

  /** The current track is left for a change of mood; it does not count as played. */
  setAside() {
    if (this.current !== null) this.#setAside.add(this.current.track.id);
  }

  /** @param {Pick} pick */
  insertNext(pick) {
    this.upcoming = [pick, ...this.upcoming.filter(({ track }) => track.id !== pick.track.id)];
  }

  /** Removes a track from what comes next. @param {string} id */
  remove(id) {
    this.upcoming = this.upcoming.filter(({ track }) => track.id !== id);
  }

  /** Makes an upcoming pick the current one; those before it are dropped. @param {Pick} pick */
  advanceTo(pick) {
    if (this.current !== null && this.started) this.#history = [...this.#history, this.current].slice(-MAX_HISTORY);
    this.upcoming = this.upcoming.slice(this.upcoming.indexOf(pick) + 1);
    this.current = pick;
    this.#setAside.delete(pick.track.id);
    this.started = false;
  }

  /** Makes the previous track the current one; the current one comes next. @param {Pick} [before]  the previous track */
  goBack(before = this.previous) {
    if (before === undefined) return;
    this.#history = this.#history.slice(0, -1);
    if (this.current !== null) this.upcoming = [this.current, ...this.upcoming];
    this.current = before;
    this.#setAside.delete(before.track.id);
    this.started = false;
  }
}
