/** The camera as the page uses it: opened at a person's command, read until it is closed, and again once it comes back. */

import { CameraError, explain, openCamera } from "./camera.js";
import { captureFrames } from "./capture.js";

/** @import {Capture} from "./capture.js" */
/** @import {LiveCommand} from "./types.js" */

/** Troubles that end when a camera is plugged in. */
const MAY_COME_BACK = Object.freeze(["unplugged", "missing"]);

/**
 * Events: "asking", "on", "off", "trouble" (an Explanation in `detail`), "reading" ({reading, picture}), "preview" (a
 * picture that nobody reads) and "feed" (a FeedStatus).
 */
export class CameraSession extends EventTarget {
  constructor() {
    super();
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#lookForCamera());
  }

  #asking = false;
  #missed = false;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {Capture | null} */
  #capture = null;

  get on() {
    return this.#stream !== null;
  }

  async open() {
    if (this.on || this.#asking) return;
    this.#asking = true;
    this.#missed = false;
    this.#tell("asking");
    try {
      this.#stream = await openCamera();
    } catch (error) {
      this.#fail(/** @type {CameraError} */ (error));
      return;
    } finally {
      this.#asking = false;
    }
    const [track] = this.#stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (this.#stream?.getVideoTracks().includes(track)) this.#lose();
    });
    this.#capture = captureFrames(this.#stream, {
      onReading: (reading, picture) => this.#tell("reading", { reading, picture }),
      onPreview: (picture) => this.#tell("preview", picture),
      onStatus: (status) => this.#tell("feed", status),
    });
    this.#tell("on");
  }

  close() {
    this.#missed = false;
    if (!this.on) return;
    this.#release();
    this.#tell("off");
  }

  /** Asks the server for something, if frames are being read. @param {LiveCommand} command */
  command(command) {
    this.#capture?.tell(command);
  }

  #lose() {
    this.#release();
    this.#fail(new CameraError("unplugged"));
  }

  /** @param {CameraError} error */
  #fail(error) {
    this.#missed = MAY_COME_BACK.includes(error.trouble);
    this.#tell("trouble", explain(error));
  }

  /** Something was plugged in or out: if it is the camera that is missed, it goes on where it was. */
  async #lookForCamera() {
    if (!this.#missed) return;
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (this.#missed && devices.some(({ kind }) => kind === "videoinput")) await this.open();
  }

  #release() {
    this.#capture?.stop();
    this.#capture = null;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  /** @param {string} name @param {unknown} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
