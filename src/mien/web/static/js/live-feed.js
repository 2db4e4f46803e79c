/**
 * The live channel: one JPEG goes out, its reading comes back, and only then the next may go. Wishes go in between.
 * A server that has many pages to read for bids this one wait, and asks for the next frame when its turn has come.
 *
 * It runs in the frame worker and, where a browser has no MediaStreamTrackProcessor, on the page.
 */

/** @import {Answer, Picture, Reading, LiveCommand} from "./types.js" */

/**
 * `retryMs` with "waiting"; `message`, the server's sentence on what it could not read, with "failed".
 * @typedef {{state: "connecting" | "open" | "waiting" | "failed", retryMs?: number, message?: string}} FeedStatus
 */

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8_000;
const ANSWER_WITHIN_MS = 10_000;

export class LiveFeed {
  /**
   * @param {string} url  a ws: or wss: address
   * @param {{onReading: (reading: Reading, picture: Picture) => void, onStatus: (status: FeedStatus) => void}} handlers
   */
  constructor(url, { onReading, onStatus }) {
    this.url = url;
    this.onReading = onReading;
    this.onStatus = onStatus;
    this.retryMs = FIRST_RETRY_MS;
    /** @type {Picture | null} the very frame that the server is reading */
    this.inFlight = null;
    this.#open();
  }

  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Until the server asks for the next frame. */
  #waits = false;

  /** True when the server is there. */
  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** True when a frame may be sent. */
  get idle() {
    return this.connected && this.inFlight === null && !this.#waits;
  }

  /** Sends a frame; `picture` comes back with its reading. @param {Blob} jpeg @param {Picture} picture */
  send(jpeg, picture) {
    if (!this.idle) return discard(picture);
    this.inFlight = picture;
    this.#socket?.send(jpeg);
    this.#expectAnswer();
  }

  /** Asks for something besides; while the server is away, nothing is asked. @param {LiveCommand} command */
  tell(command) {
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
    socket.onmessage = ({ data }) => this.#answer(JSON.parse(data));
    socket.onclose = () => {
      if (socket === this.#socket) this.#retry();
    };
  }

  /** @param {Answer} message */
  #answer(message) {
    // Without an index it speaks of a command, and the frame is still being read.
    if (message.type === "error" && message.index === null) {
      return this.onStatus({ state: "failed", message: message.error.message });
    }
    clearTimeout(this.#timer);
    this.#waits = message.type !== "next" && message.wait === true;
    if (this.#waits) this.#expectAnswer();
    const picture = this.#takePicture();
    if (picture === null) return;
    if (message.type === "reading") return this.onReading(message, picture);
    discard(picture);
    if (message.type === "error") this.onStatus({ state: "failed", message: message.error.message });
  }

  #expectAnswer() {
    this.#timer = setTimeout(() => this.#socket?.close(), ANSWER_WITHIN_MS);
  }

  #retry() {
    clearTimeout(this.#timer);
    const picture = this.#takePicture();
    if (picture !== null) discard(picture);
    this.onStatus({ state: "waiting", retryMs: this.retryMs });
    this.#timer = setTimeout(() => this.#open(), this.retryMs);
    this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS);
  }

  #takePicture() {
    const picture = this.inFlight;
    this.inFlight = null;
    return picture;
  }
}

/** Frees a picture's memory at once. @param {Picture} picture */
export function discard(picture) {
  if (picture instanceof ImageBitmap) picture.close();
}
