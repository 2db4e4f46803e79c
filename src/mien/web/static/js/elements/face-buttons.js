/** A button over every face while there are several: pressed, that face is "me"; pressed again, mien chooses by itself. */

import { placer } from "../overlay.js";

/** @import {Reading} from "../types.js" */

const SMALLEST_PX = 24;

/** Sends "face-select", with the face's id or null in `detail`. */
export class FaceButtons extends HTMLElement {
  /** @type {Map<number, HTMLButtonElement>} */
  #buttons = new Map();
  #chosen = false;

  /** @param {Reading | null} reading @param {HTMLCanvasElement} canvas  that the reading is drawn on */
  show(reading, canvas) {
    const faces = reading?.faces ?? [];
    const choice = faces.length > 1 || faces.some(({ id }) => id !== reading?.me) ? faces : [];
    for (const [id, button] of this.#buttons) {
      if (choice.some((face) => face.id === id)) continue;
      button.remove();
      this.#buttons.delete(id);
    }
    if (reading === null || choice.length === 0) return;
    this.#chosen = reading.chosen;
    const ratio = canvas.width / (canvas.clientWidth || canvas.width);
    const place = placer(canvas, reading);
    for (const face of choice) {
      const button = this.#buttons.get(face.id) ?? this.#add(face.id);
      const mine = String(face.id === reading.me);
      if (button.ariaPressed !== mine) button.ariaPressed = mine;
      const [x, y, width, height] = face.box;
      const [right, top] = place([x, y]);
      const [left, bottom] = place([x + width, y + height]);
      lay(button, { left: left / ratio, top: top / ratio, right: right / ratio, bottom: bottom / ratio });
    }
  }

  /** @param {number} id */
  #add(id) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "face-button";
    button.ariaLabel = `My face is face ${id}`;
    button.title = "Read my mood from this face (W)";
    button.addEventListener("click", () => {
      const detail = this.#chosen && button.ariaPressed === "true" ? null : id;
      this.dispatchEvent(new CustomEvent("face-select", { detail, bubbles: true }));
    });
    this.#buttons.set(id, button);
    this.append(button);
    return button;
  }
}

/** @param {HTMLButtonElement} button @param {{left: number, top: number, right: number, bottom: number}} edges */
function lay(button, { left, top, right, bottom }) {
  const width = Math.max(SMALLEST_PX, right - left);
  const height = Math.max(SMALLEST_PX, bottom - top);
  button.style.width = `${Math.round(width)}px`;
  button.style.height = `${Math.round(height)}px`;
  button.style.translate = `${Math.round((left + right - width) / 2)}px ${Math.round((top + bottom - height) / 2)}px`;
}

customElements.define("face-buttons", FaceButtons);
