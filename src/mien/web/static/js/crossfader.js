/** Two turntables that take turns: while one plays, the other makes ready what follows, and both are mixed. */

import { gainsAt, overlapOf } from "./crossfade.js";
import { AudioChannel } from "./audio-channel.js";

/** @import {Track} from "./types.js" */

/** How long before its turn the following track is fetched: long enough to find out that it cannot be played. */
const CUE_S = 20;
const MIX_EVERY_MS = 40;

/**
 * Events of the track that counts as playing: "playing", "pause", "time", "ended", "error". "handover" once the one
 * that follows has begun and counts instead, with the position in `detail` at which the other was left; "refused" when
 * it was not allowed to; "unplayable" when it cannot be played; and "volume".
 */
export class Crossfader extends EventTarget {
  /** @param {HTMLAudioElement[]} audios  two of them */
  constructor([first, second]) {
    super();
    this.#current = new AudioChannel(first);
    this.#other = new AudioChannel(second);
    this.#mark();
    for (const channel of [this.#current, this.#other]) this.#listen(channel);
  }

  /** For how long two tracks are heard together, in seconds; 0 for one right after the other. */
  crossfadeS = 0;

  /** @type {AudioChannel} */
  #current;
  /** Holds what follows, what is fading out, or nothing. @type {AudioChannel} */
  #other;
  /** @type {Track | null} */
  #following = null;
  /** While two are heard: for how long altogether, and which share of that is over. */
  #mixing = { overlapS: 0, share: 1 };
  #volume = 1;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #due;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #mixer;

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

  /** NaN or infinity where nobody knows. */
  get durationS() {
    return this.#current.audio.duration;
  }

  get volume() {
    return this.#volume;
  }

  /** As the person wants it, 0..1. */
  set volume(volume) {
    this.#volume = volume;
    for (const channel of [this.#current, this.#other]) channel.volume = volume;
    this.#tell("volume");
  }

  get muted() {
    return this.#current.audio.muted;
  }

  set muted(muted) {
    for (const { audio } of [this.#current, this.#other]) audio.muted = muted;
    this.#tell("volume");
  }

  /** Puts a track on in place of what plays, at once; it waits to be played. @param {Track} track */
  take(track) {
    this.#endMix();
    const cued = this.#other.track?.id === track.id && this.#other.audio.error === null;
    if (!cued) this.#other.load(track);
    this.#swap();
    this.#other.clear();
  }

  /** Says which track follows by itself, null for none. @param {Track | null} track */
  follow(track) {
    this.#following = track;
    if (!this.#mixed && this.#other.track?.id !== track?.id) this.#other.clear();
    this.#watch();
  }

  /** Plays on, both where two are heard; rejects as the audio element does. */
  async play() {
    if (this.failed) this.#current.loadAgain();
    if (this.#mixed) this.#other.audio.play().catch(() => this.#endMix());
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
    const on = (/** @type {string} */ name, /** @type {() => void} */ act) =>
      channel.audio.addEventListener(name, () => channel === this.#current && act());
    on("playing", () => this.#tell("playing"));
    on("ended", () => this.#tell("ended"));
    on("error", () => this.#tell("error"));
    // Not only a person pauses: so do headphones that are pulled out.
    on("pause", () => {
      if (!channel.audio.ended) this.#other.audio.pause();
      this.#tell("pause");
    });
    for (const name of ["timeupdate", "durationchange", "seeked"]) on(name, () => this.#tell("time"));
    for (const name of ["timeupdate", "seeked", "playing"]) on(name, () => this.#watch());
    channel.audio.addEventListener("canplay", () => channel === this.#other && this.#watch());
    channel.audio.addEventListener("error", () => {
      if (channel === this.#other && channel.track !== null && channel.track === this.#following) this.#tell("unplayable");
    });
  }

  /** Whether two tracks are heard. */
  get #mixed() {
    return this.#mixing.share < 1;
  }

  /** Makes ready what follows when its turn is near, and begins it when it has come. */
  #watch() {
    clearTimeout(this.#due);
    if (this.#following === null || this.#mixed || this.paused || this.ended) return;
    const overlapS = overlapOf(this.crossfadeS, [this.durationS, this.#following.duration_s]);
    const dueS = this.#current.leftS - overlapS;
    if (dueS > CUE_S) return;
    if (this.#other.track?.id !== this.#following.id) this.#other.load(this.#following);
    if (dueS > 0) this.#due = setTimeout(() => this.#watch(), 1000 * dueS);
    else if (this.#other.ready) this.#handOver();
  }

  #handOver() {
    const { leftS, audio } = this.#current;
    const leftAtS = audio.currentTime;
    this.#swap();
    this.#mixing = { overlapS: Math.min(leftS, overlapOf(this.crossfadeS, [audio.duration, this.durationS])), share: 0 };
    this.#mix();
    this.#mixer = setInterval(() => this.#mix(), MIX_EVERY_MS);
    this.#following = null;
    this.#current.audio.play().catch(() => this.#tell("refused"));
    this.dispatchEvent(new CustomEvent("handover", { detail: leftAtS }));
  }

  /** The clock of the coming track leads, so that a pause, or sound that is late, holds up the fade as well. */
  #mix() {
    const { overlapS, share } = this.#mixing;
    this.#mixing.share = Math.min(1, Math.max(share, this.positionS / overlapS));
    if (!this.#mixed) return this.#endMix();
    [this.#other.gain, this.#current.gain] = gainsAt(this.#mixing.share, overlapS);
  }

  #endMix() {
    if (this.#mixer === undefined) return;
    clearInterval(this.#mixer);
    this.#mixer = undefined;
    this.#mixing.share = 1;
    this.#current.gain = 1;
    this.#other.clear();
    this.#watch();
  }

  #swap() {
    [this.#current, this.#other] = [this.#other, this.#current];
    this.#mark();
  }

  /** Whoever looks at the page's elements can tell which of the two counts. */
  #mark() {
    this.#current.audio.dataset.channel = "current";
    this.#other.audio.dataset.channel = "other";
  }

  /** @param {string} what */
  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
