/** What was delivered is looked at this far back: nobody repeats more than that but from the beginning. */
const LOOK_BACK = 600;
/** Whoever repeats so much of the beginning has begun anew. */
const SURELY_ANEW = 24;
/** An overlap that is shorter may be an accident, where the other one goes on by itself. */
const SURELY_OVERLAP = 16;
/** So much of a word that goes on may be its beginning, which is said again. */
const SURELY_A_WORD = 3;
/** What stands at the beginning of an answer that quotes what it is to begin with. */
const LEADING = /^[\s"'“”«»`…]+/;
const WORD = /[\p{L}\p{N}_]/u;

/** How the one who goes on was asked to. */
export interface SeamTerms {
  /** What was delivered. */
  readonly delivered: string;
  /** With what it was told to begin, the last words of that; undefined for one who goes on where the text ends by itself. */
  readonly anchor: string | undefined;
}

/**
 * The seam between what was delivered and what another one goes on with. What it repeats is swallowed, whether that is the words it was
 * told to begin with, the end of the text or all of it; until that is decided nothing is passed on, so that no word comes twice and none
 * is lost.
 */
export class Seam {
  readonly #delivered: string;
  readonly #anchor: string | undefined;
  #held = '';
  #isDecided = false;

  constructor({ delivered, anchor }: SeamTerms) {
    this.#delivered = delivered;
    this.#anchor = anchor;
  }

  /** Whether what comes is passed on as it is. */
  get isDecided(): boolean {
    return this.#isDecided;
  }

  /** Takes in what came, and answers with what is to be passed on; undefined when the answer begins anew. */
  push(text: string): string | undefined {
    if (this.#isDecided) return text;
    this.#held += text;
    return this.#decide(false);
  }

  /** No more will come: what was held back is decided as it stands. */
  end(): string | undefined {
    return this.#isDecided ? '' : this.#decide(true);
  }

  #decide(isEnd: boolean): string | undefined {
    const held = this.#held;
    if (held === '' || (!isEnd && this.#isOpen(held))) return '';
    const rest = this.#afterRepeated(held);
    if (rest === undefined) return undefined;
    this.#isDecided = true;
    this.#held = '';
    return rest;
  }

  /** Whether what is held may still turn out to repeat something. */
  #isOpen(held: string): boolean {
    const bare = held.replace(LEADING, '');
    if (bare === '') return held.length < LOOK_BACK;
    if (this.#delivered.length > held.length && this.#delivered.startsWith(held)) return true;
    const anchor = this.#anchor;
    if (anchor !== undefined && anchor.length > bare.length && anchor.startsWith(bare)) return true;
    return this.#ends().some((end) => end.length > bare.length && end.startsWith(bare));
  }

  /** What follows on the longest thing that is repeated; undefined when the beginning is, and then other words follow. */
  #afterRepeated(held: string): string | undefined {
    const delivered = this.#delivered;
    if (held.startsWith(delivered)) return held.slice(delivered.length);
    if (delivered.startsWith(held)) return '';
    const bare = held.replace(LEADING, '');
    const anchor = this.#anchor;
    if (anchor !== undefined && bare.startsWith(anchor)) return bare.slice(anchor.length);
    const end = this.#ends().find((one) => isRepeated(one, bare, anchor === undefined ? SURELY_OVERLAP : 1));
    if (end !== undefined) return bare.slice(end.length);
    if (commonLength(held, delivered) >= SURELY_ANEW) return undefined;
    return anchor === undefined ? held : joined(delivered, held);
  }

  /** The ends of what was delivered, each from the beginning of a word, the longest first. */
  #ends(): readonly string[] {
    const tail = this.#delivered.slice(-LOOK_BACK);
    const starts = [...tail.matchAll(/(?<![\p{L}\p{N}_])[^\s]/gu)].map(({ index }) => index);
    // The first word of a longer text may have been cut by looking no further back.
    const isWhole = tail.length === this.#delivered.length;
    return starts.filter((start) => isWhole || start > 0).map((start) => tail.slice(start));
  }
}

/** Whether a text begins with the end of what was delivered. A short one inside a longer word is that by accident: "a", and "another". */
function isRepeated(end: string, text: string, least: number): boolean {
  if (end.length < least || !text.startsWith(end)) return false;
  const goesOn = WORD.test(end.at(-1) ?? '') && WORD.test(text.at(end.length) ?? '');
  return !goesOn || end.length >= SURELY_A_WORD;
}

/** With how many characters both begin. */
function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** What was asked for in a new turn begins with a word of its own: between it and the word before there is a space, and no two. */
function joined(before: string, after: string): string {
  const last = before.at(-1) ?? ' ';
  const first = after.at(0) ?? ' ';
  if (/\s/.test(last)) return after.replace(/^[^\S\n]+/, '');
  return WORD.test(last) && WORD.test(first) ? ` ${after}` : after;
}

/** The last words of a text, so many characters at the least, for somebody to begin with; the whole of a short one. */
export function lastWords(text: string, least = 32): string {
  const from = Math.max(0, text.trimEnd().length - least);
  if (from === 0) return text.trimStart();
  const start = text.slice(0, from).search(/\S+$/u);
  return text.slice(start < 0 ? from : start);
}
