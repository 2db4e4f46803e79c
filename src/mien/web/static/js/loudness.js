/** How far a track is turned down, so that all sound about as loud. */

/** @import {Track} from "./types.js" */

/** What all are brought to, where that is possible; the starter library has this loudness by itself. */
const REFERENCE_LUFS = -18;

/**
 * A factor for the volume, 0..1: louder tracks are turned down to the reference. Quieter ones stay as they are, for an
 * audio element cannot be turned up; so does what was never heard.
 *
 * @param {Pick<Track, "loudness_lufs">} track
 */
export function levelOf({ loudness_lufs: lufs }) {
  return lufs === null ? 1 : Math.min(1, 10 ** ((REFERENCE_LUFS - lufs) / 20));
}
