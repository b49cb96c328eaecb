import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptBytes } from '../../../packages/client/src/stream/kept.js';

const event = (name: string, size: number) =>
  `event: ${name}\ndata: ${JSON.stringify({ type: name, response: { text: 'x'.repeat(size), error: { code: 'e' } } })}\n\n`;

test('however long a stream is and however it was cut, what its last event is called is kept', () => {
  const size = fc.oneof(fc.nat(3_000), fc.nat(2_500_000), fc.integer({ min: 520_000, max: 530_000 }));
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1_000, max: 2_000_000 }), lineEnd, (before, last, cut, end) => {
      const kept = new KeptBytes();
      const text = event('response.output_item.done', before) + event('response.failed', last);
      const all = new TextEncoder().encode(text.replaceAll('\n', end));
      for (let from = 0; from < all.length; from += cut) kept.add(all.subarray(from, from + cut));
      expect(kept.read('responses').toldError()).toBe(true);
      expect(kept.read('responses').isCutInEvent()).toBe(false);
    }),
    { numRuns: 100 },
  );
});

// The room of one that has ended is lent to the next, with what stands in it.
test('what one stream kept is never seen in another, in whatever order they come and go', () => {
  const word = (text: string) =>
    new TextEncoder().encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`);
  const step = fc.record({ stream: fc.nat(5), words: fc.nat(700), isEnd: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const streams = Array.from({ length: 6 }, () => ({ kept: new KeptBytes(), said: '' }));
      for (const [at, { stream, words, isEnd }] of steps.entries()) {
        const one = streams[stream] as (typeof streams)[number];
        for (let count = 0; count < words; count += 1) one.kept.add(word(`${stream}.${at} `));
        one.said += `${stream}.${at} `.repeat(words);
        if (isEnd) {
          // Whoever ends may be told so twice.
          one.kept.clear();
          one.kept.clear();
          one.said = '';
        }
      }
      for (const { kept, said } of streams) expect(kept.read('chat.completions').partial().text).toBe(said);
    }),
    { numRuns: 25 },
  );
});
