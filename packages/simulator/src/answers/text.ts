import { drawInteger, type Random } from './random.js';

/** No word is longer than a token, so that a text of n words is n tokens. */
const WORDS =
  'the a sea wave harbour wall holds calm water behind stone while storms pass each ship waits for light and tide then sails north with quiet wind over deep blue salt past old lamp rope anchor keel gull sand shore reef cloud rain bell quay pier buoy chart star map crew deck mast'.split(
    ' ',
  );

/**
 * Cuts a text into the pieces that count as tokens; joined, they are the text again.
 * A token here is a word of at most eight characters with the blanks before it: near enough for paces and counts.
 */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S{1,8}|\s+/gu) ?? [];
}

/** A text of as many tokens as drawn between the two bounds; the same generator gives the same text. */
export function drawText(random: Random, [fewest, most]: readonly [number, number]): string {
  const length = drawInteger(random, fewest, most);
  const words: string[] = [];
  let untilStop = 0;
  for (let index = 0; index < length; index += 1) {
    const word = WORDS[drawInteger(random, 0, WORDS.length - 1)] ?? 'sea';
    const opens = untilStop === 0;
    if (opens) untilStop = drawInteger(random, 5, 12);
    untilStop -= 1;
    const closes = untilStop === 0 || index === length - 1;
    words.push(`${opens ? word[0]?.toUpperCase() + word.slice(1) : word}${closes ? '.' : ''}`);
    if (closes) untilStop = 0;
  }
  return words.join(' ');
}
