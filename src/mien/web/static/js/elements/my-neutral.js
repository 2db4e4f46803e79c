/** The setting for the user's neutral face: learns it in ten seconds, shows the progress, and deletes it. */

import { deleteNeutral, fetchNeutral, messageOf } from "../api.js";
import { build, setText } from "../dom.js";
import { counted } from "../durations.js";
import { errorWords } from "../error-words.js";
import { send } from "../events.js";

/** @import {Parts} from "../dom.js" */
/** @import {Hint, Learning} from "../types.js" */

/** @typedef {"none" | "known" | "learning" | "refused"} State */

const LEARN_S = 10;
const INVITATION =
  "Some faces look sad or stern at rest. Let mien learn your neutral face, and it reads how your expression differs.";
const TASK = "Relax your face and look into the camera.";

const MARKUP = `
  <h3>My neutral face</h3>
  <p class="neutral-words" data-part="words" role="status"></p>
  <div class="neutral-progress">
    <progress max="1" value="0" data-part="progress" aria-label="Learning your neutral face"></progress>
    <span data-part="remaining"></span>
  </div>
  <div class="neutral-buttons">
    <button class="secondary" type="button" data-part="learn"></button>
    <button class="secondary" type="button" data-part="remove" hidden>Delete</button>
  </div>
  <p class="neutral-note">Only numbers are stored, on this computer, and never a picture.</p>`;
const PARTS = {
  words: HTMLElement,
  progress: HTMLProgressElement,
  remaining: HTMLElement,
  learn: HTMLButtonElement,
  remove: HTMLButtonElement,
};

/** @type {Record<State, string>} */
const LEARN_LABELS = {
  none: "Learn my neutral face",
  known: "Learn it again",
  learning: "Cancel",
  refused: "Try again",
};

/** Sends "neutral-learn" and "neutral-cancel". */
export class MyNeutral extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {State} */
  #state = "none";

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.learn.addEventListener("click", () => (this.learning ? this.cancel() : this.learn()));
    this.#parts.remove.addEventListener("click", () => this.#remove());
    this.#show("none", INVITATION);
  }

  get learning() {
    return this.#state === "learning";
  }

  /** Shows whether the server has a neutral face. */
  async load() {
    try {
      const { known, since } = await fetchNeutral();
      if (this.learning) return;
      if (known) this.#show("known", `mien knows your neutral face${since === null ? "" : `, since ${dateOf(since)}`}.`);
      else this.#show("none", INVITATION);
    } catch (error) {
      if (!this.learning) this.#show("refused", messageOf(error));
    }
  }

  /**
   * @param {Learning} learning  the progress
   * @param {Hint | null} hint  what would help meanwhile
   */
  showLearning({ share, done, error }, hint) {
    if (!this.learning) return;
    if (error !== null) return this.refuse(errorWords(error));
    if (done) return this.#show("known", "Done. From now on mien reads how your expression differs from it.");
    setText(this.#parts.words, hint?.sentence ?? TASK);
    this.#showProgress(share);
  }

  /** Shows that learning failed. @param {string} sentence  why, and what to do */
  refuse(sentence) {
    if (this.learning) this.#show("refused", sentence);
  }

  /** Cancels learning; an earlier neutral face stays. */
  cancel() {
    if (!this.learning) return;
    this.#show("none", INVITATION);
    send(this, "neutral-cancel");
    this.load();
  }

  learn() {
    this.#show("learning", TASK);
    this.#showProgress(0);
    send(this, "neutral-learn");
  }

  async #remove() {
    try {
      await deleteNeutral();
      this.#show("none", "Deleted. mien no longer uses your neutral face.");
    } catch (error) {
      this.#show("refused", messageOf(error));
    }
    this.#parts.learn.focus();
  }

  /** @param {number} share  0..1 */
  #showProgress(share) {
    this.#parts.progress.value = share;
    setText(this.#parts.remaining, `${counted(Math.ceil(LEARN_S * (1 - share)), "second")} left`);
  }

  /** @param {State} state @param {string} words */
  #show(state, words) {
    this.#state = state;
    this.dataset.state = state;
    setText(this.#parts.words, words);
    setText(this.#parts.learn, LEARN_LABELS[state]);
    this.#parts.remove.hidden = state !== "known";
  }
}

/** @param {string} since  an ISO date @returns {string} such as "22 November, 14:05" */
function dateOf(since) {
  const options = /** @type {const} */ ({ day: "numeric", month: "long", hour: "numeric", minute: "2-digit" });
  return new Date(since).toLocaleString("en-GB", options).replace(" at ", ", ");
}

customElements.define("my-neutral", MyNeutral);
