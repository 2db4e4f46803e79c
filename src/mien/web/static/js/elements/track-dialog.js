/** Tells about a piece: who made it, when, how it was rendered, under which terms, and why it was picked. */

import { clock } from "../clock.js";
import { paintCover } from "../cover-art.js";
import { makeClosable } from "../dialogs.js";
import { build, icon, setText } from "../dom.js";
import { describe } from "../mood-words.js";

/** @import {Pick} from "../types.js" */

const MARKUP = `
  <dialog data-part="dialog" aria-labelledby="track-title">
    <button class="round quiet close" type="button" data-part="close" aria-label="Close">${icon("close")}</button>
    <div class="track-head"><span class="cover" data-part="cover" aria-hidden="true"></span>
      <div><h2 id="track-title" data-part="title"></h2><p data-part="artist"></p></div></div>
    <dl class="facts" data-part="facts"></dl>
  </dialog>`;

export class TrackDialog extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    makeClosable(this.#parts);
  }

  /** @param {Pick} pick */
  open({ track, reason }) {
    paintCover(this.#parts.cover, track);
    setText(this.#parts.title, track.title);
    setText(this.#parts.artist, [track.artist, track.year].filter(Boolean).join(", "));
    const sounds =
      track.valence === null || track.arousal === null
        ? ""
        : describe({ valence: track.valence, arousal: track.arousal });
    /** @type {[string, string][]} */
    const facts = [
      ["Picked because", reason],
      ["Sounds", sounds],
      ["Tempo", track.tempo_bpm ? `${Math.round(track.tempo_bpm)} beats a minute` : ""],
      ["Length", clock(track.duration_s)],
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
