/** Plays the queue: starts, skips and seeks, reports plays to the server, and skips tracks that cannot be played. */

import { messageOf, reportPlay, SERVER_AWAY, serverResponds } from "./api.js";
import { Emitter } from "./events.js";
import { PlayQueue } from "./play-queue.js";

/** @import {Crossfader} from "./crossfader.js" */
/** @import {Pick} from "./types.js" */

const RESTART_AFTER_S = 3;
const MAX_FAILURES = 3;

/**
 * "track" when the current track changes; "state" when it starts, pauses or is refused; "queue" when what comes next
 * changes; "left" when a track was left for a change of mood; "wanted" when the user asks for music; "trouble" with a
 * sentence, "" once the trouble is over.
 *
 * @typedef {{track: undefined, state: undefined, queue: undefined, time: undefined, volume: undefined,
 *   wanted: undefined, left: {pick: Pick, positionS: number}, trouble: string}} PlaybackEvents
 */

/** @extends {Emitter<PlaybackEvents>} */
export class Playback extends Emitter {
  /** @param {Crossfader} crossfader */
  constructor(crossfader) {
    super();
    this.crossfader = crossfader;
    /** True once the user has asked for music, by playing it or by showing a mood. */
    this.wanted = false;
    /** True if the browser does not start audio without a click. */
    this.refused = false;
    crossfader.on("playing", () => this.#handleStart());
    crossfader.on("pause", () => this.emit("state"));
    crossfader.on("time", () => this.emit("time"));
    crossfader.on("volume", () => this.emit("volume"));
    crossfader.on("handover", (handover) => this.#handleHandover(handover));
    crossfader.on("refused", () => this.#handleRefusal());
    crossfader.on("ended", () => this.#handleEnd());
    crossfader.on("error", () => this.#handleFailure());
    crossfader.on("unplayable", () => this.#handleUnplayableNext());
  }

  #queue = new PlayQueue();
  #failures = 0;
  #stopped = false;

  get playing() {
    return !this.crossfader.paused && !this.crossfader.failed;
  }

  get current() {
    return this.#queue.current;
  }

  get upcoming() {
    return this.#queue.upcoming;
  }

  /** Whether the current track has been heard; then a new plan does not replace it. */
  get started() {
    return this.#queue.started;
  }

  /** The ids of the tracks that were played lately and of the current one. */
  get playedIds() {
    return this.#queue.playedIds;
  }

  get positionS() {
    return this.crossfader.positionS;
  }

  get durationS() {
    return Number.isFinite(this.crossfader.durationS) ? this.crossfader.durationS : (this.current?.track.duration_s ?? 0);
  }

  /** How long until the next track starts, infinity if unknown. */
  get untilNextS() {
    return this.crossfader.untilNextS;
  }

  /** Replaces what comes next, and the current track if it has not started. @param {Pick[]} picks */
  plan(picks) {
    const replaced = this.#queue.replace(picks);
    if (replaced) this.#loadCurrent();
    this.#updateNext();
  }

  /** Adds to the end of the queue. @param {Pick[]} picks */
  append(picks) {
    this.#queue.append(picks);
    this.#updateNext();
  }

  /** Plays a track after the current one. @param {Pick} pick */
  playNext(pick) {
    this.#queue.insertNext(pick);
    this.#updateNext();
  }

  /** Removes a track. If it plays, it is skipped; playback stops if nothing follows. @param {string} id */
  remove(id) {
    this.#queue.remove(id);
    this.#updateNext();
    if (this.current?.track.id !== id) return;
    if (this.upcoming.length > 0) return this.next();
    this.#reportSkip();
    this.#queue.started = false;
    this.crossfader.pause();
  }

  async play() {
    this.wanted = true;
    this.emit("wanted");
    if (this.current === null) return;
    try {
      await this.crossfader.play();
    } catch (error) {
      this.#handleRefusal(error instanceof Error && error.name === "NotAllowedError");
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
    const { next } = this.#queue;
    if (next !== undefined) this.jump(next);
  }

  /** Goes back to the start of the track or, near its start, to the track before. */
  previous() {
    if (this.#queue.previous === undefined || this.positionS > RESTART_AFTER_S) return this.seek(0);
    this.#reportSkip();
    this.#queue.goBack();
    this.#loadCurrent();
    this.#setNext();
    this.play();
  }

  /** Leaves the current track for the next one at a position, with a fade. @param {number} atS @param {number} fadeS */
  leaveAt(atS, fadeS) {
    this.crossfader.leaveAt(atS, fadeS);
  }

  /** Plays the current track to its end after all. */
  stay() {
    this.crossfader.stay();
  }

  /** Goes back to a track that was left, at the same position. @param {Pick} pick @param {number} positionS */
  returnTo(pick, positionS) {
    if (this.#queue.previous?.track.id === pick.track.id) this.#queue.goBack(pick);
    else {
      this.#queue.insertNext(pick);
      this.#queue.advanceTo(pick);
    }
    this.#loadCurrent();
    this.seek(positionS);
    this.#setNext();
    this.play();
  }

  /** Plays an upcoming track immediately; those before it are dropped. @param {Pick} pick */
  jump(pick) {
    this.#reportSkip();
    this.#advanceTo(pick);
    this.play();
  }

  /** @param {number} seconds  from the track's start */
  seek(seconds) {
    this.crossfader.seek(Math.min(Math.max(seconds, 0), Math.max(this.durationS - 0.1, 0)));
    this.emit("time");
  }

  #updateNext() {
    this.#setNext();
    this.emit("queue");
    // The queue had run out at the end of a track.
    if (this.wanted && this.crossfader.ended) this.next();
  }

  #setNext() {
    this.crossfader.setNext(this.#queue.next?.track ?? null);
  }

  /** @param {Pick} pick */
  #advanceTo(pick) {
    this.#queue.advanceTo(pick);
    this.#loadCurrent();
    this.#setNext();
  }

  #loadCurrent() {
    if (this.current === null) return;
    this.crossfader.load(this.current.track);
    this.#queue.started = false;
    this.emit("track");
  }

  #handleStart() {
    this.refused = false;
    this.#failures = 0;
    if (this.#stopped) this.emit("trouble", "");
    this.#stopped = false;
    if (!this.#queue.started) {
      this.#queue.started = true;
      this.#report("started");
    }
    this.emit("state");
  }

  /**
   * The next track has started while the current one fades out: it was finished, or left early, which says nothing about
   * how well it is liked.
   *
   * @param {{leftAtS: number, early: boolean}} handover
   */
  #handleHandover({ leftAtS, early }) {
    const { current, next } = this.#queue;
    if (next === undefined) return;
    if (early) this.#queue.setAside();
    else this.#report("finished", leftAtS);
    this.#queue.advanceTo(next);
    this.#setNext();
    if (early && current !== null) this.emit("left", { pick: current, positionS: leftAtS });
    this.emit("track");
  }

  /** @param {boolean} [refused]  whether the browser refused, rather than the load being interrupted */
  #handleRefusal(refused = true) {
    this.refused = refused;
    this.emit("state");
  }

  #handleEnd() {
    this.#report("finished");
    const { next } = this.#queue;
    if (next === undefined) return this.emit("state");
    this.#advanceTo(next);
    this.play();
  }

  /** Skips a track that cannot be played; keeps it and the queue if the server is away. */
  async #handleFailure() {
    this.emit("state");
    const failed = this.current;
    const responds = await serverResponds();
    if (failed !== this.current || !this.crossfader.failed) return;
    if (!responds) return this.#stop(SERVER_AWAY);
    const title = failed === null ? "This track" : `“${failed.track.title}”`;
    this.#failures += 1;
    const { next } = this.#queue;
    if (next === undefined || this.#failures >= MAX_FAILURES) {
      return this.#stop(`${title} cannot be played. Choose another track.`);
    }
    this.emit("trouble", `${title} cannot be played and was skipped.`);
    this.#advanceTo(next);
    if (this.wanted) this.play();
  }

  /** Skips an unplayable track before its turn, to avoid silence. */
  async #handleUnplayableNext() {
    const failed = this.#queue.next;
    if (failed === undefined || this.#failures + 1 >= MAX_FAILURES || !(await serverResponds())) return;
    if (failed !== this.#queue.next) return;
    this.#failures += 1;
    this.emit("trouble", `“${failed.track.title}” cannot be played and was skipped.`);
    this.#queue.remove(failed.track.id);
    this.#setNext();
    this.emit("queue");
  }

  /** Stops with a sentence that stays until a track plays. @param {string} sentence */
  #stop(sentence) {
    this.#stopped = true;
    this.emit("trouble", sentence);
  }

  /** Reports that the current track is left before its end. */
  #reportSkip() {
    if (this.started && !this.crossfader.ended) this.#report("skipped");
  }

  /** @param {"started" | "finished" | "skipped"} event @param {number} [positionS] */
  #report(event, positionS = this.positionS) {
    if (this.current === null) return;
    reportPlay(this.current.track.id, event, Math.max(0, positionS)).catch((error) =>
      this.emit("trouble", messageOf(error)),
    );
  }
}
