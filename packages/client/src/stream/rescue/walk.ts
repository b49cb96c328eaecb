const SPACE = /\s/;
const ACCENT = /\p{M}/u;

/** How far a text goes along with some words: to a place in each. */
export interface Walked {
  /** The place in the words. */
  readonly index: number;
  /** The place in the text. */
  readonly at: number;
  /** `all` of the words are in it, it says something `other`, or it is `open`: the text has come to its end before. */
  readonly found: 'all' | 'other' | 'open';
}

/**
 * Goes along some words as far as a text says the same. Capitals, the form of quotes and accents and the kind of white space may differ.
 * Where it is open it stops in front of what may come to more: from those places it can be gone on with.
 */
export function walk(words: string, text: string, from = 0): Walked {
  let [index, at] = [from, 0];
  while (index < words.length) {
    if (at >= text.length) return { index, at, found: 'open' };
    if (SPACE.test(words[index] as string)) {
      if (!SPACE.test(text[at] as string)) return { index, at, found: 'other' };
      const spaceEnd = endOfSpace(text, at);
      if (spaceEnd === text.length) return { index, at, found: 'open' };
      [index, at] = [endOfSpace(words, index), spaceEnd];
    } else if (folded(words[index] as string) === folded(text[at] as string)) {
      [index, at] = [index + 1, at + 1];
    } else {
      const [wanted, said] = [accented(words, index), accented(text, at)];
      const isSame = folded(wanted.normalize('NFC')) === folded(said.normalize('NFC'));
      if (!isSame) return { index, at, found: mayBecome(wanted, said, text.slice(at)) ? 'open' : 'other' };
      [index, at] = [index + wanted.length, at + said.length];
    }
  }
  return { index, at, found: 'all' };
}

/** How far somebody who says some words again has come with them, for what comes in pieces. */
export class Chase {
  readonly #words: string;
  #index = 0;
  /** What has come and does not tell by itself. */
  #carried = '';

  constructor(words: string) {
    this.#words = words.trimEnd();
  }

  /** Whether all that has come so far, with this piece, is the words, and they have not come to their end. */
  follows(piece: string): boolean {
    const text = this.#carried + piece;
    const { index, at, found } = walk(this.#words, text, this.#index);
    this.#index = index;
    this.#carried = text.slice(at);
    return found === 'open';
  }
}

function endOfSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && SPACE.test(text[at] as string)) at += 1;
  return at;
}

/** A character with its accents, where they stand by themselves. */
function accented(text: string, at: number): string {
  let end = at + 1;
  while (end < text.length && ACCENT.test(text[end] as string)) end += 1;
  return text.slice(at, end);
}

/** Whether an accent is missing that may still come. */
const mayBecome = (wanted: string, said: string, rest: string): boolean =>
  said === rest && folded(wanted.normalize('NFD')).startsWith(folded(said.normalize('NFD')));

function folded(text: string): string {
  if (text === '’' || text === '‘') return "'";
  return text === '“' || text === '”' ? '"' : text.toLowerCase();
}
