import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { APIUserAbortError, OpenAI as BreakwaterClient, createFetch, type OpenAI, routeOf } from 'breakwater';
import { describe, expect, onTestFinished, test } from 'vitest';
import { errorOf, eventsOf, question, standing, start, turn, until } from './setup.js';

/** Aborts a call that has been under way for some turns, and tells whether it was rejected within one more. */
async function abortedAfter(call: (signal: AbortSignal) => PromiseLike<unknown>, ready: () => boolean) {
  const leaving = new AbortController();
  let error: unknown;
  call(leaving.signal).then(
    (answer) => {
      error = `answered with ${JSON.stringify(answer)}`;
    },
    (thrown: unknown) => {
      error = thrown;
    },
  );
  await until(ready);
  expect(error).toBeUndefined();
  leaving.abort();
  await turn();
  return error;
}

describe('an abort rejects within one turn and counts against nobody', () => {
  const chat = (client: OpenAI, streamed: boolean) => (signal: AbortSignal) =>
    client.chat.completions.create({ ...question(), stream: streamed }, { signal });

  test.each([
    ['while nothing comes back', { kind: 'silence' }, false],
    ['while nothing comes back for a stream', { kind: 'silence' }, true],
    ['between the headers and the body', { kind: 'headers-only' }, false],
    ['between the headers of a stream and its first content', { kind: 'headers-only' }, true],
    ['in the middle of a body', { kind: 'stall', afterBytes: 20 }, false],
    ['before a slow first token', { kind: 'slow-first-token', delayMs: 5_000 }, true],
  ] as const)('%s', async (_when, fault, streamed) => {
    const { client, simulator, seoul, trail } = await start();
    await client.chat.completions.create(question());
    simulator.clearLog();
    const before = standing(client);
    const events = eventsOf(client, ['attempt.abandoned', 'attempt.failed', 'failover', 'request.failed']);
    seoul.fault(fault);
    const arrived = () => simulator.log.length === 1;
    const error = await abortedAfter(chat(client, streamed), () => arrived());
    expect(error).toBeInstanceOf(APIUserAbortError);
    await until(() => simulator.log[0]?.ending === 'client-left');
    expect(standing(client)).toEqual(before);
    expect(events.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual([
      'attempt.abandoned caller_abort',
      'request.failed caller_abort',
    ]);
    expect(trail()).toMatch(/^seoul:(?:-|200)$/);
  });

  test('before anything was sent', async () => {
    const { client, trail } = await start();
    const error = await errorOf(chat(client, false)(AbortSignal.abort()) as Promise<unknown>);
    expect(error).toBeInstanceOf(APIUserAbortError);
    expect(trail()).toBe('');
  });

  test("while an endpoint's key is being fetched", async () => {
    let asked = 0;
    const apiKey = () => {
      asked += 1;
      return new Promise<string>(() => {});
    };
    const { client, trail } = await start({ endpoint: () => ({ apiKey }) });
    expect(await abortedAfter(chat(client, false), () => asked === 1)).toBeInstanceOf(APIUserAbortError);
    expect(trail()).toBe('');
  });

  test('while the call waits for a target to be rested', async () => {
    const { client, seoul, simulator, trail } = await start({ simulator: { regions: { seoul: {} } } });
    seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 2 });
    const cooling = () => client.router.status().targets[0]?.state === 'cooling';
    expect(await abortedAfter(chat(client, true), cooling)).toBeInstanceOf(APIUserAbortError);
    expect(simulator.log.length).toBe(1);
    expect(trail()).toBe('seoul:429');
  });

  test('while the body of a refusal is awaited', async () => {
    let refused = 0;
    const body = () => new ReadableStream({ pull: () => new Promise(() => {}) });
    const refusing = async () => {
      refused += 1;
      return new Response(body(), { status: 500 });
    };
    const { client } = await start({ client: { fetch: refusing } });
    expect(await abortedAfter(chat(client, false), () => refused === 1)).toBeInstanceOf(APIUserAbortError);
  });

  test('by a fetch that pays no heed to its signal', async () => {
    let sent = 0;
    const deaf = () => {
      sent += 1;
      return new Promise<Response>(() => {});
    };
    const { client } = await start({ client: { fetch: deaf } });
    expect(await abortedAfter(chat(client, false), () => sent === 1)).toBeInstanceOf(APIUserAbortError);
  });

  test('while the last resort is being made', async () => {
    let asked = 0;
    const lastResort = () => {
      asked += 1;
      return new Promise<string>(() => {});
    };
    const { client, seoul, tokyo } = await start({ router: { lastResort } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 401 });
    expect(await abortedAfter(chat(client, false), () => asked === 1)).toBeInstanceOf(APIUserAbortError);
  });
});

describe("no listener is left on the caller's signal", () => {
  const send = (url: string, signal: AbortSignal, streamed: boolean) =>
    createFetch({
      routing: 'priority',
      endpoints: [
        { id: 'bad', apiKey: 'sk-x', baseURL: `${url}/bad` },
        { id: 'good', apiKey: 'sk-x', baseURL: url },
      ],
    })(`${url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...question(), stream: streamed }),
      signal,
    });

  test.each([
    ['after an answer', false],
    ['after a stream', true],
  ])('%s that came after a failover', async (_when, streamed) => {
    const { seoul, trail } = await start();
    const { signal } = new AbortController();
    const response = await send(seoul.baseURL, signal, streamed);
    expect(getEventListeners(signal, 'abort').length).toBe(streamed ? 1 : 0);
    await response.text();
    await turn();
    expect(getEventListeners(signal, 'abort').length).toBe(0);
    expect(trail()).toBe('seoul:404 seoul:200');
  });
});

/** A server that answers with sound: the beginning at once, and the rest never. */
async function soundServer(): Promise<{ baseURL: string; closed: () => boolean }> {
  let isClosed = false;
  const server = createServer((_request, response) => {
    response.on('close', () => {
      isClosed = true;
    });
    response.writeHead(200, { 'content-type': 'audio/mpeg' });
    response.write('the beginning');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, closed: () => isClosed };
}

// With a second endpoint an attempt has a clock, and with it a signal of its own; nobody told that one once the headers had come.
describe('an abort reaches a body that is passed on as it comes', () => {
  const speech = { model: 'tts-1', input: 'hi', voice: 'alloy' } as const;

  test('of a sound', async () => {
    const { baseURL, closed } = await soundServer();
    const endpoints = [{ id: 'a' }, { id: 'b', baseURL: 'http://127.0.0.1:9/v1', apiKey: 'sk-b' }];
    const client = new BreakwaterClient({ apiKey: 'sk-a', baseURL, router: { routing: 'priority', endpoints } });
    const leaving = new AbortController();
    const sound = await client.audio.speech.create(speech, { signal: leaving.signal });
    const read = errorOf(sound.arrayBuffer());
    leaving.abort();
    expect(await read).toMatchObject({ name: 'AbortError' });
    await until(closed);
  });

  test('through createFetch, without a listener of ours on the caller’s signal', async () => {
    const { baseURL, closed } = await soundServer();
    const endpoints = [{ id: 'a', baseURL, apiKey: 'sk-a' }];
    const fetch = createFetch({ baseURL, endpoints, timeouts: { attemptMs: 5_000 } });
    const leaving = new AbortController();
    const init = { method: 'POST', body: JSON.stringify(speech), signal: leaving.signal };
    const sound = await fetch(`${baseURL}/audio/speech`, init);
    expect(getEventListeners(leaving.signal, 'abort')).toEqual([]);
    const read = errorOf(sound.arrayBuffer());
    leaving.abort();
    expect(await read).toMatchObject({ name: 'AbortError' });
    await until(closed);
  });
});

// The route was tied to the reason of the abort, which all calls with that signal share: each told the way of the last of them.
test('an abort of several calls at once tells the way of none', async () => {
  const { client, seoul, simulator } = await start();
  seoul.fault({ kind: 'silence' });
  const leaving = new AbortController();
  const calls = [1, 2].map(() => errorOf(client.chat.completions.create(question(), { signal: leaving.signal })));
  await until(() => simulator.log.length === 2);
  leaving.abort(new Error('left'));
  for (const error of await Promise.all(calls)) {
    expect(error).toBeInstanceOf(APIUserAbortError);
    expect(routeOf(error)).toBeUndefined();
  }
});
