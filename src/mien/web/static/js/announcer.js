/** Says to those who listen what changed: the mood once it has settled, a track at once. */

const SETTLED_MS = 4_000;

export class Announcer {
  /** @param {HTMLElement} region  an aria-live region */
  constructor(region) {
    this.region = region;
  }

  #mood = "";
  #said = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} text */
  say(text) {
    this.region.textContent = text;
  }

  /** @param {string} words */
  mood(words) {
    if (words === this.#mood) return;
    this.#mood = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (words !== this.#said) this.say(`Mood: ${words}`);
      this.#said = words;
    }, SETTLED_MS);
  }
}
