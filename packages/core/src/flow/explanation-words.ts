import type { ExplainedTarget } from './explanation.js';

/** No line of a table is longer. */
export const WIDTH = 110;
/** Stands before what belongs to the line above. */
export const INDENT = '   ';

const LONGEST_NAME = 24;

/** A share for people. What is not all is never told as all, nor what is something as nothing. */
export function percentText(share: number): string {
  const percent = Math.round(share * 100);
  if (percent === 0 && share > 0) return '<1 %';
  return percent === 100 && share < 1 ? '>99 %' : `${percent} %`;
}

/** How likely a target is asked first; `?` where that cannot be told. */
export function chanceText({ chance }: ExplainedTarget): string {
  if (chance === undefined) return '';
  return chance === 0 ? '-' : percentText(chance);
}

/** A number of any size in a few characters; empty for none. */
export function numberText(value: number | undefined): string {
  if (value === undefined) return '';
  if (value >= 1e6) return value.toExponential(0);
  return value >= 100 ? `${Math.round(value)}` : `${Number(value.toPrecision(3))}`;
}

/** A name that would push the rest out of the table is cut in its middle: names often differ at their ends. */
export function cut(name: string, longest = LONGEST_NAME): string {
  const kept = longest - 1;
  return name.length <= longest ? name : `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(-Math.floor(kept / 2))}`;
}

/** A text in lines that are short enough, all behind the same indent; a word that is too long itself is cut. */
export function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').map((one) => cut(one, WIDTH - indent.length))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (indent.length + longer.length > WIDTH) {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line];
}
