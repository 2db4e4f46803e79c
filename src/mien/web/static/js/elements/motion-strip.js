/**
 * What a face has been doing over the last seconds: where its expression stands (setting in, at its height, fading),
 * when it blinked and talked, and how much brows, lids, jaw and mouth corners moved.
 */

import { build, setText } from "../dom.js";

/** @import {Activity, Face, Motion, Phase} from "../types.js" */

/** @type {readonly {part: keyof Motion, label: string, name: string}[]} */
const PARTS = Object.freeze([
  { part: "brows", label: "brows", name: "brows" },
  { part: "lids", label: "lids", name: "lids" },
  { part: "jaw", label: "jaw", name: "jaw" },
  { part: "mouth_corners", label: "corners", name: "corners of the mouth" },
]);
const BARS = 40;
const BAR_MS = 150;
const FULL_PER_S = 3;

/** @type {Record<Phase, {height: number, words: string}>} */
const PHASES = {
  rest: { height: 0.08, words: "at rest" },
  onset: { height: 0.55, words: "setting in" },
  apex: { height: 1, words: "at its height" },
  offset: { height: 0.35, words: "fading" },
};
/** @type {Activity} */
const QUIET = Object.freeze({ speaking: false, blinking: false, phase: "rest" });

/** @typedef {Motion & Activity} Bar */

const STRIPS = PARTS.map(
  ({ part, label, name }) => `<figure class="motion"><canvas data-part="${part}" width="160" height="40" role="img"
    aria-label="Motion of the ${name}"></canvas><figcaption>${label}</figcaption></figure>`,
).join("");
const MARKUP = `
  <p class="motion-caption"><span data-part="phase"></span><span class="motion-talk" data-part="talk"></span></p>
  <canvas class="motion-phases" data-part="phases" width="800" height="64" role="img"
    aria-label="Expression setting in, at its height and fading; dots for blinks, a line while talking"></canvas>
  ${STRIPS}`;

export class MotionStrip extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  /** @type {Bar[]} */
  #bars = [];
  /** @type {Bar | null} the bar that is growing */
  #growing = null;
  #sinceMs = 0;

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    this.clear();
  }

  /** @param {Pick<Face, "motion" | "activity">} face @param {number} nowMs */
  add({ motion, activity }, nowMs) {
    if (motion === null) return;
    const { speaking, blinking, phase } = activity ?? QUIET;
    setText(this.#parts.phase, PHASES[phase].words);
    setText(this.#parts.talk, speaking ? "talking" : "");
    this.#growing = grown(this.#growing, { ...motion, speaking, blinking, phase });
    // A clock that was set back ends a bar as well.
    if (nowMs - this.#sinceMs < BAR_MS && nowMs >= this.#sinceMs) return;
    this.#sinceMs = nowMs;
    this.#bars = [...this.#bars, this.#growing].slice(-BARS);
    this.#growing = null;
    this.#draw();
  }

  clear() {
    setText(this.#parts.phase, "How it moves");
    setText(this.#parts.talk, "");
    this.#growing = null;
    if (this.#bars.length === 0) return;
    this.#bars = [];
    this.#draw();
  }

  #draw() {
    const colour = getComputedStyle(this).color;
    for (const { part } of PARTS) {
      this.#paint(this.#parts[part], colour, (bar, x, width, context) => {
        const height = Math.max(2, context.canvas.height * Math.min(1, bar[part] / FULL_PER_S));
        context.fillRect(x, context.canvas.height - height, width - 1.5, height);
      });
    }
    let blinked = false;
    this.#paint(this.#parts.phases, colour, (bar, x, width, context) => {
      const [base, most] = [48, 36];
      const height = most * PHASES[bar.phase].height;
      context.globalAlpha = 0.25;
      context.fillRect(x, base - height, width, height);
      context.globalAlpha = 1;
      context.fillRect(x, base - height, width + 0.5, 2);
      if (bar.speaking) context.fillRect(x, base + 8, width + 0.5, 4);
      // One dot a blink, where it began.
      if (bar.blinking && !blinked) context.fillRect(x + width / 2 - 3, 0, 7, 7);
      blinked = bar.blinking;
    });
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} colour
   * @param {(bar: Bar, x: number, width: number, context: CanvasRenderingContext2D) => void} paint
   */
  #paint(canvas, colour, paint) {
    const context = canvas.getContext("2d");
    if (context === null) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = colour;
    const width = canvas.width / BARS;
    this.#bars.forEach((bar, index) => paint(bar, canvas.width - (this.#bars.length - index) * width, width, context));
  }
}

/** The most that happened in a bar; its phase is the last. @param {Bar | null} before @param {Bar} now @returns {Bar} */
function grown(before, now) {
  if (before === null) return now;
  return {
    brows: Math.max(before.brows, now.brows),
    lids: Math.max(before.lids, now.lids),
    jaw: Math.max(before.jaw, now.jaw),
    mouth_corners: Math.max(before.mouth_corners, now.mouth_corners),
    speaking: before.speaking || now.speaking,
    blinking: before.blinking || now.blinking,
    phase: now.phase,
  };
}

customElements.define("motion-strip", MotionStrip);
