/** The size, rate and format of the frames that are sent. */

const MAX_WIDTH_PX = 640;
const VISIBLE_INTERVAL_MS = 30;
const HIDDEN_INTERVAL_MS = 200;

/** JPEG rather than WebP, since it is four times faster to encode at this size. */
export const JPEG = { type: "image/jpeg", quality: 0.7 };

/**
 * The time between two frames: short while the page is visible, longer while it is hidden.
 *
 * @param {{hidden: boolean}} page
 */
export function intervalMs({ hidden }) {
  return hidden ? HIDDEN_INTERVAL_MS : VISIBLE_INTERVAL_MS;
}

/**
 * The size to send a camera's frame in: its own aspect ratio, at most 640 pixels wide.
 *
 * @param {number} width  pixels
 * @param {number} height  pixels
 */
export function frameSize(width, height) {
  const scale = Math.min(1, MAX_WIDTH_PX / width);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
