/** Draws a frame as in a mirror, with what was read from it on top; text stays readable. */

import { EXPRESSIONS } from "./expressions.js";

/** @import {Face, Picture, Point, Reading} from "./types.js" */

const LABEL_PX = 14;

/**
 * Fills the canvas with the picture, cut to its shape, and draws the reading on it.
 *
 * @param {HTMLCanvasElement} canvas  its size is set in device pixels already
 * @param {Picture} picture
 * @param {Reading | null} reading  of this very picture
 */
export function drawScene(canvas, picture, reading) {
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) return;
  const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
  const left = (canvas.width - picture.width * scale) / 2;
  const top = (canvas.height - picture.height * scale) / 2;
  context.setTransform(-1, 0, 0, 1, canvas.width, 0);
  context.drawImage(picture, left, top, picture.width * scale, picture.height * scale);
  context.resetTransform();
  if (reading === null) return;

  const grow = (picture.width / reading.width) * scale;
  /** @param {Point} point @returns {Point} */
  const place = ([x, y]) => [canvas.width - (left + x * grow), top + y * grow];
  const ratio = canvas.width / (canvas.clientWidth || canvas.width);
  for (const face of reading.faces) {
    drawLines(context, face, place, ratio);
    if (canvas.clientWidth > 200) drawLabel(context, face, place, ratio);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Face} face
 * @param {(point: Point) => Point} place
 * @param {number} ratio  device pixels a CSS pixel
 */
function drawLines(context, face, place, ratio) {
  const path = new Path2D();
  for (const line of Object.values(face.contours)) {
    line.map(place).forEach(([x, y], index) => (index === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  }
  const fine = ratio * Math.min(1, context.canvas.clientWidth / 280);
  context.lineJoin = context.lineCap = "round";
  context.lineWidth = 3 * fine;
  context.strokeStyle = "rgb(0 0 0 / .22)";
  context.stroke(path);
  context.lineWidth = 1.25 * fine;
  context.strokeStyle = "rgb(255 255 255 / .85)";
  context.stroke(path);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Face} face
 * @param {(point: Point) => Point} place
 * @param {number} ratio
 */
function drawLabel(context, face, place, ratio) {
  const text = face.confident ? face.expression : "not sure";
  const [x, y, width] = face.box;
  const [middle, above] = place([x + width / 2, y]);
  context.font = `600 ${LABEL_PX * ratio}px system-ui, sans-serif`;
  const mark = face.confident ? 20 * ratio : 0;
  const pill = { width: context.measureText(text).width + mark + 20 * ratio, height: 26 * ratio };
  const limit = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(Math.max(value, 8 * ratio), most);
  const left = limit(middle - pill.width / 2, context.canvas.width - pill.width - 8 * ratio);
  const top = limit(above - pill.height - 8 * ratio, context.canvas.height - pill.height - 8 * ratio);

  context.fillStyle = "rgb(14 16 20 / .74)";
  context.beginPath();
  context.roundRect(left, top, pill.width, pill.height, pill.height / 2);
  context.fill();
  context.fillStyle = "#fff";
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
