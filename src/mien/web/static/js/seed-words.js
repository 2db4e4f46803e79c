/** Puts into words what the music is about: "Radio from “Moss”". */

/** @import {Seed} from "./types.js" */

/** @param {Seed} seed @returns {string} */
export function seedWords(seed) {
  const { kind, track } = seed;
  if (kind === "path") return `From “${seed.from.title}” to “${track.title}”`;
  if (kind === "artist") return `Radio from ${track.artist}`;
  return kind === "radio" ? `Radio from “${track.title}”` : `More like “${track.title}”`;
}
