/** How much brows, lids, jaw and mouth corners moved over the last seconds: four small strips of bars. */

import { build } from "../dom.js";

/** @import {Motion} from "../types.js" */

/** @type {readonly {part: keyof Motion, label: string, name: string}[]} */
const PARTS = Object.freeze([
  { part: "brows", label: "brows", name: "brows" },
  { part: "lids", label: "lids", name: "lids" },
  { part: "jaw", label: "jaw", name: "jaw" },
  { part: "mouth_corners", label: "corners", name: "corners of the mouth" },
]);
const BARS = 32;
const READINGS_A_BAR = 4;
const FULL_PER_S = 3;

const STRIPS = PARTS.map(
  ({ part, label, name }) => `<figure class="motion"><canvas data-part="${part}" width="128" height="40" role="img"
    aria-label="Motion of the ${name}"></canvas><figcaption>${label}</figcaption></figure>`,
).join("");
const MARKUP = `<p class="motion-caption">How much it moves</p>${STRIPS}`;

export class MotionStrip extends HTMLElement {
  /** @type {Record<string, any>} */
  #canvases = {};
  /** @type {Motion[]} */
  #bars = [];
  /** @type {Motion[]} the readings of the bar that is growing */
  #growing = [];

  connectedCallback() {
    this.#canvases = build(this, MARKUP);
  }

  /** @param {Motion | null} motion */
  add(motion) {
    if (motion === null) return;
    this.#growing.push(motion);
    if (this.#growing.length < READINGS_A_BAR) return;
    const most = (/** @type {keyof Motion} */ part) => Math.max(...this.#growing.map((one) => one[part]));
    const bar = { brows: most("brows"), lids: most("lids"), jaw: most("jaw"), mouth_corners: most("mouth_corners") };
    this.#bars = [...this.#bars, bar].slice(-BARS);
    this.#growing = [];
    this.#draw();
  }

  clear() {
    if (this.#bars.length === 0) return;
    this.#bars = [];
    this.#growing = [];
    this.#draw();
  }

  #draw() {
    const colour = getComputedStyle(this).color;
    for (const { part } of PARTS) {
      const canvas = /** @type {HTMLCanvasElement} */ (this.#canvases[part]);
      const context = canvas.getContext("2d");
      if (context === null) continue;
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.fillStyle = colour;
      const step = canvas.width / BARS;
      this.#bars.forEach((bar, index) => {
        const height = Math.max(2, canvas.height * Math.min(1, bar[part] / FULL_PER_S));
        context.fillRect(canvas.width - (this.#bars.length - index) * step, canvas.height - height, step - 1.5, height);
      });
    }
  }
}

customElements.define("motion-strip", MotionStrip);
