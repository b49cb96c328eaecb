/** The element of an id in the page. */
export const $ = (id) => document.getElementById(id);

const SVG = 'http://www.w3.org/2000/svg';
const SVG_NAMES = ['svg', 'path', 'rect', 'circle'];

/** Makes an element. Text is always text, never markup: names of models come from callers. */
export function h(name, attributes = {}, ...children) {
  const element = SVG_NAMES.includes(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) attr(element, key, value);
  element.append(...children);
  return element;
}

/** Sets an attribute where it differs; takes it away for undefined and false. */
export function attr(element, name, value) {
  if (value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Sets a text where it differs, so that screen readers and selections are left alone. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets what style sheets read; an attribute `style` would be refused by the page's policy. */
export function css(element, name, value) {
  element.style.setProperty(name, value);
}

/**
 * Keeps the children of a list in step with items: `make` builds one, `update` fills it, and one that stays keeps its place in the page,
 * with the focus that may be in it.
 */
export function keyed(parent, items, { keyOf, make, update }) {
  parent.known ??= new Map();
  const known = parent.known;
  const keys = new Set(items.map(keyOf));
  for (const [key, child] of known) {
    if (keys.has(key)) continue;
    child.remove();
    known.delete(key);
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    if (!child) {
      child = make(item);
      known.set(key, child);
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
}

/** A line through values that are spread over a box of 100 by 20; an area is closed at the bottom. */
export function linePath(values, most, isArea) {
  if (values.length < 2) return '';
  const step = 100 / (values.length - 1);
  const points = values.map(
    (value, index) => `${(index * step).toFixed(1)} ${(19.5 - (value / most) * 18).toFixed(1)}`,
  );
  return `M${points.join('L')}${isArea ? 'L100 19.5L0 19.5Z' : ''}`;
}
