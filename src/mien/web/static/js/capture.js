/** Captures a camera's frames and has them read: in a worker if the browser supports that, otherwise on the page. */

import { capturePageFrames } from "./page-frames.js";

/** @import {FeedStatus} from "./live-client.js" */
/** @import {LiveCommand, Picture, Reading} from "./types.js" */

/**
 * @typedef {object} FrameHandlers
 * @property {(reading: Reading, picture: Picture | undefined) => void} onReading  no picture while the tab is hidden
 * @property {(picture: Picture) => void} onPreview  a frame that is not read, while the server is away
 * @property {(status: FeedStatus) => void} onStatus
 *
 * @typedef {{stop: () => void, sendCommand: (command: LiveCommand) => void}} Capture
 *
 * @typedef {{type: "start", readable: ReadableStream<VideoFrame>, url: string} | {type: "hidden", hidden: boolean} |
 *   {type: "command", command: LiveCommand}} WorkerRequest  what the page sends to the frame worker
 * @typedef {{type: "reading", reading: Reading, picture?: Picture} | {type: "preview", picture?: Picture} |
 *   {type: "status", status: FeedStatus}} WorkerMessage  what the frame worker sends to the page
 */

/**
 * @param {MediaStream} stream
 * @param {FrameHandlers} handlers
 * @returns {Capture}
 */
export function captureFrames(stream, handlers) {
  const url = new URL("/api/v1/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (window.MediaStreamTrackProcessor === undefined) return capturePageFrames(stream, url.href, handlers);
  const [track] = stream.getVideoTracks();
  const { readable } = new window.MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
  return captureInWorker(readable, url.href, handlers);
}

/**
 * @param {ReadableStream<VideoFrame>} readable
 * @param {string} url
 * @param {FrameHandlers} handlers
 * @returns {Capture}
 */
function captureInWorker(readable, url, { onReading, onPreview, onStatus }) {
  const worker = new Worker(new URL("./frame-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = (/** @type {MessageEvent<WorkerMessage>} */ { data }) => {
    if (data.type === "reading") onReading(data.reading, data.picture);
    if (data.type === "preview" && data.picture) onPreview(data.picture);
    if (data.type === "status") onStatus(data.status);
  };
  /** @param {WorkerRequest} message @param {Transferable[]} [transfer] */
  const post = (message, transfer = []) => worker.postMessage(message, transfer);
  const postHidden = () => post({ type: "hidden", hidden: document.hidden });
  document.addEventListener("visibilitychange", postHidden);
  postHidden();
  post({ type: "start", readable, url }, [readable]);
  const stop = () => {
    document.removeEventListener("visibilitychange", postHidden);
    worker.terminate();
  };
  return { stop, sendCommand: (command) => post({ type: "command", command }) };
}
