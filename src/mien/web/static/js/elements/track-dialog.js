/** Tells about a piece, who made it and why it was picked, and lets a person say what they think of it. */

import { formatDuration } from "../durations.js";
import { paintCover } from "../cover-art.js";
import { makeClosable } from "../dialogs.js";
import { build, icon, setText } from "../dom.js";
import { describe } from "../mood-words.js";
import { reasonWords } from "../reason-words.js";

/** @import {Pick, Rating} from "../types.js" */

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="track-title">
    <button class="round quiet close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <div class="track-head"><span class="cover" data-part="cover" aria-hidden="true"></span>
      <div><h2 id="track-title" data-part="title"></h2><p data-part="artist"></p></div></div>
    <div class="track-rating" role="group" aria-label="This piece">
      <button class="secondary heart" type="button" data-part="like" aria-pressed="false">${icon("heart")}Like</button>
      <button class="secondary" type="button" data-part="alike">${icon("similar")}More like this</button>
      <button class="secondary" type="button" data-part="never">${icon("never")}Never this</button>
    </div>
    <dl class="facts" data-part="facts"></dl>
  </dialog>`;

/** Sends "pick-like" and "pick-never" with the Pick in `detail`, "similar-tracks" with its track. */
export class TrackDialog extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  /** @type {Pick | null} */
  #pick = null;

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    makeClosable(this.#parts);
    const { dialog, like, alike, never } = this.#parts;
    const tell = (/** @type {string} */ name, /** @type {unknown} */ detail) =>
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    like.addEventListener("click", () => tell("pick-like", this.#pick));
    alike.addEventListener("click", () => {
      dialog.close();
      tell("similar-tracks", this.#pick?.track);
    });
    never.addEventListener("click", () => {
      dialog.close();
      tell("pick-never", this.#pick);
    });
  }

  /** The id of the piece that it is about. */
  get about() {
    return this.#pick?.track.id;
  }

  /** @param {Rating | null} rating */
  showRating(rating) {
    const { like, never } = this.#parts;
    like.setAttribute("aria-pressed", String(rating === "like"));
    never.disabled = rating === "never";
  }

  /** @param {Pick} pick @param {Rating | null} rating  what was said of it */
  open(pick, rating) {
    this.#pick = pick;
    this.showRating(rating);
    const { track } = pick;
    paintCover(this.#parts.cover, track);
    setText(this.#parts.title, track.title);
    setText(this.#parts.artist, [track.artist, track.year].filter(Boolean).join(", "));
    const sounds =
      track.valence === null || track.arousal === null
        ? ""
        : describe({ valence: track.valence, arousal: track.arousal });
    /** @type {[string, string][]} */
    const facts = [
      ["Picked because", reasonWords(pick)],
      ["Sounds", sounds],
      ["Tempo", track.tempo_bpm ? `${Math.round(track.tempo_bpm)} beats a minute` : ""],
      ["Length", formatDuration(track.duration_s)],
      ["Album", track.album],
      ["Genre", track.genre],
      ["Credit", track.credit],
    ];
    this.#parts.facts.replaceChildren(
      ...facts.filter(([, text]) => text !== "").flatMap(([name, text]) => [textIn("dt", name), textIn("dd", text)]),
    );
    this.#parts.dialog.showModal();
  }
}

/** @param {string} tag @param {string} text */
function textIn(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

customElements.define("track-dialog", TrackDialog);
