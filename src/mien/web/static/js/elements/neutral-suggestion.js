/** Suggests, once, that mien learns the user's neutral face, and says what that does. */

import { build } from "../dom.js";
import { send } from "../events.js";

/** @import {Parts} from "../dom.js" */

const SENTENCE =
  "You have looked the same for a minute. If this is your resting face, mien can learn it in ten seconds and read it as neutral.";

const MARKUP = `
  <div class="player-suggestion" data-part="note" role="region" aria-label="Suggestion" hidden>
    <p role="status" data-part="sentence"></p>
    <div>
      <button class="link" type="button" data-part="learn">Learn my neutral face</button>
      <button class="link" type="button" data-part="dismiss">Not now</button>
    </div>
  </div>`;
const PARTS = { note: HTMLElement, sentence: HTMLElement, learn: HTMLButtonElement, dismiss: HTMLButtonElement };

/** Sends "neutral-open" if the user accepts. */
export class NeutralSuggestion extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.learn.addEventListener("click", () => {
      this.hide();
      send(this, "neutral-open");
    });
    this.#parts.dismiss.addEventListener("click", () => this.hide());
  }

  show() {
    this.#parts.note.hidden = false;
    this.#parts.sentence.textContent = SENTENCE;
  }

  hide() {
    this.#parts.note.hidden = true;
    this.#parts.sentence.textContent = "";
  }
}

customElements.define("neutral-suggestion", NeutralSuggestion);
