import { afterRepeat, isRefrain, type Start, SURELY_REPEATED, startsOf, unquoted } from './repeat.js';
import { Chase, walk } from './walk.js';

/** What was delivered is looked at this far back: nobody repeats more than that but from the beginning. */
const LOOK_BACK = 600;
/** Whoever repeats so much of the beginning has begun anew. */
const SURELY_ANEW = 24;
/** So much of a word that goes on may be its beginning, which is said again. */
const SURELY_A_WORD = 3;
const WORD_AT_END = /[\p{L}\p{N}_]$/u;
const WORD_AT_START = /^[\p{L}\p{N}_]/u;
/** Half of a character that takes two. */
const HALF_AT_END = /[\ud800-\udbff]$/;
/** Scripts that put no space between words. */
const SPACELESS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** Where a word begins, or a mark; in a script without spaces every character may. */
const BEGINNINGS =
  /(?<![\p{L}\p{M}\p{N}_])\S|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/gu;

/** How the one who goes on was asked to. */
export interface SeamTerms {
  /** What was delivered. */
  readonly delivered: string;
  /** With what it was told to begin, the last words of that; undefined for one who goes on where the text ends by itself. */
  readonly anchor: string | undefined;
  /** The white space at the end of the text that it was not shown. @default it was shown all */
  readonly unshown?: string;
}

/** How much of what one was told to begin with was said. */
export type Said = 'all' | 'a part' | 'nothing';

/**
 * The seam between what was delivered and what another one goes on with. What it repeats is swallowed, whether that is the words it was
 * told to begin with, the end of the text or all of it; until that is decided nothing is passed on, so that no word comes twice and none
 * is lost. Who was not told to repeat anything is believed to go on, unless it repeats more than by accident.
 */
export class Seam {
  readonly #delivered: string;
  readonly #anchor: string | undefined;
  readonly #unshown: string;
  readonly #ends: readonly string[];
  /** All of what was delivered, as it stands and without the white space in front of it, which many leave out. */
  readonly #wholes: readonly string[];
  #held = '';
  /** Follows one who says all of it again, so that what came need not be looked at from the beginning with every piece. */
  #chase: Chase | undefined;
  #isDecided = false;
  #said: Said = 'all';

  constructor({ delivered, anchor, unshown = '' }: SeamTerms) {
    this.#delivered = delivered;
    this.#anchor = anchor;
    this.#unshown = unshown;
    this.#ends = endsOf(delivered, anchor === undefined ? SURELY_REPEATED : 1);
    this.#wholes = [...new Set([delivered, delivered.trimStart()])];
  }

  /** How much was said of what was to be said first, once the end has come; `all` also of one who said something else. */
  get said(): Said {
    return this.#said;
  }

  /** Takes in what came, and answers with what is to be passed on; undefined when the answer begins anew. */
  push(text: string): string | undefined {
    if (this.#isDecided) return text;
    this.#held += text;
    if (this.#chase?.follows(text)) return '';
    this.#chase = undefined;
    return this.#decide(false);
  }

  /** No more will come: what was held back is decided as it stands. */
  end(): string | undefined {
    if (this.#isDecided) return '';
    if (this.#anchor !== undefined && this.#held.trim() === '') this.#said = 'nothing';
    return this.#decide(true);
  }

  #decide(isEnd: boolean): string | undefined {
    if (this.#held === '') return '';
    const rest = this.#rest(isEnd);
    if (rest === 'open') return '';
    this.#isDecided = true;
    this.#held = '';
    return rest;
  }

  /** What follows on what is repeated; `open` while that may still turn out to be more, undefined when the answer begins anew. */
  #rest(isEnd: boolean): string | 'open' | undefined {
    const held = this.#held;
    const starts = startsOf(held);
    const told = this.#afterAnchor(starts, isEnd);
    if (told !== undefined) return told;
    if (!isEnd && (this.#mayBeMore(starts) || this.#unshown.startsWith(held))) return 'open';
    const rest = this.#afterWhole(starts, isEnd) ?? this.#afterEnd(starts, isEnd);
    if (rest !== undefined) return rest;
    if (starts.some(({ text }) => this.#isAnew(text))) return undefined;
    return this.#anchor === undefined ? held.slice(commonLength(this.#unshown, held)) : joined(this.#delivered, held);
  }

  /** Whether a text begins as the answer does. Words that the answer says more than once may as well come once more. */
  #isAnew(text: string): boolean {
    return this.#wholes.some((whole) => {
      const common = whole.slice(0, walk(whole, text).index).trimEnd();
      return common.length >= SURELY_ANEW && !whole.includes(common, 1);
    });
  }

  /** The words that it was told to begin with come before all else: in a text that repeats itself they may be its beginning as well. */
  #afterAnchor(starts: readonly Start[], isEnd: boolean): string | 'open' | undefined {
    const anchor = this.#anchor;
    if (anchor === undefined) return undefined;
    const found = starts.map((start) => this.#after(anchor, start, isEnd));
    const told = found.find((one) => one !== undefined && one !== 'open');
    if (told !== undefined) return told;
    if (!isEnd) return found.includes('open') ? 'open' : undefined;
    // It came to its end before those words did: so much of them is no answer.
    const isSaid = found.some(
      (one, start) => one === 'open' && (starts[start] as Start).text.length >= SURELY_REPEATED,
    );
    if (!isSaid) return undefined;
    this.#said = 'a part';
    return '';
  }

  /** Whether what came may still turn out to repeat all of the text, or a longer end of it. */
  #mayBeMore(starts: readonly Start[]): boolean {
    const held = this.#held;
    if (starts.at(-1)?.text === '') return held.length < LOOK_BACK;
    const isOpen = (start: Start) =>
      start.text.length < LOOK_BACK && this.#ends.some((end) => isUndecided(this.#after(end, start, false)));
    return HALF_AT_END.test(held) || this.#catchesUp(starts) || starts.some(isOpen);
  }

  /** Whether it says all of the text again, and has not come to the end of it. */
  #catchesUp(starts: readonly Start[]): boolean {
    for (const start of starts) {
      const whole = this.#wholes.find((one) => this.#after(one, start, false) === 'open');
      if (whole === undefined) continue;
      // Nothing else is open any more.
      if ((starts.at(-1) as Start).text.length < LOOK_BACK) return true;
      this.#chase = new Chase(whole);
      this.#chase.follows(start.text);
      return true;
    }
    return false;
  }

  #afterWhole(starts: readonly Start[], isEnd: boolean): string | undefined {
    const delivered = this.#delivered;
    if (this.#anchor === undefined && (delivered.length < SURELY_REPEATED || isRefrain(delivered, '')))
      return undefined;
    for (const start of starts) {
      const rests = this.#wholes.map((whole) => this.#after(whole, start, isEnd));
      const rest = rests.find((one) => one !== undefined && one !== 'open');
      if (rest !== undefined) return rest;
    }
    return undefined;
  }

  #afterEnd(starts: readonly Start[], isEnd: boolean): string | undefined {
    const delivered = this.#delivered;
    for (const end of this.#ends) {
      for (const start of starts) {
        if (end.length < start.least) continue;
        const rest = this.#after(end, start, isEnd);
        if (rest === undefined || rest === 'open' || isByAccident(end, rest)) continue;
        const before = delivered.slice(0, delivered.length - end.length);
        if (this.#anchor !== undefined || !isRefrain(end, before)) return rest;
      }
    }
    return undefined;
  }

  /** Who goes on by itself repeats to the letter, who was asked to in other words may begin with a capital. */
  #after(words: string, { text, leading }: Start, isEnd: boolean): string | 'open' | undefined {
    if (this.#anchor !== undefined) {
      const rest = afterRepeat(words, text, isEnd);
      return rest === undefined || rest === 'open' ? rest : unquoted(leading, rest, isEnd);
    }
    if (text.startsWith(words)) return text.slice(words.length);
    return words.startsWith(text) ? 'open' : undefined;
  }
}

/** The ends of a text, each from the beginning of a word and so long at the least, the longest first. */
function endsOf(delivered: string, least: number): readonly string[] {
  const tail = delivered.slice(-LOOK_BACK);
  // The first word of a longer text may have been cut by looking no further back.
  const isWhole = tail.length === delivered.length;
  const starts = [...tail.matchAll(BEGINNINGS)].map(({ index }) => index).filter((start) => isWhole || start > 0);
  return starts.map((start) => tail.slice(start)).filter((end) => end.length >= least);
}

/** Whether more may come of what is repeated, or what follows on it tells that it is not. */
const isUndecided = (rest: string | undefined): boolean => rest === 'open' || rest === '';

/** Whether it is no repetition that a short end stands there: inside a longer word it is that by accident, "a" and "another". */
function isByAccident(end: string, rest: string): boolean {
  return end.length < SURELY_A_WORD && WORD_AT_END.test(end) && WORD_AT_START.test(rest);
}

/** With how many characters both begin. */
function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** What was asked for in a new turn begins with a word of its own: between it and the word before there is a space, and no two. */
function joined(before: string, after: string): string {
  const last = [...before.slice(-2)].at(-1) ?? '';
  if (/[^\S\n]$/.test(last)) return after.replace(/^[^\S\n]+/, '');
  const [first = ''] = after;
  const isBetweenWords = WORD_AT_END.test(last) && WORD_AT_START.test(first);
  const isBehindMark = /[,;:!?]$/.test(last) ? /^\p{L}/u.test(first) : /\.$/.test(last) && /^\p{Lu}/u.test(first);
  const isSpaceless = SPACELESS.test(last) || SPACELESS.test(first);
  return (isBetweenWords || isBehindMark) && !isSpaceless ? ` ${after}` : after;
}
