/** The choice of the music's goal, below the plane that shows the path to it. */

import { build } from "../dom.js";
import { send } from "../events.js";
import { GOALS } from "../goals.js";

/** @import {Goal} from "../types.js" */

const MARKUP = `
  <fieldset class="choices">
    <legend class="visually-hidden">Where the music leads</legend>
    ${GOALS.map(
      ({ name, action }, index) => `<label class="choice" title="${action} (${index + 1})"
        ><input type="radio" name="goal" value="${name}" aria-description="${action}"><span>${name}</span></label>`,
    ).join("")}
  </fieldset>`;

/** Sends "goal-change" when the user chooses a goal. */
export class GoalChoice extends HTMLElement {
  connectedCallback() {
    build(this, MARKUP, {});
    this.addEventListener("change", ({ target }) => {
      const chosen = GOALS.find(({ name }) => target instanceof HTMLInputElement && name === target.value);
      if (chosen !== undefined) send(this, "goal-change", chosen.name);
    });
  }

  /** @param {Goal} name */
  show(name) {
    const radio = this.#radio(name);
    if (radio !== null) radio.checked = true;
  }

  /** Chooses a goal as the user would, unless it is chosen already. @param {Goal} name */
  choose(name) {
    if (this.#radio(name)?.checked) return;
    this.show(name);
    send(this, "goal-change", name);
  }

  /** @param {Goal} name @returns {HTMLInputElement | null} */
  #radio(name) {
    return this.querySelector(`input[value="${name}"]`);
  }
}

customElements.define("goal-choice", GoalChoice);
