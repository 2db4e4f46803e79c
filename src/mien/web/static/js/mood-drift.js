/** Detects that the mood has moved far from the one that the music was planned for, and has stayed there. */

import { distance } from "./mood-space.js";

/** @import {Mood} from "./types.js" */

export class MoodDrift {
  /** @param {{minDistance?: number, minMs?: number}} [options]  how far on the plane, and for how long */
  constructor({ minDistance = 0.35, minMs = 12_000 } = {}) {
    this.minDistance = minDistance;
    this.minMs = minMs;
    /** @type {Mood | null} */
    this.planned = null;
    /** @type {number | null} */
    this.awaySinceMs = null;
  }

  /** The music has been planned for this mood. @param {Mood} mood */
  reset(mood) {
    this.planned = mood;
    this.awaySinceMs = null;
  }

  /** @param {Mood} mood @param {number} nowMs @returns {boolean} whether the mood has drifted */
  update(mood, nowMs) {
    if (this.planned === null || distance(mood, this.planned) <= this.minDistance) {
      this.awaySinceMs = null;
      return false;
    }
    // The clock may be set back.
    if (this.awaySinceMs === null || nowMs < this.awaySinceMs) this.awaySinceMs = nowMs;
    return nowMs - this.awaySinceMs >= this.minMs;
  }
}
