/** The goals of the music, and the stored choice. */

/** @import {Goal} from "./types.js" */

const KEY = "mien.goal";

/** `towards` is what the goal leads to, in the words of a pick's reasons. */
export const GOALS = Object.freeze(
  /** @type {const} */ ([
    { name: "match", action: "stay with my mood", towards: "your mood" },
    { name: "lift", action: "lead to a brighter mood", towards: "a brighter mood" },
    { name: "calm", action: "calm me down", towards: "calm" },
    { name: "focus", action: "help me to focus", towards: "focus" },
    { name: "energise", action: "give me energy", towards: "energy" },
    { name: "contrast", action: "lead to the opposite of my mood", towards: "the contrast" },
  ]),
);

/** @returns {Goal} */
export function storedGoal() {
  const name = localStorage.getItem(KEY);
  return GOALS.find((goal) => goal.name === name)?.name ?? "match";
}

/** @param {Goal} name */
export function storeGoal(name) {
  localStorage.setItem(KEY, name);
}

/** The words for a goal, or for a song that a path leads to. @param {string} name  the goal's, or the song's title */
export function wordsTowards(name) {
  const goal = GOALS.find((one) => one.name === name);
  return goal?.towards ?? (name === "" ? "your mood" : `“${name}”`);
}
