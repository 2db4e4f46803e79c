/** The trail of a mood: a line that fades with age, over half a minute or longer. */

import { toDisc } from "./mood-space.js";

/** @import {Mood} from "./types.js" */

const POINTS = 150;
const BANDS = 10;
const SVG = "http://www.w3.org/2000/svg";

export class Trail {
  /**
   * @param {SVGGElement} group  where it is drawn
   * @param {number} radius  of the disc, in the drawing's units
   * @param {number} [intervalMs]  between two of its 150 points
   */
  constructor(group, radius, intervalMs = 200) {
    this.radius = radius;
    this.intervalMs = intervalMs;
    this.bands = Array.from({ length: BANDS }, (_, index) => {
      const line = document.createElementNS(SVG, "polyline");
      line.setAttribute("opacity", ((index + 1) / BANDS).toFixed(2));
      return line;
    });
    group.replaceChildren(...this.bands);
  }

  /** @type {string[]} */
  #points = [];
  #addedAtMs = 0;

  /** @param {Mood} mood @param {number} nowMs */
  add(mood, nowMs) {
    const { x, y } = toDisc(mood);
    const point = `${(x * this.radius).toFixed(1)},${(-y * this.radius).toFixed(1)}`;
    if (Math.abs(nowMs - this.#addedAtMs) >= this.intervalMs) {
      this.#addedAtMs = nowMs;
      this.#points = [...this.#points, point].slice(-POINTS);
      this.bands.forEach((line, index) => line.setAttribute("points", this.#band(index).join(" ")));
    }
    // Between two points the line ends at the current mood.
    this.bands[BANDS - 1].setAttribute("points", [...this.#band(BANDS - 1), point].join(" "));
  }

  /** The points of one band, oldest first, with the first point of the next band. @param {number} index */
  #band(index) {
    const each = POINTS / BANDS;
    const missing = POINTS - this.#points.length;
    const [from, to] = [index * each - missing, (index + 1) * each - missing + 1];
    return this.#points.slice(Math.max(0, from), Math.max(0, to));
  }
}
