import { virtualClock } from '@breakwater/simulator';
import { isStreamInterruptedError, type StreamInterruptedError } from 'breakwater';
import fc from 'fast-check';
import { APIError } from 'openai';
import { expect, test } from 'vitest';
import {
  answers,
  type Cut,
  commit,
  cutResponse,
  cuts,
  FakeRescuer,
  type Helper,
  helpers,
  inTime,
  nothingRead,
  type Read,
  readOf,
  recorded,
} from './cut-anywhere.js';

const lineEnds = fc.constantFrom('\n', '\n', '\r\n');

/** Reads an answer that is cut like that; undefined where it never came to be handed over. */
async function course(
  words: readonly string[],
  cut: Cut,
  { all, lineEnd }: { all: readonly Helper[]; lineEnd: string },
) {
  const clock = virtualClock();
  const text = recorded(words, { id: 'first', lineEnd });
  const rescuer = new FakeRescuer({ clock, words, helpers: all });
  const read = nothingRead();
  rescuer.onRestarted = () => {
    // What a caller does who listens to `stream.restarted`.
    Object.assign(read, { text: '', finishes: [] });
    read.ids.clear();
    restarts += 1;
  };
  let restarts = 0;
  const reading = async () => {
    const outcome = await commit(cutResponse(text, cut), { clock }, rescuer);
    return outcome.kind === 'ok' ? readOf(outcome.reply, read) : undefined;
  };
  const given = await inTime(reading(), clock);
  return { read: given, rescuer, restarts, pending: clock.pending };
}

function isWhole({ text, finishes, error }: Read, whole: string): boolean {
  return error === undefined && text === whole && finishes.length === 1;
}

test('an answer that is cut anywhere, in any way, by anybody, is there to the letter, or an error has the exact beginning', async () => {
  const seen = { whole: 0, rescued: 0, restarted: 0, interrupted: 0, told: 0 };
  await fc.assert(
    fc.asyncProperty(answers, cuts, helpers, lineEnds, async (words, cut, all, lineEnd) => {
      const whole = words.join('');
      const { read, rescuer, restarts, pending } = await course(words, cut, { all, lineEnd });
      expect(pending).toBe(0);
      if (!read) return;
      // Whoever goes on is told what the caller has, and nothing else.
      for (const text of rescuer.told) expect(whole.startsWith(text)).toBe(true);
      // It is one answer, whoever gave it.
      expect(read.ids.size).toBeLessThanOrEqual(1);
      if (restarts === 0) expect([...read.ids]).toEqual(['first']);
      if (isWhole(read, whole)) {
        seen.whole += 1;
        if (restarts > 0) seen.restarted += 1;
        if (rescuer.told.length > 0) seen.rescued += 1;
        return;
      }
      expect(whole.startsWith(read.text)).toBe(true);
      if (isStreamInterruptedError(read.error)) {
        expect((read.error as StreamInterruptedError).partial.text).toBe(read.text);
        seen.interrupted += 1;
      } else {
        // What the provider told of itself is the caller's, in the official client's own error.
        expect(read.error).toBeInstanceOf(APIError);
        expect((read.error as APIError).type).toBe('server_error');
        seen.told += 1;
      }
    }),
    { numRuns: 5_000 },
  );
  // It has been none of them by being always another.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
}, 60_000);
