import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isStreamInterruptedError } from 'breakwater';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerOf, asked, readOut, SIXTY, startBroken } from './rescue-setup.js';
import { endpointAt, eventsOf, until } from './setup.js';
import { sse } from './stub.js';

const IDLE_MS = 200;
const router = { timeouts: { idleMs: IDLE_MS } };

/** A server that streams as it is told. */
async function serving(stream: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    stream(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const word = (content: string) =>
  sse([{ id: 'one', choices: [{ index: 0, delta: { content }, finish_reason: null }] }]);
const end = sse([{ id: 'one', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, '[DONE]']);

describe('a stream that falls silent', () => {
  test('goes on elsewhere half a second after its time, and is one failure and one stall', async () => {
    const { client, seoul, simulator } = await startBroken({ router });
    seoul.fault({ kind: 'stall', afterTokens: 40 });
    const events = eventsOf(client, ['stream.stalled', 'stream.broken', 'stream.rescued']);
    const startedAt = performance.now();
    expect((await answerOf(client)).text).toBe(SIXTY);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(IDLE_MS - 20);
    expect(tookMs).toBeLessThan(IDLE_MS + 500);
    expect(events.map(({ name }) => name)).toEqual(['stream.stalled', 'stream.broken', 'stream.rescued']);
    expect(events[0]?.payload).toMatchObject({ endpoint: 'seoul', attempt: 1, silentMs: IDLE_MS });
    expect(events[1]?.payload.message).toBe(`it was silent for ${IDLE_MS} ms (idleMs)`);
    await until(() => simulator.log[0]?.ending === 'client-left');
  });

  test('ends in an error where nobody goes on with it', async () => {
    const { client, seoul } = await startBroken({ router: { ...router, streams: { rescue: 'error' } } });
    seoul.fault({ kind: 'stall', afterTokens: 3 });
    const { error, text } = await answerOf(client);
    expect(isStreamInterruptedError(error)).toBe(true);
    expect((error as Error).message).toContain('it was silent for 200 ms (idleMs)');
    expect(error).toMatchObject({ partial: { text } });
  });

  // Its silence was the first target's in the books, because the first one's watch went on.
  test('while it goes on with another is a stall of its own', async () => {
    const { client, seoul, tokyo } = await startBroken({ router });
    seoul.fault({ kind: 'cut', afterTokens: 20, times: 1 });
    tokyo.fault({ kind: 'stall', afterTokens: 20, times: 1 });
    const events = eventsOf(client, ['stream.stalled']);
    expect((await answerOf(client)).text).toBe(SIXTY);
    expect(events.map(({ payload: { endpoint, attempt } }) => `${endpoint} ${attempt}`)).toEqual(['tokyo 2']);
  });

  test('in every target ends in an error that says so', async () => {
    const streams = { maxRescues: 1 };
    const { client, seoul, tokyo } = await startBroken({ router: { ...router, streams } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'stall', afterTokens: 20 });
    const { error } = await answerOf(client);
    expect(error).toMatchObject({
      target: 'tokyo/gpt-4.1',
      reason: expect.stringContaining('it was silent for 200 ms'),
    });
  });

  test('but for comments and pings is silent', async () => {
    for (const noise of [': keep-alive\n\n', 'event: ping\ndata: {"choices":[]}\n\n']) {
      const { client, tokyo } = await startBroken({ router });
      const baseURL = await serving((response) => {
        response.write(word('word1'));
        const ticking = setInterval(() => response.write(noise), 30);
        response.on('close', () => clearInterval(ticking));
      });
      const endpoints = [endpointAt(tokyo, { id: 'noisy', baseURL }), endpointAt(tokyo)];
      const noisy = client.withOptions({ router: { ...router, routing: 'priority', endpoints } } as object);
      const startedAt = performance.now();
      expect((await answerOf(noisy)).text).toBe(SIXTY);
      expect(performance.now() - startedAt).toBeLessThan(IDLE_MS + 500);
    }
  });
});

describe('a stream that is slower than it may be', () => {
  test('goes on elsewhere after five seconds of waiting', { timeout: 15_000 }, async () => {
    const pace = { timeouts: { minimumTokensPerSecond: 50 } };
    const { client, seoul, simulator } = await startBroken({ router: pace });
    seoul.set({ tokensPerSecond: 5 });
    const events = eventsOf(client, ['stream.stalled', 'stream.rescued']);
    const startedAt = performance.now();
    expect((await answerOf(client)).text).toBe(SIXTY);
    expect(performance.now() - startedAt).toBeLessThan(6_500);
    expect(events.map(({ name }) => name)).toEqual(['stream.stalled', 'stream.rescued']);
    expect(events[0]?.payload.tokensPerSecond).toBeLessThan(10);
    await until(() => simulator.log[0]?.ending === 'client-left');
  });
});

describe('a stream that is not silent', () => {
  test('may take its time between its words', async () => {
    const { client, seoul, trail } = await startBroken({ router });
    seoul.set({ tokensPerSecond: 10 });
    expect((await readOut(await client.chat.completions.create({ ...asked, max_tokens: 6 }))).text).toBe(
      SIXTY.split(' ').slice(0, 6).join(' '),
    );
    expect(trail()).toBe('seoul:200');
  });

  test('may have a slow reader', async () => {
    const { client, trail } = await startBroken({ router });
    let text = '';
    let count = 0;
    for await (const chunk of await client.chat.completions.create(asked)) {
      text += chunk.choices[0]?.delta.content ?? '';
      count += 1;
      if (count % 20 === 0) await new Promise((resolve) => setTimeout(resolve, IDLE_MS * 2));
    }
    expect(text).toBe(SIXTY);
    expect(trail()).toBe('seoul:200');
  });

  test('may be read by a slow reader while it is paced, and leaves no timer behind', async () => {
    const { client, trail } = await startBroken({ router });
    const baseURL = await serving((response) => {
      response.write(word('a'));
      setTimeout(() => response.write(word(' b')), 50);
      setTimeout(() => response.end(word(' c') + end), 100);
    });
    const endpoints = [{ id: 'paced', baseURL, apiKey: 'sk' }];
    const paced = client.withOptions({ router: { ...router, endpoints } } as object);
    let text = '';
    for await (const chunk of await paced.chat.completions.create(asked)) {
      text += chunk.choices[0]?.delta.content ?? '';
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS + 100));
    }
    expect(text).toBe('a b c');
    expect(trail()).toBe('');
  });
});

/** An endpoint that does so with each request. */
async function endpointThat(id: string, stream: (response: ServerResponse) => void) {
  return { id, baseURL: await serving(stream), apiKey: 'sk' };
}

const role = sse([{ id: 'two', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }]);

describe('who has shown nothing yet', () => {
  // Nobody watched whoever went on with a stream until it had said something: its reader waited for ever.
  test.each([
    ['only headers', 'headers' as const, ''],
    ['only a role', 'first-content' as const, role],
  ])('and goes on with a stream by %s is given up for another', async (_what, commit, shown) => {
    const { client } = await startBroken();
    const endpoints = [
      await endpointThat('cut', (response) => {
        response.write(word('one two three '));
        setTimeout(() => response.destroy(), 20);
      }),
      await endpointThat('silent', (response) => {
        response.flushHeaders();
        if (shown !== '') response.write(shown);
      }),
      await endpointThat('well', (response) => response.end(word('one two three four') + end)),
    ];
    const timeouts = { idleMs: IDLE_MS, firstTokenMs: 400 };
    const own = { router: { routing: 'priority', endpoints, timeouts, streams: { commit } } };
    const of = client.withOptions(own as object);
    const { text, error } = await answerOf(of, {}, { timeout: 3_000 });
    expect({ text, error }).toEqual({ text: 'one two three four', error: undefined });
  });

  test('is given up when its call has no time left', async () => {
    const { client } = await startBroken();
    const endpoints = [await endpointThat('silent', (response) => void response.write(role))];
    const of = client.withOptions({ router: { ...router, endpoints, streams: { commit: 'headers' } } } as object);
    const startedAt = performance.now();
    const { error } = await answerOf(of, {}, { timeout: 1_000 });
    expect(error).toBeDefined();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
