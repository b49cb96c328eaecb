import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { APIUserAbortError, isAttemptTimeoutError, StreamInterruptedError } from 'breakwater';
import Official from 'openai';
import { describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, eventsOf, question, routed, turn, until } from './setup.js';
import { eventStream, hello, refusal, stub } from './stub.js';

const own = { apiKey: 'sk-x', baseURL: 'https://a.test/v1', maxRetries: 0, logLevel: 'off' } as const;
const piece = (index: number, content: string, finish: string | null = null) => ({
  choices: [{ index, delta: { content }, finish_reason: finish }],
});
const untilAborted = ({ signal }: RequestInit) =>
  new Promise<Response>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

test.each(['application/jsonl', 'text/plain', 'application/json', ''])(
  'the bytes of a file are the same with a router, also where they are no text (%s)',
  async (type) => {
    // A byte order mark and bytes that are not UTF-8: reading them as text would change both.
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0xff, 0xfe, 0x7d);
    const { fetch } = stub(() => new Response(bytes, type === '' ? {} : { headers: { 'content-type': type } }));
    for (const client of [new Official({ ...own, fetch }), new OpenAI({ ...own, fetch, router: {} })]) {
      const content = await (await client.files.content('file-1')).arrayBuffer();
      expect([...new Uint8Array(content)]).toEqual([...bytes]);
    }
  },
);

test('a batch whose 200 is cut off was accepted: it is not made twice', async () => {
  let posts = 0;
  const server = createServer((_request, response) => {
    posts += 1;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"id":');
    setTimeout(() => response.destroy(), 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const endpoints = [{ id: 'a' }, { id: 'b', baseURL, apiKey: 'k' }];
  const client = new OpenAI({ ...own, baseURL, maxRetries: 2, router: { routing: 'priority', endpoints } });
  const params = { input_file_id: 'f', endpoint: '/v1/chat/completions', completion_window: '24h' } as const;
  await errorOf(client.batches.create(params));
  expect(posts).toBe(1);
  // A response that is stored is as stateful as a batch.
  await errorOf(client.responses.create({ model: 'gpt-4.1', input: 'hi', background: true }));
  expect(posts).toBe(2);
});

test('an overload of a whole year is over in ten minutes, give or take a fifth', async () => {
  const { fetch } = stub(() => refusal(503, { 'retry-after': '31536000' }));
  const client = new OpenAI({ ...own, fetch, router: {} });
  await errorOf(client.chat.completions.create(question()));
  const [target] = client.router.status().targets;
  expect(target?.state).toBe('cooling');
  expect(target?.readyInMs).toBeGreaterThan(9 * 60_000);
  expect(target?.readyInMs).toBeLessThanOrEqual(12 * 60_000);
});

// It was asked again after ten minutes, and refused again, six times in an hour.
test('a key that is used up for an hour rests for an hour', async () => {
  const { fetch } = stub(() => refusal(402, { 'retry-after': '3600' }));
  const client = new OpenAI({ ...own, fetch, router: {} });
  await errorOf(client.chat.completions.create(question()));
  const [target] = client.router.status().targets;
  expect(target?.state).toBe('quarantined');
  expect(target?.readyInMs).toBeGreaterThan(59 * 60_000);
});

describe('a stream of several answers', () => {
  const both = [piece(0, 'a'), piece(1, 'b')];
  test.each([
    ['one cut off', [...both, piece(0, '', 'stop')], true],
    ['none finished', both, true],
    ['all finished but no terminator', [...both, piece(0, '', 'stop'), piece(1, '', 'length')], false],
    ['its terminator', [...both, piece(0, '', 'stop'), '[DONE]'], false],
  ])('with %s', async (_what, events, isInterrupted) => {
    const { fetch } = stub(() => eventStream(events));
    const client = new OpenAI({ ...own, fetch, router: {} });
    const read = async () => {
      for await (const _chunk of await client.chat.completions.create({ ...question(), n: 2, stream: true }))
        await turn();
    };
    if (isInterrupted) expect(await errorOf(read())).toBeInstanceOf(StreamInterruptedError);
    else await read();
  });
});

test('a limit that one request leaves undefined is still the one of the client', async () => {
  const { fetch } = stub((_sent, init) => untilAborted(init));
  const client = new OpenAI({ ...own, timeout: 5_000, fetch, router: { timeouts: { attemptMs: 60 } } });
  const limits = { connectMs: undefined, firstTokenMs: undefined, attemptMs: undefined };
  const began = performance.now();
  const error = await errorOf(client.chat.completions.create(question(), routed({ timeouts: limits } as object)));
  expect(isAttemptTimeoutError(error)).toBe(true);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each([
  ['nothing that could be let go of', {}],
  ['a stream that is locked', { cancel: () => Promise.reject(new TypeError('locked')) }],
  [
    'a stream that fails at once',
    {
      destroy: () => {
        throw new Error('odd');
      },
    },
  ],
])('a late answer with %s for a body disturbs nobody', async (_what, body) => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  let looks = 0;
  const late = new Response('x', { headers: { 'content-type': 'audio/mpeg' } });
  const get = () => {
    looks += 1;
    return body;
  };
  Object.defineProperty(late, 'body', { get });
  // A fetch that pays no heed to its signal brings its answer when nobody waits for it any more.
  const { fetch } = stub((_sent, { signal }) => {
    return new Promise((resolve) => signal?.addEventListener('abort', () => setImmediate(resolve, late)));
  });
  const client = new OpenAI({ ...own, fetch, router: { timeouts: { attemptMs: 30 } } });
  const speech = client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hi' });
  expect(isAttemptTimeoutError(await errorOf(speech))).toBe(true);
  await until(() => looks > 0);
  for (let i = 0; i < 5; i += 1) await turn();
  expect(unhandled).toEqual([]);
});

test('a lone target that came back is not kept from others by one long stream that probes it', async () => {
  let down = true;
  const { fetch } = stub(({ body }) => {
    if (down) return refusal(500);
    if (!String(body).includes('"stream":true')) return hello();
    const first = new TextEncoder().encode(`data: ${JSON.stringify(piece(0, 'a'))}\n\n`);
    const open = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(first) });
    return new Response(open, { headers: { 'content-type': 'text/event-stream' } });
  });
  const breaker = { failureStreak: 1, openMs: 30, maxOpenMs: 30, jitter: 0 };
  const client = new OpenAI({ ...own, fetch, router: { breaker } });
  const states = eventsOf(client, ['breaker.opened', 'breaker.half-opened', 'breaker.closed']);
  await errorOf(client.chat.completions.create(question()));
  down = false;
  await until(() => client.router.status().targets[0]?.readyInMs === 0);
  const stream = await client.chat.completions.create({ ...question(), stream: true });
  onTestFinished(() => stream.controller.abort());
  for (let i = 0; i < 3; i += 1) expect((await client.chat.completions.create(question())).choices).toHaveLength(1);
  expect(states.map(({ name }) => name)).toEqual(['breaker.opened', 'breaker.half-opened', 'breaker.closed']);
});

test('a caller who leaves while a last resort is being asked is let go at once', async () => {
  const controller = new AbortController();
  const { fetch } = stub(() => refusal(500));
  const lastResort = () => {
    setTimeout(() => controller.abort(), 20);
    return new Promise<string>(() => {});
  };
  const client = new OpenAI({ ...own, fetch, router: { lastResort } });
  const began = performance.now();
  const { signal } = controller;
  expect(await errorOf(client.chat.completions.create(question(), { signal }))).toBeInstanceOf(APIUserAbortError);
  expect(performance.now() - began).toBeLessThan(2_000);
});
