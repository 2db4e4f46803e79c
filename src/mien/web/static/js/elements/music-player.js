/** The docked player: what plays, its clock, and the controls for it. */

import { formatDuration, spokenDuration } from "../durations.js";
import { paintCover } from "../cover-art.js";
import { build, icon, setIcon, setText } from "../dom.js";
import "./undo-note.js";

/** @import {Crossfader} from "../crossfader.js" */
/** @import {Playback} from "../playback.js" */
/** @import {Rating} from "../types.js" */
/** @import {UndoNote} from "./undo-note.js" */

const REFUSED = "Press play to start the music.";
const VOLUME_KEY = "mien.volume";
const WHEN_UNKNOWN = { title: "No piece yet", artist: "" };

const MARKUP = `
  <audio preload="auto"></audio><audio preload="auto"></audio>
  <div class="player-notes">
    <undo-note data-part="undoing"></undo-note>
    <p class="player-note" data-part="note" role="status" hidden></p>
  </div>
  <button class="player-track" type="button" data-part="about" disabled>
    <span class="cover" data-part="cover" aria-hidden="true"></span>
    <span class="player-title" data-part="title"></span>
    <span class="player-artist"
      ><span data-part="artist"></span><span class="tag" data-part="tag" hidden>synthesised</span></span>
  </button>
  <div class="player-rating" role="group" aria-label="This piece">
    <button class="round quiet heart" type="button" data-part="like" aria-pressed="false" aria-label="Like"
      title="Like (L)" disabled>${icon("heart")}</button>
    <button class="round quiet" type="button" data-part="never" aria-label="Never this again"
      title="Never this again (X)" disabled>${icon("never")}</button>
  </div>
  <div class="player-controls" role="group" aria-label="Playback">
    <button class="round quiet" type="button" data-part="previous" aria-label="Previous" title="Previous (P)"
      >${icon("previous")}</button>
    <button class="round solid" type="button" data-part="play" aria-label="Play" title="Play or pause (Space)"
      >${icon("play")}</button>
    <button class="round quiet" type="button" data-part="next" aria-label="Next" title="Next (N)"
      >${icon("next")}</button>
  </div>
  <div class="player-time">
    <span class="clock" data-part="elapsed">0:00</span>
    <input class="slider" type="range" data-part="seek" min="0" max="1" step="0.1" value="0" aria-label="Position">
    <span class="clock" data-part="total">0:00</span>
  </div>
  <div class="player-volume">
    <button class="round quiet" type="button" data-part="mute" aria-pressed="false" aria-label="Mute" title="Mute (M)"
      >${icon("loud")}</button>
    <input class="slider" type="range" data-part="volume" min="0" max="100" step="1" aria-label="Volume">
  </div>`;

/** Sends "pick-details" (about it), "pick-like" and "pick-never" with the Pick that plays in `detail`. */
export class MusicPlayer extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  #seeking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #noteTimer;

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    setText(this.#parts.title, WHEN_UNKNOWN.title);
  }

  /** Two, which take turns. @returns {HTMLAudioElement[]} */
  get audios() {
    return [...this.querySelectorAll("audio")];
  }

  /** @returns {UndoNote} */
  get undoing() {
    return this.#parts.undoing;
  }

  /** @param {Playback} playback */
  connect(playback) {
    const { play, previous, next, seek, volume, mute, about, like, never } = this.#parts;
    play.addEventListener("click", () => playback.toggle());
    previous.addEventListener("click", () => playback.previous());
    next.addEventListener("click", () => playback.next());
    mute.addEventListener("click", () => this.toggleMute(playback));
    const tell = (/** @type {string} */ name) =>
      this.dispatchEvent(new CustomEvent(name, { detail: playback.current, bubbles: true }));
    about.addEventListener("click", () => tell("pick-details"));
    like.addEventListener("click", () => tell("pick-like"));
    never.addEventListener("click", () => tell("pick-never"));
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
    playback.addEventListener("track", () => this.#showTrack(playback));
    playback.addEventListener("queue", () => (next.disabled = playback.upcoming.length === 0));
    playback.addEventListener("state", () => this.#showState(playback));
    playback.addEventListener("time", () => this.#seeking || this.#showTime(playback.positionS, playback.durationS));
    playback.addEventListener("volume", () => this.#showVolume(playback.crossfader));
    playback.addEventListener("trouble", (event) => this.note(/** @type {CustomEvent} */ (event).detail, 8_000));
    volume.value = localStorage.getItem(VOLUME_KEY) ?? "80";
    playback.crossfader.volume = (Number(volume.value) / 100) ** 2;
    this.#showState(playback);
  }

  /** @param {Playback} playback */
  toggleMute(playback) {
    playback.crossfader.muted = !playback.crossfader.muted;
  }

  /** What was said of the piece that plays. @param {Rating | null} rating */
  showRating(rating) {
    const { like } = this.#parts;
    like.setAttribute("aria-pressed", String(rating === "like"));
    like.title = rating === "like" ? "Like no longer (L)" : "Like (L)";
  }

  /**
   * A sentence above the player; "" takes it away.
   *
   * @param {string} sentence
   * @param {number} [forMs]  how long it stays; until the music plays when not given
   */
  note(sentence, forMs) {
    clearTimeout(this.#noteTimer);
    this.#parts.note.hidden = sentence === "";
    setText(this.#parts.note, sentence);
    if (forMs !== undefined) this.#noteTimer = setTimeout(() => this.note(""), forMs);
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
    if (refused) this.note(REFUSED);
    else if (this.#parts.note.textContent === REFUSED) this.note("");
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
