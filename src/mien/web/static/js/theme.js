/** The theme: light, dark or the system's; the choice is stored. */

/** @typedef {"auto" | "light" | "dark"} Theme */

/** @type {readonly Theme[]} */
export const THEMES = Object.freeze(["auto", "light", "dark"]);
const KEY = "mien.theme";

/** @returns {Theme} */
export function currentTheme() {
  return THEMES.find((theme) => theme === document.documentElement.dataset.theme) ?? "auto";
}

/** @param {Theme} theme */
export function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(KEY, theme);
}
