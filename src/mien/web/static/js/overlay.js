/** Draws a mirrored frame with its reading on top; text is not mirrored. */

import { EXPRESSIONS } from "./expressions.js";

/** @import {Face, Picture, Point, Reading} from "./types.js" */

const LABEL_PX = 14;
const CORNER_PX = 16;
/** The margin between a face and its corners, as a share of the face. */
const MARGIN = 0.1;

/**
 * Fills the canvas with the picture, cropped to its aspect ratio, and draws the reading on it.
 *
 * @param {HTMLCanvasElement} canvas  with its size in device pixels
 * @param {Picture} picture
 * @param {Reading | null} reading  of the same picture
 */
export function drawScene(canvas, picture, reading) {
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) return;
  const { scale, left, top } = fit(canvas, picture);
  context.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context.drawImage(picture, left, top, picture.width * scale, picture.height * scale);
  context.resetTransform();
  if (reading === null) return;

  const project = projector(canvas, reading);
  const ratio = canvas.width / (canvas.clientWidth || canvas.width);
  const several = reading.faces.length > 1;
  for (const face of reading.faces) {
    const mine = face.id === reading.me;
    const muted = several && !mine;
    drawContours(context, face, project, { ratio, muted });
    if ((several || reading.chosen) && mine) drawCorners(context, face, project, ratio);
    if (canvas.clientWidth > 200) drawLabel(context, face, project, { ratio, muted, you: several && mine });
  }
}

/**
 * Maps points of the frame to mirrored points of the canvas, in its pixels.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number}} reading
 * @returns {(point: Point) => Point}
 */
export function projector(canvas, reading) {
  const { scale, left, top } = fit(canvas, reading);
  return ([x, y]) => [canvas.width - (left + x * scale), top + y * scale];
}

/** @param {{width: number, height: number}} canvas @param {{width: number, height: number}} picture */
function fit(canvas, picture) {
  const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
  return {
    scale,
    left: (canvas.width - picture.width * scale) / 2,
    top: (canvas.height - picture.height * scale) / 2,
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Face} face
 * @param {(point: Point) => Point} project
 * @param {{ratio: number, muted: boolean}} style  device pixels per CSS pixel; whether it is another person's face
 */
function drawContours(context, face, project, { ratio, muted }) {
  const path = new Path2D();
  for (const line of Object.values(face.contours)) {
    line.map(project).forEach(([x, y], index) => (index === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  }
  strokeWithShadow(context, path, ratio * Math.min(1, context.canvas.clientWidth / 280), muted ? 0.35 : 0.85);
}

/**
 * Draws four corners around the user's face.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Face} face
 * @param {(point: Point) => Point} project
 * @param {number} ratio
 */
function drawCorners(context, face, project, ratio) {
  const [x, y, width, height] = face.box;
  const [right, top] = project([x - MARGIN * width, y - MARGIN * height]);
  const [left, bottom] = project([x + (1 + MARGIN) * width, y + (1 + MARGIN) * height]);
  const arm = Math.min(CORNER_PX * ratio, (right - left) / 3);
  const path = new Path2D();
  for (const [cx, inwards] of [
    [left, arm],
    [right, -arm],
  ]) {
    for (const [cy, down] of [
      [top, arm],
      [bottom, -arm],
    ]) {
      path.moveTo(cx, cy + down);
      path.quadraticCurveTo(cx, cy, cx + inwards, cy);
    }
  }
  strokeWithShadow(context, path, 2 * ratio * Math.min(1, context.canvas.clientWidth / 280), 0.95);
}

/**
 * Strokes a path in white over a soft shadow, so that it is visible on any picture.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number} width
 * @param {number} strength  0..1
 */
function strokeWithShadow(context, path, width, strength) {
  context.lineJoin = context.lineCap = "round";
  context.lineWidth = 3 * width;
  context.strokeStyle = `rgb(0 0 0 / ${0.26 * strength})`;
  context.stroke(path);
  context.lineWidth = 1.25 * width;
  context.strokeStyle = `rgb(255 255 255 / ${strength})`;
  context.stroke(path);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Face} face
 * @param {(point: Point) => Point} project
 * @param {{ratio: number, muted: boolean, you: boolean}} style  device pixels per CSS pixel; whether it is another person's face; whether to say that it is yours
 */
function drawLabel(context, face, project, { ratio, muted, you }) {
  const text = you ? `you: ${face.words}` : face.words;
  const [x, y, width] = face.box;
  const [middle, above] = project([x + width / 2, y]);
  context.font = `${muted ? 400 : 600} ${LABEL_PX * ratio}px system-ui, sans-serif`;
  const mark = face.confident ? 20 * ratio : 0;
  const pill = { width: context.measureText(text).width + mark + 20 * ratio, height: 26 * ratio };
  const limit = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(Math.max(value, 8 * ratio), most);
  const left = limit(middle - pill.width / 2, context.canvas.width - pill.width - 8 * ratio);
  const top = limit(above - pill.height - 8 * ratio, context.canvas.height - pill.height - 8 * ratio);

  context.fillStyle = `rgb(14 16 20 / ${muted ? 0.6 : 0.74})`;
  context.beginPath();
  context.roundRect(left, top, pill.width, pill.height, pill.height / 2);
  context.fill();
  context.fillStyle = muted ? "#e2e4e8" : "#fff";
  context.textBaseline = "middle";
  context.fillText(text, left + 10 * ratio + mark, top + pill.height / 2 + ratio);
  const shown = EXPRESSIONS.find(({ name }) => name === face.expression);
  if (mark === 0 || shown === undefined) return;
  context.fillStyle = shown.colour;
  context.translate(left + 8 * ratio, top + 5 * ratio);
  context.scale(ratio, ratio);
  context.fill(new Path2D(shown.mark));
  context.resetTransform();
}
