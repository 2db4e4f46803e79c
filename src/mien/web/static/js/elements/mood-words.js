/** The mood in words, where it comes from, and the way back to the face after it was set by hand. */

import { build, capitalised, setText } from "../dom.js";

/** @typedef {"start" | "looking" | "face" | "lost" | "hand"} MoodSource */

/** @type {Record<MoodSource, string>} */
const ORIGINS = {
  start: "Turn on the camera, or drag the point to where you are.",
  looking: "Look into the camera for a moment.",
  face: "as your expression shows it",
  lost: "as your expression last showed it",
  hand: "set by hand",
};

/** Sends "follow-face" when its button is pressed. */
export class MoodWords extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(
      this,
      `<h2 class="mood-words" data-part="words">How are you?</h2>
      <p class="mood-origin"><span data-part="origin"></span>
        <button class="link" type="button" data-part="follow" hidden>Follow my face</button></p>`,
    );
    this.#parts.follow.addEventListener("click", () => this.dispatchEvent(new Event("follow-face", { bubbles: true })));
    this.show("", "start");
  }

  /** @param {string} words @param {MoodSource} source */
  show(words, source) {
    setText(this.#parts.words, capitalised(words) || (source === "looking" ? "Looking for you" : "How are you?"));
    setText(this.#parts.origin, ORIGINS[source]);
    this.#parts.follow.hidden = source !== "hand";
  }
}

customElements.define("mood-words", MoodWords);
