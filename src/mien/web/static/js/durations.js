/** Formats durations, for display and for screen readers. */

/** @param {number} seconds @returns {string} such as "3:07" */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @param {number} seconds @returns {string} such as "3 minutes 7 seconds" */
export function spokenDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes === 0 ? counted(rest, "second") : `${counted(minutes, "minute")} ${counted(rest, "second")}`;
}

/** @param {number} count @param {string} unit @returns {string} such as "1 second" */
export function counted(count, unit) {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
