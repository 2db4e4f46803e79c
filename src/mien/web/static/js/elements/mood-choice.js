/** Lets the user say what their mood is instead: nine moods, placed as on the plane. */

import { makeClosable } from "../dialogs.js";
import { build, capitalised, icon } from "../dom.js";
import { send } from "../events.js";
import { moodAt } from "../mood-space.js";
import { describe } from "../mood-words.js";

/** @import {Parts} from "../dom.js" */

const STEP = 0.6; // between neighbours, on the plane

const MOODS = [STEP, 0, -STEP].flatMap((arousal) => [-STEP, 0, STEP].map((valence) => moodAt(valence, arousal)));

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="mood-choice-title">
    <button class="round subtle close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <h2 id="mood-choice-title">What is your mood?</h2>
    <p class="mood-choice-help">mien learns to read your face from it.</p>
    <div class="mood-choice-moods" data-part="moods"></div>
  </dialog>`;
const PARTS = { dialog: HTMLDialogElement, close: HTMLButtonElement, moods: HTMLElement };

/** Sends "mood-correct" when a mood is chosen. */
export class MoodChoice extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  #fromMs = 0;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    makeClosable(this.#parts);
    this.#parts.moods.replaceChildren(...MOODS.map((mood) => this.#button(mood)));
  }

  /** @param {number} nowMs  the mood that is shown now is the one to correct */
  open(nowMs) {
    this.#fromMs = nowMs;
    this.#parts.dialog.showModal();
  }

  /** @param {ReturnType<typeof moodAt>} mood */
  #button(mood) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "secondary";
    button.textContent = capitalised(describe(mood));
    button.addEventListener("click", () => {
      this.#parts.dialog.close();
      send(this, "mood-correct", { mood, fromMs: this.#fromMs });
    });
    return button;
  }
}

customElements.define("mood-choice", MoodChoice);
