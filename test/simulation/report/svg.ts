/** The attributes of an element; numbers are written with one decimal at the most. */
export type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element with what is inside it. */
export function element(name: string, attributes: Attributes, ...inside: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${shown(value)}"`);
  return inside.length === 0
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${inside.join('')}</${name}>`;
}

/** A line of text that begins at a point, or ends there with `text-anchor: end`. */
export const text = (words: string, x: number, y: number, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escaped(words));

/** A whole picture on white, with a plain font. */
export function picture(width: number, height: number, ...inside: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
    fill: '#222',
  };
  return `${element('svg', attributes, element('rect', { width, height, fill: '#fff' }), ...inside)}\n`;
}

const shown = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : escaped(value);

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
