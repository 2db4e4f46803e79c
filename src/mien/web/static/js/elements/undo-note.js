/** Says what was just done, and offers to undo it for a while. */

import { build, setText } from "../dom.js";

/** @import {Parts} from "../dom.js" */

const OFFERED_MS = 10_000;

const MARKUP = `
  <div class="player-undo" data-part="note" hidden>
    <p role="status" data-part="sentence"></p>
    <button class="link" type="button" data-part="undo" title="Undo (U)">Undo</button>
  </div>`;
const PARTS = { note: HTMLElement, sentence: HTMLElement, undo: HTMLButtonElement };

export class UndoNote extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {(() => void) | null} */
  #undo = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.undo.addEventListener("click", () => this.undo());
    // It stays while it is hovered or focused.
    for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, () => clearTimeout(this.#timer));
    for (const name of ["pointerleave", "focusout"]) this.addEventListener(name, () => this.#hideLater());
  }

  /** @param {string} sentence  what was done @param {() => void} undo */
  offer(sentence, undo) {
    this.#undo = undo;
    this.#parts.note.hidden = false;
    setText(this.#parts.sentence, sentence);
    this.#hideLater();
  }

  /** Undoes what was done last, while that is offered. */
  undo() {
    const undo = this.#undo;
    this.hide();
    undo?.();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#undo = null;
    this.#parts.note.hidden = true;
    setText(this.#parts.sentence, "");
  }

  #hideLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), OFFERED_MS);
  }
}

customElements.define("undo-note", UndoNote);
