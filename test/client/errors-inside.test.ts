import OpenAI, { type APIError, BadRequestError, isStreamInterruptedError } from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { errorOf, eventsOf, question, read, until } from './setup.js';
import { eventStream, hello, helloEvents, sse, stub } from './stub.js';

const own = { baseURL: 'https://a.test/v1', apiKey: 'sk-x', maxRetries: 0, logLevel: 'off' } as const;
const other = { id: 'b', baseURL: 'https://b.test/v1', apiKey: 'sk-b' };

/** Two endpoints, of which the first answers like this. */
function pair(answer: () => Response) {
  const { fetch, hosts } = stub(({ host, body }) => {
    if (host === 'a.test') return answer();
    return String(body).includes('"stream":true') ? eventStream(helloEvents) : hello();
  });
  const client = new OpenAI({ ...own, fetch, router: { routing: 'priority', endpoints: [{ id: 'a' }, other] } });
  return { client, hosts, told: eventsOf(client, ['attempt.failed', 'breaker.opened', 'request.failed']) };
}

describe.each<[string, (client: Official) => Promise<unknown>]>([
  ['whole', (client) => client.chat.completions.create(question())],
  ['streamed', read],
])('an error with status 200 in place of an answer (%s)', (_form, ask) => {
  // The promise resolved with an object without choices while `request.failed` was emitted; streamed, it opened the breaker for all.
  test("is thrown as the caller's own, with what the provider said", async () => {
    const error = { code: 400, message: 'bad', param: 'messages', metadata: { a: [1] } };
    const { client, hosts, told } = pair(() => Response.json({ error }, { headers: { 'x-request-id': 'r' } }));
    for (let i = 0; i < 6; i += 1) {
      const thrown = await errorOf<APIError>(ask(client));
      expect(thrown).toBeInstanceOf(BadRequestError);
      expect(thrown).toMatchObject({ status: 400, error, param: 'messages', requestID: 'r', message: '400 bad' });
    }
    expect(hosts()).toBe('a.test a.test a.test a.test a.test a.test');
    expect(new Set(told.map(({ name, payload }) => `${name} ${payload.kind}`))).toEqual(
      new Set(['attempt.failed caller_error', 'request.failed caller_error']),
    );
  });

  test('that says to slow down moves the call on, and opens nothing', async () => {
    const { client, hosts, told } = pair(() => Response.json({ error: { code: 429, message: 'slow down' } }));
    await ask(client);
    expect(hosts()).toBe('a.test b.test');
    expect(told.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual(['attempt.failed rate_limit']);
    expect(client.router.status().targets[0]).toMatchObject({ state: 'cooling', breaker: { stats: { failures: 0 } } });
  });
});

test('a bare error in a stream of a response is the one that the official client makes of it', async () => {
  const error = { message: 'bad', type: 'invalid_request_error', param: 'input' };
  const { fetch } = stub(() => eventStream([{ error }]));
  const client = new OpenAI({ ...own, fetch, router: {} });
  const told = eventsOf(client, ['attempt.failed']);
  const ask = async (one: Official) => {
    for await (const _event of await one.responses.create({ model: 'gpt-4.1', input: 'hi', stream: true }));
  };
  const theirs = await errorOf<APIError>(ask(new Official({ ...own, fetch })));
  const ours = await errorOf<APIError>(ask(client));
  expect(ours).toMatchObject({ message: theirs?.message, error, type: 'invalid_request_error', param: 'input' });
  expect(told.map(({ payload }) => payload.kind)).toEqual(['caller_error']);
});

/** A client whose streams are made of these chunks. */
function streaming(chunks: readonly string[]) {
  const { fetch } = stub(() => {
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
        controller.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  });
  const client = new OpenAI({ ...own, fetch, router: {} });
  return { client, told: eventsOf(client, ['attempt.failed', 'attempt.succeeded', 'stream.broken']) };
}

describe('a stream that is cut inside its terminator', () => {
  const [role, content, finish] = helloEvents;

  // The answer was all there, and its reader was given a SyntaxError for the rest of a line.
  test.each(['d', 'data:', 'data: ', 'data: [', 'data: [DON', 'data:[DON', 'data: [DONE]'])(
    'has ended when its finish was seen: %j',
    async (tail) => {
      const { client, told } = streaming([sse([role, content, finish]), tail]);
      expect(await read(client)).toBe('hello');
      await until(() => told.length > 0);
      expect(told.map(({ name }) => name)).toEqual(['attempt.succeeded']);
    },
  );

  test('before its finish is told of as one that was cut', async () => {
    const { client } = streaming([sse([role, content]), 'data: [DON']);
    expect(isStreamInterruptedError(await errorOf(read(client)))).toBe(true);
  });

  test('or inside another event behind its finish, has ended there', async () => {
    const { client } = streaming([sse([role, content, finish]), 'data: {"choices":[],"usa']);
    expect(await read(client)).toBe('hello');
  });
});

// vLLM ends a stream that failed with [DONE] as well: in one chunk with the error it was counted as a success.
test('an error late in a stream is a failure, also with the terminator in the same chunk', async () => {
  const error = { message: 'engine dead', type: 'InternalServerError', code: 500 };
  const { client, told } = streaming([sse(helloEvents.slice(0, 2)), sse([{ error }, '[DONE]'])]);
  expect(await errorOf(read(client))).toMatchObject({ message: 'engine dead' });
  await until(() => told.length > 1);
  expect(told.map(({ name, payload }) => `${name} ${payload.kind ?? ''}`)).toContain(
    'attempt.failed stream_error_late',
  );
  expect(told.map(({ name }) => name)).not.toContain('attempt.succeeded');
});

test('the word error in an answer is none', async () => {
  const quoted = { choices: [{ index: 0, delta: { content: '{"error":{"message":"x"}}' }, finish_reason: null }] };
  const { client, told } = streaming([sse([quoted, ...helloEvents.slice(2)])]);
  expect(await read(client)).toContain('error');
  await until(() => told.length > 0);
  expect(told.map(({ name }) => name)).toEqual(['attempt.succeeded']);
});

// A gateway's JSON was saved as a sound file.
test.each<[string, () => Response]>([
  ['JSON', () => Response.json({ ok: true })],
  ['an empty body', () => new Response(null, { headers: { 'content-type': 'audio/mpeg' } })],
  ['a length of nothing', () => new Response('', { headers: { 'content-type': 'audio/mpeg', 'content-length': '0' } })],
  ['204', () => new Response(null, { status: 204 })],
])('speech that is %s is no answer', async (_what, answer) => {
  const sound = () => new Response('abc', { headers: { 'content-type': 'audio/mpeg' } });
  const { fetch, hosts } = stub(({ host }) => (host === 'a.test' ? answer() : sound()));
  const client = new OpenAI({ ...own, fetch, router: { routing: 'priority', endpoints: [{ id: 'a' }, other] } });
  const told = eventsOf(client, ['attempt.failed']);
  const speech = await client.audio.speech.create({ model: 'tts-1', input: 'hi', voice: 'alloy' });
  expect(await speech.text()).toBe('abc');
  expect(hosts()).toBe('a.test b.test');
  expect(told.map(({ payload }) => payload.kind)).toEqual(['malformed']);
});
