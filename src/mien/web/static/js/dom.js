/** Helpers for the page's elements: markup with typed parts, icons and text. */

/**
 * @template {Record<string, new () => Element>} Kinds
 * @typedef {{[Name in keyof Kinds]: InstanceType<Kinds[Name]>}} Parts
 */

/**
 * Fills an element with fixed markup and returns its parts. Text from outside never belongs into the markup: set it
 * with `textContent` on a part.
 *
 * @template {Record<string, new () => Element>} Kinds
 * @param {HTMLElement} element
 * @param {string} markup
 * @param {Kinds} kinds  the class of each part, by its `data-part` name
 * @returns {Parts<Kinds>}
 */
export function build(element, markup, kinds) {
  const template = document.createElement("template");
  template.innerHTML = markup;
  // Found in the template, where elements inside have no parts of their own yet.
  /** @type {Map<string, Element | null>} */
  const parts = new Map();
  for (const name of Object.keys(kinds)) parts.set(name, template.content.querySelector(`[data-part="${name}"]`));
  element.replaceChildren(template.content);
  for (const [name, part] of parts) {
    if (part instanceof kinds[name]) continue;
    throw new TypeError(`<${element.localName}> has no part “${name}” of the class ${kinds[name].name}`);
  }
  return /** @type {Parts<Kinds>} */ (Object.fromEntries(parts));
}

/**
 * The first element that matches a selector.
 *
 * @template {Element} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind  the class that it must have
 * @returns {Kind}
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new TypeError(`${selector} is missing or is not a ${kind.name}`);
}

/** @param {string} name  a symbol of index.html, without its "icon-" */
export function icon(name) {
  return `<svg class="icon" aria-hidden="true"><use href="#icon-${name}"></use></svg>`;
}

/** Replaces the symbol of an element's icon. @param {Element} element @param {string} name */
export function setIcon(element, name) {
  element.querySelector("use")?.setAttribute("href", `#icon-${name}`);
}

/**
 * Sets text only if it changed, so that thirty readings per second cost little.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Capitalises the first letter. @param {string} words */
export function capitalised(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
