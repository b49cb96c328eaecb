import { virtualClock } from '@breakwater/simulator';
import { isStreamInterruptedError, type StreamInterruptedError } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { CommittedBody } from '../../../packages/client/src/stream/body.js';
import { BegunAnew, type Broken, type Rescue } from '../../../packages/client/src/stream/broken.js';
import type { ChunkReader } from '../../../packages/client/src/stream/chunks.js';
import type { CommittedStream } from '../../../packages/client/src/stream/committed.js';
import { errorOf } from '../setup.js';

const word = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';
const ERROR = 'data: {"error":{"message":"overloaded"}}\n\n';
const bytes = (text: string) => new TextEncoder().encode(text);

type End = 'end' | 'silence' | Error;

/** A reader of these pieces. */
function readerOf(pieces: readonly string[], end: End = 'end'): ChunkReader {
  const rest = [...pieces];
  let leave: (result: { done: true }) => void = () => {};
  const left = new Promise<{ done: true }>((resolve) => {
    leave = resolve;
  });
  return {
    read: async () => {
      const piece = rest.shift();
      if (piece !== undefined) return { done: false, value: bytes(piece) };
      if (end instanceof Error) throw end;
      return end === 'silence' ? left : { done: true };
    },
    cancel: async () => leave({ done: true }),
  };
}

interface Told {
  readonly reason: string;
  readonly text: string;
  readonly events: number;
}

/** A body of which the first piece was read before, and what whoever goes on with it was told. */
function body(pieces: readonly string[], end: End, next: readonly Rescue[], more: Partial<CommittedStream> = {}) {
  const [first = '', ...rest] = pieces;
  const told: Told[] = [];
  const anew: string[] = [];
  const helpers = [...next];
  const rescuer = {
    rescue: async ({ reason, said }: Broken) => {
      const { text, events } = said.partial();
      told.push({ reason, text, events: events.length });
      return helpers.shift() ?? { because: 'nobody is there' };
    },
    begunAnew: (target: string) => void anew.push(target),
    isLeft: false,
    left: () => {},
  };
  const stream: CommittedStream = {
    reader: readerOf(rest, end),
    chunks: [bytes(first)],
    resource: 'chat.completions',
    target: 'a/m',
    endpoint: 'a',
    rescuer,
    hasContent: true,
    signal: new AbortController().signal,
    ...more,
  };
  return { body: new CommittedBody(stream), told, anew };
}

const by = (pieces: readonly string[], end: End = 'end', more: object = {}): Rescue => ({
  reader: readerOf(pieces, end),
  target: 'b/m',
  endpoint: 'b',
  isAnew: false,
  ...more,
});

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of source) text += Buffer.from(piece).toString();
  return text;
}

describe('an answer that breaks off', () => {
  test('goes on where it broke off, and its target has failed', async () => {
    const { body: of, told } = body([word('one '), word('two')], 'end', [by([word(' three'), STOP, DONE])]);
    expect(await textOf(of)).toBe(word('one ') + word('two') + word(' three') + STOP + DONE);
    expect(told).toEqual([{ reason: 'it was cut off without a finish', text: 'one two', events: 2 }]);
    expect(await of.end.first).toMatchObject({ kind: 'stream_error_late' });
  });

  // The event had come but for its blank line: it was counted as delivered, and its word was lost.
  test.each(['', '\n'])('inside its last line end goes on from what was passed on (%j)', async (end) => {
    const { body: of, told } = body([word('one '), word('two').trimEnd() + end], 'end', [by([word('two'), STOP])]);
    expect(await textOf(of)).toBe(word('one ') + word('two') + STOP);
    expect(told).toMatchObject([{ text: 'one ' }]);
  });

  // The word before the error had come with it in one packet, and nobody was asked to go on.
  test.each([
    ['in the first packet', [word('one ') + ERROR]],
    ['in a later packet, behind a word', [word('one '), word('two ') + ERROR + DONE]],
    ['in pieces', [word('one '), ERROR.slice(0, 9), ERROR.slice(9)]],
    ['without a blank line behind it', [word('one '), ERROR.trimEnd()]],
    ['behind other fields', [word('one '), 'data: {"id":"x","choices":[],"error":{"code":502}}\n\n']],
  ])('by an error inside it goes on, %s', async (_where, pieces) => {
    const { body: of, told } = body(pieces, 'end', [by([word('three'), STOP])]);
    const text = await textOf(of);
    expect(text).not.toContain('error');
    expect(text.endsWith(word('three') + STOP)).toBe(true);
    expect(text).toBe(
      pieces.join('').startsWith(word('one ') + word('two '))
        ? word('one ') + word('two ') + word('three') + STOP
        : word('one ') + word('three') + STOP,
    );
    expect(told.length).toBe(1);
  });

  test('by an error inside it ends in that where nobody goes on', async () => {
    const { body: of } = body([word('one ') + ERROR + DONE], 'end', []);
    expect(await textOf(of)).toBe(word('one ') + ERROR + DONE);
    expect(await of.end.first).toMatchObject({ kind: 'stream_error_late' });
  });

  test('in silence goes on; whoever does is not watched a second time', async () => {
    const clock = virtualClock();
    const stalled: string[] = [];
    const watched = { floor: { idleMs: 1_000 }, clock, onStalled: () => void stalled.push('a/m') };
    const { body: of, told } = body([word('one ')], 'silence', [by([word('two')], 'silence')], { watched });
    const reading = textOf(of);
    reading.catch(() => undefined);
    await clock.advance(60_000);
    expect(told).toMatchObject([{ reason: 'it was silent for 1000 ms (idleMs)' }]);
    expect(stalled).toEqual(['a/m']);
    expect(clock.pending).toBe(0);
    await of.return();
  });

  // The official client takes an abort for the reader's own, and ends as if the answer had been whole.
  test('by an abort that was nobody’s goes on', async () => {
    const abort = new DOMException('This operation was aborted', 'AbortError');
    const { body: of } = body([word('one ')], abort, [by([word('two'), STOP])]);
    expect(await textOf(of)).toBe(word('one ') + word('two') + STOP);
    const { body: alone } = body([word('one ')], abort, [], { rescuer: undefined });
    expect(isStreamInterruptedError(await errorOf(textOf(alone)))).toBe(true);
  });

  test('again and again goes on each time from all that was delivered', async () => {
    const reset = new TypeError('terminated');
    const { body: of, told } = body([word('one ')], reset, [
      by([word('two ')], reset),
      by([word('three'), STOP, DONE]),
    ]);
    expect(await textOf(of)).toBe(word('one ') + word('two ') + word('three') + STOP + DONE);
    expect(told.map(({ text }) => text)).toEqual(['one ', 'one two ']);
  });

  test('again, with nobody left, ends in an error that has all of it and tells why', async () => {
    const { body: of } = body([word('one ')], 'end', [by([word('two ')])]);
    const error = (await errorOf(textOf(of))) as unknown as StreamInterruptedError;
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(error.partial.text).toBe('one two ');
    expect(error.target).toBe('b/m');
    expect(error.reason).toBe('it was cut off without a finish; not rescued: nobody is there');
  });

  test('and was begun anew in other words is gone on with in another form', async () => {
    const {
      body: of,
      told,
      anew,
    } = body([word('one ')], 'end', [
      by([], new BegunAnew('the answer begins anew in other words')),
      by([word('two'), STOP]),
    ]);
    expect(await textOf(of)).toBe(word('one ') + word('two') + STOP);
    expect(anew).toEqual(['b/m']);
    expect(told[1]?.reason).toBe('the answer begins anew in other words');
  });

  // What came before a restart was counted among what the new answer had said.
  test('and is begun anew by whoever was asked to is that answer alone', async () => {
    const { body: of } = body([word('one ')], 'end', [by([word('uno ')], 'end', { isAnew: true })]);
    const error = (await errorOf(textOf(of))) as unknown as StreamInterruptedError;
    expect(error.partial.text).toBe('uno ');
  });
});

describe('nobody is asked to go on', () => {
  // It had come to its end, and somebody else would have added to it.
  test.each([
    ['with an answer that lacks only its usage', [word('one'), STOP], { asksUsage: true }],
    ['with an answer that is whole but for an error', [word('one'), STOP, ERROR], {}],
  ])('%s', async (_with, pieces, more) => {
    const { body: of, told } = body(pieces, new TypeError('terminated'), [by([word('two'), STOP])], more);
    await textOf(of).catch(() => undefined);
    expect(told).toEqual([]);
    expect(await of.end.first).toMatchObject({ kind: 'stream_error_late' });
  });

  test('when the reader leaves at words in front of an error, and its target has failed', async () => {
    const { body: of, told } = body([word('one ') + ERROR], 'end', [by([STOP])]);
    for await (const _piece of of) break;
    expect(told).toEqual([]);
    expect(await of.end.first).toMatchObject({ kind: 'stream_error_late' });
  });
});

// The beginning of a long answer was forgotten without a word, and somebody was asked to go on with its end.
test('of an answer longer than what is kept it is known that it is not all there', async () => {
  const long = Array.from({ length: 30 }, () => word('x'.repeat(50_000)));
  const abridged: boolean[] = [];
  const rescuer = {
    rescue: async ({ said }: Broken) => {
      abridged.push(said.isAbridged);
      return { because: 'it is too long' };
    },
    begunAnew: () => {},
    isLeft: false,
    left: () => {},
  };
  const { body: of } = body(long, 'end', [], { rescuer });
  await errorOf(textOf(of));
  expect(abridged).toEqual([true]);
});

describe('an error that the provider tells of behind the first content', () => {
  const told = (code: string) => `data: ${JSON.stringify({ error: { code, message: 'no' } })}\n\n`;

  // The words in front of it were forgotten together with the event that had only begun: whoever went on said them again.
  test('takes none of the words in front of it along, although the next event has begun', async () => {
    const beginning = 'data: {"choices":[{"ind';
    const { body: of, told: heard } = body([word('one ') + ERROR + beginning], 'end', [by([word('two'), STOP, DONE])]);
    expect(await textOf(of)).toBe(word('one ') + word('two') + STOP + DONE);
    expect(heard).toMatchObject([{ text: 'one ' }]);
  });

  // Another target was asked to go on with what a content filter had ended, and its caller never heard of that.
  test.each(['content_filter', 'context_length_exceeded'])(
    'is the caller’s where it is %s: nobody goes on',
    async (code) => {
      const { body: of, told: heard } = body([word('one '), told(code)], 'end', [by([word('two'), STOP, DONE])]);
      expect(await textOf(of)).toBe(word('one ') + told(code));
      expect(heard).toEqual([]);
      expect((await of.end.first).kind).toBe(code === 'content_filter' ? 'content_policy' : 'context_window');
    },
  );

  // 500 words in front of such an event cost nothing, in limits as in budgets.
  test('does not make what came before it free', async () => {
    const { body: of } = body([word('one ').repeat(9), ERROR], 'end', []);
    await textOf(of);
    expect((await of.end.first).emitted?.()).toBe(9);
  });
});

test('two reads at once that both find it broken ask one helper, and both go on', async () => {
  const { body: of, told } = body([word('one ')], 'end', [by([word('two '), word('three'), STOP, DONE]), by([])]);
  await of.next();
  const [first, second] = await Promise.all([of.next(), of.next()]);
  const read = [first, second].map(({ value }) => Buffer.from(value ?? []).toString());
  expect(read).toEqual([word('two '), word('three')]);
  expect(told.length).toBe(1);
});

// A response that was handed over while its model thought was given up after a minute, where the plain client had its answer.
test('a stream without content yet is not watched for silence', async () => {
  const clock = virtualClock();
  const watched = { floor: { idleMs: 1_000 }, clock, onStalled: () => {} };
  const { body: of, told } = body([': hi\n\n'], 'silence', [], { watched, hasContent: false });
  await of.next();
  void of.next().catch(() => undefined);
  await clock.advance(60_000);
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
  await of.return();
});

// It held its place in a limit for as long as somebody held it: nobody had told it that its caller was gone.
test('a stream that nobody reads has ended for its target when its caller leaves', async () => {
  const caller = new AbortController();
  const { body: of } = body([word('one ')], 'silence', [], { signal: caller.signal });
  caller.abort();
  expect(await of.end.first).toMatchObject({ kind: 'ok' });
});
