/** Loudness normalisation: the volume at which all tracks sound about equally loud. */

/** @import {Track} from "./types.js" */

/** The target loudness, which is that of the starter library. */
const TARGET_LUFS = -18;

/**
 * A factor for the volume, 0..1: louder tracks are turned down to the target. Quieter tracks stay as they are, since an
 * audio element cannot amplify; so do tracks of unknown loudness.
 *
 * @param {Pick<Track, "loudness_lufs">} track
 */
export function volumeFactor({ loudness_lufs: lufs }) {
  return lufs === null ? 1 : Math.min(1, 10 ** ((TARGET_LUFS - lufs) / 20));
}
