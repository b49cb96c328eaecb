import { walk } from './walk.js';

/** A repetition that is shorter, in characters, may be an accident, where the other one goes on by itself. */
export const SURELY_REPEATED = 16;

/** Where what is quoted may begin in a text. */
export interface Start {
  /** The text from there on. */
  readonly text: string;
  /** What stands in front of that. */
  readonly leading: string;
  /** So long, in characters, has to be what is repeated there, unless it was asked for. */
  readonly least: number;
}

/** What stands in front of a quotation, and seldom of anything else. */
const QUOTE = /[\s"'“”«»„‘’`…「『（]/y;
/** What stands in front of a quotation, and in front of an emphasis, an item or a line of its own as well. */
const MARK = /\.{3}|[*_]{1,3}|>/y;
/** Code is put in a fence once more. */
const FENCE = /```[^\n`]{0,40}\n/y;
const FENCES = /```[^\n`]{0,40}\n/g;
const TICKS = 3;
/** What may become one of those with more of the text. */
const UNFINISHED = /(?:\.{1,2}|```[^\n`]{0,40})$/y;
/** So many places are looked at, and the last one. */
const MOST_STARTS = 12;
/** What opens a quotation, or an emphasis; a star with white space behind it is an item of a list. */
const OPENING = /([*_]{1,3})(?!\s)|["“„«'‘`「『（]/g;
const EMPHASIS = /^[*_]/;
/** What closes what was opened in front of a quotation. */
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '„': '“',
  '«': '»',
  '‘': '’',
  '`': '`',
  '「': '」',
  '『': '』',
  '（': '）',
};
/** So much of a text is looked at for a unit that it is made of. */
const REFRAIN_ROOM = 600;

/** A text from everywhere that what it quotes may begin: as it stands, and without what stands in front of its first word. */
export function startsOf(text: string): readonly Start[] {
  const starts: Start[] = [{ text, leading: '', least: 0 }];
  let last: Start | undefined;
  let [at, least] = [0, 0];
  const goTo = (place: number): void => {
    last = { text: text.slice(place), leading: text.slice(0, place), least };
    if (starts.length <= MOST_STARTS) starts.push(last);
  };
  let isOpen = false;
  while (at < text.length) {
    isOpen ||= endOf(UNFINISHED, text, at) !== undefined;
    const fenceEnd = endOf(FENCE, text, at);
    const quoteEnd = endOf(QUOTE, text, at);
    const markEnd = endOf(MARK, text, at);
    if (fenceEnd !== undefined) {
      for (let tick = 1; tick <= TICKS; tick += 1) goTo(at + tick);
      at = fenceEnd;
      least = SURELY_REPEATED;
    } else if (quoteEnd !== undefined) {
      at = quoteEnd;
    } else if (markEnd !== undefined) {
      at = markEnd;
      least = SURELY_REPEATED;
    } else break;
    goTo(at);
  }
  if (last && last !== starts.at(-1)) starts.push(last);
  if (isOpen) starts.push({ text: '', leading: text, least });
  return starts;
}

/** Where an expression ends that begins at a place; undefined where it does not. */
function endOf(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}

/**
 * What follows in a text on some words that it begins with; undefined when it does not, `open` when it has come to its end before they
 * have. Capitals, the form of quotes and accents and the kind of white space may differ: who says something again writes it as it writes.
 */
export function afterRepeat(words: string, text: string, isEnd: boolean): string | 'open' | undefined {
  const bare = words.trimEnd();
  const { at, found } = walk(bare, text);
  if (found !== 'all') return found === 'open' ? 'open' : undefined;
  const rest = text.slice(at);
  const space = words.slice(bare.length);
  if (!isEnd && space.startsWith(rest) && space !== '') return 'open';
  return rest.slice(commonSpace(space, rest));
}

function commonSpace(space: string, text: string): number {
  let length = 0;
  while (length < space.length && space[length] === text[length]) length += 1;
  return length;
}

/** Whether a text is made of one unit said again and again, or stood there just before: then it is no wonder that it comes once more. */
export function isRefrain(text: string, before: string): boolean {
  if (before.trimEnd().endsWith(text.trim())) return true;
  const head = text.slice(0, REFRAIN_ROOM);
  for (let unit = 1; unit <= head.length / 2; unit += 1) if (head.startsWith(head.slice(unit))) return true;
  return false;
}

/**
 * What follows on words that were quoted, without what closes the quotation; `open` while that may still come. What closes a fence stays:
 * the code in it goes on.
 */
export function unquoted(leading: string, rest: string, isEnd: boolean): string | 'open' {
  const opened = leading.replaceAll(FENCES, '').match(OPENING) ?? [];
  if (opened.length === 0) return rest;
  const closing = opened.map((mark) => CLOSING[mark] ?? mark).reverse();
  const all = closing.join('');
  if (rest.startsWith(all)) return rest.slice(all.length);
  if (!isEnd && all.startsWith(rest)) return 'open';
  const first = rest.charAt(0);
  return closing.includes(first) && !EMPHASIS.test(first) ? rest.slice(1) : rest;
}
