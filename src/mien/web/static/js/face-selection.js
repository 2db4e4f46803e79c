/** Whose mood counts: the face that a person chose, or the one that mien chooses by itself. */

/** @import {Reading} from "./types.js" */

export class FaceSelection {
  /** @type {number | null} the face that a person chose, as the last reading had it */
  chosen = null;
  /** @type {number | null} */
  #byItself = null;
  /** @type {number[]} from left to right, as in the mirror */
  #faces = [];

  /** @param {Reading} reading */
  see({ faces, me, chosen }) {
    this.chosen = chosen ? me : null;
    if (!chosen) this.#byItself = me;
    this.#faces = faces.toSorted((a, b) => b.box[0] - a.box[0]).map(({ id }) => id);
  }

  /** The face to choose next, null for mien's own choice: through all the others and back. @returns {number | null} */
  next() {
    const others = this.#faces.filter((id) => id !== this.#byItself);
    const place = this.chosen === null ? -1 : others.indexOf(this.chosen);
    return this.chosen !== null && place === -1 ? null : (others[place + 1] ?? null);
  }
}
