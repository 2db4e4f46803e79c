/** Where the music should lead: one of six goals, under the plane that shows the way. */

import { GOALS } from "../goals.js";
import { build } from "../dom.js";

/** @import {Goal} from "../types.js" */

const MARKUP = `
  <fieldset class="goals">
    <legend class="visually-hidden">Where the music leads</legend>
    ${GOALS.map(
      ({ name, does }, index) => `<label class="goal" title="${does} (${index + 1})"
        ><input type="radio" name="goal" value="${name}" aria-description="${does}"><span>${name}</span></label>`,
    ).join("")}
  </fieldset>`;

/** Sends "goal-change" with the Goal in `detail` when a person chooses one. */
export class GoalChoice extends HTMLElement {
  connectedCallback() {
    build(this, MARKUP);
    this.addEventListener("change", (event) => this.#tell(/** @type {HTMLInputElement} */ (event.target).value));
  }

  /** @param {Goal} name */
  show(name) {
    const radio = /** @type {HTMLInputElement | null} */ (this.querySelector(`input[value="${name}"]`));
    if (radio !== null) radio.checked = true;
  }

  /** As if a person had pressed it; once is enough. @param {Goal} name */
  choose(name) {
    if (this.querySelector(`input[value="${name}"]:checked`) !== null) return;
    this.show(name);
    this.#tell(name);
  }

  /** @param {string} detail */
  #tell(detail) {
    this.dispatchEvent(new CustomEvent("goal-change", { detail, bubbles: true }));
  }
}

customElements.define("goal-choice", GoalChoice);
