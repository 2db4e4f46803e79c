/**
 * The motion of a face over the last seconds: the phase of its expression, blinks, speech, and how much brows, lids, jaw
 * and mouth corners moved.
 */

import { build, setText } from "../dom.js";

/** @import {Parts} from "../dom.js" */
/** @import {Activity, Face, Motion, Phase} from "../types.js" */

/** @type {readonly {part: keyof Motion, label: string, name: string}[]} */
const MOTIONS = Object.freeze([
  { part: "brows", label: "brows", name: "brows" },
  { part: "lids", label: "lids", name: "lids" },
  { part: "jaw", label: "jaw", name: "jaw" },
  { part: "mouth_corners", label: "mouth", name: "corners of the mouth" },
]);
const BARS = 40;
const BAR_MS = 150;
const FULL_PER_S = 3;

/** @type {Record<Phase, {height: number, words: string}>} */
const PHASES = {
  rest: { height: 0.08, words: "at rest" },
  onset: { height: 0.55, words: "starting" },
  apex: { height: 1, words: "at its peak" },
  offset: { height: 0.35, words: "fading" },
};
/** @type {Activity} */
const NO_ACTIVITY = Object.freeze({ speaking: false, blinking: false, phase: "rest" });

/** @typedef {Motion & Activity} Bar */

const STRIPS = MOTIONS.map(
  ({ part, label, name }) => `<figure class="motion"><canvas data-part="${part}" width="160" height="40" role="img"
    aria-label="Motion of the ${name}"></canvas><figcaption>${label}</figcaption></figure>`,
).join("");
const MARKUP = `
  <p class="motion-caption"><span data-part="phase"></span><span class="motion-talk" data-part="talk"></span></p>
  <canvas class="motion-phases" data-part="phases" width="800" height="64" role="img"
    aria-label="Phases of the expression; dots for blinks, a line while talking"></canvas>
  ${STRIPS}`;
const PARTS = {
  phase: HTMLElement,
  talk: HTMLElement,
  phases: HTMLCanvasElement,
  brows: HTMLCanvasElement,
  lids: HTMLCanvasElement,
  jaw: HTMLCanvasElement,
  mouth_corners: HTMLCanvasElement,
};

export class MotionStrip extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {Bar[]} */
  #bars = [];
  /** @type {Bar | null} the bar of the current interval */
  #pending = null;
  #sinceMs = 0;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.clear();
  }

  /** @param {Pick<Face, "motion" | "activity">} face @param {number} nowMs */
  add({ motion, activity }, nowMs) {
    if (motion === null) return;
    const { speaking, blinking, phase } = activity ?? NO_ACTIVITY;
    setText(this.#parts.phase, PHASES[phase].words);
    setText(this.#parts.talk, speaking ? "talking" : "");
    this.#pending = merged(this.#pending, { ...motion, speaking, blinking, phase });
    // The clock may be set back.
    if (nowMs - this.#sinceMs < BAR_MS && nowMs >= this.#sinceMs) return;
    this.#sinceMs = nowMs;
    this.#bars = [...this.#bars, this.#pending].slice(-BARS);
    this.#pending = null;
    this.#draw();
  }

  clear() {
    setText(this.#parts.phase, "Motion");
    setText(this.#parts.talk, "");
    this.#pending = null;
    if (this.#bars.length === 0) return;
    this.#bars = [];
    this.#draw();
  }

  #draw() {
    const colour = getComputedStyle(this).color;
    for (const { part } of MOTIONS) {
      this.#paint(this.#parts[part], colour, (bar, x, width, context) => {
        const height = Math.max(2, context.canvas.height * Math.min(1, bar[part] / FULL_PER_S));
        context.fillRect(x, context.canvas.height - height, width - 1.5, height);
      });
    }
    let blinked = false;
    this.#paint(this.#parts.phases, colour, (bar, x, width, context) => {
      const [base, fullHeight] = [48, 36];
      const height = fullHeight * PHASES[bar.phase].height;
      context.globalAlpha = 0.25;
      context.fillRect(x, base - height, width, height);
      context.globalAlpha = 1;
      context.fillRect(x, base - height, width + 0.5, 2);
      if (bar.speaking) context.fillRect(x, base + 8, width + 0.5, 4);
      // One dot for each blink, at its start.
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

/**
 * The strongest motion of a bar's readings, and the phase of the last one.
 *
 * @param {Bar | null} before
 * @param {Bar} now
 * @returns {Bar}
 */
function merged(before, now) {
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
