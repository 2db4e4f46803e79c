/** The keys of the page; a control that has the focus keeps its own. */

/** @type {readonly {keys: string, does: string}[]} */
export const KEYS = Object.freeze([
  { keys: "Space", does: "Play or pause" },
  { keys: "← →", does: "Five seconds back or on" },
  { keys: "← → ↑ ↓", does: "On the plane: move the mood" },
  { keys: "N", does: "Next piece" },
  { keys: "P", does: "Previous piece, or back to the start" },
  { keys: "1 … 6", does: "Match, lift, calm, focus, energise, contrast" },
  { keys: "L", does: "Like the piece, or no longer" },
  { keys: "X", does: "Never play this piece again" },
  { keys: "U", does: "Take back the last like or never" },
  { keys: "M", does: "Sound on or off" },
  { keys: "C", does: "Camera on or off" },
  { keys: "F", does: "Follow my face again" },
  { keys: "W", does: "Whose mood: the next face, then by itself" },
  { keys: "S", does: "Settings" },
  { keys: "?", does: "Show these keys" },
]);

/**
 * Calls the action of the key that was pressed, by `KeyboardEvent.key` in lower case ("space" for the space bar).
 *
 * @param {Record<string, () => void>} actions
 */
export function listenForKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null) return;
    const key = event.key === " " ? "space" : event.key.toLowerCase();
    const action = actions[key];
    if (action === undefined || isKeptBy(event.target, key)) return;
    event.preventDefault();
    // A key that is held down goes on seeking, but does not turn things on and off.
    if (!event.repeat || key.startsWith("arrow")) action();
  });
}

/** @param {EventTarget | null} target @param {string} key */
function isKeptBy(target, key) {
  if (!(target instanceof Element)) return false;
  if (key === "space") return target.closest("button, a, summary") !== null;
  if (key.startsWith("arrow")) return target.closest("input, [role=slider]") !== null;
  return false;
}
