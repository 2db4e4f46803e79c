/** Typed events: those of the page's elements, which bubble, and those of objects that are not elements. */

/** @import {MoodCorrection, FollowPolicy, Goal, Mood, Pick, Seed} from "./types.js" */

/**
 * The `detail` of each event that the page's elements send.
 *
 * @typedef {{
 *   "camera-open": undefined,
 *   "camera-toggle": undefined,
 *   "face-automatic": undefined,
 *   "face-follow": undefined,
 *   "face-next": undefined,
 *   "face-select": number | null,
 *   "crossfade-change": number,
 *   "follow-change": FollowPolicy,
 *   "goal-change": Goal,
 *   "mood-change": Mood,
 *   "mood-choose": undefined,
 *   "mood-correct": MoodCorrection,
 *   "mood-settle": MoodCorrection,
 *   "neutral-cancel": undefined,
 *   "neutral-learn": undefined,
 *   "neutral-open": undefined,
 *   "pick-details": Pick,
 *   "pick-hover": string | null,
 *   "pick-like": Pick,
 *   "pick-never": Pick,
 *   "pick-play": Pick,
 *   "request-words": string,
 *   "play-about": Seed | null,
 *   "station-retry": undefined,
 *   "steadiness-change": number,
 * }} PageEvents
 */

/**
 * Sends an event that bubbles up to the document.
 *
 * @template {keyof PageEvents} Name
 * @param {EventTarget} target
 * @param {Name} name
 * @param {PageEvents[Name] extends undefined ? [] : [detail: PageEvents[Name]]} detail
 */
export function send(target, name, ...detail) {
  target.dispatchEvent(new CustomEvent(name, { detail: detail[0], bubbles: true }));
}

/**
 * Calls a handler with the `detail` of each event of a name.
 *
 * @template {keyof PageEvents} Name
 * @param {EventTarget} target
 * @param {Name} name
 * @param {(detail: PageEvents[Name]) => void} handler
 */
export function listen(target, name, handler) {
  target.addEventListener(name, (event) => handler(/** @type {CustomEvent<PageEvents[Name]>} */ (event).detail));
}

/**
 * An object that emits its own events.
 *
 * @template {object} Events  the `detail` of each event, by its name
 */
export class Emitter extends EventTarget {
  /**
   * Calls a handler with the `detail` of each event of a name.
   *
   * @template {keyof Events & string} Name
   * @param {Name} name
   * @param {(detail: Events[Name]) => void} handler
   */
  on(name, handler) {
    this.addEventListener(name, (event) => handler(/** @type {CustomEvent<Events[Name]>} */ (event).detail));
  }

  /**
   * @protected
   * @template {keyof Events & string} Name
   * @param {Name} name
   * @param {Events[Name] extends undefined ? [] : [detail: Events[Name]]} detail
   */
  emit(name, ...detail) {
    this.dispatchEvent(new CustomEvent(name, { detail: detail[0] }));
  }
}
