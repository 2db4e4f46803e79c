/** What plays, what played and what comes next; it never cuts a song on its own account. */

import { AWAY, reportPlay, serverAnswers } from "./api.js";

/** @import {Crossfader} from "./crossfader.js" */
/** @import {Pick} from "./types.js" */

const RESTART_AFTER_S = 3;
const GIVE_UP_AFTER = 3;

/**
 * Events: "track" (another one), "state" (playing, paused, refused), "queue", "time", "volume", "wanted" (somebody asks
 * for sound), and "trouble" with a sentence in `detail`, "" once the trouble is over.
 */
export class Playback extends EventTarget {
  /** @param {Crossfader} crossfader */
  constructor(crossfader) {
    super();
    this.crossfader = crossfader;
    /** @type {Pick | null} */
    this.current = null;
    /** @type {Pick[]} oldest first */
    this.past = [];
    /** True once a person has asked for music, by playing it or by showing a mood. */
    this.wanted = false;
    /** True when the browser would not start the sound without a click. */
    this.refused = false;
    this.#failures = 0;
    crossfader.addEventListener("playing", () => this.#started());
    crossfader.addEventListener("pause", () => this.#tell("state"));
    crossfader.addEventListener("time", () => this.#tell("time"));
    crossfader.addEventListener("volume", () => this.#tell("volume"));
    crossfader.addEventListener("handover", (event) => this.#handedOver(/** @type {CustomEvent} */ (event).detail));
    crossfader.addEventListener("refused", () => this.#refuse());
    crossfader.addEventListener("ended", () => this.#ended());
    crossfader.addEventListener("error", () => this.#failed());
    crossfader.addEventListener("unplayable", () => this.#nextFailed());
  }

  #failures;
  /** @type {Pick[]} */
  #upcoming = [];
  #reportedStart = false;
  #stuck = false;

  get playing() {
    return !this.crossfader.paused && !this.crossfader.failed;
  }

  /** What comes next. @type {Pick[]} */
  get upcoming() {
    return this.#upcoming;
  }

  /** @param {Pick[]} picks */
  #setUpcoming(picks) {
    this.#upcoming = picks;
    this.crossfader.follow(picks[0]?.track ?? null);
  }

  /** True when the current track has been heard, if only its first note: then it is not taken away. */
  get begun() {
    return this.#reportedStart;
  }

  get positionS() {
    return this.crossfader.positionS;
  }

  get durationS() {
    return Number.isFinite(this.crossfader.durationS) ? this.crossfader.durationS : (this.current?.track.duration_s ?? 0);
  }

  /** The ids of what was played lately, and of what plays. */
  get playedIds() {
    return [...this.past, this.current].flatMap((pick) => (pick === null ? [] : [pick.track.id]));
  }

  /** Plans what comes next; a track that has not begun gives way to the new first one. @param {Pick[]} picks */
  plan(picks) {
    if (this.begun) {
      this.#setUpcoming(picks.filter(({ track }) => track.id !== this.current?.track.id));
    } else {
      const [first, ...rest] = picks;
      this.#setUpcoming(rest);
      if (first !== undefined && first.track.id !== this.current?.track.id) this.#load(first);
      else if (first !== undefined) this.current = first;
    }
    this.#tell("queue");
    this.#goOn();
  }

  /** Adds to the end of what comes next. @param {Pick[]} picks */
  append(picks) {
    const known = new Set([this.current, ...this.upcoming].map((pick) => pick?.track.id));
    this.#setUpcoming([...this.upcoming, ...picks.filter(({ track }) => !known.has(track.id))]);
    this.#tell("queue");
    this.#goOn();
  }

  /** Lets a track come next. @param {Pick} pick */
  putNext(pick) {
    this.#setUpcoming([pick, ...this.upcoming.filter(({ track }) => track.id !== pick.track.id)]);
    this.#tell("queue");
    this.#goOn();
  }

  /** Takes a track away, wherever it is: what plays is skipped, and where nothing follows it stops. @param {string} id */
  drop(id) {
    this.#setUpcoming(this.upcoming.filter(({ track }) => track.id !== id));
    this.#tell("queue");
    if (this.current?.track.id !== id) return;
    if (this.upcoming.length > 0) return this.next();
    this.#leave();
    this.#reportedStart = false;
    this.crossfader.pause();
  }

  async play() {
    this.wanted = true;
    this.#tell("wanted");
    if (this.current === null) return;
    try {
      await this.crossfader.play();
    } catch (error) {
      this.#refuse(/** @type {Error} */ (error).name === "NotAllowedError");
    }
  }

  pause() {
    this.wanted = false;
    this.crossfader.pause();
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
    if (before === undefined || this.positionS > RESTART_AFTER_S) return this.seek(0);
    this.#leave();
    this.past = this.past.slice(0, -1);
    if (this.current !== null) this.#setUpcoming([this.current, ...this.upcoming]);
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
    this.crossfader.seek(Math.min(Math.max(seconds, 0), Math.max(this.durationS - 0.1, 0)));
    this.#tell("time");
  }

  /** Plays on when the queue had run dry at the end of a track. */
  #goOn() {
    if (this.wanted && this.crossfader.ended) this.next();
  }

  /** @param {Pick} pick */
  #advance(pick) {
    this.#remember();
    this.crossfader.take(pick.track);
    this.#setUpcoming(this.upcoming.slice(this.upcoming.indexOf(pick) + 1));
    this.#become(pick);
  }

  #remember() {
    if (this.current !== null && this.begun) this.past = [...this.past, this.current].slice(-50);
  }

  /** @param {Pick} pick */
  #load(pick) {
    this.crossfader.take(pick.track);
    this.#become(pick);
  }

  /** @param {Pick} pick */
  #become(pick) {
    this.current = pick;
    this.#reportedStart = false;
    this.#tell("track");
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
    if (this.begun && !this.crossfader.ended) this.#report("skipped");
  }

  /** The next one has begun while this one fades: it was heard to its end. @param {number} leftAtS */
  #handedOver(leftAtS) {
    const following = this.upcoming[0];
    if (following === undefined) return;
    this.#report("finished", leftAtS);
    this.#remember();
    this.#setUpcoming(this.upcoming.slice(1));
    this.#become(following);
  }

  /** The browser did not start the sound. */
  #refuse(unasked = true) {
    this.refused = unasked;
    this.#tell("state");
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
    if (failed !== this.current || !this.crossfader.failed) return;
    if (!answers) return this.#stop(AWAY);
    const title = failed?.track.title ?? "This piece";
    this.#failures += 1;
    const following = this.upcoming[0];
    if (following === undefined || this.#failures >= GIVE_UP_AFTER) {
      return this.#stop(`“${title}” cannot be played: choose another piece.`);
    }
    this.#trouble(passedOver(title));
    this.#advance(following);
    if (this.wanted) this.play();
  }

  /** Passes over a piece before its turn, so that no silence comes of it; when the server is away, its turn decides. */
  async #nextFailed() {
    const failed = this.upcoming[0];
    if (failed === undefined || this.#failures + 1 >= GIVE_UP_AFTER || !(await serverAnswers())) return;
    if (failed !== this.upcoming[0]) return;
    this.#failures += 1;
    this.#trouble(passedOver(failed.track.title));
    this.#setUpcoming(this.upcoming.slice(1));
    this.#tell("queue");
  }

  /** Stands still with a sentence that holds until something plays. @param {string} sentence */
  #stop(sentence) {
    this.#stuck = true;
    this.#trouble(sentence);
  }

  /** @param {"started" | "finished" | "skipped"} event @param {number} [positionS] */
  #report(event, positionS = this.positionS) {
    if (this.current === null) return;
    reportPlay(this.current.track.id, event, Math.max(0, positionS)).catch((error) => this.#trouble(error.message));
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

/** @param {string} title */
function passedOver(title) {
  return `“${title}” cannot be played and was passed over.`;
}
