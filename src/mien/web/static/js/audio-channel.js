/** One of two turntables: an audio element, the track on it, and how loud that is. */

import { levelOf } from "./loudness.js";

/** @import {Track} from "./types.js" */

export class AudioChannel {
  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    this.audio = audio;
  }

  /** @type {Track | null} */
  track = null;
  #level = 1;
  #gain = 1;
  #volume = 1;

  /** @param {Track} track */
  load(track) {
    this.track = track;
    this.#level = levelOf(track);
    this.gain = 1;
    this.audio.src = track.audio;
  }

  /** Silences it and lets its sound go; what was still being fetched is not. */
  clear() {
    if (this.track === null) return;
    this.track = null;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  /** An element that has failed stays so until it loads again; it goes on where it was. */
  loadAgain() {
    const positionS = this.audio.currentTime;
    this.audio.load();
    this.audio.currentTime = positionS;
  }

  /** Whether it can begin to play at once. */
  get ready() {
    return this.audio.error === null && this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** How much is left to play, infinity where nobody knows. */
  get leftS() {
    const { duration, currentTime } = this.audio;
    return Number.isFinite(duration) ? duration - currentTime : Number.POSITIVE_INFINITY;
  }

  /** How loud it is in a crossfade, 0..1. @param {number} gain */
  set gain(gain) {
    this.#gain = gain;
    this.#apply();
  }

  /** How loud the person wants all of it, 0..1. @param {number} volume */
  set volume(volume) {
    this.#volume = volume;
    this.#apply();
  }

  #apply() {
    this.audio.volume = Math.min(1, Math.max(0, this.#volume * this.#level * this.#gain));
  }
}
