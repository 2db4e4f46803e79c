/** "My neutral": lets a face at rest be learnt in ten seconds, says how far that is, and deletes it again. */

import { deleteNeutral, fetchNeutral } from "../api.js";
import { build, setText } from "../dom.js";

/** @import {Hint, Learning} from "../types.js" */

/** @typedef {"none" | "known" | "learning" | "refused"} State */

const LEARN_S = 10;
const INVITATION =
  "Some faces look sad or stern when they only rest. Show mien yours, and it reads what goes beyond it.";
const TASK = "Rest your face and look into the camera.";

const MARKUP = `
  <h3>My neutral</h3>
  <p class="neutral-words" data-part="words" role="status"></p>
  <div class="neutral-progress">
    <progress max="1" value="0" data-part="progress" aria-label="Learning your neutral"></progress>
    <span data-part="left"></span>
  </div>
  <div class="neutral-buttons">
    <button class="secondary" type="button" data-part="learn"></button>
    <button class="secondary" type="button" data-part="forget" hidden>Delete</button>
  </div>
  <p class="neutral-note">Only numbers are kept, on this computer, and never a picture.</p>`;

/** @type {Record<State, string>} */
const LEARN = { none: "Learn my neutral", known: "Learn it again", learning: "Cancel", refused: "Try again" };

/** Sends "neutral-learn" when it should be learnt, and "neutral-cancel" when learning should end. */
export class MyNeutral extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  /** @type {State} */
  #state = "none";

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    this.#parts.learn.addEventListener("click", () => (this.learning ? this.cancel() : this.#begin()));
    this.#parts.forget.addEventListener("click", () => this.#forget());
    this.#show("none", INVITATION);
  }

  get learning() {
    return this.#state === "learning";
  }

  /** Asks the server whether a face at rest is kept. */
  async ask() {
    try {
      const { known, since } = await fetchNeutral();
      if (this.learning) return;
      if (known) this.#show("known", `mien knows your face at rest${since === null ? "" : `, since ${day(since)}`}.`);
      else this.#show("none", INVITATION);
    } catch (error) {
      if (!this.learning) this.#show("refused", /** @type {Error} */ (error).message);
    }
  }

  /** How far learning is, with what would help meanwhile. @param {Learning} learning @param {Hint | null} hint */
  see({ share, done, refusal }, hint) {
    if (!this.learning) return;
    if (refusal !== null) return this.refuse(refusal);
    if (done) {
      this.#show("known", "Done: from now on mien reads what goes beyond it.");
      return;
    }
    setText(this.#parts.words, hint?.sentence ?? TASK);
    this.#progress(share);
  }

  /** Learning came to nothing. @param {string} sentence  why, and what to do */
  refuse(sentence) {
    if (this.learning) this.#show("refused", sentence);
  }

  /** Ends learning; what was known stays. */
  cancel() {
    if (!this.learning) return;
    this.#show("none", INVITATION);
    this.dispatchEvent(new Event("neutral-cancel", { bubbles: true }));
    this.ask();
  }

  #begin() {
    this.#show("learning", TASK);
    this.#progress(0);
    this.dispatchEvent(new Event("neutral-learn", { bubbles: true }));
  }

  async #forget() {
    try {
      await deleteNeutral();
      this.#show("none", "Deleted. Your face is read like everybody's again.");
    } catch (error) {
      this.#show("refused", /** @type {Error} */ (error).message);
    }
    this.#parts.learn.focus();
  }

  /** @param {number} share */
  #progress(share) {
    const seconds = Math.ceil(LEARN_S * (1 - share));
    this.#parts.progress.value = share;
    setText(this.#parts.left, `${seconds} second${seconds === 1 ? "" : "s"} left`);
  }

  /** @param {State} state @param {string} words */
  #show(state, words) {
    this.#state = state;
    this.dataset.state = state;
    setText(this.#parts.words, words);
    setText(this.#parts.learn, LEARN[state]);
    this.#parts.forget.hidden = state !== "known";
  }
}

/** @param {string} since  an ISO date @returns {string} such as "22 November, 14:05" */
function day(since) {
  const options = /** @type {const} */ ({ day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
  return new Date(since).toLocaleString("en-GB", options).replace(" at ", ", ");
}

customElements.define("my-neutral", MyNeutral);
