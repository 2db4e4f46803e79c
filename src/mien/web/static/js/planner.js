/** Plans the music: for the goal, for a mood that is set by hand or read from the face, and again when it has moved. */

import { fetchStation, messageOf } from "./api.js";
import { Emitter } from "./events.js";
import { AWAY, MOVED } from "./follow.js";
import { wordsTowards } from "./goals.js";
import { distance, moodAt } from "./mood-space.js";

/** @import {Playback} from "./playback.js" */
/** @import {Goal, Mood, MusicMood, Pick, Seed, Station} from "./types.js" */

const COUNT = 10;
const REFILL_BELOW = 3;
const DRAG_SETTLE_MS = 350;
/** So long before a track begins, it is confirmed or replaced for a mood that has been elsewhere for a moment. */
const CONFIRM_S = 8;
const CONFIRM_AWAY_S = 1.5;
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
    /** @type {Seed | null} what the music is about, whatever the mood */
    this.seed = null;
    /** The words in which music was asked for, empty to follow the mood. */
    this.words = "";
    /** Whether the words name a mood, which then counts in place of the user's. */
    this.wordsNameMood = false;
    /** @type {MusicMood | null} the mood of the face that music follows; null unless the face is followed */
    this.music = null;
    /** What the last plan began with. @type {Mood} */
    this.plannedFrom = DEFAULT_MOOD;
    /** Whether the mood or the goal was chosen by hand while the current track played. */
    this.wish = false;
    playback.on("track", () => {
      this.wish = false;
      const id = playback.current?.track.id;
      this.#setAside = this.#setAside.filter(({ track }) => track.id !== id);
      this.refill();
    });
  }

  /** @type {"nothing" | "hand" | "face" | "waiting"} "waiting" while gentle music plays until a face is known */
  #follows = "nothing";
  /** The tracks that were left for a change of mood, latest first. @type {Pick[]} */
  #setAside = [];
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

  /** Plays gentle music until a face is known. */
  startGently() {
    if (this.#follows !== "nothing") return;
    this.#follows = "waiting";
    this.#plan();
  }

  /**
   * Follows the face: plans once its mood has settled, and again when it has moved. Called for each reading.
   *
   * @param {MusicMood} music
   */
  updateFromFace(music) {
    // Each connection to the server settles anew.
    if (!music.settled) return;
    const first = this.#follows !== "face";
    this.#follows = "face";
    this.music = music;
    this.mood = moodAt(music.valence, music.arousal);
    const wanted = this.#wantedFrom(music);
    if (this.seed !== null || this.wordsNameMood || (!first && distance(wanted, this.plannedFrom) <= MOVED)) return;
    this.wish = false;
    this.#plan(wanted);
  }

  /** The mood to plan for now; the planned one while the moment's mood is elsewhere. @param {MusicMood} music */
  #wantedFrom(music) {
    if (music.away_s === 0) return moodAt(music.valence, music.arousal);
    const confirming = this.playback.untilNextS < CONFIRM_S && music.away_s >= CONFIRM_AWAY_S;
    return confirming ? moodAt(music.moment.valence, music.moment.arousal) : this.plannedFrom;
  }

  /** Keeps a track that was left for a change of mood, to play it when its own mood is back. @param {Pick} pick */
  setAside(pick) {
    this.#setAside = [pick, ...this.#setAside.filter(({ track }) => track.id !== pick.track.id)];
  }

  /** Sets the mood by hand; the music is planned once the point has settled. @param {Mood} mood */
  setMood(mood) {
    this.#follows = "hand";
    this.music = null;
    this.mood = mood;
    this.seed = null;
    if (this.wordsNameMood) this.#forgetWords();
    clearTimeout(this.#handTimer);
    this.#handTimer = setTimeout(() => {
      this.wish = true;
      this.#plan();
    }, DRAG_SETTLE_MS);
  }

  /** Stops following the hand or the face; the next settled mood of the face counts. */
  stopFollowing() {
    clearTimeout(this.#handTimer);
    this.#follows = "nothing";
    this.music = null;
  }

  /** Forgets the tracks that were set aside and are unwanted now. @param {(id: string) => boolean} unwanted */
  forget(unwanted) {
    this.#setAside = this.#setAside.filter(({ track }) => !unwanted(track.id));
  }

  /** @param {Goal} goal */
  setGoal(goal) {
    this.goal = goal;
    this.seed = null;
    this.wish = true;
    return this.#plan();
  }

  /**
   * Plays music about a track, whatever the mood; null to follow the mood again.
   *
   * @param {Seed | null} seed
   * @returns {Promise<string>} why it cannot be played, in a sentence; empty if it is
   */
  async playAbout(seed) {
    const { words, wordsNameMood, seed: before } = this;
    this.seed = seed;
    this.#forgetWords();
    const problem = await this.#plan();
    if (problem !== "" && this.seed === seed) Object.assign(this, { words, wordsNameMood, seed: before });
    return problem;
  }

  /**
   * Plays what is asked for in words; empty words follow the mood again.
   *
   * @param {string} words
   * @returns {Promise<string>} why it cannot be played, in a sentence; empty if it is
   */
  async ask(words) {
    const { words: before, wordsNameMood, seed } = this;
    this.words = words;
    this.wordsNameMood = false;
    this.seed = null;
    this.wish = true;
    const problem = await this.#plan();
    if (problem !== "" && this.words === words) Object.assign(this, { words: before, wordsNameMood, seed });
    return problem;
  }

  #forgetWords() {
    this.words = "";
    this.wordsNameMood = false;
  }

  /** Plans anew. @returns {Promise<string>} why it failed, in a sentence; empty if it did not */
  async #plan(from = this.mood ?? DEFAULT_MOOD) {
    clearTimeout(this.#handTimer);
    this.plannedFrom = from;
    const request = ++this.#requests;
    try {
      const station = await this.#fetch(from, this.goal, this.playback.playedIds);
      if (request !== this.#requests) return "";
      this.#end = station.goal;
      this.wordsNameMood = station.request?.names_mood ?? false;
      this.playback.plan(this.#withSetAside(station.picks, from));
      this.emit("planned", station);
      if (this.#follows !== "nothing" && this.playback.wanted && !this.playback.playing) await this.playback.play();
      return "";
    } catch (error) {
      const sentence = messageOf(error);
      this.emit("trouble", sentence);
      return sentence;
    }
  }

  /** The picks, after the tracks that were set aside and fit the mood. @param {Pick[]} picks @param {Mood} mood */
  #withSetAside(picks, mood) {
    if (this.seed !== null || this.words !== "") return picks;
    const back = this.#setAside.filter(({ slot }) => slot !== undefined && distance(slot, mood) <= AWAY);
    const ids = new Set(back.map(({ track }) => track.id));
    return [...back.map((pick) => ({ ...pick, plannedFrom: mood })), ...picks.filter(({ track }) => !ids.has(track.id))];
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
    const { seed, mood } = this;
    if (seed !== null) return this.#fetchAbout(seed, played);
    const chosenFor = mood === null || this.wordsNameMood ? "" : goal === this.goal ? "your mood" : wordsTowards(this.goal);
    const words = this.words;
    const station = await fetchStation(from, { count: COUNT, played, goal, words });
    const picks = station.picks.map((pick, index) => ({
      ...pick,
      chosenFor,
      plannedFrom: this.plannedFrom,
      slot: station.path[index],
    }));
    return { ...station, picks };
  }

  /** @param {Seed} seed @param {string[]} played @returns {Promise<Station>} */
  async #fetchAbout(seed, played) {
    const { track } = seed;
    const place = moodAt(track.valence ?? 0, track.arousal ?? 0);
    const options = { count: COUNT, played, goal: /** @type {Goal} */ ("match") };
    const current = this.playback.started ? this.playback.current?.track.id : undefined;
    const station = await fetchStation(place, { ...options, ...aboutOf(seed, current) });
    // The song that plays is not played again.
    const picks = station.picks.filter((pick) => pick.track.id !== current);
    return { ...station, picks: picks.map((pick) => ({ ...pick, chosenFor: `“${track.title}”` })) };
  }
}

/**
 * What to ask the server for. A path that was planned is continued with a radio from its last song.
 *
 * @param {Seed} seed @param {string | undefined} current  the id of the track that plays
 * @returns {{like: string[]} | {radio: {track: string} | {artist: string}} | {path: {start: string, end: string}}}
 */
function aboutOf(seed, current) {
  const { kind, track } = seed;
  if (kind === "similar") return { like: [track.id] };
  if (kind === "artist") return { radio: { artist: track.artist } };
  if (kind === "path" && seed.from.id === current) return { path: { start: seed.from.id, end: track.id } };
  return { radio: { track: track.id } };
}
