/** Whose mood is read: the face that the user selected, or the primary face that mien selects automatically. */

/** @import {Face} from "./types.js" */

export class FaceSelection {
  /** @type {number | null} the face that the user selected, by the last reading */
  selected = null;
  /** @type {number | null} */
  #automatic = null;
  /** @type {number[]} from left to right in the mirrored picture */
  #faces = [];

  /** @param {{faces: Pick<Face, "id" | "box">[], me: number | null, chosen: boolean}} reading */
  update({ faces, me, chosen }) {
    this.selected = chosen ? me : null;
    if (!chosen) this.#automatic = me;
    this.#faces = faces.toSorted((a, b) => b.box[0] - a.box[0]).map(({ id }) => id);
  }

  /** The face to select next, in turn, and then null for the automatic selection. @returns {number | null} */
  next() {
    const others = this.#faces.filter((id) => id !== this.#automatic);
    const index = this.selected === null ? -1 : others.indexOf(this.selected);
    return this.selected !== null && index === -1 ? null : (others[index + 1] ?? null);
  }
}
