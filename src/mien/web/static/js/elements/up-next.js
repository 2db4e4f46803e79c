/** The queue: what comes next and why; each track can be played. It folds on a phone. */

import { paintCover } from "../cover-art.js";
import { build, find, icon, setText } from "../dom.js";
import { formatDuration } from "../durations.js";
import { send } from "../events.js";
import { reasonWords } from "../reason-words.js";
import { seedWords } from "../seed-words.js";

/** @import {Parts} from "../dom.js" */
/** @import {AwayFolder, Pick, Seed, Status} from "../types.js" */

const MARKUP = `
  <div class="queue-head">
    <h2>Up next</h2>
    <p class="queue-preview" data-part="preview"></p>
    <button class="round subtle fold" type="button" data-part="fold" aria-expanded="false" aria-controls="queue-list"
      aria-label="Show the queue">${icon("fold")}</button>
  </div>
  <p class="queue-away" data-part="away" role="status"></p>
  <button class="chip similar-chip" type="button" data-part="similar" hidden><span data-part="similarWords"></span
    >${icon("close")}</button>
  <div class="queue-body">
    <ol class="queue" id="queue-list" data-part="list"></ol>
    <div class="queue-empty" data-part="empty" role="status"><p data-part="sentence">Finding music…</p>
      <button class="secondary" type="button" data-part="retry" hidden>Try again</button></div>
    <p class="queue-footer" data-part="footer"></p>
  </div>`;
const PARTS = {
  preview: HTMLElement,
  fold: HTMLButtonElement,
  away: HTMLElement,
  similar: HTMLButtonElement,
  similarWords: HTMLElement,
  list: HTMLOListElement,
  empty: HTMLElement,
  sentence: HTMLElement,
  retry: HTMLButtonElement,
  footer: HTMLElement,
};

const ROW_MARKUP = `
  <button class="queue-play" type="button" data-part="play">
    <span class="cover" data-part="cover" aria-hidden="true"></span>
    <span class="queue-line"><span class="queue-title" data-part="title"></span
      ><span class="queue-liked" data-part="liked" hidden
      >${icon("heart")}<span class="visually-hidden">liked</span></span></span>
    <span class="queue-artist"><span data-part="artist"></span><span data-part="facts"></span></span>
    <span class="queue-reason" data-part="reason"></span>
  </button>
  <button class="round subtle" type="button" data-part="about">${icon("about")}</button>`;
const ROW_PARTS = {
  play: HTMLButtonElement,
  cover: HTMLElement,
  title: HTMLElement,
  liked: HTMLElement,
  artist: HTMLElement,
  facts: HTMLElement,
  reason: HTMLElement,
  about: HTMLButtonElement,
};

/**
 * Sends "pick-play", "pick-details", "pick-hover" with the track's id or null, "station-retry", and "play-about"
 * with null to follow the mood again.
 */
export class UpNext extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  #noMusic = false;
  /** @type {(id: string) => boolean} */
  #isLiked = () => false;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.dataset.folded = "true";
    this.#parts.fold.addEventListener("click", () => this.#fold(this.dataset.folded !== "true"));
    this.#parts.retry.addEventListener("click", () => send(this, "station-retry"));
    this.#parts.similar.addEventListener("click", () => send(this, "play-about", null));
  }

  /** True while it shows an error in place of music. */
  get inTrouble() {
    return !this.#parts.empty.hidden && !this.#parts.retry.hidden;
  }

  /** @param {readonly Pick[]} picks */
  show(picks) {
    this.#parts.empty.hidden = picks.length > 0;
    this.#parts.list.replaceChildren(...picks.map((pick) => this.#row(pick)));
    setText(this.#parts.preview, picks[0]?.track.title ?? "");
    if (picks.length > 0 || this.#noMusic) return;
    this.#showSentence("No more tracks fit. Set another mood, or add music.", { retry: false });
  }

  /** Marks the tracks that the user likes. @param {(id: string) => boolean} isLiked */
  showLiked(isLiked) {
    this.#isLiked = isLiked;
    for (const row of this.#parts.list.querySelectorAll("li")) {
      find(row, "[data-part=liked]", HTMLElement).hidden = !isLiked(row.dataset.track ?? "");
    }
  }

  /** Shows what the queue is about; null if it follows the mood. @param {Seed | null} seed */
  showSeed(seed) {
    const { similar, similarWords } = this.#parts;
    similar.hidden = seed === null;
    if (seed === null) return;
    const words = seedWords(seed);
    setText(similarWords, words);
    similar.setAttribute("aria-label", `Stop playing ${words.charAt(0).toLowerCase()}${words.slice(1)}`);
    similar.title = "Follow my mood again";
  }

  /** @param {Status} status */
  showLibrary({ tracks, starter_tracks, away }) {
    const { footer, sentence, retry } = this.#parts;
    setText(this.#parts.away, away.map(awayWords).join(" "));
    this.#noMusic = tracks === 0;
    const present = away.reduce((count, one) => count - one.tracks, tracks);
    const own = present - starter_tracks;
    const command = Object.assign(document.createElement("code"), { textContent: "mien library add DIR" });
    if (this.#noMusic) {
      retry.hidden = true;
      sentence.replaceChildren("There is no music yet. Add a folder: ", command);
    } else if (own === 0) {
      footer.replaceChildren(`${present} synthesised starter tracks. Add your own: `, command);
    } else {
      footer.textContent = `Chosen from ${present} tracks, ${own} of them your own.`;
    }
  }

  /** Shows an error, unless there is music. @param {string} sentence */
  showTrouble(sentence) {
    if (this.#parts.list.childElementCount > 0) return;
    this.#parts.empty.hidden = false;
    this.#showSentence(sentence, { retry: true });
  }

  /** @param {string} sentence @param {{retry: boolean}} options  whether to offer another try */
  #showSentence(sentence, { retry }) {
    setText(this.#parts.sentence, sentence);
    this.#parts.retry.hidden = !retry;
  }

  /** @param {boolean} folded */
  #fold(folded) {
    this.dataset.folded = String(folded);
    this.#parts.fold.setAttribute("aria-expanded", String(!folded));
    this.#parts.fold.setAttribute("aria-label", folded ? "Show the queue" : "Hide the queue");
  }

  /** @param {Pick} pick */
  #row(pick) {
    const { track } = pick;
    const row = document.createElement("li");
    const parts = build(row, ROW_MARKUP, ROW_PARTS);
    row.dataset.track = track.id;
    parts.liked.hidden = !this.#isLiked(track.id);
    paintCover(parts.cover, track);
    setText(parts.title, track.title);
    setText(parts.artist, track.artist);
    setText(parts.facts, factsOf(pick));
    setText(parts.reason, reasonWords(pick));
    parts.play.title = `Play ${track.title}`;
    parts.about.setAttribute("aria-label", `About ${track.title}`);
    parts.about.title = track.credit || `About ${track.title}`;
    parts.play.addEventListener("click", () => send(this, "pick-play", pick));
    parts.about.addEventListener("click", () => send(this, "pick-details", pick));
    for (const name of ["pointerenter", "focusin"]) {
      row.addEventListener(name, () => send(this, "pick-hover", track.id));
    }
    for (const name of ["pointerleave", "focusout"]) row.addEventListener(name, () => send(this, "pick-hover", null));
    return row;
  }
}

/** A sentence about a folder or server that is away. @param {AwayFolder} away */
function awayWords({ location, tracks }) {
  return `${location} is away with ${tracks === 1 ? "1 track" : `${tracks} tracks`}, kept but not played until it is back.`;
}

/** The tempo, unless it is among the reasons, and the duration. @param {Pick} pick */
function factsOf({ track, reasons }) {
  const isReason = reasons.some(({ kind }) => kind === "tempo");
  const tempo = track.tempo_bpm && !isReason ? [`${Math.round(track.tempo_bpm)} bpm`] : [];
  return [...tempo, formatDuration(track.duration_s)].join(" · ");
}

customElements.define("up-next", UpNext);
