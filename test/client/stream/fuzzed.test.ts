import { virtualClock } from '@breakwater/simulator';
import { isStreamInterruptedError } from 'breakwater';
import fc from 'fast-check';
import { OpenAIError } from 'openai';
import { Stream } from 'openai/streaming';
import { expect, test, vi } from 'vitest';
import { blocksOf } from '../../../packages/client/src/stream/sse.js';
import { type Cut, commit, cutResponse, FakeRescuer, inTime, recorded } from './cut-anywhere.js';

const WHOLE: Cut = { at: 1, kind: 'end', sizes: [1_000_000] };
const WORDS = ['one ', 'twö ', '三 '];

const line = fc.oneof(
  fc.constantFrom(
    'data: ',
    'data:',
    'data',
    'event: error',
    'event: ping',
    ': hi',
    'id: 7',
    'retry: 1',
    '\ufeff',
    '',
    '',
    'data: [DONE]',
  ),
  fc
    .constantFrom(
      '{"error":{}}',
      '{"error":null}',
      '{"choices":[]}',
      '{"choices":7}',
      '{"choices":[null]}',
      '[]',
      'null',
      '{"cho',
    )
    .map((one) => `data: ${one}`),
  fc
    .constantFrom('stop', null)
    .map((finish_reason) => `data: ${JSON.stringify({ choices: [{ delta: { content: 'x' }, finish_reason }] })}`),
  fc.string({ maxLength: 12 }),
);
const fuzzed = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\n\n', '\r\n', '\r', '\r\n\r\n')), { maxLength: 25 })
  .map((lines) => lines.map((one) => one.join('')).join(''));
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });
const kind = fc.constantFrom<Cut['kind']>('end', 'reset', 'silence');

/** All that a body yields, and what it throws. */
async function bytesOf(reply: Response): Promise<{ text: string; error?: unknown }> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of reply.body as unknown as AsyncIterable<Uint8Array>) pieces.push(piece.slice());
  } catch (error) {
    return { text: Buffer.concat(pieces).toString(), error };
  }
  return { text: Buffer.concat(pieces).toString() };
}

const nobody = (clock: ReturnType<typeof virtualClock>) => new FakeRescuer({ clock, words: WORDS, helpers: [] });
/** Whatever comes is committed to, because it begins with a word. */
const beginning = recorded(WORDS, { id: 'x' }).split('\n\n').slice(0, 2).join('\n\n');

/** Whether one text has some of the events of the other, in their order. A terminator that was cut is completed. */
function isPartOf(read: string, text: string): boolean {
  const came = eventsIn(text);
  let at = 0;
  return eventsIn(read).every((block) => {
    const found = came.findIndex((one, index) => index >= at && (one === block || isBegun(one, block)));
    at = found + 1;
    return found >= 0;
  });
}

const eventsIn = (text: string) =>
  blocksOf(text)
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '');
const isBegun = (one: string, block: string) => block.includes('[DONE]') && block.startsWith(one.trimEnd());

test('whatever comes, its body ends, with an error of ours or none', async () => {
  await fc.assert(
    fc.asyncProperty(fuzzed, sizes, kind, fc.boolean(), async (rest, lengths, end, isRescued) => {
      const clock = virtualClock();
      const text = `${beginning}\n\n${rest}`;
      const outcome = await commit(
        cutResponse(text, { at: 1, kind: end, sizes: lengths }),
        { clock },
        isRescued ? nobody(clock) : undefined,
      );
      if (outcome.kind !== 'ok') throw new Error(outcome.kind);
      const { error, text: read } = await inTime(bytesOf(outcome.reply), clock);
      expect(error === undefined || isStreamInterruptedError(error)).toBe(true);
      expect(isPartOf(read, text)).toBe(true);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 1_500 },
  );
}, 30_000);

// What it makes of an event that is not JSON, and of one that is no answer, is the official client's own business: its errors, and
// those of its parser (SyntaxError), are what a caller would have got from it alone.
test('whatever comes, the official client ends', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  await fc.assert(
    fc.asyncProperty(fuzzed, sizes, kind, async (rest, lengths, end) => {
      const clock = virtualClock();
      const outcome = await commit(
        cutResponse(`${beginning}\n\n${rest}`, { at: 1, kind: end, sizes: lengths }),
        { clock },
        nobody(clock),
      );
      if (outcome.kind !== 'ok') throw new Error(outcome.kind);
      const { reply } = outcome;
      const reading = async () => {
        try {
          for await (const _piece of Stream.fromSSEResponse(reply, new AbortController()));
        } catch (error) {
          return error;
        }
        return undefined;
      };
      const error = await inTime(reading(), clock);
      expect(error === undefined || error instanceof OpenAIError || error instanceof SyntaxError).toBe(true);
    }),
    { numRuns: 1_000 },
  );
}, 30_000);

test('a healthy stream that could be rescued has the same bytes in the same order', async () => {
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
  await fc.assert(
    fc.asyncProperty(lineEnd, sizes, fc.boolean(), async (end, lengths, hasMark) => {
      const clock = virtualClock();
      const text = (hasMark ? '\ufeff' : '') + recorded(WORDS, { id: 'x', lineEnd: end });
      const outcome = await commit(cutResponse(text, { ...WHOLE, sizes: lengths }), { clock }, nobody(clock));
      if (outcome.kind !== 'ok') throw new Error(outcome.kind);
      expect(await bytesOf(outcome.reply)).toEqual({ text });
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['an event of ten megabytes', [...WORDS, 'x'.repeat(10_000_000)], [16_384]],
  ['an event of ten megabytes in one packet', [...WORDS, 'x'.repeat(10_000_000)], [100_000_000]],
  ['ten thousand events in one packet', Array.from({ length: 10_000 }, (_, at) => `${at} `), [100_000_000]],
  ['data in several lines', WORDS, [7]],
])('so has %s', async (what, words, lengths) => {
  const clock = virtualClock();
  const plain = recorded(words, { id: 'x' });
  const text = what.includes('lines') ? plain.replaceAll(',"choices"', ',\ndata: "choices"') : plain;
  const outcome = await commit(cutResponse(text, { ...WHOLE, sizes: lengths }), { clock }, nobody(clock));
  if (outcome.kind !== 'ok') throw new Error(outcome.kind);
  const read = await bytesOf(outcome.reply);
  expect(read.error).toBeUndefined();
  expect(read.text === text).toBe(true);
});
