/** The mood in words, where it comes from, and buttons to follow the face again or to select it automatically. */

import { build, capitalised, setText } from "../dom.js";
import { send } from "../events.js";

/** @import {Parts} from "../dom.js" */
/** @import {Hint, Reading} from "../types.js" */

/**
 * "held": from an earlier frame, since the face cannot be read now; "unknown": too long ago for that; "lost": the
 * camera was turned off.
 *
 * @typedef {"start" | "looking" | "face" | "held" | "unknown" | "lost" | "hand"} MoodOrigin
 */

/** @type {Record<MoodOrigin, string>} */
const ORIGINS = {
  start: "Turn on the camera, or drag the point to your mood.",
  looking: "Look into the camera for a moment.",
  face: "from your expression",
  held: "not sure now",
  unknown: "Look into the camera for a moment.",
  lost: "from your last expression",
  hand: "set by hand",
};

const MARKUP = `
  <h2 class="mood-words" data-part="words">How are you?</h2>
  <p class="mood-origin"><span data-part="origin"></span>
    <button class="link" type="button" data-part="dispute" hidden>Not my mood</button>
    <button class="link" type="button" data-part="follow" hidden>Follow my face</button>
    <button class="link" type="button" data-part="automatic" hidden>Automatic</button></p>`;
const PARTS = {
  words: HTMLElement,
  origin: HTMLElement,
  dispute: HTMLButtonElement,
  follow: HTMLButtonElement,
  automatic: HTMLButtonElement,
};

/** Sends "mood-choose", "face-follow" and "face-automatic" when its buttons are pressed. */
export class MoodWords extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {Pick<Reading, "hint" | "chosen">} */
  #reading = { hint: null, chosen: false };

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.dispute.addEventListener("click", () => send(this, "mood-choose"));
    this.#parts.follow.addEventListener("click", () => send(this, "face-follow"));
    this.#parts.automatic.addEventListener("click", () => send(this, "face-automatic"));
    this.showMood("", "start");
  }

  /**
   * Sets what the last reading says besides the mood; it is shown with the next mood.
   *
   * @param {Pick<Reading, "hint" | "chosen">} reading
   */
  setReading({ hint, chosen }) {
    this.#reading = { hint, chosen };
  }

  /** @param {string} words @param {MoodOrigin} source */
  showMood(words, source) {
    const { hint, chosen } = this.#reading;
    this.dataset.source = source;
    const nothing = source === "looking" ? "Looking for your face" : "How are you?";
    setText(this.#parts.words, source === "unknown" ? "Not sure" : capitalised(words) || nothing);
    setText(this.#parts.origin, origin(source, hint, chosen));
    this.#parts.dispute.hidden = source !== "face";
    this.#parts.follow.hidden = source !== "hand";
    this.#parts.automatic.hidden = source === "hand" || !chosen;
  }
}

/** @param {MoodOrigin} source @param {Hint | null} hint @param {boolean} chosen */
function origin(source, hint, chosen) {
  if (source === "face" && chosen) return "from the face you chose";
  if (hint === null) return ORIGINS[source];
  if (source === "looking" || source === "unknown") return hint.sentence;
  if (source === "held") return `not sure now: ${hint.sentence.charAt(0).toLowerCase()}${hint.sentence.slice(1, -1)}`;
  return ORIGINS[source];
}

customElements.define("mood-words", MoodWords);
