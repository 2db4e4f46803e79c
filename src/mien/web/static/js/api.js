/** The server's HTTP API; every failure is an Error whose message is one sentence for the user. */

import { errorWords } from "./error-words.js";

/** @import {Corrections, ExitPoint, Goal, Mood, Neutral, Rating, ServerError, Station, Status} from "./types.js" */

/** For when the server cannot be reached. */
export const SERVER_AWAY = "mien's server is not responding. Start it again with `mien serve`.";

/** Whether the server can be reached, whatever it answers. @returns {Promise<boolean>} */
export function serverResponds() {
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
 * @param {Mood} mood  where the music begins
 * @param {{count: number, played: string[], goal: Goal, like?: string[], words?: string,
 *   path?: {start: string, end: string}, radio?: {track: string} | {artist: string}}} options  `played`, `like`, the ends
 *   of a path and the `track` of a radio are track ids, `words` a request in words
 * @returns {Promise<Station>}
 */
export async function fetchStation({ valence, arousal }, options) {
  return (await post("/api/v1/station", { valence, arousal, ...options })).json();
}

/**
 * @param {string} track  its id
 * @param {"started"|"finished"|"skipped"} event
 * @param {number} position_s
 */
export async function reportPlay(track, event, position_s) {
  await post("/api/v1/plays", { track, event, position_s });
}

/**
 * Where a track can be left without harm, between two positions in seconds.
 *
 * @param {string} track  its id
 * @param {number} fromS
 * @param {number} untilS
 * @returns {Promise<ExitPoint>}
 */
export async function fetchExitPoint(track, fromS, untilS) {
  const span = `from_s=${fromS.toFixed(2)}&until_s=${untilS.toFixed(2)}`;
  return (await request(`/api/v1/tracks/${track}/exit?${span}`)).json();
}

/** The ratings of tracks, by track id. @returns {Promise<Record<string, Rating>>} */
export async function fetchRatings() {
  return (await (await request("/api/v1/ratings")).json()).ratings;
}

/** @param {string} track  its id @param {Rating | null} rating  null to remove the rating */
export async function postRating(track, rating) {
  await post("/api/v1/ratings", { track, rating });
}

/** Whether a neutral face is stored, and since when, if known. @returns {Promise<Neutral>} */
export async function fetchNeutral() {
  return (await request("/api/v1/neutral")).json();
}

/** What was learnt from the user's corrections. @returns {Promise<Corrections>} */
export async function fetchCorrections() {
  return (await request("/api/v1/corrections")).json();
}

export async function undoCorrection() {
  await request("/api/v1/corrections/last", { method: "DELETE" });
}

export async function deleteCorrections() {
  await request("/api/v1/corrections", { method: "DELETE" });
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
  const response = await fetch(path, options).catch(() => {
    throw new Error(SERVER_AWAY);
  });
  if (response.ok) return response;
  /** @type {{error?: ServerError}} */
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error === undefined ? `mien's server refused the request (${response.status}).` : errorWords(error));
}

/** The sentence of an error that was caught. @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
