/** The settings: how steadily the mood follows the face, how promptly the music does, crossfade and neutral face. */

import { crossfadeWords, MAX_CROSSFADE_S } from "../crossfade.js";
import { makeClosable } from "../dialogs.js";
import { build, icon, setText } from "../dom.js";
import { send } from "../events.js";
import { POLICIES, POLICY_WORDS } from "../follow.js";
import { steadinessWords } from "../steadiness.js";
import { MyCorrections } from "./my-corrections.js";
import { MyNeutral } from "./my-neutral.js";

/** @import {Parts} from "../dom.js" */
/** @import {FollowPolicy} from "../types.js" */

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="settings-title">
    <button class="round subtle close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <h2 id="settings-title">Settings</h2>
    <section class="setting">
      <h3 id="steadiness-title">Steadiness</h3>
      <p id="steadiness-help">The mood follows your face <span data-part="steadinessWords"></span>.</p>
      <input class="slider" type="range" min="0" max="100" step="5" value="50" data-part="steadiness"
        aria-labelledby="steadiness-title" aria-describedby="steadiness-help" />
      <p class="slider-ends" aria-hidden="true"><span>instantly</span><span>very slowly</span></p>
    </section>
    <section class="setting">
      <h3 id="follow-title">How promptly the music follows</h3>
      <p id="follow-help" data-part="followWords"></p>
      <fieldset class="choices" data-part="follow" aria-labelledby="follow-title" aria-describedby="follow-help">${POLICIES.map(
        (policy) => `<label class="choice"><input type="radio" name="follow" value="${policy}"><span>${policy}</span></label>`,
      ).join("")}</fieldset>
    </section>
    <section class="setting">
      <h3 id="crossfade-title">Crossfade</h3>
      <p id="crossfade-help" data-part="crossfadeWords"></p>
      <input class="slider" type="range" min="0" max="${MAX_CROSSFADE_S}" step="1" data-part="crossfade"
        aria-labelledby="crossfade-title" aria-describedby="crossfade-help" />
      <p class="slider-ends" aria-hidden="true"><span>none</span><span>${MAX_CROSSFADE_S} seconds</span></p>
    </section>
    <my-neutral class="setting" data-part="neutral"></my-neutral>
    <my-corrections class="setting" data-part="corrections"></my-corrections>
  </dialog>`;
const PARTS = {
  dialog: HTMLDialogElement,
  close: HTMLButtonElement,
  steadiness: HTMLInputElement,
  steadinessWords: HTMLElement,
  follow: HTMLFieldSetElement,
  followWords: HTMLElement,
  crossfade: HTMLInputElement,
  crossfadeWords: HTMLElement,
  neutral: MyNeutral,
  corrections: MyCorrections,
};

/** Sends "steadiness-change" with a number from 0 to 1, "follow-change" and "crossfade-change" with seconds. */
export class SettingsDialog extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** How promptly the music follows the mood. @type {FollowPolicy} */
  follow = "promptly";

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    makeClosable(this.#parts);
    const { dialog, steadiness, crossfade, follow } = this.#parts;
    dialog.addEventListener("close", () => this.neutral.cancel());
    steadiness.addEventListener("input", () => {
      const value = Number(steadiness.value) / 100;
      this.showSteadiness(value);
      send(this, "steadiness-change", value);
    });
    crossfade.addEventListener("input", () => {
      const seconds = Number(crossfade.value);
      this.showCrossfade(seconds);
      send(this, "crossfade-change", seconds);
    });
    follow.addEventListener("change", ({ target }) => {
      const policy = POLICIES.find((one) => target instanceof HTMLInputElement && one === target.value);
      if (policy === undefined) return;
      this.showFollow(policy);
      send(this, "follow-change", policy);
    });
    this.showSteadiness(0.5);
    this.showFollow(this.follow);
  }

  get neutral() {
    return this.#parts.neutral;
  }

  open() {
    this.#parts.dialog.showModal();
    this.neutral.load();
    this.#parts.corrections.load();
  }

  /** Opens the dialog and starts to learn the neutral face. */
  learnNeutral() {
    this.#parts.dialog.showModal();
    this.#parts.corrections.load();
    this.neutral.learn();
    this.neutral.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} value  0..1 */
  showSteadiness(value) {
    const { steadiness, steadinessWords: words } = this.#parts;
    steadiness.value = String(Math.round(100 * value));
    steadiness.style.setProperty("--share", String(value));
    steadiness.setAttribute("aria-valuetext", steadinessWords(value));
    setText(words, steadinessWords(value));
  }

  /** @param {FollowPolicy} policy */
  showFollow(policy) {
    this.follow = policy;
    const radio = this.#parts.follow.querySelector(`[value="${policy}"]`);
    if (radio instanceof HTMLInputElement) radio.checked = true;
    setText(this.#parts.followWords, POLICY_WORDS[policy]);
  }

  /** @param {number} seconds */
  showCrossfade(seconds) {
    const { crossfade, crossfadeWords: words } = this.#parts;
    crossfade.value = String(seconds);
    crossfade.style.setProperty("--share", String(seconds / MAX_CROSSFADE_S));
    crossfade.setAttribute("aria-valuetext", crossfadeWords(seconds));
    setText(words, crossfadeWords(seconds));
  }
}

customElements.define("settings-dialog", SettingsDialog);
