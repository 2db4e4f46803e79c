/** The dialog that lists the keyboard shortcuts. */

import { makeClosable } from "../dialogs.js";
import { build, icon } from "../dom.js";
import { SHORTCUTS } from "../keyboard.js";

/** @import {Parts} from "../dom.js" */

const ROWS = SHORTCUTS.map(({ keys, action }) => `<dt><kbd>${keys}</kbd></dt><dd>${action}</dd>`).join("");
const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="shortcuts-title">
    <button class="round subtle close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <h2 id="shortcuts-title">Keyboard shortcuts</h2>
    <dl class="keys">${ROWS}</dl>
  </dialog>`;
const PARTS = { dialog: HTMLDialogElement, close: HTMLButtonElement };

export class ShortcutsDialog extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    makeClosable(this.#parts);
  }

  open() {
    this.#parts.dialog.showModal();
  }
}

customElements.define("shortcuts-dialog", ShortcutsDialog);
