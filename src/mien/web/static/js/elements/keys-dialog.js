/** Shows the keys of the page. */

import { makeClosable } from "../dialogs.js";
import { build, icon } from "../dom.js";
import { KEYS } from "../keyboard.js";

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="keys-title">
    <button class="round quiet close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <h2 id="keys-title">Keys</h2>
    <dl class="keys">${KEYS.map(({ keys, does }) => `<dt><kbd>${keys}</kbd></dt><dd>${does}</dd>`).join("")}</dl>
  </dialog>`;

export class KeysDialog extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    makeClosable(this.#parts);
  }

  open() {
    this.#parts.dialog.showModal();
  }
}

customElements.define("keys-dialog", KeysDialog);
