/** What plays, what played and what comes next; it never cuts a song on its own account. */

import { AWAY, reportPlay, serverAnswers } from "./api.js";

/** @import {Pick} from "./types.js" */

const RESTART_AFTER_S = 3;
const GIVE_UP_AFTER = 3;

/**
 * Events: "track" (another one), "state" (playing, paused, refused), "queue", "time", "volume", "wanted" (somebody asks
 * for sound), and "trouble" with a sentence in `detail`, "" once the trouble is over.
 */
export class Jukebox extends EventTarget {
  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    super();
    this.audio = audio;
    /** @type {Pick | null} */
    this.current = null;
    /** @type {Pick[]} */
    this.upcoming = [];
    /** @type {Pick[]} oldest first */
    this.past = [];
    /** True once a person has asked for music, by playing it or by showing a mood. */
    this.wanted = false;
    /** True when the browser would not start the sound without a click. */
    this.refused = false;
    this.#failures = 0;
    audio.addEventListener("playing", () => this.#started());
    audio.addEventListener("pause", () => this.#tell("state"));
    audio.addEventListener("timeupdate", () => this.#tell("time"));
    audio.addEventListener("durationchange", () => this.#tell("time"));
    audio.addEventListener("seeked", () => this.#tell("time"));
    audio.addEventListener("volumechange", () => this.#tell("volume"));
    audio.addEventListener("ended", () => this.#ended());
    audio.addEventListener("error", () => this.#failed());
  }

  #failures;
  #reportedStart = false;
  #stuck = false;

  get playing() {
    return !this.audio.paused && this.audio.error === null;
  }

  /** True when the current track has been heard, if only its first note: then it is not taken away. */
  get begun() {
    return this.#reportedStart;
  }

  get durationS() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : (this.current?.track.duration_s ?? 0);
  }

  /** The ids of what was played lately, and of what plays. */
  get playedIds() {
    return [...this.past, this.current].flatMap((pick) => (pick === null ? [] : [pick.track.id]));
  }

  /** Plans what comes next; a track that has not begun gives way to the new first one. @param {Pick[]} picks */
  plan(picks) {
    if (this.begun) {
      this.upcoming = picks.filter(({ track }) => track.id !== this.current?.track.id);
    } else {
      const [first, ...rest] = picks;
      this.upcoming = rest;
      if (first !== undefined && first.track.id !== this.current?.track.id) this.#load(first);
      else if (first !== undefined) this.current = first;
    }
    this.#tell("queue");
    this.#goOn();
  }

  /** Adds to the end of what comes next. @param {Pick[]} picks */
  append(picks) {
    const known = new Set([this.current, ...this.upcoming].map((pick) => pick?.track.id));
    this.upcoming = [...this.upcoming, ...picks.filter(({ track }) => !known.has(track.id))];
    this.#tell("queue");
    this.#goOn();
  }

  async play() {
    this.wanted = true;
    this.#tell("wanted");
    if (this.current === null) return;
    if (this.audio.error !== null) this.#loadAgain();
    try {
      await this.audio.play();
    } catch (error) {
      this.refused = /** @type {Error} */ (error).name === "NotAllowedError";
      this.#tell("state");
    }
  }

  pause() {
    this.wanted = false;
    this.audio.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  next() {
    const following = this.upcoming[0];
    if (following !== undefined) this.jump(following);
  }

  /** Back to the start of this track, or, at its start, to the one before. */
  previous() {
    const before = this.past.at(-1);
    if (before === undefined || this.audio.currentTime > RESTART_AFTER_S) return this.seek(0);
    this.#leave();
    this.past = this.past.slice(0, -1);
    if (this.current !== null) this.upcoming = [this.current, ...this.upcoming];
    this.#load(before);
    this.play();
  }

  /** Plays a track of the queue at once; those before it are dropped. @param {Pick} pick */
  jump(pick) {
    this.#leave();
    this.#advance(pick);
    this.play();
  }

  /** @param {number} seconds  from the track's start */
  seek(seconds) {
    this.audio.currentTime = Math.min(Math.max(seconds, 0), Math.max(this.durationS - 0.1, 0));
    this.#tell("time");
  }

  /** Plays on when the queue had run dry at the end of a track. */
  #goOn() {
    if (this.wanted && this.audio.ended) this.next();
  }

  /** @param {Pick} pick */
  #advance(pick) {
    if (this.current !== null && this.begun) this.past = [...this.past, this.current].slice(-50);
    this.upcoming = this.upcoming.slice(this.upcoming.indexOf(pick) + 1);
    this.#load(pick);
  }

  /** @param {Pick} pick */
  #load(pick) {
    this.current = pick;
    this.#reportedStart = false;
    this.audio.src = pick.track.audio;
    this.#tell("track");
  }

  /** An element that has failed stays so until it loads again; it goes on where it was. */
  #loadAgain() {
    const positionS = this.audio.currentTime;
    this.audio.load();
    this.audio.currentTime = positionS;
  }

  #started() {
    this.refused = false;
    this.#failures = 0;
    if (this.#stuck) this.#trouble("");
    this.#stuck = false;
    if (!this.#reportedStart) {
      this.#reportedStart = true;
      this.#report("started");
    }
    this.#tell("state");
  }

  /** Reports that the current track is left before its end. */
  #leave() {
    if (this.begun && !this.audio.ended) this.#report("skipped");
  }

  #ended() {
    this.#report("finished");
    const following = this.upcoming[0];
    if (following === undefined) return this.#tell("state");
    this.#advance(following);
    this.play();
  }

  /** Passes over a piece that cannot be played, but keeps it and the queue when it is the server that is away. */
  async #failed() {
    this.#tell("state");
    const failed = this.current;
    const answers = await serverAnswers();
    if (failed !== this.current || this.audio.error === null) return;
    if (!answers) return this.#stop(AWAY);
    const title = failed?.track.title ?? "This piece";
    this.#failures += 1;
    const following = this.upcoming[0];
    if (following === undefined || this.#failures >= GIVE_UP_AFTER) {
      return this.#stop(`“${title}” cannot be played: choose another piece.`);
    }
    this.#trouble(`“${title}” cannot be played and was passed over.`);
    this.#advance(following);
    if (this.wanted) this.play();
  }

  /** Stands still with a sentence that holds until something plays. @param {string} sentence */
  #stop(sentence) {
    this.#stuck = true;
    this.#trouble(sentence);
  }

  /** @param {"started" | "finished" | "skipped"} event */
  #report(event) {
    if (this.current === null) return;
    const positionS = Math.max(0, this.audio.currentTime);
    reportPlay(this.current.track.id, event, positionS).catch((error) => this.#trouble(error.message));
  }

  /** @param {string} sentence */
  #trouble(sentence) {
    this.dispatchEvent(new CustomEvent("trouble", { detail: sentence }));
  }

  /** @param {string} what */
  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
