/** The few things to set: how calmly the mood follows a face, that face at rest, how pieces follow each other. */

import { LONGEST_S, wordsForCrossfade } from "../crossfade.js";
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
    <section class="setting">
      <h3 id="crossfade-title">Crossfade</h3>
      <p id="crossfade-help">One piece follows the other <span data-part="overlap"></span>.</p>
      <input class="slider" type="range" min="0" max="${LONGEST_S}" step="1" data-part="crossfade"
        aria-labelledby="crossfade-title" aria-describedby="crossfade-help" />
      <p class="slider-ends" aria-hidden="true"><span>gapless</span><span>${LONGEST_S} seconds</span></p>
    </section>
    <my-neutral class="setting" data-part="neutral"></my-neutral>
  </dialog>`;

/** Sends "steadiness-change" with a number from 0 to 1 in `detail`, "crossfade-change" with seconds. */
export class SettingsDialog extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    makeClosable(this.#parts);
    const { dialog, steadiness, crossfade } = this.#parts;
    dialog.addEventListener("close", () => this.neutral.cancel());
    steadiness.addEventListener("input", () => {
      const value = Number(steadiness.value) / 100;
      this.showSteadiness(value);
      this.dispatchEvent(new CustomEvent("steadiness-change", { detail: value, bubbles: true }));
    });
    crossfade.addEventListener("input", () => {
      const seconds = Number(crossfade.value);
      this.showCrossfade(seconds);
      this.dispatchEvent(new CustomEvent("crossfade-change", { detail: seconds, bubbles: true }));
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

  /** @param {number} seconds */
  showCrossfade(seconds) {
    const { crossfade, overlap } = this.#parts;
    crossfade.value = String(seconds);
    crossfade.style.setProperty("--share", String(seconds / LONGEST_S));
    crossfade.setAttribute("aria-valuetext", wordsForCrossfade(seconds));
    setText(overlap, wordsForCrossfade(seconds));
  }
}

customElements.define("settings-dialog", SettingsDialog);
