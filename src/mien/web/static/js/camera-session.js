/** The camera while the page uses it: opened by the user, read until it is closed, reopened when it is reconnected. */

import { CameraError, explain, openCamera } from "./camera.js";
import { captureFrames } from "./capture.js";
import { Emitter } from "./events.js";

/** @import {Explanation} from "./camera.js" */
/** @import {Capture} from "./capture.js" */
/** @import {FeedStatus} from "./live-client.js" */
/** @import {LiveCommand, Picture, Reading} from "./types.js" */

/** Troubles that end when a camera is connected. */
const RECOVERABLE = Object.freeze(["unplugged", "missing"]);

/**
 * "opening" while the browser asks for permission; "opened" and "closed"; "trouble" if there is no camera; "reading"
 * for each frame that was read, without a picture while the tab is hidden; "preview" for each frame while the server is
 * away; "feed" for the state of the live channel.
 *
 * @typedef {{opening: undefined, opened: undefined, closed: undefined, trouble: Explanation, preview: Picture,
 *   reading: {reading: Reading, picture: Picture | undefined}, feed: FeedStatus}} CameraEvents
 */

/** @extends {Emitter<CameraEvents>} */
export class CameraSession extends Emitter {
  constructor() {
    super();
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#reopenIfConnected());
  }

  #opening = false;
  #missing = false;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Capture | null} */
  #capture = null;

  get isOpen() {
    return this.#stream !== null;
  }

  async open() {
    if (this.isOpen || this.#opening) return;
    this.#opening = true;
    this.#missing = false;
    this.emit("opening");
    try {
      this.#stream = await openCamera();
    } catch (error) {
      this.#fail(error instanceof CameraError ? error : new CameraError("broken", String(error)));
      return;
    } finally {
      this.#opening = false;
    }
    const [track] = this.#stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (this.#stream?.getVideoTracks().includes(track)) this.#disconnected();
    });
    this.#capture = captureFrames(this.#stream, {
      onReading: (reading, picture) => this.emit("reading", { reading, picture }),
      onPreview: (picture) => this.emit("preview", picture),
      onStatus: (status) => this.emit("feed", status),
    });
    this.emit("opened");
  }

  close() {
    this.#missing = false;
    if (!this.isOpen) return;
    this.#release();
    this.emit("closed");
  }

  /** Sends a command to the server, if the camera is open. @param {LiveCommand} command */
  sendCommand(command) {
    this.#capture?.sendCommand(command);
  }

  #disconnected() {
    this.#release();
    this.#fail(new CameraError("unplugged"));
  }

  /** @param {CameraError} error */
  #fail(error) {
    this.#missing = RECOVERABLE.includes(error.trouble);
    this.emit("trouble", explain(error));
  }

  /** Opens the camera again if it was missing and a camera has been connected. */
  async #reopenIfConnected() {
    if (!this.#missing) return;
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (this.#missing && devices.some(({ kind }) => kind === "videoinput")) await this.open();
  }

  #release() {
    this.#capture?.stop();
    this.#capture = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }
}
