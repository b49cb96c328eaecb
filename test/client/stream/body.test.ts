import { isStreamInterruptedError, type StreamInterruptedError } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { CommittedBody, type CommittedStream } from '../../../packages/client/src/stream/body.js';
import { readableOf } from '../../../packages/client/src/stream/readable.js';
import { errorOf } from '../setup.js';

const WORD = 'data: {"choices":[{"index":0,"delta":{"content":"one "}}]}\n\n';
const STOP = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
const DONE = 'data: [DONE]\n\n';
const ERROR = 'data: {"error":{"code":"server_error"}}\n\n';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body of which the first piece was read before it was handed over. */
function body(pieces: readonly string[], more: Partial<CommittedStream> & { end?: Error } = {}) {
  const { end, ...rest } = more;
  const [first = '', ...others] = pieces;
  let next = 0;
  const left: unknown[] = [];
  const reader: CommittedStream['reader'] = {
    read: async () => {
      const piece = others[next++];
      if (piece !== undefined) return { done: false, value: bytes(piece) };
      if (end) throw end;
      return { done: true };
    },
    cancel: async (reason) => void left.push(reason),
  };
  const stream: CommittedStream = {
    reader,
    chunks: [bytes(first)],
    resource: 'chat.completions',
    target: 'a/b',
    hasContent: true,
    signal: new AbortController().signal,
    ...rest,
  };
  return { body: new CommittedBody(stream), left };
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const piece of source) text += Buffer.from(piece).toString();
  return text;
}

describe('a stream ends well', () => {
  test.each<[string, string[], Error | undefined]>([
    ['with its terminator', [WORD, STOP, DONE], undefined],
    ['with a finish reason and no terminator', [WORD, STOP], undefined],
    [
      'with a terminator that came in pieces',
      [WORD, STOP.slice(0, 30), `${STOP.slice(30)}data: [DO`, 'NE]\n\n'],
      undefined,
    ],
    ['with a terminator and no finish reason', [WORD, DONE], undefined],
    ['when the connection breaks after the terminator', [WORD, DONE], new Error('ECONNRESET')],
    ['when the connection breaks after the finish reason', [WORD, STOP], new Error('ECONNRESET')],
  ])('%s', async (_how, pieces, end) => {
    const { body: whole } = body(pieces, end ? { end } : {});
    expect(await textOf(whole)).toBe(pieces.join(''));
    expect(await whole.ending).toEqual({ kind: 'ok' });
    expect(await whole.next()).toEqual({ done: true, value: undefined });
  });

  test('of a resource without a known terminator when its bytes do', async () => {
    const { body: whole } = body(['data: {"type":"image"}\n\n'], { resource: 'images' });
    await textOf(whole);
    expect(await whole.ending).toEqual({ kind: 'ok' });
  });

  test('for its target when the reader has had enough', async () => {
    const { body: whole, left } = body([WORD, WORD, WORD]);
    for await (const _piece of whole) break;
    expect(await whole.ending).toEqual({ kind: 'ok' });
    expect(left.length).toBe(1);
    expect((await whole.next()).done).toBe(true);
  });
});

describe('a reader who leaves a stream that was handed over at its headers', () => {
  test.each([
    ['after content', [WORD, WORD], 'ok'],
    ['before any', [': hi\n\n', WORD], 'caller_abort'],
  ])('%s', async (_when, pieces, kind) => {
    const { body: left } = body(pieces, { hasContent: false });
    for await (const _piece of left) break;
    expect(await left.ending).toEqual({ kind });
  });
});

test('a body that was left gives nothing more, not even what was read ahead', async () => {
  const { body: left } = body([WORD, WORD]);
  await left.return();
  expect(await left.next()).toEqual({ done: true, value: undefined });
});

describe('a stream ends badly', () => {
  test.each<[string, string[], Error | undefined]>([
    ['when it is cut off', [WORD, WORD], undefined],
    ['when its connection breaks', [WORD, WORD], new Error('ECONNRESET')],
    ['in the middle of an event', [WORD, WORD, WORD.slice(0, 20)], undefined],
  ])('%s', async (_how, pieces, end) => {
    const { body: cut } = body(pieces, end ? { end } : {});
    const error = await errorOf<StreamInterruptedError>(textOf(cut));
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(error.partial.text).toBe('one one ');
    expect(error.partial.events.length).toBe(2);
    expect(error.cause).toBe(end);
    expect((await cut.ending).kind).toBe('stream_error_late');
  });

  test('when its text merely looks like a terminator', async () => {
    const said = 'data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n';
    expect(isStreamInterruptedError(await errorOf(textOf(body([WORD, said]).body)))).toBe(true);
    const half = ['data: {"choices":[{"delta":{"content":"', 'data: [DONE]'];
    expect(isStreamInterruptedError(await errorOf(textOf(body([WORD, ...half]).body)))).toBe(true);
  });

  test('by an error of its own, which is all the caller is told', async () => {
    const { body: told } = body([WORD, ERROR]);
    expect(await textOf(told)).toBe(WORD + ERROR);
    expect((await told.ending).kind).toBe('stream_error_late');
  });

  test('by an error of its own at which its reader leaves', async () => {
    const { body: told } = body([WORD, ERROR, WORD]);
    let read = 0;
    for await (const _piece of told) if (++read === 2) break;
    expect((await told.ending).kind).toBe('stream_error_late');
  });

  test('for nobody when the caller leaves before any content', async () => {
    const leaving = new AbortController();
    const { body: left } = body([WORD.slice(0, 9)], {
      end: new Error('aborted'),
      hasContent: false,
      signal: leaving.signal,
    });
    leaving.abort();
    expect((await errorOf(textOf(left))).message).toBe('aborted');
    expect(await left.ending).toEqual({ kind: 'caller_abort' });
  });
});

describe('what is kept of a stream', () => {
  test('is bounded: of a long one the oldest events are forgotten', async () => {
    const long = `data: {"choices":[{"delta":{"content":"${'x'.repeat(10_000)}"}}]}\n\n`;
    const { body: cut } = body([WORD, ...Array.from({ length: 300 }, () => long), WORD]);
    const error = await errorOf<StreamInterruptedError>(textOf(cut));
    expect(error.partial.events.length).toBeLessThan(110);
    expect(error.partial.events.length).toBeGreaterThan(45);
    expect(error.partial.text.startsWith('xxx')).toBe(true);
    expect(error.partial.text.endsWith('xxxone ')).toBe(true);
  });

  test('can be read as a stream that pulls nothing before it is asked', async () => {
    const { body: whole } = body([WORD, STOP, DONE]);
    expect(await new Response(readableOf(whole)).text()).toBe(WORD + STOP + DONE);
    const { body: early, left } = body([WORD, WORD]);
    await readableOf(early).cancel();
    expect(left.length).toBe(1);
    expect(await early.ending).toEqual({ kind: 'ok' });
  });
});
