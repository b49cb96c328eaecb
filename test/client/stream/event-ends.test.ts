import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endsWithEvent, eventEnds, lastEventEnd } from '../../../packages/client/src/stream/event-ends.js';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['data: a\n\ndata: b\n\n', [9, 18]],
  ['data: a\r\n\r\ndata: b', [11, 18]],
  ['data: a\r\rdata: b\r\r', [9, 18]],
  ['data: a', [7]],
  ['', []],
])('the events of %j end behind their blank lines', (text, ends) => {
  expect(eventEnds(bytes(text))).toEqual(ends);
});

// Where no CR is about, only line feeds are looked at: that must find the same.
test('however lines end, the events are those that looking at each byte finds', () => {
  const text = fc
    .array(fc.constantFrom('a', '\n', '\r', '\r\n', '\n\n', 'data: b'), { maxLength: 30 })
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, (all) => {
      const found: number[] = [];
      for (let end = 2; end <= all.length; end += 1) if (endsWithEvent(bytes(all.slice(0, end)))) found.push(end);
      const ends = eventEnds(bytes(all));
      expect(ends).toEqual((found.at(-1) ?? 0) === all.length ? found : [...found, all.length]);
      expect(lastEventEnd(bytes(all))).toBe(found.at(-1) ?? 0);
    }),
    { numRuns: 2_000 },
  );
});
