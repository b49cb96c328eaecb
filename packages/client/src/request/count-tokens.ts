/** What a character of ASCII is to a tokenizer, by its code. */
const SPACE = 1;
const LINE = 2;
const LOWER = 3;
const UPPER = 4;
const DIGIT = 5;
const MARK = 6;
/** Whatever is no ASCII. */
const FOREIGN = 0;

const APOSTROPHE = 39;

const KINDS: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  if (code === 10 || code === 13) return LINE;
  if (code <= 32) return SPACE;
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  return code >= 48 && code <= 57 ? DIGIT : MARK;
});

/** So many letters are one token; of longer words every further three or four are one more. */
const WORD_LETTERS = 9;
const FURTHER_LETTERS = 4;
const DIGITS_A_TOKEN = 3;
const MARKS_A_TOKEN = 4;
/** The Latin letters after a foreign one go on with its word. */
const REST_OF_A_WORD = 0.4;
/** `n't`, `'s` and `'re` are part of the word before them. */
const LONGEST_SUFFIX = 2;

/** What a character of a script costs, in tokens of o200k_base: up to this code, so many. */
const SCRIPTS: readonly (readonly [last: number, tokens: number])[] = [
  [0x00ff, 0.3], // é, ü
  [0x027f, 1], // ł, ş
  [0x037f, 0.8],
  [0x03ff, 0.42], // Greek
  [0x057f, 0.27], // Cyrillic
  [0x05ff, 0.43], // Hebrew
  [0x0dff, 0.39], // Arabic and the scripts of India
  [0x0e7f, 0.4], // Thai
  [0x2fff, 0.8],
  [0x30ff, 0.7], // Japanese syllables
  [0x33ff, 0.8],
  [0x9fff, 0.86], // Han
  [0xabff, 0.8],
  [0xd7ff, 0.7], // Hangul
  [0xdfff, 0.9], // halves of emoji
  [0xffff, 0.8],
];
const BLOCK_BITS = 7;
/** The same by blocks of 128 characters: nothing has to be looked for. */
const BY_BLOCK: readonly number[] = Array.from(
  { length: 0x10000 >> BLOCK_BITS },
  (_, block) => SCRIPTS.find(([last]) => block << BLOCK_BITS <= last)?.[1] ?? 1,
);

/**
 * About how many tokens a text is, in one pass and without a vocabulary: some ten nanoseconds a character. Against o200k_base it is
 * off by 4 % on average for English, code and JSON (10 % at the most), and by 6 % for twenty other languages (18 % at the most); what
 * looks random, such as base64, is counted 20 % too low. Other vocabularies have more tokens for what is not English.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  let before = LINE;
  for (let at = 0; at < text.length; ) {
    const kind = kindAt(text, at);
    const end = kind === FOREIGN ? at + 1 : endOfRun(text, at, kind);
    const suffixEnd = before === LOWER && kind === MARK ? endOfSuffix(text, at, end) : end;
    if (suffixEnd === end) {
      tokens +=
        kind === FOREIGN ? (BY_BLOCK[text.charCodeAt(at) >> BLOCK_BITS] ?? 1) : tokensOfRun(kind, end - at, before);
      before = kind === UPPER ? LOWER : kind;
    }
    at = suffixEnd;
  }
  return Math.ceil(tokens);
}

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (KINDS[code] ?? MARK) : FOREIGN;
}

/** Where a row of one kind ends that begins at `from`. */
function endOfRow(text: string, from: number, kind: number): number {
  let end = from + 1;
  while (end < text.length && kindAt(text, end) === kind) end += 1;
  return end;
}

/** The same, but that a capital goes with the letters after it. */
function endOfRun(text: string, from: number, kind: number): number {
  const end = endOfRow(text, from, kind);
  const isCapital = kind === UPPER && end === from + 1 && end < text.length && kindAt(text, end) === LOWER;
  return isCapital ? endOfRow(text, end, LOWER) : end;
}

/** Behind an apostrophe at `from` with the few letters that go with it; `end`, where the marks end, if there are none. */
function endOfSuffix(text: string, from: number, end: number): number {
  if (text.charCodeAt(from) !== APOSTROPHE || end !== from + 1 || end === text.length) return end;
  if (kindAt(text, end) !== LOWER) return end;
  const suffixEnd = endOfRow(text, end, LOWER);
  return suffixEnd - end <= LONGEST_SUFFIX ? suffixEnd : end;
}

function tokensOfRun(kind: number, length: number, before: number): number {
  if (kind === DIGIT) return Math.ceil(length / DIGITS_A_TOKEN);
  if (kind === MARK) return Math.ceil(length / MARKS_A_TOKEN);
  // A blank goes with the word after it, an end of line with the mark before it; an indentation is a token of its own.
  if (kind === SPACE) return before === LINE ? 1 : 0;
  if (kind === LINE) return before === MARK || before === SPACE ? 0 : 1;
  const further = Math.max(0, Math.ceil((length - WORD_LETTERS) / FURTHER_LETTERS));
  return further + (before === FOREIGN ? REST_OF_A_WORD : 1);
}
