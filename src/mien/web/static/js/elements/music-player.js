/** The player at the bottom of the page: the current track, its position and the controls. */

import { paintCover } from "../cover-art.js";
import { build, icon, setIcon, setText } from "../dom.js";
import { formatDuration, spokenDuration } from "../durations.js";
import { send } from "../events.js";
import { NeutralSuggestion } from "./neutral-suggestion.js";
import { UndoNote } from "./undo-note.js";

/** @import {Crossfader} from "../crossfader.js" */
/** @import {Parts} from "../dom.js" */
/** @import {Playback} from "../playback.js" */
/** @import {Rating} from "../types.js" */

const REFUSED = "Press play to start the music.";
const VOLUME_KEY = "mien.volume";
/** How long the player shows an error. */
const TROUBLE_MS = 8_000;

const MARKUP = `
  <audio preload="auto" data-part="firstAudio"></audio><audio preload="auto" data-part="secondAudio"></audio>
  <div class="player-notes">
    <neutral-suggestion data-part="suggestion"></neutral-suggestion>
    <undo-note data-part="undoNote"></undo-note>
    <p class="player-note" data-part="note" role="status" hidden></p>
  </div>
  <button class="player-track" type="button" data-part="about" disabled>
    <span class="cover" data-part="cover" aria-hidden="true"></span>
    <span class="player-title" data-part="title">No track yet</span>
    <span class="player-artist"
      ><span data-part="artist"></span><span class="tag" data-part="tag" hidden>synthesised</span></span>
  </button>
  <div class="player-rating" role="group" aria-label="This track">
    <button class="round subtle like-button" type="button" data-part="like" aria-pressed="false" aria-label="Like"
      title="Like (L)" disabled>${icon("heart")}</button>
    <button class="round subtle" type="button" data-part="never" aria-label="Never play again"
      title="Never play again (X)" disabled>${icon("never")}</button>
  </div>
  <div class="player-controls" role="group" aria-label="Playback">
    <button class="round subtle" type="button" data-part="previous" aria-label="Previous" title="Previous (P)"
      >${icon("previous")}</button>
    <button class="round solid" type="button" data-part="play" aria-label="Play" title="Play or pause (Space)"
      >${icon("play")}</button>
    <button class="round subtle" type="button" data-part="next" aria-label="Next" title="Next (N)"
      >${icon("next")}</button>
  </div>
  <div class="player-time">
    <span class="duration" data-part="elapsed">0:00</span>
    <input class="slider" type="range" data-part="seek" min="0" max="1" step="0.1" value="0" aria-label="Position">
    <span class="duration" data-part="total">0:00</span>
  </div>
  <div class="player-volume">
    <button class="round subtle" type="button" data-part="mute" aria-pressed="false" aria-label="Mute" title="Mute (M)"
      >${icon("loud")}</button>
    <input class="slider" type="range" data-part="volume" min="0" max="100" step="1" aria-label="Volume">
  </div>`;
const PARTS = {
  firstAudio: HTMLAudioElement,
  secondAudio: HTMLAudioElement,
  suggestion: NeutralSuggestion,
  undoNote: UndoNote,
  note: HTMLElement,
  about: HTMLButtonElement,
  cover: HTMLElement,
  title: HTMLElement,
  artist: HTMLElement,
  tag: HTMLElement,
  like: HTMLButtonElement,
  never: HTMLButtonElement,
  previous: HTMLButtonElement,
  play: HTMLButtonElement,
  next: HTMLButtonElement,
  elapsed: HTMLElement,
  seek: HTMLInputElement,
  total: HTMLElement,
  mute: HTMLButtonElement,
  volume: HTMLInputElement,
};

/** Sends "pick-details", "pick-like" and "pick-never" with the current pick. */
export class MusicPlayer extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  #seeking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #noteTimer;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  /** The elements for the crossfader's channels. @returns {[HTMLAudioElement, HTMLAudioElement]} */
  get audios() {
    return [this.#parts.firstAudio, this.#parts.secondAudio];
  }

  get suggestion() {
    return this.#parts.suggestion;
  }

  get undoNote() {
    return this.#parts.undoNote;
  }

  /** @param {Playback} playback */
  connect(playback) {
    const { play, previous, next, seek, volume, mute, about, like, never } = this.#parts;
    play.addEventListener("click", () => playback.toggle());
    previous.addEventListener("click", () => playback.previous());
    next.addEventListener("click", () => playback.next());
    mute.addEventListener("click", () => this.toggleMute(playback));
    const sendCurrent = (/** @type {"pick-details" | "pick-like" | "pick-never"} */ name) => {
      if (playback.current !== null) send(this, name, playback.current);
    };
    about.addEventListener("click", () => sendCurrent("pick-details"));
    like.addEventListener("click", () => sendCurrent("pick-like"));
    never.addEventListener("click", () => sendCurrent("pick-never"));
    seek.addEventListener("input", () => {
      this.#seeking = true;
      this.#showTime(Number(seek.value), playback.durationS);
    });
    seek.addEventListener("change", () => {
      this.#seeking = false;
      playback.seek(Number(seek.value));
    });
    volume.addEventListener("input", () => {
      playback.crossfader.volume = (Number(volume.value) / 100) ** 2;
      playback.crossfader.muted = false;
      localStorage.setItem(VOLUME_KEY, volume.value);
    });
    playback.on("track", () => this.#showTrack(playback));
    playback.on("queue", () => (next.disabled = playback.upcoming.length === 0));
    playback.on("state", () => this.#showState(playback));
    playback.on("time", () => this.#seeking || this.#showTime(playback.positionS, playback.durationS));
    playback.on("volume", () => this.#showVolume(playback.crossfader));
    playback.on("trouble", (sentence) => this.showNote(sentence, TROUBLE_MS));
    volume.value = localStorage.getItem(VOLUME_KEY) ?? "80";
    playback.crossfader.volume = (Number(volume.value) / 100) ** 2;
    this.#showState(playback);
  }

  /** @param {Playback} playback */
  toggleMute(playback) {
    playback.crossfader.muted = !playback.crossfader.muted;
  }

  /** @param {Rating | null} rating  of the current track */
  showRating(rating) {
    const { like } = this.#parts;
    like.setAttribute("aria-pressed", String(rating === "like"));
    like.title = rating === "like" ? "Remove like (L)" : "Like (L)";
  }

  /**
   * Shows a sentence above the player; "" hides it.
   *
   * @param {string} sentence
   * @param {number} [forMs]  how long it stays; if not given, until music plays
   */
  showNote(sentence, forMs) {
    clearTimeout(this.#noteTimer);
    this.#parts.note.hidden = sentence === "";
    setText(this.#parts.note, sentence);
    if (forMs !== undefined) this.#noteTimer = setTimeout(() => this.showNote(""), forMs);
  }

  /** @param {Playback} playback */
  #showTrack({ current, durationS }) {
    if (current === null) return;
    const { cover, title, artist, tag, about, play, like, never } = this.#parts;
    paintCover(cover, current.track);
    setText(title, current.track.title);
    setText(artist, current.track.artist);
    tag.hidden = !current.track.credit;
    for (const button of [about, play, like, never]) button.disabled = false;
    about.title = current.track.credit || `About ${current.track.title}`;
    this.#showTime(0, durationS);
  }

  /** @param {Playback} playback */
  #showState({ playing, refused, current, upcoming }) {
    const { play, next } = this.#parts;
    setIcon(play, playing ? "pause" : "play");
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.disabled = current === null;
    next.disabled = upcoming.length === 0;
    if (refused) this.showNote(REFUSED);
    else if (this.#parts.note.textContent === REFUSED) this.showNote("");
  }

  /** @param {number} elapsedS @param {number} durationS */
  #showTime(elapsedS, durationS) {
    const { seek, elapsed, total } = this.#parts;
    seek.max = String(Math.max(0.1, durationS));
    if (!this.#seeking) seek.value = String(elapsedS);
    seek.style.setProperty("--share", String(durationS > 0 ? Math.min(1, elapsedS / durationS) : 0));
    seek.setAttribute("aria-valuetext", `${spokenDuration(elapsedS)} of ${spokenDuration(durationS)}`);
    setText(elapsed, formatDuration(elapsedS));
    setText(total, formatDuration(durationS));
  }

  /** @param {Crossfader} crossfader */
  #showVolume(crossfader) {
    const { mute, volume } = this.#parts;
    setIcon(mute, crossfader.muted || crossfader.volume === 0 ? "muted" : "loud");
    mute.setAttribute("aria-pressed", String(crossfader.muted));
    volume.style.setProperty("--share", crossfader.muted ? "0" : String(Number(volume.value) / 100));
  }
}

customElements.define("music-player", MusicPlayer);
