/**
 * Takes frames from the camera and has them read. It is a worker, since timers and animation frames of a hidden tab
 * almost stop, and reading must continue while the music plays in the background.
 */

import { frameSize, intervalMs, JPEG } from "./frames.js";
import { LiveClient } from "./live-client.js";

/** @import {WorkerMessage, WorkerRequest} from "./capture.js" */

let hidden = false;
/** @type {LiveClient | null} */
let feed = null;

self.onmessage = (/** @type {MessageEvent<WorkerRequest>} */ { data }) => {
  if (data.type === "hidden") hidden = data.hidden;
  if (data.type === "start") run(data.readable, data.url);
  if (data.type === "command") feed?.sendCommand(data.command);
};

/** @param {ReadableStream<VideoFrame>} readable @param {string} url */
async function run(readable, url) {
  const live = new LiveClient(url, {
    onReading: (reading, picture) => post({ type: "reading", reading }, picture),
    onStatus: (status) => post({ type: "status", status }),
  });
  feed = live;
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { alpha: false, desynchronized: true });
  const reader = readable.getReader();
  let nextMs = 0;
  for (;;) {
    const { value: frame, done } = await reader.read();
    if (done) break;
    const nowMs = performance.now();
    if (nowMs < nextMs || (live.connected && !live.idle)) {
      frame.close();
      continue;
    }
    nextMs = nowMs + intervalMs({ hidden });
    const { width, height } = frameSize(frame.displayWidth, frame.displayHeight);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context?.drawImage(frame, 0, 0, width, height);
    frame.close();
    if (live.connected) {
      const jpeg = await canvas.convertToBlob(JPEG);
      live.send(jpeg, canvas.transferToImageBitmap());
    } else {
      post({ type: "preview" }, canvas.transferToImageBitmap());
    }
  }
  live.close();
}

/**
 * Sends a message to the page, with its picture unless the page is hidden.
 *
 * @param {WorkerMessage} message
 * @param {import("./types.js").Picture} [picture]
 */
function post(message, picture) {
  if (!(picture instanceof ImageBitmap)) return self.postMessage(message);
  if (!hidden) return self.postMessage({ ...message, picture }, { transfer: [picture] });
  picture.close();
  self.postMessage(message);
}
