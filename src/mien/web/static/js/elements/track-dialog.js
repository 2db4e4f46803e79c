/** The dialog about a track: who made it, why it was picked, and buttons to rate it. */

import { makeClosable } from "../dialogs.js";
import { paintCover } from "../cover-art.js";
import { build, icon, setText } from "../dom.js";
import { formatDuration } from "../durations.js";
import { send } from "../events.js";
import { describe } from "../mood-words.js";
import { reasonWords } from "../reason-words.js";

/** @import {Parts} from "../dom.js" */
/** @import {Pick, Rating, Track} from "../types.js" */

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="track-title">
    <button class="round subtle close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <div class="track-head"><span class="cover" data-part="cover" aria-hidden="true"></span>
      <div><h2 id="track-title" data-part="title"></h2><p data-part="artist"></p></div></div>
    <div class="track-rating" role="group" aria-label="This track">
      <button class="secondary like-button" type="button" data-part="like" aria-pressed="false"
        >${icon("heart")}Like</button>
      <button class="secondary" type="button" data-part="similar">${icon("similar")}More like this</button>
      <button class="secondary" type="button" data-part="never">${icon("never")}Never play</button>
    </div>
    <div class="track-rating" role="group" aria-label="Play from here">
      <button class="secondary" type="button" data-part="radio">Radio from this song</button>
      <button class="secondary" type="button" data-part="artistRadio">Radio from this artist</button>
      <button class="secondary" type="button" data-part="path">Path to this song</button>
    </div>
    <dl class="facts" data-part="facts"></dl>
  </dialog>`;
const PARTS = {
  dialog: HTMLDialogElement,
  close: HTMLButtonElement,
  cover: HTMLElement,
  title: HTMLElement,
  artist: HTMLElement,
  like: HTMLButtonElement,
  similar: HTMLButtonElement,
  never: HTMLButtonElement,
  radio: HTMLButtonElement,
  artistRadio: HTMLButtonElement,
  path: HTMLButtonElement,
  facts: HTMLElement,
};

/** Sends "pick-like", "pick-never" and "play-about". */
export class TrackDialog extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {Pick | null} */
  #pick = null;
  /** @type {Track | null} */
  #current = null;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    makeClosable(this.#parts);
    const { dialog, like, similar, never, radio, artistRadio, path } = this.#parts;
    like.addEventListener("click", () => this.#pick !== null && send(this, "pick-like", this.#pick));
    similar.addEventListener("click", () => this.#playAbout("similar"));
    radio.addEventListener("click", () => this.#playAbout("radio"));
    artistRadio.addEventListener("click", () => this.#playAbout("artist"));
    path.addEventListener("click", () => this.#playPath());
    never.addEventListener("click", () => {
      dialog.close();
      if (this.#pick !== null) send(this, "pick-never", this.#pick);
    });
  }

  /** @param {"similar" | "radio" | "artist"} kind */
  #playAbout(kind) {
    this.#parts.dialog.close();
    if (this.#pick !== null) send(this, "play-about", { kind, track: this.#pick.track });
  }

  #playPath() {
    this.#parts.dialog.close();
    if (this.#pick === null || this.#current === null) return;
    send(this, "play-about", { kind: "path", track: this.#pick.track, from: this.#current });
  }

  /** The id of the track that the dialog is about. */
  get trackId() {
    return this.#pick?.track.id;
  }

  /** @param {Rating | null} rating */
  showRating(rating) {
    const { like, never } = this.#parts;
    like.setAttribute("aria-pressed", String(rating === "like"));
    never.disabled = rating === "never";
  }

  /**
   * @param {Pick} pick
   * @param {Rating | null} rating
   * @param {Track | null} current  the track that plays, from which a path can lead to the pick
   */
  open(pick, rating, current) {
    this.#pick = pick;
    this.#current = current;
    this.#parts.artistRadio.hidden = pick.track.artist === "";
    this.#parts.path.hidden = current === null || current.id === pick.track.id;
    this.#parts.path.title = current === null ? "" : `Music that leads from “${current.title}” to “${pick.track.title}”`;
    this.showRating(rating);
    const { track } = pick;
    paintCover(this.#parts.cover, track);
    setText(this.#parts.title, track.title);
    setText(this.#parts.artist, [track.artist, track.year].filter(Boolean).join(", "));
    this.#parts.facts.replaceChildren(
      ...factsOf(pick)
        .filter(([, text]) => text !== "")
        .flatMap(([name, text]) => [elementWith("dt", name), elementWith("dd", text)]),
    );
    this.#parts.dialog.showModal();
  }
}

/** @param {Pick} pick @returns {[string, string][]} names and texts, "" if unknown */
function factsOf(pick) {
  const { valence, arousal, relative, tempo_bpm: tempo, duration_s: duration, album, genre, credit } = pick.track;
  const forLibrary = relative ? " for your library" : "";
  return [
    ["Why this track", reasonWords(pick)],
    ["Mood", valence === null || arousal === null ? "" : describe({ valence, arousal }) + forLibrary],
    ["Tempo", tempo ? `${Math.round(tempo)} beats per minute` : ""],
    ["Length", formatDuration(duration)],
    ["Album", album],
    ["Genre", genre],
    ["Credit", credit],
  ];
}

/** @param {string} tag @param {string} text */
function elementWith(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

customElements.define("track-dialog", TrackDialog);
