/**
 * The client of the live channel: sends one JPEG frame, waits for its reading, then sends the next. Commands may be
 * sent at any time. A busy server tells the client to wait, and requests its next frame when its turn comes.
 *
 * It runs in the frame worker, or on the page if the browser has no MediaStreamTrackProcessor.
 */

import { errorWords } from "./error-words.js";

/** @import {Answer, LiveCommand, Picture, Reading} from "./types.js" */

/**
 * "waiting" until the next attempt to connect; "failed" with a sentence on a frame or a command that failed.
 *
 * @typedef {{state: "connecting"} | {state: "open"} | {state: "waiting", retryMs: number} |
 *   {state: "failed", message: string}} FeedStatus
 */

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 8_000;
const ANSWER_TIMEOUT_MS = 10_000;

export class LiveClient {
  /**
   * @param {string} url  a ws: or wss: address
   * @param {{onReading: (reading: Reading, picture: Picture) => void, onStatus: (status: FeedStatus) => void}} handlers
   */
  constructor(url, { onReading, onStatus }) {
    this.url = url;
    this.onReading = onReading;
    this.onStatus = onStatus;
    this.retryMs = FIRST_RETRY_MS;
    /** @type {Picture | null} the frame that the server is reading */
    this.inFlight = null;
    this.#open();
  }

  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** True until the server requests the next frame. */
  #waits = false;

  /** True while the channel is open. */
  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** True when a frame may be sent. */
  get idle() {
    return this.connected && this.inFlight === null && !this.#waits;
  }

  /**
   * Sends a frame.
   *
   * @param {Blob} jpeg
   * @param {Picture} picture  the same frame, handed to `onReading` with its reading
   */
  send(jpeg, picture) {
    if (!this.idle) return discard(picture);
    this.inFlight = picture;
    this.#socket?.send(jpeg);
    this.#expectAnswer();
  }

  /** Sends a command, if the channel is open. @param {LiveCommand} command */
  sendCommand(command) {
    if (this.connected) this.#socket?.send(JSON.stringify(command));
  }

  close() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#takePicture();
  }

  #open() {
    this.onStatus({ state: "connecting" });
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#waits = false;
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS;
      this.onStatus({ state: "open" });
    };
    socket.onmessage = (/** @type {MessageEvent<string>} */ { data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      if (socket === this.#socket) this.#retry();
    };
  }

  /** @param {Answer} message */
  #receive(message) {
    // An error without an index is a command's; the frame is still being read.
    if (message.type === "error" && message.index === null) {
      return this.onStatus({ state: "failed", message: errorWords(message.error) });
    }
    clearTimeout(this.#timer);
    this.#waits = message.type !== "next" && message.wait === true;
    if (this.#waits) this.#expectAnswer();
    const picture = this.#takePicture();
    if (picture === null) return;
    if (message.type === "reading") return this.onReading(message, picture);
    discard(picture);
    if (message.type === "error") this.onStatus({ state: "failed", message: errorWords(message.error) });
  }

  #expectAnswer() {
    this.#timer = setTimeout(() => this.#socket?.close(), ANSWER_TIMEOUT_MS);
  }

  #retry() {
    clearTimeout(this.#timer);
    const picture = this.#takePicture();
    if (picture !== null) discard(picture);
    this.onStatus({ state: "waiting", retryMs: this.retryMs });
    this.#timer = setTimeout(() => this.#open(), this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, MAX_RETRY_MS);
  }

  #takePicture() {
    const picture = this.inFlight;
    this.inFlight = null;
    return picture;
  }
}

/** Frees a picture's memory. @param {Picture} picture */
export function discard(picture) {
  if (picture instanceof ImageBitmap) picture.close();
}
