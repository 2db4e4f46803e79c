/** The mood in words, where it comes from, and buttons to follow the face again or to select it automatically. */

import { build, setText } from "../dom.js";
import { send } from "../events.js";

/** @import {Parts} from "../dom.js" */
/** @import {MoodOrigin} from "../mood-state.js" */

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

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.dispute.addEventListener("click", () => send(this, "mood-choose"));
    this.#parts.follow.addEventListener("click", () => send(this, "face-follow"));
    this.#parts.automatic.addEventListener("click", () => send(this, "face-automatic"));
  }

  /** @param {{headline: string, detail: string, source: MoodOrigin, chosen: boolean}} shown */
  show({ headline, detail, source, chosen }) {
    this.dataset.source = source;
    setText(this.#parts.words, headline);
    setText(this.#parts.origin, detail);
    this.#parts.dispute.hidden = source !== "face";
    this.#parts.follow.hidden = source !== "hand";
    this.#parts.automatic.hidden = source === "hand" || !chosen;
  }
}

customElements.define("mood-words", MoodWords);
