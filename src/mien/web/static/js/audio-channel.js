/** One of the crossfader's two channels: an audio element, its track and its volume. */

import { volumeFactor } from "./loudness.js";

/** @import {Track} from "./types.js" */

export class AudioChannel {
  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    this.audio = audio;
  }

  /** @type {Track | null} */
  track = null;
  #trackFactor = 1;
  #gain = 1;
  #volume = 1;

  /** @param {Track} track */
  load(track) {
    this.track = track;
    this.#trackFactor = volumeFactor(track);
    this.gain = 1;
    this.audio.src = track.audio;
  }

  /** Stops the audio, ends its download and removes the track. */
  clear() {
    if (this.track === null) return;
    this.track = null;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  /** Loads the track again after an error, at the same position. */
  reload() {
    const positionS = this.audio.currentTime;
    this.audio.load();
    this.audio.currentTime = positionS;
  }

  /** Whether it can start playing immediately. */
  get ready() {
    return this.audio.error === null && this.audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** The remaining time of the track, infinity if its duration is unknown. */
  get remainingS() {
    const { duration, currentTime } = this.audio;
    return Number.isFinite(duration) ? duration - currentTime : Number.POSITIVE_INFINITY;
  }

  /** The gain in a crossfade, 0..1. @param {number} gain */
  set gain(gain) {
    this.#gain = gain;
    this.#apply();
  }

  /** The user's volume, 0..1. @param {number} volume */
  set volume(volume) {
    this.#volume = volume;
    this.#apply();
  }

  #apply() {
    this.audio.volume = Math.min(1, Math.max(0, this.#volume * this.#trackFactor * this.#gain));
  }
}
