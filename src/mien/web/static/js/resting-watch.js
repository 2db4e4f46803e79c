/** Notices a resting face that reads away from the middle of the plane, to suggest that mien learns it. Pure. */

/** @import {Activity, Mood} from "./types.js" */

const WATCH_MS = 60_000;
/** Moods further than this from the origin are away from the middle. */
const AWAY = 0.25;
/** A face whose mood moves by more than this is not at rest. */
const STEADY = 0.3;
/** A longer interruption starts the watch anew; people blink, and say a word. */
const LONGEST_INTERRUPTION_MS = 3_000;
/** Readings further apart count as this: the tab slept, or the server was busy. */
const LONGEST_STEP_MS = 2_000;

const KEY = "mien.neutral-suggested";

/** Whether this browser has already made the suggestion. */
export function wasSuggested() {
  return localStorage.getItem(KEY) !== null;
}

export function rememberSuggested() {
  localStorage.setItem(KEY, "yes");
}

/** Counts how long a still face has read away from the middle. */
export class RestingWatch {
  #lastMs = Number.NaN;
  #restingMs = 0;
  #interruptedMs = 0;
  /** @type {Mood | null} */
  #first = null;

  /**
   * Takes the next reading.
   *
   * @param {{mood: Mood | null, activity: Activity | null, posed: boolean}} reading  mood and activity are null while
   *   there is no face; posed: whether it clearly shows an expression, such as a smile
   * @param {number} nowMs  the time, which may jump
   * @returns {boolean}  whether the face has been still and away from the middle for a minute
   */
  update({ mood, activity, posed }, nowMs) {
    const passedMs = Math.min(LONGEST_STEP_MS, Math.max(0, nowMs - this.#lastMs)) || 0;
    this.#lastMs = nowMs;
    if (mood !== null && !posed && isStill(activity) && isAway(mood) && this.#isSteady(mood)) {
      this.#first ??= mood;
      this.#interruptedMs = 0;
      this.#restingMs += passedMs;
    } else {
      this.#interruptedMs += passedMs;
      if (this.#interruptedMs > LONGEST_INTERRUPTION_MS) {
        this.#restingMs = 0;
        this.#first = null;
      }
    }
    return this.#restingMs >= WATCH_MS;
  }

  /** @param {Mood} mood */
  #isSteady(mood) {
    const first = this.#first ?? mood;
    return Math.hypot(mood.valence - first.valence, mood.arousal - first.arousal) <= STEADY;
  }
}

/** Nobody holds a frown for a minute, so one that is held counts as still. @param {Activity | null} activity */
function isStill(activity) {
  return activity !== null && !activity.speaking && activity.phase !== "onset" && activity.phase !== "offset";
}

/** @param {Mood} mood */
function isAway({ valence, arousal }) {
  return Math.hypot(valence, arousal) > AWAY;
}
