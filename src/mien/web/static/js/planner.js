/** Decides when to plan other music: for a goal, a mood set by hand, a face's first mood, and when the mood drifts. */

import { fetchStation } from "./api.js";
import { MoodDrift } from "./mood-drift.js";
import { wordsTowards } from "./goals.js";
import { moodAt } from "./mood-space.js";

/** @import {Playback} from "./playback.js" */
/** @import {Goal, Mood, Station, Track} from "./types.js" */

const COUNT = 10;
const REFILL_BELOW = 3;
const SETTLE_MS = 1_500;
const HAND_RESTS_MS = 350;
/** What to begin with, before any mood is known: gentle music. */
const GENTLE = Object.freeze({ valence: 0.25, arousal: -0.1 });

/** Events: "planned" with the Station in `detail`, "trouble" with a sentence in `detail`. */
export class Planner extends EventTarget {
  /** @param {Playback} playback @param {Goal} goal */
  constructor(playback, goal) {
    super();
    this.playback = playback;
    /** Where the music leads. */
    this.goal = goal;
    this.drift = new MoodDrift();
    /** @type {Mood | null} what the music begins with; null until a mood is known */
    this.mood = null;
    /** @type {Track | null} what the person wants more of: then it decides, and not their mood */
    this.similarTo = null;
    playback.addEventListener("track", () => this.refill());
  }

  /** @type {"nothing" | "hand" | "face"} */
  #follows = "nothing";
  #firstSeenMs = Number.NaN;
  #requests = 0;
  #refilling = false;
  /** Where the last plan led. @type {Mood} */
  #end = GENTLE;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #resting;

  /** Music to begin with, before any mood is known. */
  start() {
    return this.#plan();
  }

  /** A mood read from the face; called at every reading. @param {Mood} mood @param {number} nowMs */
  see(mood, nowMs) {
    if (this.#follows !== "face") {
      // At first, and where the clock was set back.
      if (!(this.#firstSeenMs <= nowMs)) this.#firstSeenMs = nowMs;
      if (nowMs - this.#firstSeenMs < SETTLE_MS) return;
    }
    const first = this.#follows !== "face";
    this.#follows = "face";
    this.mood = mood;
    const drifted = this.drift.update(mood, nowMs);
    if (this.similarTo === null && (first || drifted)) this.#plan();
  }

  /** A mood set by hand; it is planned for once the hand rests. @param {Mood} mood */
  set(mood) {
    this.#follows = "hand";
    this.#firstSeenMs = Number.NaN;
    this.mood = mood;
    this.similarTo = null;
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#plan(), HAND_RESTS_MS);
  }

  /** The hand lets go: the face's next moods decide. */
  release() {
    clearTimeout(this.#resting);
    this.#follows = "nothing";
    this.#firstSeenMs = Number.NaN;
  }

  /** Leads to another goal from now on. @param {Goal} goal */
  lead(goal) {
    this.goal = goal;
    this.similarTo = null;
    return this.#plan();
  }

  /** Plays more like a track, whatever the mood; null for the mood again. @param {Track | null} track */
  playSimilarTo(track) {
    this.similarTo = track;
    return this.#plan();
  }

  async #plan() {
    clearTimeout(this.#resting);
    this.drift.settle(this.mood ?? GENTLE);
    const request = ++this.#requests;
    try {
      const station = await this.#ask(this.mood ?? GENTLE, this.goal, this.playback.playedIds);
      if (request !== this.#requests) return;
      this.#end = station.goal;
      this.playback.plan(station.picks);
      this.dispatchEvent(new CustomEvent("planned", { detail: station }));
      if (this.#follows !== "nothing" && this.playback.wanted && !this.playback.playing) await this.playback.play();
    } catch (error) {
      this.#trouble(error);
    }
  }

  /** Adds to a queue that is short of music: who has been led somewhere stays there. */
  async refill() {
    if (this.#refilling || this.playback.upcoming.length >= REFILL_BELOW) return;
    this.#refilling = true;
    const request = this.#requests;
    try {
      const coming = this.playback.upcoming.map(({ track }) => track.id);
      const from = this.goal === "match" ? (this.mood ?? GENTLE) : this.#end;
      const station = await this.#ask(from, "match", [...this.playback.playedIds, ...coming]);
      if (request === this.#requests) this.playback.append(station.picks);
    } catch (error) {
      this.#trouble(error);
    } finally {
      this.#refilling = false;
    }
  }

  /** @param {Mood} from @param {Goal} goal @param {string[]} played @returns {Promise<Station>} */
  async #ask(from, goal, played) {
    const { similarTo, mood } = this;
    if (similarTo !== null) {
      const place = moodAt(similarTo.valence ?? 0, similarTo.arousal ?? 0);
      const station = await fetchStation(place, { count: COUNT, played, goal: "match", like: [similarTo.id] });
      return { ...station, picks: station.picks.map((pick) => ({ ...pick, chosenFor: `“${similarTo.title}”` })) };
    }
    const chosenFor = mood === null ? "" : goal === this.goal ? "your mood" : wordsTowards(this.goal);
    const station = await fetchStation(from, { count: COUNT, played, goal, like: [] });
    return { ...station, picks: station.picks.map((pick) => ({ ...pick, chosenFor })) };
  }

  /** @param {unknown} error */
  #trouble(error) {
    const detail = error instanceof Error ? error.message : String(error);
    this.dispatchEvent(new CustomEvent("trouble", { detail }));
  }
}
