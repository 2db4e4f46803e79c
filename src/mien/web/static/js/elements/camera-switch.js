/** The switch in the header: shows whether the camera is on, and turns it on and off. */

import { build, setText } from "../dom.js";
import { send } from "../events.js";

/** @import {Parts} from "../dom.js" */

const MARKUP = `
  <button class="chip" type="button" data-part="button" aria-pressed="false" title="Camera (C)">
    <span class="status-dot" aria-hidden="true"></span><span data-part="text">Camera off</span>
  </button>`;
const PARTS = { button: HTMLButtonElement, text: HTMLElement };

/** Sends "camera-toggle". */
export class CameraSwitch extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.button.addEventListener("click", () => send(this, "camera-toggle"));
  }

  /** @param {boolean} on */
  show(on) {
    this.#parts.button.setAttribute("aria-pressed", String(on));
    setText(this.#parts.text, on ? "Camera on" : "Camera off");
  }
}

customElements.define("camera-switch", CameraSwitch);
