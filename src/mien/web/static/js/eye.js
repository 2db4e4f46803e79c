/** The camera as the page uses it: opened at a person's wish, read until it is closed or goes away. */

import { CameraError, explain, openCamera } from "./camera.js";
import { captureFrames } from "./capture.js";

/**
 * Events: "asking", "on", "off", "trouble" (an Explanation in `detail`), "reading" ({reading, picture}), "preview" (a
 * picture that nobody reads) and "feed" (a FeedStatus).
 */
export class Eye extends EventTarget {
  #asking = false;
  /** @type {MediaStream | null} */
  #stream = null;
  #stopFrames = () => {};

  get on() {
    return this.#stream !== null;
  }

  async open() {
    if (this.on || this.#asking) return;
    this.#asking = true;
    this.#tell("asking");
    try {
      this.#stream = await openCamera();
    } catch (error) {
      this.#tell("trouble", explain(/** @type {CameraError} */ (error)));
      return;
    } finally {
      this.#asking = false;
    }
    this.#stream.getVideoTracks()[0].addEventListener("ended", () => this.#lost());
    this.#stopFrames = captureFrames(this.#stream, {
      onReading: (reading, picture) => this.#tell("reading", { reading, picture }),
      onPreview: (picture) => this.#tell("preview", picture),
      onStatus: (status) => this.#tell("feed", status),
    });
    this.#tell("on");
  }

  close() {
    if (!this.on) return;
    this.#release();
    this.#tell("off");
  }

  #lost() {
    this.#release();
    this.#tell("trouble", explain(new CameraError("unplugged")));
  }

  #release() {
    this.#stopFrames();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  /** @param {string} name @param {unknown} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
