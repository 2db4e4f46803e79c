/** Tints the page's background and the tab's icon in the colour of the mood, slowly, over seconds. */

import { colourOfMood, hueOf, strengthOf } from "./mood-colour.js";
import { between, toDisc } from "./mood-space.js";

/** @import {Mood} from "./types.js" */

const STEP_MS = 1_000;
const SHARE_PER_STEP = 0.25;

export class MoodBackground {
  /** @type {Mood} */
  #shown = { valence: 0, arousal: 0 };
  /** @type {Mood | null} */
  #target = null;
  #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  #icon = "";

  start() {
    setInterval(() => this.#step(), STEP_MS);
  }

  /** @param {Mood} mood */
  show(mood) {
    this.#target = mood;
  }

  #step() {
    if (this.#target === null) return;
    const still = this.#reducedMotion.matches;
    this.#shown = between(this.#shown, this.#target, still ? 1 : SHARE_PER_STEP);
    this.#showIcon(iconOf(this.#shown));
    if (still) return;
    const { style } = document.documentElement;
    style.setProperty("--mood-hue", hueOf(this.#shown).toFixed(0));
    style.setProperty("--mood-strength", strengthOf(this.#shown).toFixed(2));
  }

  /** @param {string} svg */
  #showIcon(svg) {
    if (svg === this.#icon) return;
    this.#icon = svg;
    document.querySelector('link[rel="icon"]')?.setAttribute("href", `data:image/svg+xml,${encodeURIComponent(svg)}`);
  }
}

/** The tab's icon as SVG: a disc in the mood's colour with the mood's point. @param {Mood} mood */
function iconOf(mood) {
  const { x, y } = toDisc(mood);
  const [cx, cy] = [16 + 9 * x, 16 - 9 * y].map(Math.round);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" ` +
    `fill="${colourOfMood(mood)}"/><circle cx="${cx}" cy="${cy}" r="5" fill="#fff"/></svg>`
  );
}
