/** Puts the reasons for a pick into words: "calm and dark, 72 bpm, close to your mood". */

import { wordsTowards } from "./goals.js";

/** @import {Pick, Reason, ReasonKind} from "./types.js" */

/**
 * Upper bounds in rising order, each with the word for values below it.
 *
 * @typedef {readonly (readonly [number, string])[]} Scale
 */

/** @type {Scale} */
const VALENCE_WORDS = [
  [-0.25, "dark"],
  [0.25, ""],
  [Infinity, "bright"],
];
/** @type {Scale} */
const AROUSAL_WORDS = [
  [-0.25, "calm"],
  [0.25, "steady"],
  [Infinity, "lively"],
];
/** @type {Scale} */
const DISTANCE_WORDS = [
  [0.15, "very close to"],
  [0.35, "close to"],
  [0.6, "not far from"],
  [Infinity, "far from"],
];
/** @type {readonly (readonly [ReasonKind, string, string])[]} for a positive and for a negative value */
const TASTE_WORDS = [
  ["artist_taste", "an artist you like", "although you often skip this artist"],
  ["style_taste", "a style you like", "although you often skip this style"],
  ["tempo_taste", "a tempo you like", "although you often skip this tempo"],
  ["mood_taste", "a mood you like", "although you often skip such moods"],
];

/**
 * All reasons for a pick in one line.
 *
 * @param {Pick} pick  `pick.chosenFor` names what the pick should fit: "your mood" by default, a goal's mood or a
 *   track; without a name (""), its fit is left out.
 * @returns {string}
 */
export function reasonWords({ reasons, chosenFor = "your mood" }) {
  return clauses(reasons, chosenFor)
    .filter((clause) => clause !== "")
    .join(", ");
}

/** @param {Reason[]} reasons @param {string} chosenFor @returns {string[]} */
function clauses(reasons, chosenFor) {
  const values = new Map(reasons.map(({ kind, value }) => [kind, value]));
  const goal = wordsTowards(String(values.get("goal") ?? ""));
  /** @param {ReasonKind} kind @param {(value: number) => string} words */
  const when = (kind, words) => (values.has(kind) ? words(Number(values.get(kind))) : "");
  const shared = [when("same_tempo", () => "tempo"), when("same_key", () => "key")].filter(Boolean);
  const sound = [
    when("arousal", (value) => wordOn(AROUSAL_WORDS, value)),
    when("valence", (value) => wordOn(VALENCE_WORDS, value)),
  ].filter(Boolean);
  return [
    sound.join(" and ") + when("in_library", () => " for your library"),
    when("tempo", (value) => `${Math.round(value)} bpm`),
    shared.length > 0 ? `same ${shared.join(" and ")} as the previous track` : "",
    when("mood_fit", (value) => (chosenFor === "" ? "" : `${wordOn(DISTANCE_WORDS, value)} ${chosenFor}`)),
    when("path_fit", (value) => `${wordOn(DISTANCE_WORDS, value)} the route`),
    when("progress", (value) => `${Math.round(100 * value)}% of the way to ${goal}`),
    when("goal_fit", (value) => `${wordOn(DISTANCE_WORDS, value)} ${goal}`),
    when("similar", () => "much like what you asked for"),
    values.has("requested") ? `as asked: ${values.get("requested")}` : "",
    ...TASTE_WORDS.map(([kind, liked, skipped]) => when(kind, (value) => (value > 0 ? liked : skipped))),
    when("recently_played", () => "played not long ago"),
  ];
}

/** @param {Scale} scale @param {number} value */
function wordOn(scale, value) {
  return scale.find(([bound]) => value < bound)?.[1] ?? "";
}
