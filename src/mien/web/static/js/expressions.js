/**
 * The seven expressions in the order in which the page shows them. Each has a colour from a palette for colour-blind
 * people and its own mark (an SVG path in a 16 by 16 box), so that colour is never the only difference.
 */

/** @import {Emotion} from "./types.js" */

/** @type {readonly {name: Emotion, colour: string, mark: string}[]} */
export const EXPRESSIONS = Object.freeze([
  { name: "happy", colour: "#E69F00", mark: "M2.25 8a5.75 5.75 0 1 0 11.5 0a5.75 5.75 0 1 0-11.5 0z" },
  {
    name: "surprise",
    colour: "#56B4E9",
    mark: "M8 1.3l2 4.5 4.9.5-3.7 3.3 1.1 4.8L8 11.9l-4.3 2.5 1.1-4.8L1.1 6.3 6 5.8z",
  },
  { name: "neutral", colour: "#8A8F98", mark: "M2.5 6.7h11v2.6h-11z" },
  { name: "sad", colour: "#0072B2", mark: "M3 3h10v10H3z" },
  { name: "angry", colour: "#D55E00", mark: "M8 2.5l6 10.5H2z" },
  { name: "fear", colour: "#CC79A7", mark: "M8 13.5L2 3h12z" },
  { name: "disgust", colour: "#009E73", mark: "M8 1.5L14.5 8 8 14.5 1.5 8z" },
]);
