/** The page's keyboard shortcuts; a focused control keeps its own keys. */

/** @type {readonly {keys: string, action: string}[]} */
export const SHORTCUTS = Object.freeze([
  { keys: "Space", action: "Play or pause" },
  { keys: "← →", action: "Seek 5 seconds back or forward" },
  { keys: "← → ↑ ↓", action: "On the plane: move your mood" },
  { keys: "N", action: "Next track" },
  { keys: "P", action: "Previous track, or back to the start" },
  { keys: "1 … 6", action: "Match, lift, calm, focus, energise, contrast" },
  { keys: "L", action: "Like the track, or remove the like" },
  { keys: "X", action: "Never play this track again" },
  { keys: "U", action: "Undo the last rating" },
  { keys: "M", action: "Mute or unmute" },
  { keys: "C", action: "Turn the camera on or off" },
  { keys: "F", action: "Follow my face again" },
  { keys: "W", action: "Switch to the next face, then back to automatic" },
  { keys: "/", action: "Ask for music in words" },
  { keys: "S", action: "Settings" },
  { keys: "?", action: "Show keyboard shortcuts" },
]);

/**
 * Calls the action of each key that is pressed.
 *
 * @param {Record<string, () => void>} actions  by `KeyboardEvent.key` in lower case, "space" for the space bar
 */
export function listenForKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const key = event.key === " " ? "space" : event.key.toLowerCase();
    const action = actions[key];
    if (action === undefined || isUsedBy(event.target, key)) return;
    event.preventDefault();
    // A key that is held down repeats seeking, but no other action.
    if (!event.repeat || key.startsWith("arrow")) action();
  });
}

/** @param {EventTarget | null} target @param {string} key */
function isUsedBy(target, key) {
  if (!(target instanceof Element)) return false;
  if (target.matches("input[type=search]")) return true;
  if (key === "space") return target.closest("button, a, summary") !== null;
  if (key.startsWith("arrow")) return target.closest("input, [role=slider]") !== null;
  return false;
}
