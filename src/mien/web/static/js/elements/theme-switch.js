/** A button that switches between the themes: the system's, light, dark. */

import { build, icon, setIcon } from "../dom.js";
import { currentTheme, setTheme, THEMES } from "../theme.js";

const MARKUP = `<button class="round subtle" type="button" data-part="button">${icon("theme-auto")}</button>`;
const NAMES = { auto: "system", light: "light", dark: "dark" };

export class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    const { button } = build(this, MARKUP, { button: HTMLButtonElement });
    const show = () => {
      setIcon(button, `theme-${currentTheme()}`);
      button.setAttribute("aria-label", `Theme: ${NAMES[currentTheme()]}`);
      button.title = `Theme: ${NAMES[currentTheme()]}`;
    };
    button.addEventListener("click", () => {
      setTheme(THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]);
      show();
    });
    show();
  }
}

customElements.define("theme-switch", ThemeSwitch);
