/** The mood in words, where it comes from, and the ways back: to the face, and to the face that mien would look at. */

import { build, capitalised, setText } from "../dom.js";

/** @import {Hint} from "../types.js" */

/**
 * "held": only remembered, since nothing of the face can be believed; "unknown": not even that; "lost": the camera was
 * turned off.
 * @typedef {"start" | "looking" | "face" | "held" | "unknown" | "lost" | "hand"} MoodSource
 */

/** @type {Record<MoodSource, string>} */
const ORIGINS = {
  start: "Turn on the camera, or drag the point to where you are.",
  looking: "Look into the camera for a moment.",
  face: "as your expression shows it",
  held: "not sure now",
  unknown: "Look into the camera for a moment.",
  lost: "as your expression last showed it",
  hand: "set by hand",
};

/** Sends "face-follow" and "face-automatic" when its buttons are pressed. */
export class MoodWords extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(
      this,
      `<h2 class="mood-words" data-part="words">How are you?</h2>
      <p class="mood-origin"><span data-part="origin"></span>
        <button class="link" type="button" data-part="follow" hidden>Follow my face</button>
        <button class="link" type="button" data-part="byItself" hidden>Automatic</button></p>`,
    );
    const { follow, byItself } = this.#parts;
    follow.addEventListener("click", () => this.dispatchEvent(new Event("face-follow", { bubbles: true })));
    byItself.addEventListener("click", () => this.dispatchEvent(new Event("face-automatic", { bubbles: true })));
    this.show("", "start");
  }

  /**
   * @param {string} words
   * @param {MoodSource} source
   * @param {{hint?: Hint | null, chosen?: boolean}} [seeing]  what would help; whether a person chose the face
   */
  show(words, source, { hint = null, chosen = false } = {}) {
    this.dataset.source = source;
    const looking = source === "looking" ? "Looking for you" : "How are you?";
    setText(this.#parts.words, source === "unknown" ? "Not sure" : capitalised(words) || looking);
    setText(this.#parts.origin, origin(source, hint, chosen));
    this.#parts.follow.hidden = source !== "hand";
    this.#parts.byItself.hidden = source === "hand" || !chosen;
  }
}

/** @param {MoodSource} source @param {Hint | null} hint @param {boolean} chosen */
function origin(source, hint, chosen) {
  if (source === "face" && chosen) return "from the face you chose";
  if (hint === null) return ORIGINS[source];
  if (source === "looking" || source === "unknown") return hint.sentence;
  if (source === "held") return `not sure now: ${hint.sentence.charAt(0).toLowerCase()}${hint.sentence.slice(1, -1)}`;
  return ORIGINS[source];
}

customElements.define("mood-words", MoodWords);
