import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SseEvent, SseReader } from '../../../packages/client/src/stream/sse.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Reads a text that arrives in pieces of these lengths. */
function read(text: string, cuts: readonly number[] = []): readonly SseEvent[] {
  const reader = new SseReader();
  const all = bytes(text);
  const events: SseEvent[] = [];
  let from = 0;
  for (const to of [...cuts, all.length]) {
    events.push(...reader.push(all.subarray(from, Math.max(from, to))));
    from = Math.max(from, to);
  }
  return events;
}

describe('server-sent events are read', () => {
  test.each<[string, string, SseEvent[]]>([
    ['one', 'data: a\n\n', [{ name: '', data: 'a' }]],
    [
      'several',
      'data: a\n\ndata: b\n\n',
      [
        { name: '', data: 'a' },
        { name: '', data: 'b' },
      ],
    ],
    ['with a name', 'event: e\ndata: a\n\n', [{ name: 'e', data: 'a' }]],
    ['with several lines of data', 'data: a\ndata: b\n\n', [{ name: '', data: 'a\nb' }]],
    [
      'with CRLF',
      'event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n',
      [
        { name: 'e', data: 'a' },
        { name: '', data: 'b' },
      ],
    ],
    ['with CR', 'data: a\r\rdata: b\r\r', [{ name: '', data: 'a' }]],
    ['without a space after the colon', 'data:a\n\n', [{ name: '', data: 'a' }]],
    ['with two spaces after the colon', 'data:  a\n\n', [{ name: '', data: ' a' }]],
    ['with colons in the data', 'data: a:b\n\n', [{ name: '', data: 'a:b' }]],
    ['with a comment between', ': ping\n\ndata: a\n: pong\ndata: b\n\n', [{ name: '', data: 'a\nb' }]],
    ['with fields that mean nothing here', 'id: 7\nretry: 5\ndata: a\n\n', [{ name: '', data: 'a' }]],
    ['without data: none', 'event: e\n\n', []],
    ['with more empty lines than needed', '\n\n\ndata: a\n\n\n\n', [{ name: '', data: 'a' }]],
    ['with a byte order mark', '\uFEFFdata: a\n\n', [{ name: '', data: 'a' }]],
    ['that is not whole: none', 'data: a\n', []],
  ])('%s', (_what, text, events) => {
    expect(read(text)).toEqual(events);
  });

  test('the same, wherever the bytes are cut, in the middle of letters and line ends too', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', ':', 'ü', '😀', '\u2028', '{', '"') });
    const event = fc.record({ name: fc.constantFrom('', 'e'), data: fc.array(text, { minLength: 1, maxLength: 3 }) });
    const stream = fc.record({ events: fc.array(event, { maxLength: 4 }), end: fc.constantFrom('\n', '\r\n') });
    const cuts = fc.array(fc.nat(200), { maxLength: 20 });
    fc.assert(
      fc.property(stream, cuts, ({ events, end }, where) => {
        const blocks = events.map(({ name, data }) => [
          ...(name ? [`event: ${name}`] : []),
          ': a comment',
          ...data.map((line) => `data: ${line}`),
        ]);
        const written = blocks.map((lines) => lines.join(end) + end + end).join('');
        const length = bytes(written).length;
        const sorted = where.map((cut) => Math.min(cut, length)).sort((a, b) => a - b);
        expect(read(written, sorted)).toEqual(events.map(({ name, data }) => ({ name, data: data.join('\n') })));
      }),
      { numRuns: 1_000 },
    );
  });

  test('byte by byte', () => {
    const text = 'event: ü\r\ndata: 😀\r\n\r\ndata: b\r\n\r\n';
    const each = Array.from({ length: bytes(text).length }, (_, index) => index);
    expect(read(text, each)).toEqual([
      { name: 'ü', data: '😀' },
      { name: '', data: 'b' },
    ]);
  });

  // Every chunk was searched together with all before it: a picture of six megabytes took three seconds of computing.
  test('in time that grows with their length, not with its square', () => {
    const reader = new SseReader();
    const piece = bytes('A'.repeat(1_024));
    const began = performance.now();
    reader.push(bytes('data: '));
    for (let i = 0; i < 3_000; i += 1) reader.push(piece);
    expect([...reader.push(bytes('\n\n'))][0]?.data.length).toBe(3_000 * 1_024);
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  test('with a word on whether anything whole has come, be it a comment', () => {
    const reader = new SseReader();
    const spoken = ['data: ', 'a\n', '\n'].map((part) => [[...reader.push(bytes(part))].length, reader.hasSpoken]);
    expect(spoken).toEqual([
      [0, false],
      [0, false],
      [1, true],
    ]);
    const waiting = new SseReader();
    waiting.push(bytes(': at work\r\n'));
    expect(waiting.hasSpoken).toBe(false);
    waiting.push(bytes('\r\n'));
    expect(waiting.hasSpoken).toBe(true);
  });

  test('the one that was left open can be looked at', () => {
    const reader = new SseReader();
    reader.push(bytes('data: a\n\ndata: b\r'));
    expect(reader.rest()).toEqual({ name: '', data: 'b' });
    expect(new SseReader().rest()).toBeUndefined();
  });
});
