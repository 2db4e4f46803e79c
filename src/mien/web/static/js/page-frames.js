/**
 * Takes frames from the camera on the page, for browsers without MediaStreamTrackProcessor. In a hidden tab, where
 * timers are slow, it takes one frame per second.
 */

import { frameSize, JPEG } from "./frames.js";
import { LiveClient } from "./live-client.js";

/** @import {Capture, FrameHandlers} from "./capture.js" */

/**
 * @param {MediaStream} stream
 * @param {string} url
 * @param {FrameHandlers} handlers
 * @returns {Capture}
 */
export function capturePageFrames(stream, url, { onReading, onPreview, onStatus }) {
  const video = document.createElement("video");
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  const feed = new LiveClient(url, { onReading, onStatus });
  let stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function take() {
    if (stopped) return;
    if (video.videoWidth > 0 && (feed.idle || !feed.connected)) {
      const canvas = draw(video);
      if (feed.connected) {
        const jpeg = await encode(canvas);
        if (jpeg !== null) feed.send(jpeg, canvas);
      } else {
        onPreview(canvas);
      }
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (stopped) return;
    if (document.hidden) timer = setTimeout(take, 1_000);
    else if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(take);
    else requestAnimationFrame(take);
  }

  document.addEventListener("visibilitychange", schedule);
  video.play().then(schedule);
  function stop() {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", schedule);
    feed.close();
    video.srcObject = null;
  }

  return { stop, sendCommand: (command) => feed.sendCommand(command) };
}

/** Draws a frame on a separate canvas, which is needed until its reading arrives. @param {HTMLVideoElement} video */
function draw(video) {
  const canvas = Object.assign(document.createElement("canvas"), frameSize(video.videoWidth, video.videoHeight));
  canvas.getContext("2d", { alpha: false })?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob | null>} */
function encode(canvas) {
  return new Promise((done) => canvas.toBlob(done, JPEG.type, JPEG.quality));
}
