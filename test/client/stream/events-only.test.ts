import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorAt } from '../../../packages/client/src/stream/error-event.js';
import { EventsOnly } from '../../../packages/client/src/stream/events-only.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString();

/** A text in pieces of these sizes, in turn. */
function inPieces(all: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < all.length; at += sizes[(pieces.length - 1) % sizes.length] as number)
    pieces.push(all.subarray(at, at + (sizes[pieces.length % sizes.length] as number)));
  return pieces;
}

describe('only whole events are passed on', () => {
  test('a chunk that ends with an event is passed on as it is', () => {
    const chunk = bytes('data: 1\n\ndata: 2\n\n');
    const events = new EventsOnly();
    expect(events.push(chunk)).toBe(chunk);
    expect(events.rest().length).toBe(0);
  });

  // A `fetch` of the user's own may fill the same buffer again, and a Buffer's `slice` is no copy.
  test('what is kept back is a copy, whatever the chunk was', () => {
    const chunk = Buffer.from('data: 1\n\ndata: 2');
    const events = new EventsOnly();
    events.push(chunk);
    chunk.fill(0);
    expect(textOf([events.push(bytes('\n\n'))])).toBe('data: 2\n\n');
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('however they are cut, with %s', (_name, end) => {
    const text = [
      '\ufeffdata: é1',
      '',
      ': comment',
      '',
      'event: x',
      'data: 2',
      'data: 2b',
      '',
      'data: 3',
      '',
      'data: 4',
    ].join(end);
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const events = new EventsOnly();
        const passed = inPieces(bytes(text), lengths).map((piece) => events.push(piece));
        for (const piece of passed) if (piece.length > 0) expect(textOf([piece]).endsWith(end + end)).toBe(true);
        expect(events.keptBack).toBe(`data: 4`.length);
        expect(textOf([...passed, events.rest()])).toBe(text);
        expect(events.keptBack).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('any bytes, in any pieces, are the same bytes in the same order', () => {
    const byte = fc.constantFrom(10, 10, 13, 13, 58, 97, 0xe9, 0);
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), sizes, (all, lengths) => {
        const events = new EventsOnly();
        const passed = inPieces(Uint8Array.from(all), lengths).map((piece) => events.push(piece).slice());
        expect([...Buffer.concat([...passed, events.rest()])]).toEqual(all);
      }),
      { numRuns: 2_000 },
    );
  });

  // A reader may be given the same memory again and again.
  test('what is kept back is a copy', () => {
    const events = new EventsOnly();
    const chunk = bytes('data: 1');
    events.push(chunk);
    chunk.fill(0);
    expect(textOf([events.push(bytes('\n\n'))])).toBe('data: 1\n\n');
  });

  // Each chunk of a picture was joined to all that had come before it: ten megabytes took seconds, with everybody else waiting.
  test('an event of ten megabytes in small pieces takes no longer than its bytes', () => {
    const events = new EventsOnly();
    const piece = new Uint8Array(4_096).fill(0x61);
    const startedAt = performance.now();
    for (let at = 0; at < 2_500; at += 1) expect(events.push(piece).length).toBe(0);
    expect(events.push(bytes('\n\n')).length).toBe(2_500 * 4_096 + 2);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test('ten thousand events in one packet are one chunk', () => {
    const chunk = bytes('data: {"choices":[]}\n\n'.repeat(10_000));
    expect(new EventsOnly().push(chunk)).toBe(chunk);
    const events = new EventsOnly();
    expect(events.push(chunk.subarray(0, chunk.length - 1)).length).toBe(chunk.length - 22);
  });
});

describe('an event that tells of an error is found', () => {
  const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"an error, \\"error\\":{}"}}]}\n\n';
  const ERROR = 'data: {"error":{"message":"x"}}\n\n';

  test.each([
    ['first', ERROR, 0],
    ['behind words', WORD + WORD + ERROR, 2 * WORD.length],
    ['by its name', `${WORD}event: error\ndata: {"message":"x"}\n\n`, WORD.length],
    ['behind other fields', `${WORD}data: {"id":"x","choices":[],"error":{"code":502}}\n\n${WORD}`, WORD.length],
    ['behind other lines', `${WORD}id: 7\ndata: {"error":{}}\n\n`, WORD.length],
    ['with CRLF', (WORD + ERROR).replaceAll('\n', '\r\n'), WORD.length + 2],
  ])('%s', (_where, text, at) => {
    expect(errorAt(bytes(text), 'chat.completions')).toBe(at);
  });

  test.each([
    ['a word of the answer', WORD],
    ['no error', 'data: {"error":null,"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'],
    ['not JSON', 'data: error\n\n'],
    ['a comment', ': error\n\n'],
    ['nothing', ''],
  ])('%s is none', (_what, text) => {
    expect(errorAt(bytes(text), 'chat.completions')).toBe(-1);
  });

  test('the word is met wherever it stands', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[eror "]{0,12}$/), fc.stringMatching(/^[eror "]{0,12}$/), (before, after) => {
        const event = `data: ${JSON.stringify({ a: before, error: { message: after } })}\n\n`;
        expect(errorAt(bytes(event), 'chat.completions')).toBe(0);
      }),
    );
  });
});
