/** Announces changes to screen readers: tracks at once, the mood once it has settled. */

const SETTLED_MS = 4_000;

export class Announcer {
  /** @param {HTMLElement} region  an aria-live region */
  constructor(region) {
    this.region = region;
  }

  #mood = "";
  #announcedMood = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} text */
  announce(text) {
    this.region.textContent = text;
  }

  /** Announces what is said about the mood, unless it changes again soon. @param {string} words */
  announceMood(words) {
    if (words === this.#mood) return;
    this.#mood = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (words !== this.#announcedMood) this.announce(words);
      this.#announcedMood = words;
    }, SETTLED_MS);
  }
}
