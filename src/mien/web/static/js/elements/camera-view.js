/** The camera's picture with its reading, or the reason why there is none and what to do about it. */

import { build, icon, setIcon, setText } from "../dom.js";
import { send } from "../events.js";
import { discard } from "../live-client.js";
import { drawScene } from "../overlay.js";
import { FaceButtons } from "./face-buttons.js";

/** @import {Explanation} from "../camera.js" */
/** @import {Parts} from "../dom.js" */
/** @import {Picture, Reading} from "../types.js" */

const PRIVACY = "Frames stay on this machine and are never stored.";
const MARKUP = `
  <canvas data-part="canvas" role="img" aria-label="Your camera, mirrored"></canvas>
  <face-buttons data-part="faces"></face-buttons>
  <div class="camera-panel" data-part="panel">
    <span class="camera-icon" data-part="icon">${icon("face")}</span>
    <p class="camera-title" data-part="title"></p>
    <p class="camera-remedy" data-part="remedy"></p>
    <button class="primary" type="button" data-part="button"
      >${icon("camera")}<span data-part="buttonText"></span></button>
    <a class="primary" data-part="link" hidden></a>
    <p class="camera-note" data-part="note"></p>
  </div>
  <p class="camera-notice" data-part="notice" role="status" hidden></p>`;
const PARTS = {
  canvas: HTMLCanvasElement,
  faces: FaceButtons,
  panel: HTMLElement,
  icon: HTMLElement,
  title: HTMLElement,
  remedy: HTMLElement,
  button: HTMLButtonElement,
  buttonText: HTMLElement,
  link: HTMLAnchorElement,
  note: HTMLElement,
  notice: HTMLElement,
};

/** Sends "camera-open" when its button is pressed. */
export class CameraView extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    this.#parts.button.addEventListener("click", () => send(this, "camera-open"));
    new ResizeObserver(() => this.#resizeCanvas()).observe(this.#parts.canvas);
    this.showOff();
  }

  showOff() {
    this.#show("off", {
      title: "Music for your mood",
      remedy: "mien reads your expression and plays what fits.",
      button: "Turn on the camera",
      note: PRIVACY,
    });
  }

  /** While the browser asks the user for permission. */
  showOpening() {
    this.#show("opening", {
      title: "Allow the camera for this page?",
      remedy: "Answer your browser's question.",
      note: PRIVACY,
    });
  }

  showOn() {
    this.#show("on", { title: "", remedy: "", note: "" });
  }

  /** @param {Explanation} explanation */
  showTrouble({ title, remedy, link }) {
    const note = "You can also drag the point on the plane; the music follows it.";
    this.#show("trouble", { title, remedy, note, link, button: link === undefined ? "Try again" : undefined });
  }

  /** Shows a sentence over the picture; "" hides it. @param {string} sentence */
  showNotice(sentence) {
    this.#parts.notice.hidden = sentence === "";
    setText(this.#parts.notice, sentence);
  }

  /** Draws a frame and frees its memory. @param {Picture} picture @param {Reading | null} reading  of this frame */
  draw(picture, reading) {
    if (this.dataset.state === "on") {
      drawScene(this.#parts.canvas, picture, reading);
      this.#parts.faces.show(reading, this.#parts.canvas);
    }
    discard(picture);
  }

  /**
   * @param {"off" | "opening" | "on" | "trouble"} state
   * @param {{title: string, remedy: string, note: string, button?: string, link?: Explanation["link"]}} words
   */
  #show(state, { title, remedy, note, button, link }) {
    this.dataset.state = state;
    const parts = this.#parts;
    parts.faces.show(null, parts.canvas);
    parts.panel.hidden = state === "on";
    setIcon(parts.icon, state === "trouble" ? "camera-off" : "face");
    setText(parts.title, title);
    setText(parts.remedy, remedy);
    setText(parts.note, note);
    parts.button.hidden = button === undefined;
    setText(parts.buttonText, button ?? "");
    parts.link.hidden = link === undefined;
    setText(parts.link, link?.text ?? "");
    if (link !== undefined) parts.link.href = link.href;
    this.showNotice("");
  }

  /** Gives the canvas as many pixels as it has on the screen. */
  #resizeCanvas() {
    const { canvas } = this.#parts;
    const ratio = Math.min(2, devicePixelRatio);
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  }
}

customElements.define("camera-view", CameraView);
