/** The setting for the user's corrections: what was learnt, undo of the last one, export and deletion. */

import { deleteCorrections, fetchCorrections, messageOf, undoCorrection } from "../api.js";
import { build, setText } from "../dom.js";
import { counted } from "../durations.js";
import { errorWords } from "../error-words.js";

/** @import {Parts} from "../dom.js" */
/** @import {Corrections} from "../types.js" */

const MARKUP = `
  <h3>My corrections</h3>
  <p class="corrections-words" data-part="words" role="status"></p>
  <p class="corrections-words" data-part="problem" hidden></p>
  <div class="neutral-buttons">
    <button class="secondary" type="button" data-part="undo">Undo last</button>
    <a class="secondary" href="/api/v1/corrections/export" download data-part="save">Export</a>
    <button class="secondary" type="button" data-part="remove">Delete all</button>
  </div>
  <p class="neutral-note">Only numbers are stored, on this computer, and never a picture.</p>`;
const PARTS = {
  words: HTMLElement,
  problem: HTMLElement,
  undo: HTMLButtonElement,
  save: HTMLAnchorElement,
  remove: HTMLButtonElement,
};

export class MyCorrections extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.undo.addEventListener("click", () => this.load(undoCorrection));
    this.#parts.remove.addEventListener("click", () => this.load(deleteCorrections));
    this.#show({ count: 0, distance_before: null, distance_now: null, problem: null });
  }

  /** Shows what was learnt. @param {() => Promise<void>} [change]  what to do before */
  async load(change) {
    try {
      await change?.();
      this.#show(await fetchCorrections());
    } catch (error) {
      setText(this.#parts.words, messageOf(error));
    }
  }

  /** @param {Corrections} corrections */
  #show(corrections) {
    const { words, problem, undo, save, remove } = this.#parts;
    setText(words, correctionWords(corrections));
    problem.hidden = corrections.problem === null;
    setText(problem, corrections.problem === null ? "" : errorWords(corrections.problem));
    for (const control of [undo, save, remove]) control.hidden = corrections.count === 0;
  }
}

/**
 * Such as "Learnt from 7 corrections; you moved the point by .42 on average before, by .18 now."
 *
 * @param {Corrections} corrections
 */
function correctionWords({ count, distance_before: before, distance_now: now }) {
  if (count === 0) {
    return "If the mood is not yours, drag the point, or press “Not my mood”: mien learns how your face differs.";
  }
  const learnt = `Learnt from ${counted(count, "correction")}`;
  if (before === null || now === null) return `${learnt}.`;
  return `${learnt}; you moved the point by ${decimal(before)} on average before, by ${decimal(now)} now.`;
}

/** @param {number} value @returns {string} such as ".42" */
function decimal(value) {
  return value.toFixed(2).replace(/^0/, "");
}

customElements.define("my-corrections", MyCorrections);
