/** Asks the server from time to time what the library holds, and what of it is away. */

import { fetchStatus } from "./api.js";

/** @import {Status} from "./types.js" */

/** The server looks at the folders as often. */
const PERIOD_MS = 30_000;

/**
 * Asks periodically while the page is visible, and whenever it becomes visible.
 *
 * @param {(status: Status) => void} show
 */
export function followLibrary(show) {
  const ask = () => {
    if (document.visibilityState !== "visible") return;
    // If the server is away, the player says so.
    fetchStatus().then(show, () => undefined);
  };
  setInterval(ask, PERIOD_MS);
  document.addEventListener("visibilitychange", ask);
}
