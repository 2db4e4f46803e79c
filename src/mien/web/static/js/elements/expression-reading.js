/** What the face shows: the expression in words, a bar for each of the seven, and the motion of its parts on demand. */

import { build, capitalised, find, setText } from "../dom.js";
import { EXPRESSIONS } from "../expressions.js";
import { EXPRESSION_WORDS } from "../mood-words.js";
import { MotionStrip } from "./motion-strip.js";

/** @import {Parts} from "../dom.js" */
/** @import {Emotion, Face} from "../types.js" */

const FIGURES_INTERVAL_MS = 250;

/** @param {(typeof EXPRESSIONS)[number]} expression */
const row = ({ name, colour, mark }) => `
  <li class="bar" data-name="${name}">
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path d="${mark}" fill="${colour}"/></svg>
    <span class="bar-name">${EXPRESSION_WORDS[name]}</span>
    <span class="bar-track" role="meter" aria-label="${EXPRESSION_WORDS[name]}"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"><span class="bar-fill"></span></span>
    <span class="bar-figure" aria-hidden="true"></span>
  </li>`;

const MARKUP = `
  <h2 class="expression-words" data-part="words"></h2>
  <p class="expression-hint" data-part="hint"></p>
  <ul class="bars">${EXPRESSIONS.map(row).join("")}</ul>
  <details class="face-details" data-part="details">
    <summary>Details</summary>
    <motion-strip data-part="motion"></motion-strip>
  </details>`;
const PARTS = { motion: MotionStrip, words: HTMLElement, hint: HTMLElement, details: HTMLDetailsElement };
const DETAILS_KEY = "mien.face-details";

/** @typedef {{name: Emotion, fill: HTMLElement, meter: HTMLElement, figure: HTMLElement}} Bar */

export class ExpressionReading extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {Bar[]} */
  #bars = [];
  #figuresAtMs = 0;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.showNothing();
    const { details } = this.#parts;
    details.open = localStorage.getItem(DETAILS_KEY) === "open";
    details.addEventListener("toggle", () => localStorage.setItem(DETAILS_KEY, details.open ? "open" : "closed"));
    this.#bars = EXPRESSIONS.map(({ name, colour }) => {
      const bar = find(this, `.bar[data-name="${name}"]`, HTMLElement);
      const fill = find(bar, ".bar-fill", HTMLElement);
      fill.style.background = colour;
      fill.style.transform = "scaleX(0)";
      return { name, fill, meter: find(bar, ".bar-track", HTMLElement), figure: find(bar, ".bar-figure", HTMLElement) };
    });
  }

  /** @param {Face} face @param {number} nowMs */
  show(face, nowMs) {
    this.dataset.state = face.confident ? "sure" : "unsure";
    const words = capitalised(face.words);
    const renamed = this.#parts.words.textContent !== words;
    setText(this.#parts.words, words);
    setText(this.#parts.hint, "what your face shows now");
    this.#parts.motion.add(face, nowMs);
    for (const { name, fill } of this.#bars) fill.style.transform = `scaleX(${face.probabilities[name].toFixed(3)})`;
    if (!renamed && Math.abs(nowMs - this.#figuresAtMs) < FIGURES_INTERVAL_MS) return;
    this.#figuresAtMs = nowMs;
    for (const bar of this.#bars) showPercent(bar, Math.round(100 * face.probabilities[bar.name]));
  }

  /** Empties the bars; why there is nothing to show is said beside the mood. */
  showNothing() {
    this.dataset.state = "nothing";
    setText(this.#parts.words, "Expression");
    setText(this.#parts.hint, "");
    this.#parts.motion.clear();
    for (const bar of this.#bars) {
      bar.fill.style.transform = "scaleX(0)";
      showPercent(bar, 0);
      setText(bar.figure, "");
    }
  }
}

/** @param {Bar} bar @param {number} percent */
function showPercent({ meter, figure }, percent) {
  meter.setAttribute("aria-valuenow", String(percent));
  setText(figure, `${percent} %`);
}

customElements.define("expression-reading", ExpressionReading);
