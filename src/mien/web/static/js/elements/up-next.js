/** The queue: what comes next and why, each piece a press away; on a phone it folds. */

import { build, icon, setText } from "../dom.js";
import { formatDuration } from "../durations.js";
import { paintCover } from "../cover-art.js";
import { reasonWords } from "../reason-words.js";

/** @import {Pick, Status, Track} from "../types.js" */

const MARKUP = `
  <div class="queue-head">
    <h2>Up next</h2>
    <p class="queue-preview" data-part="peek"></p>
    <button class="round quiet fold" type="button" data-part="fold" aria-expanded="false" aria-controls="queue-list"
      aria-label="Show the queue">${icon("fold")}</button>
  </div>
  <button class="chip similar-chip" type="button" data-part="alike" hidden><span data-part="alikeWords"></span
    >${icon("close")}</button>
  <div class="queue-body" data-part="body">
    <ol class="queue" id="queue-list" data-part="list"></ol>
    <div class="queue-empty" data-part="empty" role="status"><p data-part="sentence">Finding music…</p>
      <button class="secondary" type="button" data-part="again" hidden>Try again</button></div>
    <p class="queue-footer" data-part="foot"></p>
  </div>`;

const ROW = `
  <button class="queue-play" type="button" data-part="play">
    <span class="cover" data-part="cover" aria-hidden="true"></span>
    <span class="queue-line"><span class="queue-title" data-part="title"></span><span class="queue-liked" data-part="liked" hidden
      >${icon("heart")}<span class="visually-hidden">liked</span></span></span>
    <span class="queue-artist"><span data-part="artist"></span><span data-part="facts"></span></span>
    <span class="queue-reason" data-part="reason"></span>
  </button>
  <button class="round quiet" type="button" data-part="about">${icon("about")}</button>`;

/**
 * Sends "pick-play" and "pick-details" (its details) with the Pick in `detail`, "pick-hover" with the track's id or
 * null, "station-retry" for another try, and "similar-tracks" with null for music that is not to be like a piece.
 */
export class UpNext extends HTMLElement {
  /** @type {Record<string, any>} */
  #parts = {};
  #noMusic = false;
  /** @type {(id: string) => boolean} */
  #isLiked = () => false;

  connectedCallback() {
    this.#parts = build(this, MARKUP);
    this.dataset.folded = "true";
    this.#parts.fold.addEventListener("click", () => this.#fold(this.dataset.folded !== "true"));
    this.#parts.again.addEventListener("click", () =>
      this.dispatchEvent(new Event("station-retry", { bubbles: true })),
    );
    this.#parts.alike.addEventListener("click", () =>
      this.dispatchEvent(new CustomEvent("similar-tracks", { detail: null, bubbles: true })),
    );
  }

  /** True while it shows a failure in place of music. */
  get inTrouble() {
    return !this.#parts.empty.hidden && !this.#parts.again.hidden;
  }

  /** @param {Pick[]} picks */
  show(picks) {
    this.#parts.empty.hidden = picks.length > 0;
    this.#parts.list.replaceChildren(...picks.map((pick) => this.#row(pick)));
    setText(this.#parts.peek, picks[0]?.track.title ?? "");
    if (picks.length === 0 && !this.#noMusic) this.#say("Nothing more fits: set another mood, or add music.", false);
  }

  /** Marks the pieces that the person likes. @param {(id: string) => boolean} isLiked */
  showLiked(isLiked) {
    this.#isLiked = isLiked;
    for (const row of this.#parts.list.children) {
      row.querySelector("[data-part=liked]").hidden = !isLiked(row.dataset.track);
    }
  }

  /** Says that all of it is to be like a piece; null when it is not. @param {Track | null} track */
  showSimilarTo(track) {
    const { alike, alikeWords } = this.#parts;
    alike.hidden = track === null;
    if (track === null) return;
    setText(alikeWords, `More like “${track.title}”`);
    alike.setAttribute("aria-label", `Stop playing more like “${track.title}”`);
    alike.title = "Follow my mood again";
  }

  /** @param {Status} status */
  showLibrary({ tracks, starter_tracks }) {
    const { foot, sentence, again } = this.#parts;
    this.#noMusic = tracks === 0;
    const own = tracks - starter_tracks;
    const add = Object.assign(document.createElement("code"), { textContent: "mien library add DIR" });
    if (this.#noMusic) {
      again.hidden = true;
      sentence.replaceChildren("There is no music yet. Add a folder of yours: ", add);
    } else if (own === 0) foot.replaceChildren(`${tracks} starter pieces, synthesised. To add your own: `, add);
    else foot.textContent = `Chosen from ${tracks} pieces, ${own} of them yours.`;
  }

  /** @param {string} sentence */
  showTrouble(sentence) {
    if (this.#parts.list.childElementCount > 0) return;
    this.#parts.empty.hidden = false;
    this.#say(sentence, true);
  }

  /** @param {string} sentence @param {boolean} again */
  #say(sentence, again) {
    setText(this.#parts.sentence, sentence);
    this.#parts.again.hidden = !again;
  }

  /** @param {boolean} folded */
  #fold(folded) {
    this.dataset.folded = String(folded);
    this.#parts.fold.setAttribute("aria-expanded", String(!folded));
    this.#parts.fold.setAttribute("aria-label", folded ? "Show the queue" : "Fold the queue");
  }

  /** @param {Pick} pick */
  #row(pick) {
    const { track } = pick;
    const row = document.createElement("li");
    const parts = build(row, ROW);
    row.dataset.track = track.id;
    parts.liked.hidden = !this.#isLiked(track.id);
    paintCover(parts.cover, track);
    setText(parts.title, track.title);
    setText(parts.artist, track.artist);
    setText(parts.facts, facts(pick));
    setText(parts.reason, reasonWords(pick));
    parts.play.title = `Play ${track.title}`;
    parts.about.setAttribute("aria-label", `About ${track.title}`);
    parts.about.title = track.credit || `About ${track.title}`;
    const tell = (/** @type {string} */ name, /** @type {unknown} */ detail) =>
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
    parts.play.addEventListener("click", () => tell("pick-play", pick));
    parts.about.addEventListener("click", () => tell("pick-details", pick));
    for (const name of ["pointerenter", "focusin"]) row.addEventListener(name, () => tell("pick-hover", track.id));
    for (const name of ["pointerleave", "focusout"]) row.addEventListener(name, () => tell("pick-hover", null));
    return row;
  }
}

/** The tempo, unless it is among the reasons, and the length. @param {Pick} pick */
function facts({ track, reasons }) {
  const named = reasons.some(({ kind }) => kind === "tempo");
  const tempo = track.tempo_bpm && !named ? [`${Math.round(track.tempo_bpm)} bpm`] : [];
  return [...tempo, formatDuration(track.duration_s)].join(" · ");
}

customElements.define("up-next", UpNext);
