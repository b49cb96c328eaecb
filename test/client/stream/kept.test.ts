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
