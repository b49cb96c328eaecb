import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastWords } from '../../../../packages/client/src/stream/rescue/last-words.js';
import { Seam } from '../../../../packages/client/src/stream/rescue/seam.js';

/** What is passed on of an answer that comes in these pieces; undefined when it begins anew. */
function passedOn(seam: Seam, pieces: readonly string[]): string | undefined {
  let passed = '';
  for (const piece of pieces) {
    const text = seam.push(piece);
    if (text === undefined) return undefined;
    passed += text;
  }
  const rest = seam.end();
  return rest === undefined ? undefined : passed + rest;
}

/** A text in pieces of these lengths, in turn. */
function inPieces(whole: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, turn = 0; at < whole.length; turn += 1) {
    const size = sizes[turn % sizes.length] as number;
    pieces.push(whole.slice(at, at + size));
    at += size;
  }
  return pieces;
}

/** A seam as the one who is asked in a turn of its own makes it. */
const told = (delivered: string) => new Seam({ delivered, anchor: lastWords(delivered) });
/** A seam as one who goes on with its last turn makes it. */
const byItself = (delivered: string) => new Seam({ delivered, anchor: undefined });

type Row = readonly [what: string, delivered: string, goesOn: string, joined: string | undefined];

/** Every seam holds whole, letter by letter, and in pieces of three. */
function check(make: (delivered: string) => Seam, [, delivered, goesOn, joined]: Row) {
  for (const pieces of [[goesOn], [...goesOn], goesOn.match(/[\s\S]{1,3}/g) ?? []]) {
    const rest = passedOn(make(delivered), pieces);
    expect(rest === undefined ? undefined : delivered + rest).toBe(joined);
  }
}

const SENTENCE = 'The harbour lies quiet in the evening. ';
const LINES = 'const one = 1;\nfunction two() {\n  return one + 1;\n';

const LONG = Array.from({ length: 150 }, (_, index) => `word${index}`).join(' ');
const CODE = 'Here:\n\n```python\ndef f():\n    return a_very_long_name + other';

const INSTRUCTED: readonly Row[] = [
  [
    'the words it was told',
    'The quick brown fox jumps over the lazy',
    'fox jumps over the lazy dog.',
    'The quick brown fox jumps over the lazy dog.',
  ],
  ['the words, then nothing', `${SENTENCE}The end.`, 'in the evening. The end.', `${SENTENCE}The end.`],
  [
    'the words in quotes',
    `${SENTENCE}A gull cries`,
    '"quiet in the evening. A gull cries" over the pier',
    `${SENTENCE}A gull cries over the pier`,
  ],
  [
    'the words behind an ellipsis',
    `${SENTENCE}A gull cries`,
    '…quiet in the evening. A gull cries over',
    `${SENTENCE}A gull cries over`,
  ],
  [
    'the words with a capital',
    `${SENTENCE}A gull cries`,
    'Quiet in the evening. A gull cries over',
    `${SENTENCE}A gull cries over`,
  ],
  [
    'the words on a line of their own',
    'One\ntwo three four five six seven eight nine',
    'Two three four five six seven eight nine ten',
    'One\ntwo three four five six seven eight nine ten',
  ],
  [
    'the words with other white space',
    'Items:\n\n- the first of them all\n- the second',
    '- the first of them all - the second one',
    'Items:\n\n- the first of them all\n- the second one',
  ],
  [
    'the words with straight quotes',
    'She said: “I don’t know where it is',
    '"I don\'t know where it is, sir”',
    'She said: “I don’t know where it is, sir”',
  ],
  ['mid-word', 'It was unbeliev', 'It was unbelievable.', 'It was unbelievable.'],
  ['mid-word, the word said again', `${SENTENCE}It was unbeliev`, 'unbelievable.', `${SENTENCE}It was unbelievable.`],
  ['the last word again', `${SENTENCE}A gull`, 'gull cries', `${SENTENCE}A gull cries`],
  [
    'the last sentence again',
    `${SENTENCE}${SENTENCE.repeat(3)}A gull cries.`,
    'A gull cries. It leaves.',
    `${SENTENCE}${SENTENCE.repeat(3)}A gull cries. It leaves.`,
  ],
  ['all of it again', SENTENCE + LINES, `${SENTENCE}${LINES}}`, `${SENTENCE}${LINES}}`],
  ['all of a short one again', 'One, two', 'One, two, three', 'One, two, three'],
  [
    'begun anew in other words',
    `${SENTENCE}A gull cries over the pier.`,
    'The harbour lies quiet in the morning.',
    undefined,
  ],
  ['nothing repeated', `${SENTENCE}A gull`, 'cries', `${SENTENCE}A gull cries`],
  ['nothing repeated behind a space', `${SENTENCE}A gull `, ' cries', `${SENTENCE}A gull cries`],
  [
    'nothing repeated behind a sentence',
    `${SENTENCE}A gull cries.`,
    'It leaves.',
    `${SENTENCE}A gull cries. It leaves.`,
  ],
  ['nothing repeated, indented', `${LINES}}\n\nif (two()) {\n`, '  go();', `${LINES}}\n\nif (two()) {\n  go();`],
  ['a one-letter word', `${SENTENCE}Here am I`, 'I think', `${SENTENCE}Here am I think`],
  ['a one-letter word that begins another', `${SENTENCE}It is a`, 'another', `${SENTENCE}It is a another`],
  [
    'white space at the end',
    'The following items are in the list:\n\n',
    'items are in the list:\n- one',
    'The following items are in the list:\n\n- one',
  ],
  [
    'white space said whole',
    'The following items are in the list:\n\n',
    'items are in the list:\n\n- one',
    'The following items are in the list:\n\n- one',
  ],
  ['a bullet again', `${SENTENCE}\n\n- one\n- `, '- two', `${SENTENCE}\n\n- one\n- two`],
  [
    'a code fence',
    'Here is the code:\n\n```python\nprint(1',
    '```python\nprint(1)\n```',
    'Here is the code:\n\n```python\nprint(1)\n```',
  ],
  [
    'a quotation',
    'He looked at all of them and said: "Come',
    'them and said: "Come in."',
    'He looked at all of them and said: "Come in."',
  ],
  [
    'Chinese',
    '港口在傍晚很安静。海鸥在码头上方鸣叫，然后飞走了。船慢慢地驶向远方的岛屿',
    '方鸣叫，然后飞走了。船慢慢地驶向远方的岛屿，灯亮了。',
    '港口在傍晚很安静。海鸥在码头上方鸣叫，然后飞走了。船慢慢地驶向远方的岛屿，灯亮了。',
  ],
  ['Chinese, nothing repeated', '港口在傍晚很安静。今天', '天气很好', '港口在傍晚很安静。今天天气很好'],
  [
    'Japanese, a part of it',
    '港は静かです。カモメが鳴いています',
    'カモメが鳴いています。',
    '港は静かです。カモメが鳴いています。',
  ],
  ['emoji', `${SENTENCE}👩‍👩‍👧 👍🏽`, 'quiet in the evening. 👩‍👩‍👧 👍🏽 🎉', `${SENTENCE}👩‍👩‍👧 👍🏽 🎉`],
  ['accents', `${SENTENCE}Un café très`, 'in the evening. Un café très noir', `${SENTENCE}Un café très noir`],
  [
    'a refrain',
    'ha '.repeat(20).trim(),
    `${lastWords('ha '.repeat(20).trim())} ${'ha '.repeat(30)}`,
    `${'ha '.repeat(20)}${'ha '.repeat(30)}`,
  ],
  // The answer of a model that begins with an empty line stood there twice, or had two beginnings.
  [
    'begun anew behind an empty line',
    `${SENTENCE}A gull cries over the pier.`,
    '\n\nThe harbour lies quiet in the morning, and so on.',
    undefined,
  ],
  [
    'begun anew, the first one behind an empty line',
    `\n\n${SENTENCE}A gull cries over the pier.`,
    'The harbour lies quiet in the morning, and so on.',
    undefined,
  ],
  [
    'begun anew with other quotes',
    `“It’s quiet in the harbour tonight,” he said.`,
    '"It\'s quiet in the harbour today."',
    undefined,
  ],
  ['all of a long one without its empty line', `\n\n${LONG}`, `${LONG} and more`, `\n\n${LONG} and more`],
  ['all of a long one behind an empty line', LONG, `\n\n${LONG} and more`, `${LONG} and more`],
  // Ways to quote that were not known as such: the last words came twice.
  [
    'the words behind three dots',
    `${SENTENCE}A gull cries`,
    '...quiet in the evening. A gull cries over the pier',
    `${SENTENCE}A gull cries over the pier`,
  ],
  [
    'the words in bold',
    `${SENTENCE}A gull cries`,
    '**quiet in the evening. A gull cries** over the pier',
    `${SENTENCE}A gull cries over the pier`,
  ],
  [
    'the words as a quotation',
    `${SENTENCE}A gull cries`,
    '> quiet in the evening. A gull cries over the pier',
    `${SENTENCE}A gull cries over the pier`,
  ],
  [
    'the words in a fence of their own',
    CODE,
    '```python\n    return a_very_long_name + other_name\n```',
    `${CODE}_name\n\`\`\``,
  ],
  [
    'the words in a fence without a language',
    CODE,
    '```\n    return a_very_long_name + other_name\n```',
    `${CODE}_name\n\`\`\``,
  ],
  [
    'the words with other accents',
    `${SENTENCE}Un cafe\u0301`,
    'quiet in the evening. Un caf\u00e9 noir',
    `${SENTENCE}Un cafe\u0301 noir`,
  ],
  [
    'the words with accents of one piece',
    `${SENTENCE}Un caf\u00e9`,
    'quiet in the evening. Un cafe\u0301 noir',
    `${SENTENCE}Un caf\u00e9 noir`,
  ],
  [
    'the words in corner brackets',
    '港口在傍晚很安静。海鸥在码头上方鸣叫，然后飞走了。船慢慢地驶向远方的岛屿',
    '「方鸣叫，然后飞走了。船慢慢地驶向远方的岛屿」，灯亮了。',
    '港口在傍晚很安静。海鸥在码头上方鸣叫，然后飞走了。船慢慢地驶向远方的岛屿，灯亮了。',
  ],
  // What may stand in front of a quotation may be the answer's own.
  [
    'a sentence that begins with the last word',
    `${SENTENCE}We saw the sea`,
    '. Sea gulls cried',
    `${SENTENCE}We saw the sea. Sea gulls cried`,
  ],
  [
    'an emphasis that begins with the last word',
    `${SENTENCE}We saw the sea: `,
    '**Sea** gulls cried',
    `${SENTENCE}We saw the sea: **Sea** gulls cried`,
  ],
  [
    'a fence that is new',
    `${SENTENCE}Now call print`,
    '```python\nprint(1)\n```',
    `${SENTENCE}Now call print\`\`\`python\nprint(1)\n\`\`\``,
  ],
  [
    'what closes the fence',
    `${CODE}_name\n`,
    '```\n    return a_very_long_name + other_name\n```',
    `${CODE}_name\n\`\`\``,
  ],
  ['an answer as short as its beginning', 'Yes or no? The answer: ', 'Yes', 'Yes or no? The answer: Yes'],
];

const PREFILLED: readonly Row[] = [
  ['by itself', 'The quick brown', ' fox', 'The quick brown fox'],
  ['mid-word', 'It was unbeliev', 'able', 'It was unbelievable'],
  ['a letter that the text begins with', 'a', 'another', 'aanother'],
  ['the last word by right', 'It had had', ' had', 'It had had had'],
  ['the beginning by right', 'No, no', 'No', 'No, noNo'],
  ['white space', 'one\n', '\n- two', 'one\n\n- two'],
  ['half of an emoji', 'x \ud83d', '\udc4d y', 'x 👍 y'],
  [
    'half of a line',
    'Title\n--------------------',
    '--------------------\n',
    'Title\n----------------------------------------\n',
  ],
  [
    'a refrain',
    'la la la la la la la la la la ',
    'la la la la la la la',
    'la la la la la la la la la la la la la la la la la',
  ],
  [
    'a line for the third time',
    '  log.info("going on");\n  log.info("going on");\n',
    '  log.info("going on");\n}',
    '  log.info("going on");\n  log.info("going on");\n  log.info("going on");\n}',
  ],
  ['the last sentence again', `${LINES}${SENTENCE}`, `${SENTENCE}A gull.`, `${LINES}${SENTENCE}A gull.`],
  ['all of it again', SENTENCE, `${SENTENCE}A gull.`, `${SENTENCE}A gull.`],
  ['all of it in quotes', SENTENCE, `"${SENTENCE}A gull.`, `${SENTENCE}A gull.`],
  ['begun anew in other words', SENTENCE, 'The harbour lies quiet in the morning.', undefined],
  ['begun anew behind an empty line', `${SENTENCE}A gull.`, '\n\nThe harbour lies quiet in the morning.', undefined],
  ['all of a long one without its empty line', `\n\n${LONG}`, `${LONG} and more`, `\n\n${LONG} and more`],
  ['a quote alone', 'She said "go', '"', 'She said "go"'],
  ['fewer than sixteen characters again', 'And the boat sails', 'boat sails on', 'And the boat sailsboat sails on'],
];

describe('the seam of one who was told to begin with the last words', () => {
  test.each(INSTRUCTED)('%s: %j, then %j', (...row) => check(told, row));
});

describe('the seam of one who goes on by itself', () => {
  test.each(PREFILLED)('%s: %j, then %j', (...row) => check(byItself, row));

  test.each([
    ['goes on with it', '\n- two'],
    ['leaves it out', '- two'],
  ])('white space that it was not shown is there once, also where it %s', (_how, goesOn) => {
    for (const pieces of [[goesOn], [...goesOn]]) {
      expect(passedOn(new Seam({ delivered: 'one\n', anchor: undefined, unshown: '\n' }), pieces)).toBe('- two');
    }
  });
});

// Everything that had come was compared anew with every piece: a long answer that was said again from the beginning stopped the whole
// process for seconds, 129 KB of it in small pieces for nine.
test('whoever says a long answer again, in small pieces, is caught up with at once', () => {
  const delivered = Array.from({ length: 30_000 }, (_, index) => `w${index}`).join(' ');
  for (const make of [told, byItself]) {
    const startedAt = performance.now();
    expect(passedOn(make(delivered), `${delivered} end`.match(/[\s\S]{1,5}/g) ?? [])).toBe(' end');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }
});

// What goes another way behind so much was joined as if it went on.
test('whoever says a long answer again until it goes another way has begun anew', () => {
  const delivered = Array.from({ length: 3_000 }, (_, index) => `w${index}`).join(' ');
  const other = `${delivered.slice(0, 9_000)} and another way`;
  for (const make of [told, byItself])
    expect(passedOn(make(delivered), other.match(/[\s\S]{1,50}/g) ?? [])).toBeUndefined();
});

// A model that writes its quotes and accents otherwise is followed all the way, and in pieces that end inside of a character.
test('whoever says a long answer again in characters of its own is caught up with', () => {
  const delivered = Array.from({ length: 400 }, (_, index) => `${index} “caf\u00e9”,\n\n`).join('');
  const again = delivered.normalize('NFD').replaceAll(/[“”]/g, '"').replaceAll('\n\n', '\n');
  for (const size of [1, 3, 7]) expect(passedOn(told(delivered), inPieces(`${again} end`, [size]))).toBe(' end');
});

test('a seam table has been read from end to end', () => {
  const told = [...INSTRUCTED, ...PREFILLED].map(([what, delivered, goesOn, joined]) => ({
    what,
    delivered,
    goesOn,
    joined,
  }));
  // Printed for whoever wants to judge the seams by eye.
  if (process.env.SHOW_SEAMS) console.table(told);
  expect(told.length).toBeGreaterThan(40);
});

describe('for any text, cut anywhere, in any pieces', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'a',
      'I',
      'the',
      'harbour',
      'ha',
      '- ',
      '```',
      '今天',
      '天气',
      '👍🏽',
      '"',
      '.',
      '\n',
      '\n\n',
      '    ',
      'é',
      '“x”',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );
  const text = fc
    .array(fc.tuple(word, fc.constantFrom(' ', ' ', '', '\n')), { minLength: 2, maxLength: 60 })
    .map((words) => words.map(([one, space]) => one + space).join(''))
    .filter((all) => all.trim().length > 1);
  /** A text, what was delivered of it, and how long the pieces of the rest are. */
  const cut = fc
    .record({
      all: text,
      at: fc.nat(1_000).map((place) => place / 1_000),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    })
    .map(({ all, at, sizes }) => {
      const place = Math.max(1, Math.floor(at * all.length));
      return { delivered: all.slice(0, place), rest: all.slice(place), sizes };
    })
    .filter(({ delivered }) => delivered.trim() !== '');

  test('what begins with the words that it was told is joined to the letter', () => {
    fc.assert(
      fc.property(cut, ({ delivered, rest, sizes }) => {
        // A rest that would be taken for white space of the words, or for what closes a quotation, is none of this.
        expect(passedOn(told(delivered), inPieces(lastWords(delivered) + rest, sizes))).toBe(rest);
      }),
      { numRuns: 3_000 },
    );
  });

  test('so is what repeats all of the text, unless that begins with its last words', () => {
    fc.assert(
      fc.property(cut, ({ delivered, rest, sizes }) => {
        const anchor = lastWords(delivered);
        fc.pre(delivered === anchor || repeatsNothing(delivered, anchor));
        expect(passedOn(told(delivered), inPieces(delivered + rest, sizes))).toBe(rest);
      }),
      { numRuns: 3_000 },
    );
  });

  test('what goes on by itself is never changed unless it begins with sixteen characters that were said', () => {
    fc.assert(
      fc.property(cut, ({ delivered, rest, sizes }) => {
        fc.pre(!mayRepeat(delivered, rest));
        expect(passedOn(byItself(delivered), inPieces(rest, sizes))).toBe(rest);
      }),
      { numRuns: 3_000 },
    );
  });

  test('what repeats so much of the end is joined to the letter, unless the end is a refrain', () => {
    const plain = fc.array(fc.uuid(), { minLength: 2, maxLength: 12 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(plain, plain, fc.nat(12), fc.integer({ min: 1, max: 9 }), (delivered, rest, words, size) => {
        const overlap = delivered
          .split(' ')
          .slice(-1 - words)
          .join(' ');
        for (const seam of [told(delivered), byItself(delivered)])
          expect(passedOn(seam, inPieces(`${overlap} ${rest}`, [size]))).toBe(` ${rest}`);
      }),
      { numRuns: 500 },
    );
  });

  test('how it comes in pieces makes no difference', () => {
    fc.assert(
      fc.property(cut, text, fc.boolean(), ({ delivered, sizes }, any, isTold) => {
        const make = isTold ? told : byItself;
        expect(passedOn(make(delivered), inPieces(any, sizes))).toBe(passedOn(make(delivered), [any]));
      }),
      { numRuns: 3_000 },
    );
  });

  const LEADING = /^(?:```[^\n`]{0,40}\n|[\s"'“”«»„‘’`….*_>「『（])*/;
  const strippedOf = (one: string) => one.replace(LEADING, '').toLowerCase();
  /** Whether the beginning of a text does not read as its last words do. */
  const repeatsNothing = (delivered: string, anchor: string) =>
    !strippedOf(delivered).replaceAll(/\s+/g, ' ').startsWith(strippedOf(anchor).trimEnd().replaceAll(/\s+/g, ' '));
  /** Whether sixteen characters of a rest, from anywhere that quotes let it begin, stand in what was delivered. */
  const mayRepeat = (delivered: string, rest: string) => {
    const leading = (LEADING.exec(rest)?.[0].length ?? 0) + 1;
    return Array.from({ length: leading }, (_, at) => rest.slice(at, at + 16)).some(
      (one) => one.length === 16 && delivered.includes(one),
    );
  };
});
