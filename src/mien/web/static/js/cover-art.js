/** A track's cover: its own picture, or one generated from its mood and its id. */

import { hueOf, strengthOf } from "./mood-colour.js";

/** @import {Track} from "./types.js" */

/** @param {HTMLElement} element @param {Track} track */
export function paintCover(element, track) {
  element.replaceChildren();
  if (track.cover !== null) {
    element.append(Object.assign(new Image(), { src: track.cover, alt: "", loading: "lazy" }));
    return;
  }
  const mood = { valence: track.valence ?? 0, arousal: track.arousal ?? 0 };
  const seed = hash(track.id);
  const chroma = 0.04 + 0.08 * strengthOf(mood);
  const hue = hueOf(mood) + (seed % 31) - 15;
  const [x, y] = [15 + (seed % 71), 10 + ((seed >> 8) % 81)];
  element.style.background =
    `radial-gradient(circle at ${x}% ${y}%, oklch(.92 ${chroma} ${hue + 20}) 0 16%, transparent 17%), ` +
    `linear-gradient(${seed % 360}deg, oklch(.6 ${chroma} ${hue - 20}), oklch(.82 ${chroma} ${hue + 15}))`;
}

/** @param {string} text @returns {number} its FNV-1a hash */
function hash(text) {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
