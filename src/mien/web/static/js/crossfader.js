/** Plays tracks on two audio channels: while one plays, the other loads the next track, and both are mixed. */

import { AudioChannel } from "./audio-channel.js";
import { gainsAt, overlapOf } from "./crossfade.js";
import { Emitter } from "./events.js";

/** @import {Track} from "./types.js" */

/** How long before its start the next track is loaded: long enough to find out that it cannot be played. */
const PRELOAD_S = 20;
const MIX_INTERVAL_MS = 40;

/**
 * Events of the current track. "handover" when the next track has started and becomes the current one, with the
 * position in seconds at which the previous one was left, and whether that was before its end; "refused" if the browser did not let it start;
 * "unplayable" if the next track cannot be played.
 *
 * @typedef {{playing: undefined, pause: undefined, time: undefined, ended: undefined, error: undefined,
 *   handover: {leftAtS: number, early: boolean}, refused: undefined, unplayable: undefined, volume: undefined}} CrossfaderEvents
 */

/** @extends {Emitter<CrossfaderEvents>} */
export class Crossfader extends Emitter {
  /** @param {[HTMLAudioElement, HTMLAudioElement]} audios */
  constructor([first, second]) {
    super();
    this.#current = new AudioChannel(first);
    this.#other = new AudioChannel(second);
    this.#label();
    for (const channel of [this.#current, this.#other]) this.#listen(channel);
  }

  /** How long two tracks overlap, in seconds; 0 for none. */
  crossfadeS = 0;

  /** @type {AudioChannel} */
  #current;
  /** Holds the next track, the one that fades out, or none. @type {AudioChannel} */
  #other;
  /** @type {Track | null} */
  #next = null;
  /** The length of the overlap, and which share of it is over. */
  #mix = { overlapS: 0, share: 1 };
  /** The position at which the current track is left before its end, and how long it fades. @type {{atS: number, fadeS: number} | null} */
  #exit = null;
  #volume = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #checkTimer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #mixTimer;

  get paused() {
    return this.#current.audio.paused;
  }

  get ended() {
    return this.#current.audio.ended;
  }

  get failed() {
    return this.#current.audio.error !== null;
  }

  get positionS() {
    return this.#current.audio.currentTime;
  }

  /** NaN or infinity if unknown. */
  get durationS() {
    return this.#current.audio.duration;
  }

  get volume() {
    return this.#volume;
  }

  /** The user's volume, 0..1. */
  set volume(volume) {
    this.#volume = volume;
    for (const channel of [this.#current, this.#other]) channel.volume = volume;
    this.emit("volume");
  }

  get muted() {
    return this.#current.audio.muted;
  }

  set muted(muted) {
    for (const { audio } of [this.#current, this.#other]) audio.muted = muted;
    this.emit("volume");
  }

  /** Replaces the current track immediately, without playing the new one. @param {Track} track */
  load(track) {
    this.#endMix();
    this.#exit = null;
    const preloaded = this.#other.track?.id === track.id && this.#other.audio.error === null;
    if (!preloaded) this.#other.load(track);
    this.#swap();
    this.#other.clear();
  }

  /** Sets the track that follows automatically; null for none. @param {Track | null} track */
  setNext(track) {
    this.#next = track;
    if (!this.#mixing && this.#other.track?.id !== track?.id) this.#other.clear();
    this.#check();
  }

  /** How long until the next track starts, infinity if unknown. */
  get untilNextS() {
    const nextDurationS = this.#next?.duration_s ?? Number.NaN;
    return this.#current.remainingS - overlapOf(this.crossfadeS, [this.durationS, nextDurationS]);
  }

  /** Leaves the current track for the next one at a position, with a fade. @param {number} atS @param {number} fadeS */
  leaveAt(atS, fadeS) {
    this.#exit = { atS, fadeS };
    this.#check();
  }

  /** Plays the current track to its end after all. */
  stay() {
    this.#exit = null;
    this.#check();
  }

  /** Starts or resumes playback, of both tracks in an overlap; rejects as the audio element does. */
  async play() {
    if (this.failed) this.#current.reload();
    if (this.#mixing) this.#other.audio.play().catch(() => this.#endMix());
    await this.#current.audio.play();
  }

  pause() {
    this.#current.audio.pause();
    this.#other.audio.pause();
  }

  /** @param {number} positionS */
  seek(positionS) {
    this.#current.audio.currentTime = positionS;
  }

  /** @param {AudioChannel} channel */
  #listen(channel) {
    const on = (/** @type {string} */ name, /** @type {() => void} */ handle) =>
      channel.audio.addEventListener(name, () => channel === this.#current && handle());
    on("playing", () => this.emit("playing"));
    on("ended", () => this.emit("ended"));
    on("error", () => this.emit("error"));
    // The system may pause too, for example when headphones are unplugged.
    on("pause", () => {
      if (!channel.audio.ended) this.#other.audio.pause();
      this.emit("pause");
    });
    for (const name of ["timeupdate", "durationchange", "seeked"]) on(name, () => this.emit("time"));
    for (const name of ["timeupdate", "seeked", "playing"]) on(name, () => this.#check());
    channel.audio.addEventListener("canplay", () => channel === this.#other && this.#check());
    channel.audio.addEventListener("error", () => {
      if (channel === this.#other && channel.track !== null && channel.track === this.#next) this.emit("unplayable");
    });
  }

  /** Whether two tracks overlap. */
  get #mixing() {
    return this.#mix.share < 1;
  }

  /** Loads the next track when its start is near, and starts it when it is due. */
  #check() {
    clearTimeout(this.#checkTimer);
    if (this.#next === null || this.#mixing || this.paused || this.ended) return;
    const dueS = Math.min(this.untilNextS, this.#exit === null ? Infinity : this.#exit.atS - this.positionS);
    if (dueS > PRELOAD_S) return;
    if (this.#other.track?.id !== this.#next.id) this.#other.load(this.#next);
    if (dueS > 0) this.#checkTimer = setTimeout(() => this.#check(), 1000 * dueS);
    else if (this.#other.ready) this.#handOver();
  }

  #handOver() {
    const { remainingS, audio } = this.#current;
    const leftAtS = audio.currentTime;
    const exit = this.untilNextS > 0 ? this.#exit : null;
    this.#exit = null;
    this.#swap();
    const overlapS = exit?.fadeS ?? overlapOf(this.crossfadeS, [audio.duration, this.durationS]);
    this.#mix = { overlapS: Math.min(remainingS, overlapS), share: 0 };
    this.#updateMix();
    this.#mixTimer = setInterval(() => this.#updateMix(), MIX_INTERVAL_MS);
    this.#next = null;
    this.#current.audio.play().catch(() => this.emit("refused"));
    this.emit("handover", { leftAtS, early: exit !== null });
  }

  /** Follows the new track's position, so that a pause or late audio delays the fade too. */
  #updateMix() {
    const { overlapS, share } = this.#mix;
    this.#mix.share = Math.min(1, Math.max(share, this.positionS / overlapS));
    if (!this.#mixing) return this.#endMix();
    [this.#other.gain, this.#current.gain] = gainsAt(this.#mix.share, overlapS);
  }

  #endMix() {
    if (this.#mixTimer === undefined) return;
    clearInterval(this.#mixTimer);
    this.#mixTimer = undefined;
    this.#mix.share = 1;
    this.#current.gain = 1;
    this.#other.clear();
    this.#check();
  }

  #swap() {
    [this.#current, this.#other] = [this.#other, this.#current];
    this.#label();
  }

  /** Labels the audio elements, so that tests can tell them apart. */
  #label() {
    this.#current.audio.dataset.channel = "current";
    this.#other.audio.dataset.channel = "other";
  }
}
