/** Times of a song in figures and in words. */

/** @param {number} seconds @returns {string} such as "3:07" */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {number} seconds @returns {string} such as "3 minutes 7 seconds" */
export function spokenDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const of = (/** @type {number} */ count, /** @type {string} */ unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
  return minutes === 0 ? of(rest, "second") : `${of(minutes, "minute")} ${of(rest, "second")}`;
}
