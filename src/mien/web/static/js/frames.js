/** How big frames are sent, how often, and in what form. */

const WIDEST_PX = 640;
const SEEN_EVERY_MS = 30;
const HIDDEN_EVERY_MS = 200;

/** JPEG, not WebP: it is four times faster to encode at this size. */
export const JPEG = { type: "image/jpeg", quality: 0.7 };

/**
 * The time between two frames: smooth to look at while the page is seen, sparing while it is not.
 *
 * @param {{hidden: boolean}} page
 */
export function intervalMs({ hidden }) {
  return hidden ? HIDDEN_EVERY_MS : SEEN_EVERY_MS;
}

/**
 * The size to send a camera's frame in: its own shape, at most 640 pixels wide.
 *
 * @param {number} width  pixels
 * @param {number} height  pixels
 */
export function frameSize(width, height) {
  const scale = Math.min(1, WIDEST_PX / width);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
