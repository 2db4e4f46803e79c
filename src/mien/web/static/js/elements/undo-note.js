/** Says what was just done, and offers for a while to take it back. */

import { build, setText } from "../dom.js";

const OFFERED_MS = 10_000;

const MARKUP = `
  <div class="player-undo" data-part="note" hidden>
    <p role="status" data-part="sentence"></p>
    <button class="link" type="button" data-part="undo" title="Undo (U)">Undo</button>
  </div>`;

export class UndoNote extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  /** @type {(() => void) | null} */
  #takeBack = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    this.#parts.undo.addEventListener("click", () => this.undo());
    // It does not go away under a hand.
    for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, () => clearTimeout(this.#timer));
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => this.#wait());
  }

  /** @param {string} sentence @param {() => void} takeBack */
  offer(sentence, takeBack) {
    this.#takeBack = takeBack;
    this.#parts.note.hidden = false;
    setText(this.#parts.sentence, sentence);
    this.#wait();
  }

  /** Takes back what was done last, while that is offered. */
  undo() {
    const takeBack = this.#takeBack;
    this.hide();
    takeBack?.();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#takeBack = null;
    this.#parts.note.hidden = true;
    setText(this.#parts.sentence, "");
  }

  #wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), OFFERED_MS);
  }
}

customElements.define("undo-note", UndoNote);
