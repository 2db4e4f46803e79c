/** When a track is left because the mood has changed: the user's policy, its limits, and the stored setting. */

import { distance } from "./mood-space.js";

/** @import {FollowPolicy, Mood, MusicMood, Pick} from "./types.js" */

/** The music is planned again once its mood is further than this from the planned one. */
export const MOVED = 0.2;
/** A track that was left comes back for a mood that is no further than this from its own. */
export const AWAY = 0.35;
/** A track is left only for a mood that is further than this from the one that it plays for. */
const CHANGED = 0.6;

const KEY = "mien.follow";
/** The next track must fit the mood better than the current one by this much. */
const MIN_GAIN = 0.2;
/** A track that ends so soon anyway is not left. */
const ENDS_SOON_S = 8;
const MAX_CUTS = 4;
const CUTS_WITHIN_MS = 300_000;

/**
 * The limits of each policy in seconds: how long a mood must have held, how long a track must have played, and how long
 * a quiet place or a beat is waited for. Null if no track is ever left.
 *
 * @type {Record<FollowPolicy, {holdS: number, playedS: number, waitS: number} | null>}
 */
export const LIMITS = {
  gently: null,
  promptly: { holdS: 10, playedS: 20, waitS: 6 },
  "at once": { holdS: 4, playedS: 0, waitS: 0 },
};

/** @type {readonly FollowPolicy[]} */
export const POLICIES = ["gently", "promptly", "at once"];

/** @type {Record<FollowPolicy, string>} */
export const POLICY_WORDS = {
  gently: "A new mood changes what comes next. No song is cut.",
  promptly: "If your mood has clearly changed for ten seconds, the song fades at the next quiet place.",
  "at once": "If your mood has clearly changed, the song fades at once.",
};

/** The user's setting, null if there is none. @returns {FollowPolicy | null} */
export function storedFollow() {
  const stored = localStorage.getItem(KEY);
  return POLICIES.find((policy) => policy === stored) ?? null;
}

/** @param {FollowPolicy} policy */
export function storeFollow(policy) {
  localStorage.setItem(KEY, policy);
}

/**
 * Whether the current track should be left for the next one.
 *
 * @param {FollowPolicy} policy
 * @param {object} state
 * @param {Pick} state.current
 * @param {Pick | undefined} state.next
 * @param {Mood} state.wanted  the mood that the music is planned for
 * @param {MusicMood | null} state.music  the mood that music follows; null if the mood is not read from a face
 * @param {boolean} state.wish  whether the mood or the goal was chosen by hand for this track
 * @param {number} state.positionS  of the current track
 * @param {number} state.untilNextS  until it ends
 * @param {readonly number[]} state.cutsMs  when tracks were left before
 * @param {number} state.nowMs
 */
export function shouldLeave(policy, { current, next, wanted, music, wish, positionS, untilNextS, cutsMs, nowMs }) {
  const limits = LIMITS[policy];
  if (limits === null || next === undefined || untilNextS < ENDS_SOON_S) return false;
  if (fit(current, wanted) - fit(next, wanted) < MIN_GAIN) return false;
  if (wish) return distance(current.slot ?? wanted, wanted) > CHANGED;
  if (music === null || music.away_s > 0 || music.held_s < limits.holdS || positionS < limits.playedS) return false;
  if (cutsMs.filter((cutMs) => nowMs - cutMs < CUTS_WITHIN_MS).length >= MAX_CUTS) return false;
  return distance(current.plannedFrom ?? wanted, wanted) > CHANGED;
}

/** How far a track is from a mood. @param {Pick} pick @param {Mood} mood */
function fit({ track }, mood) {
  return distance({ valence: track.valence ?? 0, arousal: track.arousal ?? 0 }, mood);
}
