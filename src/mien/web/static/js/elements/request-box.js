/** The box to ask for music in words, with what was understood as chips that can be taken off. */

import { build, icon, setText } from "../dom.js";
import { send } from "../events.js";

/** @import {Parts} from "../dom.js" */
/** @import {MusicRequest} from "../types.js" */

/** As many characters as the server reads. */
const MAX_CHARACTERS = 500;

const MARKUP = `
  <form class="request" role="search" data-part="form">
    <label class="visually-hidden" for="request-words">Ask for music in words</label>
    <input class="request-words" id="request-words" type="search" data-part="box" maxlength="${MAX_CHARACTERS}"
      placeholder="sad piano, no vocals" autocomplete="off" enterkeyhint="search" aria-describedby="request-problem">
    <button class="round subtle" type="submit" aria-label="Find this music" title="Find this music"
      >${icon("search")}</button>
  </form>
  <p class="request-problem" id="request-problem" role="alert" data-part="problem"></p>
  <ul class="request-parts" aria-label="What was understood" data-part="parts" hidden></ul>`;
const PARTS = {
  form: HTMLFormElement,
  box: HTMLInputElement,
  problem: HTMLElement,
  parts: HTMLUListElement,
};

/** Sends "request-words" with the words, empty to follow the mood again. */
export class RequestBox extends HTMLElement {
  /** @type {Parts<typeof PARTS> | undefined} */
  #built;
  #asked = "";

  get #parts() {
    return (this.#built ??= build(this, MARKUP, PARTS));
  }

  connectedCallback() {
    const { form, box } = this.#parts;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(box.value);
    });
    // The box's own cross, and clearing it by hand.
    box.addEventListener("input", () => {
      setText(this.#parts.problem, "");
      if (box.value.trim() === "" && this.#asked !== "") this.#ask("");
    });
  }

  /** Moves the keyboard to the box. */
  focusBox() {
    const { form, box } = this.#parts;
    box.focus({ preventScroll: true });
    box.select();
    form.scrollIntoView({ block: "nearest" });
  }

  /** Shows what was understood; null when nothing is asked. @param {MusicRequest | null} request */
  show(request) {
    const { parts, box, problem } = this.#parts;
    if (request === null && this.#asked !== "") {
      this.#asked = "";
      box.value = "";
    }
    setText(problem, "");
    parts.hidden = request === null;
    const understood = request?.parts ?? [];
    const chips = understood.map(({ words, meaning, rest }) => {
      const same = words.toLowerCase() === meaning.toLowerCase();
      const missing = request?.unmet.includes(meaning) ? " (none here)" : "";
      return this.#chip(`${same ? meaning : `${words}: ${meaning}`}${missing}`, words, rest, false);
    });
    const unknown = (request?.unknown ?? []).map(({ words, rest }) => this.#chip(words, words, rest, true));
    parts.replaceChildren(...chips, ...unknown);
  }

  /** Shows why the words were refused. @param {string} sentence */
  showProblem(sentence) {
    setText(this.#parts.problem, sentence);
  }

  /** @param {string} words */
  #ask(words) {
    this.#asked = words.trim();
    send(this, "request-words", this.#asked);
  }

  /** @param {string} text @param {string} words @param {string} rest @param {boolean} unknown */
  #chip(text, words, rest, unknown) {
    const item = document.createElement("li");
    const { remove, label } = build(
      item,
      `<button class="chip request-part" type="button" data-part="remove"><span data-part="label"></span
        >${icon("close")}</button>`,
      { remove: HTMLButtonElement, label: HTMLElement },
    );
    setText(label, unknown ? `${text}: not understood` : text);
    remove.dataset.unknown = String(unknown);
    remove.setAttribute("aria-label", `Take off “${words}”${unknown ? ", which was not understood" : ""}`);
    remove.title = text;
    remove.addEventListener("click", () => {
      this.#parts.box.value = rest;
      this.#ask(rest);
      this.#parts.box.focus();
    });
    return item;
  }
}

customElements.define("request-box", RequestBox);
