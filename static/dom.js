/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** Do something when the element with this id is clicked. */
export const onClick = (id, work) => byId(id).addEventListener("click", work);

/**
 * Make an element. Text goes in as text, never as markup, so names that visitors give are safe.
 * @param {string} tag
 * @param {object} [properties] of the element, such as className or ariaLabel
 * @param {...(Node|string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Make a button. */
export const button = (label, onclick, properties) => make("button", { onclick, ...properties }, label);

/** The drawing context of a canvas, a new one if none is given, of this size. */
export const contextOf = (width, height, canvas = make("canvas")) =>
  Object.assign(canvas, { width, height }).getContext("2d", { willReadFrequently: true });
