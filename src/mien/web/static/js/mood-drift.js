/** Notices when the mood has moved far from where the music was planned for, and has stayed there. */

import { distance } from "./mood-space.js";

/** @import {Mood} from "./types.js" */

export class MoodDrift {
  /** @param {{far?: number, forMs?: number}} [options]  how far on the plane, and for how long */
  constructor({ far = 0.35, forMs = 12_000 } = {}) {
    this.far = far;
    this.forMs = forMs;
    /** @type {Mood | null} */
    this.planned = null;
    /** @type {number | null} */
    this.awaySinceMs = null;
  }

  /** The music is planned for this mood now. @param {Mood} mood */
  settle(mood) {
    this.planned = mood;
    this.awaySinceMs = null;
  }

  /** True once the mood has been far away for long enough. @param {Mood} mood @param {number} nowMs */
  update(mood, nowMs) {
    if (this.planned === null || distance(mood, this.planned) <= this.far) {
      this.awaySinceMs = null;
      return false;
    }
    // Also where the clock was set back.
    if (this.awaySinceMs === null || nowMs < this.awaySinceMs) this.awaySinceMs = nowMs;
    return nowMs - this.awaySinceMs >= this.forMs;
  }
}
