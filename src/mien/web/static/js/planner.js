/** Plans the music: for the goal, for a mood that is set by hand or read from the face, and again when it drifts. */

import { fetchStation, messageOf } from "./api.js";
import { Emitter } from "./events.js";
import { wordsTowards } from "./goals.js";
import { MoodDrift } from "./mood-drift.js";
import { MoodSettling } from "./mood-settling.js";
import { moodAt } from "./mood-space.js";

/** @import {Playback} from "./playback.js" */
/** @import {Goal, Mood, Station, Track} from "./types.js" */

const COUNT = 10;
const REFILL_BELOW = 3;
const DRAG_SETTLE_MS = 350;
/** The mood to start with before any is known: gentle music. */
const DEFAULT_MOOD = Object.freeze({ valence: 0.25, arousal: -0.1 });

/** @extends {Emitter<{planned: Station, trouble: string}>} */
export class Planner extends Emitter {
  /** @param {Playback} playback @param {Goal} goal */
  constructor(playback, goal) {
    super();
    this.playback = playback;
    this.goal = goal;
    /** @type {Mood | null} what the music starts from; null until a mood is known */
    this.mood = null;
    /** @type {Track | null} the track that the music should be similar to, whatever the mood */
    this.similarTo = null;
    playback.on("track", () => this.refill());
  }

  #drift = new MoodDrift();
  #settling = new MoodSettling();
  /** @type {"nothing" | "hand" | "face"} */
  #follows = "nothing";
  #requests = 0;
  #refilling = false;
  /** The mood at the end of the last plan. @type {Mood} */
  #end = DEFAULT_MOOD;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #handTimer;

  /** Plans the first music, before any mood is known. */
  start() {
    return this.#plan();
  }

  /**
   * Follows the face: plans once its mood has settled, and again when it drifts. Called for each reading.
   *
   * @param {Mood} mood
   * @param {number} nowMs
   */
  updateFromFace(mood, nowMs) {
    const first = this.#follows !== "face";
    if (first && !this.#settling.update(mood, nowMs)) return;
    this.#follows = "face";
    this.mood = mood;
    const drifted = this.#drift.update(mood, nowMs);
    if (this.similarTo === null && (first || drifted)) this.#plan();
  }

  /** Sets the mood by hand; the music is planned once the point has settled. @param {Mood} mood */
  setMood(mood) {
    this.#follows = "hand";
    this.#settling.reset();
    this.mood = mood;
    this.similarTo = null;
    clearTimeout(this.#handTimer);
    this.#handTimer = setTimeout(() => this.#plan(), DRAG_SETTLE_MS);
  }

  /** Stops following the hand or the face; the next settled mood of the face counts. */
  stopFollowing() {
    clearTimeout(this.#handTimer);
    this.#follows = "nothing";
    this.#settling.reset();
  }

  /** @param {Goal} goal */
  setGoal(goal) {
    this.goal = goal;
    this.similarTo = null;
    return this.#plan();
  }

  /** Plays music similar to a track, whatever the mood; null to follow the mood again. @param {Track | null} track */
  playSimilarTo(track) {
    this.similarTo = track;
    return this.#plan();
  }

  async #plan() {
    clearTimeout(this.#handTimer);
    this.#drift.reset(this.mood ?? DEFAULT_MOOD);
    const request = ++this.#requests;
    try {
      const station = await this.#fetch(this.mood ?? DEFAULT_MOOD, this.goal, this.playback.playedIds);
      if (request !== this.#requests) return;
      this.#end = station.goal;
      this.playback.plan(station.picks);
      this.emit("planned", station);
      if (this.#follows !== "nothing" && this.playback.wanted && !this.playback.playing) await this.playback.play();
    } catch (error) {
      this.emit("trouble", messageOf(error));
    }
  }

  /** Extends a queue that is running out; once the goal is reached, picks stay at its mood. */
  async refill() {
    if (this.#refilling || this.playback.upcoming.length >= REFILL_BELOW) return;
    this.#refilling = true;
    const request = this.#requests;
    try {
      const upcoming = this.playback.upcoming.map(({ track }) => track.id);
      const from = this.goal === "match" ? (this.mood ?? DEFAULT_MOOD) : this.#end;
      const station = await this.#fetch(from, "match", [...this.playback.playedIds, ...upcoming]);
      if (request === this.#requests) this.playback.append(station.picks);
    } catch (error) {
      this.emit("trouble", messageOf(error));
    } finally {
      this.#refilling = false;
    }
  }

  /** @param {Mood} from @param {Goal} goal @param {string[]} played @returns {Promise<Station>} */
  async #fetch(from, goal, played) {
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
}
