/** The server's HTTP interface; every failure is an Error whose message is one sentence for people. */

/** @import {Goal, Mood, Neutral, Station, Status, Rating} from "./types.js" */

/** What to do when nobody answers. */
export const AWAY = "mien's server does not answer: start it again with `mien serve`.";

/** Whether the server is there at all, whatever it says. @returns {Promise<boolean>} */
export function serverAnswers() {
  return fetch("/api/v1/status").then(
    () => true,
    () => false,
  );
}

/** @returns {Promise<Status>} */
export async function fetchStatus() {
  return (await request("/api/v1/status")).json();
}

/**
 * @param {Mood} mood
 * @param {{count: number, played: string[], goal: Goal, like: string[]}} options  `like` holds ids
 * @returns {Promise<Station>}
 */
export async function fetchStation({ valence, arousal }, options) {
  return (await post("/api/v1/station", { valence, arousal, ...options })).json();
}

/** @param {string} track @param {"started"|"finished"|"skipped"} event @param {number} position_s */
export async function reportPlay(track, event, position_s) {
  await post("/api/v1/plays", { track, event, position_s });
}

/** What was said of which tracks, by their ids. @returns {Promise<Record<string, Rating>>} */
export async function fetchRatings() {
  return (await (await request("/api/v1/ratings")).json()).ratings;
}

/** @param {string} track @param {Rating | null} rating  null to take one back */
export async function postRating(track, rating) {
  await post("/api/v1/ratings", { track, rating: rating });
}

/** Whether a face at rest is kept, and since when, where that is known. @returns {Promise<Neutral>} */
export async function fetchNeutral() {
  return (await request("/api/v1/neutral")).json();
}

export async function deleteNeutral() {
  await request("/api/v1/neutral", { method: "DELETE" });
}

/** @param {string} path @param {object} body */
function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
}

/** @param {string} path @param {RequestInit} [options] */
async function request(path, options) {
  const answer = await fetch(path, options).catch(() => {
    throw new Error(AWAY);
  });
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({}));
  throw new Error(error?.message ?? `mien's server refused the request (${answer.status}).`);
}
