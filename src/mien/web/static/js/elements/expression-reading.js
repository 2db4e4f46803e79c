/** What the face shows: the expression in words, the motion of its parts, and a bar for each of the seven. */

import { build, capitalised, setText } from "../dom.js";
import { EXPRESSIONS } from "../expressions.js";
import "./motion-strip.js";

/** @import {Face, Hint} from "../types.js" */
/** @import {MotionStrip} from "./motion-strip.js" */

const FIGURES_EVERY_MS = 250;
const MIXED = "your face could mean several things";

/** @param {(typeof EXPRESSIONS)[number]} expression */
const row = ({ name, colour, mark }) => `
  <li class="bar" data-name="${name}">
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path d="${mark}" fill="${colour}"/></svg>
    <span class="bar-name">${name}</span>
    <span class="bar-track" role="meter" aria-label="${name}"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"><span class="bar-fill"></span></span>
    <span class="bar-figure" aria-hidden="true"></span>
  </li>`;

const MARKUP = `
  <motion-strip data-part="motion"></motion-strip>
  <h2 class="expression-words" data-part="words"></h2>
  <p class="expression-hint" data-part="hint"></p>
  <ul class="bars" data-part="bars">${EXPRESSIONS.map(row).join("")}</ul>`;

export class ExpressionReading extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  /** @type {{name: string, fill: HTMLElement, meter: Element, figure: Element}[]} */
  #bars = [];
  #figuresAtMs = 0;

  /** @returns {MotionStrip} */
  get #motion() {
    return this.#parts.motion;
  }

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    this.#bars = [...this.querySelectorAll(".bar")].map((bar) => {
      const fill = /** @type {HTMLElement} */ (bar.querySelector(".bar-fill"));
      const name = bar.getAttribute("data-name") ?? "";
      fill.style.background = EXPRESSIONS.find((one) => one.name === name)?.colour ?? "";
      const [meter, figure] = [".bar-track", ".bar-figure"].map(
        (part) => /** @type {Element} */ (bar.querySelector(part)),
      );
      return { name, fill, meter, figure };
    });
    this.showNothing("Expression", "The camera is off.");
  }

  /** @param {Face} face @param {Hint | null} hint  what would help to read it @param {number} nowMs */
  show(face, hint, nowMs) {
    this.dataset.state = face.confident ? "sure" : "unsure";
    setText(this.#parts.words, face.confident ? capitalised(face.expression) : "Not sure");
    setText(this.#parts.hint, face.confident ? "what your face shows now" : (hint?.sentence ?? MIXED));
    this.#motion.add(face, nowMs);
    const probabilities = /** @type {Record<string, number>} */ (face.probabilities);
    for (const { name, fill } of this.#bars) fill.style.transform = `scaleX(${probabilities[name].toFixed(3)})`;
    if (Math.abs(nowMs - this.#figuresAtMs) < FIGURES_EVERY_MS) return;
    this.#figuresAtMs = nowMs;
    for (const { name, meter, figure } of this.#bars)
      this.#figures(meter, figure, Math.round(100 * probabilities[name]));
  }

  /** @param {string} words @param {string} hint */
  showNothing(words, hint) {
    this.dataset.state = "nothing";
    setText(this.#parts.words, words);
    setText(this.#parts.hint, hint);
    this.#motion.clear();
    for (const { fill, meter, figure } of this.#bars) {
      fill.style.transform = "scaleX(0)";
      this.#figures(meter, figure, 0);
      setText(figure, "");
    }
  }

  /** @param {Element} meter @param {Element} figure @param {number} percent */
  #figures(meter, figure, percent) {
    meter.setAttribute("aria-valuenow", String(percent));
    setText(figure, `${percent} %`);
  }
}

customElements.define("expression-reading", ExpressionReading);
