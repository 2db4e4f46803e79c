/** A button over each face while there are several: it selects the face, or returns to the automatic selection. */

import { send } from "../events.js";
import { projector } from "../overlay.js";

/** @import {Reading} from "../types.js" */

const MIN_SIZE_PX = 24;

/** Sends "face-select" with the face's id, or null for the automatic selection. */
export class FaceButtons extends HTMLElement {
  /** @type {Map<number, HTMLButtonElement>} by face id */
  #buttons = new Map();
  #selected = false;

  /** @param {Reading | null} reading @param {HTMLCanvasElement} canvas  where the reading is drawn */
  show(reading, canvas) {
    const faces = reading?.faces ?? [];
    const choices = faces.length > 1 || faces.some(({ id }) => id !== reading?.me) ? faces : [];
    for (const [id, button] of this.#buttons) {
      if (choices.some((face) => face.id === id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
    if (reading === null || choices.length === 0) return;
    this.#selected = reading.chosen;
    const ratio = canvas.width / (canvas.clientWidth || canvas.width);
    const project = projector(canvas, reading);
    for (const face of choices) {
      const button = this.#buttons.get(face.id) ?? this.#add(face.id);
      const pressed = String(face.id === reading.me);
      if (button.ariaPressed !== pressed) button.ariaPressed = pressed;
      const [x, y, width, height] = face.box;
      const [right, top] = project([x, y]);
      const [left, bottom] = project([x + width, y + height]);
      place(button, { left: left / ratio, top: top / ratio, right: right / ratio, bottom: bottom / ratio });
    }
  }

  /** @param {number} id */
  #add(id) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "face-button";
    button.ariaLabel = `My face is face ${id}`;
    button.title = "Read my mood from this face (W)";
    button.addEventListener("click", () =>
      send(this, "face-select", this.#selected && button.ariaPressed === "true" ? null : id),
    );
    this.#buttons.set(id, button);
    this.append(button);
    return button;
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {{left: number, top: number, right: number, bottom: number}} edges  CSS pixels
 */
function place(button, { left, top, right, bottom }) {
  const width = Math.max(MIN_SIZE_PX, right - left);
  const height = Math.max(MIN_SIZE_PX, bottom - top);
  button.style.width = `${Math.round(width)}px`;
  button.style.height = `${Math.round(height)}px`;
  button.style.translate = `${Math.round((left + right - width) / 2)}px ${Math.round((top + bottom - height) / 2)}px`;
}

customElements.define("face-buttons", FaceButtons);
