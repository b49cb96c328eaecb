import OpenAI, { createFetch, isStreamInterruptedError } from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { CommittedBody } from '../../../packages/client/src/stream/body.js';
import type { CommittedStream } from '../../../packages/client/src/stream/committed.js';
import { errorOf, eventsOf } from '../setup.js';
import { stub } from '../stub.js';

const event = (type: string, more: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const nameless = (text: string) => text.replaceAll(/^event: .*\n/gm, '');
const withCrlf = (text: string) => text.replaceAll('\n', '\r\n');
const bytes = (text: string) => new TextEncoder().encode(text);

const DELTA = event('response.output_text.delta', { delta: 'half of "type":"response.completed" ' });
const COMPLETED = event('response.completed', { response: { error: null, output: [{ type: 'message' }] } });
const IMAGE = event('image_generation.partial_image', { b64_json: 'AAAA' });
const IMAGE_END = event('image_generation.completed', { b64_json: 'AAAA' });

type Resource = CommittedStream['resource'];

interface Source {
  readonly resource: Resource;
  readonly end?: Error;
  readonly asksUsage?: boolean;
}

/** How a stream of these bytes ends for its reader, and for its target. */
async function endOf(first: string, last: Uint8Array, { resource, end, asksUsage }: Source) {
  const pieces = [last];
  const read = async () => {
    const value = pieces.shift();
    if (value) return { done: false, value };
    if (end) throw end;
    return { done: true };
  };
  const { signal } = new AbortController();
  const reader = { read, cancel: async () => undefined };
  const of = { resource, asksUsage, target: 'a/b', hasContent: true };
  const body = new CommittedBody({ reader, chunks: [bytes(first)], ...of, signal });
  let text = '';
  const decoder = new TextDecoder();
  const reading = (async () => {
    for await (const piece of body) text += decoder.decode(piece, { stream: true });
  })();
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { isInterrupted: isStreamInterruptedError(error), error, kind: (await body.end.first).kind, text };
}

// A Responses stream that was cut between `event: response.completed` and its data was taken for a whole one: half an answer ended
// without an error, sometimes behind a terminator of ours, and its target was told of a success.
describe('a stream that is cut anywhere in its last event is interrupted, and a failure of its target', () => {
  test.each<[string, Resource, string, string]>([
    ['a response', 'responses', DELTA, COMPLETED],
    ['a response with CRLF', 'responses', withCrlf(DELTA), withCrlf(COMPLETED)],
    ['a response without names', 'responses', nameless(DELTA), nameless(COMPLETED)],
    ['a picture', 'images', IMAGE, IMAGE_END],
    ['a picture with CRLF', 'images', withCrlf(IMAGE), withCrlf(IMAGE_END)],
    ['a picture without names', 'images', nameless(IMAGE), nameless(IMAGE_END)],
  ])('%s', async (_what, resource, first, last) => {
    const all = bytes(last);
    const dataEnd = bytes(last.trimEnd()).length;
    for (const end of [undefined, new Error('ECONNRESET')]) {
      for (let cut = 1; cut <= all.length; cut += 1) {
        const { isInterrupted, kind, text, error } = await endOf(first, all.subarray(0, cut), {
          resource,
          ...(end && { end }),
        });
        const isWhole = cut >= dataEnd;
        expect({ cut, isInterrupted, kind }).toEqual({
          cut,
          isInterrupted: !isWhole,
          kind: isWhole ? 'ok' : 'stream_error_late',
        });
        expect(error === undefined).toBe(isWhole);
        // An event that was cut is of no use to anybody.
        expect(text).toBe(isWhole ? first + last.slice(0, cut) : first);
      }
    }
  });

  test('its breaker hears of it, and the caller gets an error', async () => {
    const pieces = ['event: response.created\n', 'data: {"type":"response.created"}\n\n', DELTA];
    const { fetch } = stub(() => {
      const parts = [...pieces, 'event: response.completed\n'];
      const body = new ReadableStream({
        pull(controller) {
          const part = parts.shift();
          if (part === undefined) controller.error(new TypeError('terminated'));
          else controller.enqueue(bytes(part));
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
    const router = { breaker: { failureStreak: 1 } };
    const client = new OpenAI({
      baseURL: 'https://a.test/v1',
      apiKey: 'sk-a',
      logLevel: 'off',
      maxRetries: 0,
      fetch,
      router,
    });
    const events = eventsOf(client, ['attempt.failed', 'attempt.succeeded']);
    const reading = (async () => {
      for await (const _event of await client.responses.create({ model: 'm', input: 'x', stream: true }));
    })();
    expect(isStreamInterruptedError(await errorOf(reading))).toBe(true);
    expect(events.map(({ name }) => name)).toEqual(['attempt.failed']);
    expect(client.router.status().targets[0]?.breaker.state).toBe('open');
  });
});

// The reader of a bill asked for the usage and got an end that looked like any other: the chunk was missing, and nothing had failed.
describe('a stream that is reset after its finish reason', () => {
  const LAST = `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null })}\n\n`;
  const WORD = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'hi' } }], usage: null })}\n\n`;

  const reset = () => {
    const parts = [WORD, LAST];
    const body = new ReadableStream({
      pull(controller) {
        const part = parts.shift();
        if (part === undefined) controller.error(new TypeError('terminated'));
        else controller.enqueue(bytes(part));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  const own = { baseURL: 'https://a.test/v1', apiKey: 'sk-a', logLevel: 'off', maxRetries: 0 } as const;

  async function readFrom(client: Official, more: object) {
    const asked = { model: 'm', messages: [], stream: true as const, ...more };
    for await (const _chunk of await client.chat.completions.create(asked));
  }

  test('is interrupted when it was to tell the usage, as with the official client', async () => {
    const { fetch } = stub(reset);
    const usage = { stream_options: { include_usage: true } };
    await errorOf(readFrom(new Official({ ...own, fetch }), usage));
    const client = new OpenAI({ ...own, fetch, router: { breaker: { failureStreak: 1 } } });
    expect(isStreamInterruptedError(await errorOf(readFrom(client, usage)))).toBe(true);
    expect(client.router.status().targets[0]?.breaker.state).toBe('open');
    const other = new Official({ ...own, fetch: createFetch({ baseURL: own.baseURL, fetch }) });
    expect(isStreamInterruptedError(await errorOf(readFrom(other, usage)))).toBe(true);
  });

  test.each([{}, { stream_options: null }, { stream_options: { include_usage: false } }])(
    'has ended well with %j',
    async (more) => {
      const client = new OpenAI({ ...own, fetch: stub(reset).fetch, router: { breaker: { failureStreak: 1 } } });
      await readFrom(client, more);
      expect(client.router.status().targets[0]?.breaker.state).toBe('closed');
    },
  );

  test('is interrupted when the event of the usage has only begun, or its name might have been any', async () => {
    const end = new Error('ECONNRESET');
    for (const begun of ['data: ', 'data: {"choices":[],"usage":{"total', ': alive\n\n']) {
      const { isInterrupted } = await endOf(WORD + LAST, bytes(begun), {
        resource: 'chat.completions',
        end,
        asksUsage: true,
      });
      expect({ begun, isInterrupted }).toEqual({ begun, isInterrupted: true });
    }
  });
});

describe('what is cut behind a whole answer', () => {
  test('is completed where it is a terminator', async () => {
    for (const [resource, last] of [
      ['responses', COMPLETED],
      ['images', IMAGE_END],
      ['chat.completions', 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'],
    ] as const) {
      const { kind, text } = await endOf('', bytes(`${last}data: [DO`), { resource });
      expect({ kind, text }).toEqual({ kind: 'ok', text: `${last}data: [DONE]\n\n` });
    }
  });

  // The official client takes a name without data for an event, and cannot read it. Its caller had all of the answer, and an error.
  test.each(['event: more\n', 'event: more\ndata: {"type":"resp'])(
    'is left out where it is half an event, %j',
    async (rest) => {
      const { isInterrupted, kind, text } = await endOf('', bytes(`${COMPLETED}${rest}`), { resource: 'responses' });
      expect({ isInterrupted, kind, text }).toEqual({ isInterrupted: false, kind: 'ok', text: COMPLETED });
    },
  );

  test('is an interruption where nobody knows what ends an answer', async () => {
    const { isInterrupted } = await endOf('', bytes(`${IMAGE_END}event: more\n`), { resource: 'images' });
    expect(isInterrupted).toBe(true);
  });

  test.each([': keep-al', 'retry: 3000\n', 'id: 7\n'])('is no concern of anybody where it is %j', async (rest) => {
    for (const resource of ['responses', 'images'] as const) {
      const { kind, isInterrupted } = await endOf('', bytes(`${COMPLETED}${rest}`), { resource });
      expect({ kind, isInterrupted }).toEqual({ kind: 'ok', isInterrupted: false });
    }
  });
});

// Of a failure longer than what is kept the name alone told of an error: the caller's client was left with half an event that it
// cannot read, and threw a SyntaxError.
test.each([
  ['a failed response', 'responses' as const, 'response.failed', { response: { error: { code: 'server_error' } } }],
  ['an error among pictures', 'images' as const, 'error', { error: { code: 'server_error' } }],
])('%s that is larger than all that is kept is an interruption when it is cut', async (_what, resource, type, more) => {
  const failed = event(type, { ...more, instructions: 'x'.repeat(1_500_000) });
  for (const last of [failed.slice(0, -100), nameless(failed).slice(0, -100)]) {
    const { isInterrupted, kind } = await endOf(DELTA, bytes(last), { resource });
    expect({ isInterrupted, kind }).toEqual({ isInterrupted: true, kind: 'stream_error_late' });
  }
  const whole = await endOf(DELTA, bytes(failed), { resource });
  expect(whole).toMatchObject({ isInterrupted: false, error: undefined, kind: 'stream_error_late' });
});
