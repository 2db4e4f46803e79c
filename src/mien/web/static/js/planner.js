/** Decides when to plan other music: for a mood set by hand, for a face's first mood, and when the mood drifts. */

import { fetchStation } from "./api.js";
import { Drift } from "./drift.js";

/** @import {Jukebox} from "./jukebox.js" */
/** @import {Mood, Pick, Station} from "./types.js" */

const COUNT = 10;
const REFILL_BELOW = 3;
const SETTLE_MS = 1_500;
const HAND_RESTS_MS = 350;
/** What to begin with, before any mood is known: gentle music. */
const GENTLE = Object.freeze({ valence: 0.25, arousal: -0.1 });

/** Events: "planned" with the Station in `detail`, "trouble" with a sentence in `detail`. */
export class Planner extends EventTarget {
  /** @param {Jukebox} jukebox */
  constructor(jukebox) {
    super();
    this.jukebox = jukebox;
    this.drift = new Drift();
    /** @type {Mood | null} where the music is for; null until a mood is known */
    this.goal = null;
    jukebox.addEventListener("track", () => this.refill());
  }

  /** @type {"nothing" | "hand" | "face"} */
  #follows = "nothing";
  #firstSeenMs = Number.NaN;
  #requests = 0;
  #refilling = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;

  /** Music to begin with, before any mood is known. */
  start() {
    return this.#plan(this.goal);
  }

  /** A mood read from the face; called at every reading. @param {Mood} mood @param {number} nowMs */
  see(mood, nowMs) {
    if (this.#follows !== "face") {
      // At first, and where the clock was set back.
      if (!(this.#firstSeenMs <= nowMs)) this.#firstSeenMs = nowMs;
      if (nowMs - this.#firstSeenMs < SETTLE_MS) return;
      this.#follows = "face";
      this.#plan(mood);
    } else if (this.drift.update(mood, nowMs)) {
      this.#plan(mood);
    }
  }

  /** A mood set by hand; it is planned for once the hand rests. @param {Mood} mood */
  set(mood) {
    this.#follows = "hand";
    this.#firstSeenMs = Number.NaN;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#plan(mood), HAND_RESTS_MS);
  }

  /** The hand lets go: the face's next moods decide. */
  release() {
    clearTimeout(this.#resting);
    this.#follows = "nothing";
    this.#firstSeenMs = Number.NaN;
  }

  /** @param {Mood | null} mood */
  async #plan(mood) {
    this.goal = mood;
    this.drift.settle(mood ?? GENTLE);
    const request = ++this.#requests;
    try {
      const station = await this.#ask(mood, this.jukebox.playedIds);
      if (request !== this.#requests) return;
      this.jukebox.plan(station.picks);
      this.dispatchEvent(new CustomEvent("planned", { detail: station }));
      if (this.#follows !== "nothing" && this.jukebox.wanted && !this.jukebox.playing) await this.jukebox.play();
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** Adds to a queue that is short of music. */
  async refill() {
    if (this.#refilling || this.jukebox.upcoming.length >= REFILL_BELOW) return;
    this.#refilling = true;
    try {
      const coming = this.jukebox.upcoming.map(({ track }) => track.id);
      const station = await this.#ask(this.goal, [...this.jukebox.playedIds, ...coming]);
      this.jukebox.append(station.picks);
    } catch (error) {
      this.#trouble(error);
    } finally {
      this.#refilling = false;
    }
  }

  /** @param {Mood | null} mood @param {string[]} played @returns {Promise<Station>} */
  async #ask(mood, played) {
    const station = await fetchStation(mood ?? GENTLE, { count: COUNT, played });
    return mood === null ? { ...station, picks: station.picks.map(withoutMood) } : station;
  }

  /** @param {unknown} error */
  #trouble(error) {
    const detail = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new CustomEvent("trouble", { detail }));
  }
}

/** The pick without what its reason says about a mood that nobody has shown yet. @param {Pick} pick @returns {Pick} */
function withoutMood(pick) {
  const parts = pick.reason.split(", ").filter((part) => !part.endsWith("your mood"));
  return { ...pick, reason: parts.join(", ") };
}
