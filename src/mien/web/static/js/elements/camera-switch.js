/** The small switch in the header: says whether the camera runs, and turns it on and off. */

import { build, setText } from "../dom.js";

/** Sends "camera-toggle" when pressed. */
export class CameraSwitch extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(
      this,
      `<button class="chip" type="button" data-part="button" aria-pressed="false" title="Camera (C)">
        <span class="status-dot" aria-hidden="true"></span><span data-part="text">Camera off</span>
      </button>`,
    );
    this.#parts.button.addEventListener("click", () =>
      this.dispatchEvent(new Event("camera-toggle", { bubbles: true })),
    );
  }

  /** @param {boolean} on */
  show(on) {
    this.#parts.button.setAttribute("aria-pressed", String(on));
    setText(this.#parts.text, on ? "Camera on" : "Camera off");
  }
}

customElements.define("camera-switch", CameraSwitch);
