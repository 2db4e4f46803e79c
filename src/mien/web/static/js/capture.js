/** Has a camera's frames read: in a worker where the browser can, on the page where it cannot. */

import { capturePageFrames } from "./page-frames.js";

/** @import {FeedStatus} from "./live-feed.js" */
/** @import {Picture, Reading, LiveCommand} from "./types.js" */

/**
 * @typedef {object} FrameHandlers
 * @property {(reading: Reading, picture: Picture | undefined) => void} onReading  no picture while the tab is hidden
 * @property {(picture: Picture) => void} onPreview  a frame that nobody reads, while the server is away
 * @property {(status: FeedStatus) => void} onStatus
 *
 * @typedef {{stop: () => void, tell: (command: LiveCommand) => void}} Capture
 */

/**
 * @param {MediaStream} stream
 * @param {FrameHandlers} handlers
 * @returns {Capture}
 */
export function captureFrames(stream, handlers) {
  const url = new URL("/api/v1/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if ("MediaStreamTrackProcessor" in window) return captureInWorker(stream, url.href, handlers);
  return capturePageFrames(stream, url.href, handlers);
}

/**
 * Chromium's global, which TypeScript's library lacks.
 *
 * @typedef {new (init: {track: MediaStreamTrack, maxBufferSize: number}) => {readable: ReadableStream<VideoFrame>}}
 *   TrackProcessor
 */

/** @param {MediaStream} stream @param {string} url @param {FrameHandlers} handlers @returns {Capture} */
function captureInWorker(stream, url, { onReading, onPreview, onStatus }) {
  const [track] = stream.getVideoTracks();
  const { MediaStreamTrackProcessor } = /** @type {{MediaStreamTrackProcessor: TrackProcessor}} */ (
    /** @type {unknown} */ (window)
  );
  const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
  const worker = new Worker(new URL("./frame-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => {
    if (data.type === "reading") onReading(data.reading, data.picture);
    if (data.type === "preview" && data.picture) onPreview(data.picture);
    if (data.type === "status") onStatus(data.status);
  };
  const tellHidden = () => worker.postMessage({ type: "hidden", hidden: document.hidden });
  document.addEventListener("visibilitychange", tellHidden);
  tellHidden();
  worker.postMessage({ type: "start", readable, url }, [readable]);
  const stop = () => {
    document.removeEventListener("visibilitychange", tellHidden);
    worker.terminate();
  };
  return { stop, tell: (command) => worker.postMessage({ type: "tell", command }) };
}
