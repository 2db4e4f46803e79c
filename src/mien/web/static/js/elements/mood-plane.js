/**
 * The plane of moods: shows the current mood, its trail, and the tracks. The point can be dragged, or moved with the
 * arrow keys, to set the mood by hand.
 */

import { build, setText } from "../dom.js";
import { send } from "../events.js";
import { colourOfMood } from "../mood-colour.js";
import { fromDisc, moodAt, toDisc } from "../mood-space.js";
import { describe } from "../mood-words.js";
import { Trail } from "../trail.js";

/** @import {Parts} from "../dom.js" */
/** @import {Mood, Track} from "../types.js" */

const RADIUS = 108; // of the disc, in the units of the 240 by 240 drawing
const STEP = 0.05;
const BIG_STEP = 0.2;
const KEYS_SETTLED_MS = 1_000; // after the last press, a mood set by keys is final
const MUSIC_TRAIL_MS = 2_000; // between its points: five minutes together
const SVG = "http://www.w3.org/2000/svg";

const MARKUP = `
  <div class="plane-disc" aria-hidden="true"></div>
  <svg class="plane-drawing" viewBox="-120 -120 240 240" aria-hidden="true">
    <circle class="plane-rim" r="${RADIUS}"/>
    <circle class="plane-ring" r="${RADIUS / 2}"/>
    <path class="plane-axis" d="M-${RADIUS} 0H${RADIUS}M0 -${RADIUS}V${RADIUS}"/>
    <circle data-part="halo" class="plane-halo" hidden/>
    <g data-part="musicTrail" class="plane-trail music"></g>
    <g data-part="trail" class="plane-trail"></g>
    <polyline data-part="path" class="plane-path"/>
    <g data-part="target" class="plane-target" hidden><circle r="7"/><circle r="1.6"/></g>
    <g data-part="musicMood" class="plane-music" hidden>
      <title>The mood that the music follows</title><rect x="-4" y="-4" width="8" height="8" rx="1.5"/>
    </g>
    <g data-part="marks"></g>
    <circle data-part="group" class="plane-group" r="6" hidden/>
  </svg>
  <span class="plane-corner tense" aria-hidden="true">tense</span>
  <span class="plane-corner excited" aria-hidden="true">excited</span>
  <span class="plane-corner sad" aria-hidden="true">sad</span>
  <span class="plane-corner calm" aria-hidden="true">calm</span>
  <div class="plane-point" data-part="point" role="slider" tabindex="0" aria-label="Mood"
    aria-roledescription="point on a plane" aria-describedby="plane-help"
    aria-valuemin="-100" aria-valuemax="100"></div>
  <p class="plane-group-words" data-part="groupWords" hidden></p>
  <p class="plane-figures" data-part="figures" aria-hidden="true"></p>
  <p class="visually-hidden" id="plane-help">Left and right for unpleasant and pleasant, up and down for excited and calm.</p>`;

const PARTS = {
  trail: SVGGElement,
  musicTrail: SVGGElement,
  musicMood: SVGGElement,
  halo: SVGCircleElement,
  path: SVGPolylineElement,
  target: SVGGElement,
  marks: SVGGElement,
  group: SVGCircleElement,
  point: HTMLElement,
  groupWords: HTMLElement,
  figures: HTMLElement,
};

/** Sends "mood-change" while the user moves the point, and "mood-settle" once it is where they want it. */
export class MoodPlane extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  /** @type {Mood} */
  #mood = { valence: 0, arousal: 0 };
  #dragging = false;
  /** When the mood was shown that the user is changing; NaN while nobody changes it. */
  #fromMs = Number.NaN;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settling;
  /** @type {Trail | undefined} */
  #trail;
  /** @type {Trail | undefined} */
  #musicTrail;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#trail = new Trail(this.#parts.trail, RADIUS);
    this.#musicTrail = new Trail(this.#parts.musicTrail, RADIUS, MUSIC_TRAIL_MS);
    this.addEventListener("pointerdown", (event) => this.#grab(event));
    this.addEventListener("pointermove", (event) => this.#dragging && this.#setFrom(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"])
      this.addEventListener(end, () => this.#drop());
    this.addEventListener("click", (event) => this.#tap(event));
    this.#parts.point.addEventListener("keydown", (event) => this.#handleKey(event));
    this.#place();
  }

  /** @param {Mood} mood @param {number} nowMs */
  show(mood, nowMs) {
    this.#mood = mood;
    this.#trail?.add(mood, nowMs);
    this.#place();
  }

  /** Shows the mood that the music follows, beside that of the moment; null hides it. @param {Mood | null} mood @param {number} nowMs */
  showMusicMood(mood, nowMs) {
    const { musicMood } = this.#parts;
    musicMood.toggleAttribute("hidden", mood === null);
    if (mood === null) return;
    musicMood.setAttribute("transform", `translate(${point(mood).join(" ")}) rotate(45)`);
    this.#musicTrail?.add(mood, nowMs);
  }

  /** Draws the area in which the user's own mood is likely to be; null hides it. @param {number | null} radius  on the plane */
  showHalo(radius) {
    const { halo } = this.#parts;
    halo.toggleAttribute("hidden", radius === null);
    if (radius === null) return;
    halo.setAttribute("r", (radius * RADIUS).toFixed(1));
    const [x, y] = point(this.#mood);
    halo.style.translate = `${x}px ${y}px`;
  }

  /** Shows how certain the mood is: one that is held is pale. @param {"sure" | "held" | "unknown"} certainty */
  showCertainty(certainty) {
    this.dataset.certainty = certainty;
  }

  /** Shows the mood of all faces together; null if there is only one. @param {Mood | null} mood */
  showGroup(mood) {
    const { group, groupWords } = this.#parts;
    group.toggleAttribute("hidden", mood === null);
    groupWords.hidden = mood === null;
    if (mood === null) return;
    const [x, y] = point(mood);
    group.style.translate = `${x}px ${y}px`;
    setText(groupWords, `everyone together: ${mood.words ?? describe(mood)}`);
  }

  /**
   * Shows tracks on the plane, and the path of the music to its `target`, null if it stays at one mood.
   *
   * @param {{path: Mood[], target: Mood | null, current: Track | null, upcoming: Track[]}} music
   */
  showMusic({ path, target, current, upcoming }) {
    this.#parts.path.setAttribute("points", path.map((mood) => point(mood).join()).join(" "));
    this.#parts.target.toggleAttribute("hidden", target === null);
    if (target !== null) this.#parts.target.setAttribute("transform", `translate(${point(target).join(" ")})`);
    const marks = upcoming.map((track) => mark(track, "upcoming"));
    this.#parts.marks.replaceChildren(...marks, ...(current === null ? [] : [mark(current, "current")]));
  }

  /** Highlights a track's mark; null for none. @param {string | null} id */
  highlight(id) {
    for (const one of this.#parts.marks.querySelectorAll("circle")) {
      one.classList.toggle("highlighted", one.dataset.track === id);
    }
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const onPoint = event.target === this.#parts.point;
    if (event.button !== 0 || (event.pointerType !== "mouse" && !onPoint)) return;
    if (!onPoint && !this.#inside(event)) return;
    event.preventDefault();
    this.#dragging = true;
    this.dataset.held = "";
    this.setPointerCapture(event.pointerId);
    this.#parts.point.focus({ preventScroll: true });
    if (!onPoint) this.#setFrom(event);
  }

  #drop() {
    this.#dragging = false;
    this.#settle();
    delete this.dataset.held;
  }

  /** Sets the mood by a tap; a swipe scrolls the page. @param {MouseEvent} event */
  #tap(event) {
    const touched = event instanceof PointerEvent && event.pointerType !== "mouse";
    if (touched && event.target !== this.#parts.point && this.#inside(event)) {
      this.#setFrom(event);
      this.#settle();
    }
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    const step = event.shiftKey ? BIG_STEP : STEP;
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#set(moodAt(this.#mood.valence + move[0], this.#mood.arousal + move[1]));
    this.#settling = setTimeout(() => this.#settle(), KEYS_SETTLED_MS);
  }

  /** @param {MouseEvent} event */
  #setFrom(event) {
    const { x, y } = this.#onDisc(event);
    this.#set(fromDisc(x, y));
  }

  /** @param {MouseEvent} event */
  #inside(event) {
    const { x, y } = this.#onDisc(event);
    return Math.hypot(x, y) <= 1.05;
  }

  /** @param {MouseEvent} event */
  #onDisc({ clientX, clientY }) {
    const { left, top, width } = this.getBoundingClientRect();
    const scale = 240 / width / RADIUS;
    return { x: (clientX - left - width / 2) * scale, y: (width / 2 - (clientY - top)) * scale };
  }

  /** @param {Mood} mood */
  #set(mood) {
    clearTimeout(this.#settling);
    if (Number.isNaN(this.#fromMs)) this.#fromMs = performance.now();
    send(this, "mood-change", { ...mood, words: describe(mood) });
  }

  #settle() {
    clearTimeout(this.#settling);
    if (Number.isNaN(this.#fromMs)) return;
    send(this, "mood-settle", { mood: this.#mood, fromMs: this.#fromMs });
    this.#fromMs = Number.NaN;
  }

  #place() {
    const { point: handle, figures } = this.#parts;
    const { x, y } = toDisc(this.#mood);
    handle.style.setProperty("--x", x.toFixed(4));
    handle.style.setProperty("--y", (-y).toFixed(4));
    handle.style.setProperty("--colour", colourOfMood(this.#mood));
    const [valence, arousal] = [this.#mood.valence, this.#mood.arousal].map((value) => Math.round(100 * value));
    if (handle.getAttribute("aria-valuenow") === String(valence) && handle.dataset.arousal === String(arousal)) return;
    handle.dataset.arousal = String(arousal);
    handle.setAttribute("aria-valuenow", String(valence));
    handle.setAttribute(
      "aria-valuetext",
      `${this.#mood.words ?? describe(this.#mood)}, pleasant ${valence}, excited ${arousal}`,
    );
    figures.textContent = `valence ${signed(valence)}  arousal ${signed(arousal)}`;
  }
}

/** @param {Mood} mood @returns {[number, number]} in the drawing's units */
function point(mood) {
  const { x, y } = toDisc(mood);
  return [Math.round(x * RADIUS * 10) / 10, Math.round(-y * RADIUS * 10) / 10];
}

/** @param {Track} track @param {"current" | "upcoming"} kind */
function mark(track, kind) {
  const [x, y] = point({ valence: track.valence ?? 0, arousal: track.arousal ?? 0 });
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("class", `plane-mark ${kind}`);
  circle.setAttribute("cx", String(x));
  circle.setAttribute("cy", String(y));
  circle.dataset.track = track.id;
  const title = document.createElementNS(SVG, "title");
  title.textContent = track.title;
  circle.append(title);
  return circle;
}

/** @param {number} percent @returns {string} such as "+0.42" */
function signed(percent) {
  return `${percent < 0 ? "−" : "+"}${(Math.abs(percent) / 100).toFixed(2)}`;
}

customElements.define("mood-plane", MoodPlane);
