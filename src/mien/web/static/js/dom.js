/** Small hands for building elements: fixed markup with named parts, and icons of the page. */

/**
 * Fills an element with fixed markup and gives its parts by their `data-part` names. Text from outside never belongs
 * into the markup: set it with `textContent` on a part.
 *
 * @param {HTMLElement} element
 * @param {string} markup
 * @returns {Record<string, any>}
 */
export function build(element, markup) {
  element.innerHTML = markup;
  /** @type {Record<string, Element>} */
  const parts = {};
  for (const part of element.querySelectorAll("[data-part]")) parts[part.getAttribute("data-part") ?? ""] = part;
  return parts;
}

/** @param {string} name  a symbol of index.html, without its "icon-" */
export function icon(name) {
  return `<svg class="icon" aria-hidden="true"><use href="#icon-${name}"></use></svg>`;
}

/** Shows another symbol in a button's icon. @param {Element} button @param {string} name */
export function setIcon(button, name) {
  button.querySelector("use")?.setAttribute("href", `#icon-${name}`);
}

/**
 * Sets text only where it changed, so that thirty readings a second cost nothing.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The first letter large, as at the start of a sentence. @param {string} words */
export function capitalised(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
