/** Lets the page's ground, and the tab's icon, take the colour of the mood: slowly, over seconds. */

import { colourOfMood, hueOf, strengthOf } from "./mood-colour.js";
import { between, toDisc } from "./mood-space.js";

/** @import {Mood} from "./types.js" */

const STEP_MS = 1_000;
const SHARE_A_STEP = 0.25;

export class MoodBackground {
  /** @type {Mood} */
  #shown = { valence: 0, arousal: 0 };
  /** @type {Mood | null} */
  #mood = null;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  start() {
    setInterval(() => this.#step(), STEP_MS);
  }

  /** @param {Mood} mood */
  show(mood) {
    this.#mood = mood;
  }

  #step() {
    if (this.#mood === null) return;
    const before = this.#shown;
    this.#shown = between(before, this.#mood, this.#still.matches ? 1 : SHARE_A_STEP);
    paintIcon(this.#shown);
    if (this.#still.matches) return;
    const { style } = document.documentElement;
    style.setProperty("--mood-hue", hueOf(this.#shown).toFixed(0));
    style.setProperty("--mood-strength", strengthOf(this.#shown).toFixed(2));
  }
}

let painted = "";

/** The tab's icon: the plane in the mood's colour, and the point on it. @param {Mood} mood */
function paintIcon(mood) {
  const { x, y } = toDisc(mood);
  const [cx, cy] = [16 + 9 * x, 16 - 9 * y].map(Math.round);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" ` +
    `fill="${colourOfMood(mood)}"/><circle cx="${cx}" cy="${cy}" r="5" fill="#fff"/></svg>`;
  if (svg === painted) return;
  painted = svg;
  document.querySelector('link[rel="icon"]')?.setAttribute("href", `data:image/svg+xml,${encodeURIComponent(svg)}`);
}
