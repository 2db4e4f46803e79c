/**
 * Takes frames off the camera and has them read, in a worker: a hidden tab's timers and animation frames all but stop,
 * a worker's do not, and reading must go on while the music plays in the background.
 *
 * In:  {type: "start", readable: ReadableStream<VideoFrame>, url}, {type: "hidden", hidden}, {type: "tell", command}
 * Out: {type: "reading", reading, picture?}, {type: "preview", picture}, {type: "status", status}
 */

import { frameSize, intervalMs, JPEG } from "./frames.js";
import { LiveFeed } from "./live-feed.js";

let hidden = false;
/** @type {LiveFeed | null} */
let feed = null;

self.onmessage = ({ data }) => {
  if (data.type === "hidden") hidden = data.hidden;
  if (data.type === "start") run(data.readable, data.url);
  if (data.type === "tell") feed?.tell(data.command);
};

/** @param {ReadableStream<VideoFrame>} readable @param {string} url */
async function run(readable, url) {
  const live = new LiveFeed(url, {
    onReading: (reading, picture) => show({ type: "reading", reading }, /** @type {ImageBitmap} */ (picture)),
    onStatus: (status) => self.postMessage({ type: "status", status }),
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
      show({ type: "preview" }, canvas.transferToImageBitmap());
    }
  }
  live.close();
}

/** Hands a picture to the page, unless nobody can see it. @param {object} message @param {ImageBitmap} picture */
function show(message, picture) {
  if (!hidden) return self.postMessage({ ...message, picture }, { transfer: [picture] });
  picture.close();
  self.postMessage(message);
}
