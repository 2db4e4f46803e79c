/** The few things to set: how calmly the mood follows a face, and what that face looks like at rest. */

import { makeClosable } from "../dialogs.js";
import { build, icon, setText } from "../dom.js";
import { wordsForSteadiness } from "../steadiness.js";
import "./my-neutral.js";

/** @import {MyNeutral} from "./my-neutral.js" */

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="settings-title">
    <button class="round quiet close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <h2 id="settings-title">Settings</h2>
    <section class="setting">
      <h3 id="steadiness-title">Steadiness</h3>
      <p id="steadiness-help">How the mood follows your face: <span data-part="how"></span>.</p>
      <input class="slider" type="range" min="0" max="100" step="5" value="50" data-part="steadiness"
        aria-labelledby="steadiness-title" aria-describedby="steadiness-help" />
      <p class="slider-ends" aria-hidden="true"><span>at once</span><span>calmly</span></p>
    </section>
    <my-neutral class="setting" data-part="neutral"></my-neutral>
  </dialog>`;

/** Sends "steadiness-set" with a number from 0 to 1 in `detail`. */
export class SettingsDialog extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    makeClosable(this.#parts);
    const { dialog, steadiness } = this.#parts;
    dialog.addEventListener("close", () => this.neutral.cancel());
    steadiness.addEventListener("input", () => {
      const value = Number(steadiness.value) / 100;
      this.showSteadiness(value);
      this.dispatchEvent(new CustomEvent("steadiness-set", { detail: value, bubbles: true }));
    });
    this.showSteadiness(0.5);
  }

  /** @returns {MyNeutral} */
  get neutral() {
    return this.#parts.neutral;
  }

  open() {
    this.#parts.dialog.showModal();
    this.neutral.ask();
  }

  /** @param {number} value  0..1 */
  showSteadiness(value) {
    const { steadiness, how } = this.#parts;
    steadiness.value = String(Math.round(100 * value));
    steadiness.style.setProperty("--share", String(value));
    steadiness.setAttribute("aria-valuetext", wordsForSteadiness(value));
    setText(how, wordsForSteadiness(value));
  }
}

customElements.define("settings-dialog", SettingsDialog);
