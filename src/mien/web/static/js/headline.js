/** What the page says about the mood: one headline and one line beneath it, from which the screen reader's words come too. */

import { capitalised } from "./dom.js";
import { UNSURE_WORDS } from "./mood-words.js";

/** @import {MoodOrigin} from "./mood-state.js" */
/** @import {Hint, HintName} from "./types.js" */

/** Why no mood can be read; the hint's sentence says what to do. @type {Readonly<Record<HintName, string>>} */
const OBSTACLES = Object.freeze({
  covered: "The camera is covered",
  no_face: "Nobody in view",
  too_dark: "Too dark",
  too_bright: "Too bright",
  too_far: "Too far away",
  cut_off: "Partly out of view",
  turned_away: "Face turned away",
  blurred: "Picture blurred",
});

/** @type {Readonly<Record<MoodOrigin, string>>} */
const DETAILS = Object.freeze({
  start: "Turn on the camera, or drag the point to your mood.",
  looking: "Look into the camera for a moment.",
  face: "from your expression",
  held: "from a moment ago",
  unknown: "Look into the camera for a moment.",
  lost: "from your last expression",
  hand: "set by hand",
});

/**
 * @typedef {object} MoodReport
 * @property {string} words  the mood in words, "" if none is known
 * @property {MoodOrigin} source
 * @property {Hint | null} hint  what would help to read the face
 * @property {boolean} chosen  whether the user chose whose mood is read
 */

/**
 * @param {MoodReport} report
 * @returns {{headline: string, detail: string, mood: boolean}}  mood: whether the headline is one
 */
export function headlineOf({ words, source, hint, chosen }) {
  if (source === "held" || source === "unknown" || source === "looking") {
    if (hint !== null) return { headline: OBSTACLES[hint.name], detail: hint.sentence, mood: false };
    if (chosen) return { headline: "Not in view", detail: "The face you chose is not in view.", mood: false };
  }
  if (source === "looking" || source === "unknown") {
    return { headline: "Looking for your face", detail: DETAILS[source], mood: false };
  }
  if (words === "") return { headline: "How are you?", detail: DETAILS[source], mood: false };
  return { headline: capitalised(words), detail: detailOf({ words, source, hint, chosen }), mood: true };
}

/** @param {MoodReport} report */
function detailOf({ words, source, hint, chosen }) {
  if (source !== "face") return DETAILS[source];
  if (hint !== null) return hint.sentence;
  if (words === UNSURE_WORDS) return "Your expression is ambiguous.";
  return chosen ? "from the face you chose" : DETAILS.face;
}
