/** The camera's picture with what was read from it, or the reason why there is none and the one thing to do. */

import { discard } from "../live-feed.js";
import { build, icon, setIcon, setText } from "../dom.js";
import { drawScene } from "../overlay.js";
import "./face-buttons.js";

/** @import {Explanation} from "../camera.js" */
/** @import {Picture, Reading} from "../types.js" */

const MARKUP = `
  <canvas data-part="canvas" role="img" aria-label="Your camera, as in a mirror"></canvas>
  <face-buttons data-part="faces"></face-buttons>
  <div class="camera-panel" data-part="panel">
    <span class="camera-icon" data-part="icon">${icon("face")}</span>
    <p class="camera-title" data-part="title"></p>
    <p class="camera-remedy" data-part="remedy"></p>
    <button class="primary" type="button" data-part="button"
      >${icon("camera")}<span data-part="button-text"></span></button>
    <a class="primary" data-part="link" hidden></a>
    <p class="camera-note" data-part="note"></p>
  </div>
  <p class="camera-notice" data-part="notice" role="status" hidden></p>`;

/** Sends "camera-open" when its button is pressed. */
export class CameraView extends HTMLElement {
  #built = false;
  /** @type {Record<string, any>} */
  #parts = {};

  connectedCallback() {
    if (this.#built) return;
    this.#built = true;
    this.#parts = build(this, MARKUP);
    this.#parts.button.addEventListener("click", () =>
      this.dispatchEvent(new Event("camera-open", { bubbles: true })),
    );
    new ResizeObserver(() => this.#fit()).observe(this.#parts.canvas);
    this.showOff();
  }

  /** No camera yet. */
  showOff() {
    this.#show("off", {
      title: "Let mien see your expression.",
      remedy: "It finds music for it, and follows when it changes.",
      button: "Turn on the camera",
      note: "Frames stay on this machine and are never stored.",
    });
  }

  /** The browser asks the person. */
  showAsking() {
    this.#show("asking", {
      title: "May this page use the camera?",
      remedy: "Answer your browser's question.",
      note: "Frames stay on this machine and are never stored.",
    });
  }

  showOn() {
    this.#show("on", { title: "", remedy: "", note: "" });
  }

  /** @param {Explanation} explanation */
  showTrouble({ title, remedy, link }) {
    const note = "Or drag the point on the plane: the music follows it as well.";
    this.#show("trouble", { title, remedy, note, link, button: link === undefined ? "Try again" : undefined });
  }

  /** A sentence over the picture; "" takes it away. @param {string} sentence */
  notice(sentence) {
    this.#parts.notice.hidden = sentence === "";
    setText(this.#parts.notice, sentence);
  }

  /** Draws a frame and frees it. @param {Picture} picture @param {Reading | null} reading  of this very frame */
  draw(picture, reading) {
    if (this.dataset.state === "on") {
      drawScene(this.#parts.canvas, picture, reading);
      this.#parts.faces.show(reading, this.#parts.canvas);
    }
    discard(picture);
  }

  /**
   * @param {"off" | "asking" | "on" | "trouble"} state
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
    setText(parts["button-text"], button ?? "");
    parts.link.hidden = link === undefined;
    setText(parts.link, link?.text ?? "");
    if (link !== undefined) parts.link.href = link.href;
    this.notice("");
  }

  /** As many pixels as the screen shows. */
  #fit() {
    const { canvas } = this.#parts;
    const ratio = Math.min(2, devicePixelRatio);
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  }
}

customElements.define("camera-view", CameraView);
