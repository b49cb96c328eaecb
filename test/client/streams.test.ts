import { isStreamInterruptedError, routeOf, StreamInterruptedError } from 'breakwater';
import { APIConnectionError } from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, start, until } from './setup.js';

const TEXT = 'one two three four five six';
const streamedQuestion = { ...question(`echo: ${TEXT}`), stream: true as const };
/** Where a stream that breaks off is left as it is. */
const unrescued = { streams: { rescue: 'error' as const } };
const typedQuestion = { model: 'gpt-4.1', input: `echo: ${TEXT}`, stream: true as const };

describe('a stream that breaks after its first content', () => {
  test.each([
    ['abruptly', { kind: 'cut', afterTokens: 3 }],
    ['with a proper end of the body', { kind: 'cut', afterTokens: 3, clean: true }],
  ] as const)('%s ends in an error that has what had arrived', async (_how, fault) => {
    const { client, seoul, trail } = await start({ router: unrescued });
    seoul.fault(fault);
    const events = eventsOf(client, ['stream.committed', 'stream.broken', 'attempt.succeeded', 'attempt.failed']);
    const stream = await client.chat.completions.create(streamedQuestion);
    let text = '';
    const error = await errorOf<StreamInterruptedError>(
      (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      })(),
    );
    expect(text).not.toBe('');
    expect(TEXT.startsWith(text)).toBe(true);
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(error).toBeInstanceOf(StreamInterruptedError);
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(error.target).toBe('seoul/gpt-4.1');
    expect(error.partial.text).toBe(text);
    expect(error.partial.events.length).toBeGreaterThan(1);
    await until(() => events.length === 3);
    expect(events.map(({ name }) => name)).toEqual(['stream.committed', 'stream.broken', 'attempt.failed']);
    expect(client.router.status().targets[0]?.breaker).toMatchObject({ stats: { total: 1, failures: 1 } });
    expect(trail()).toBe('seoul:200');
  });

  test('of typed events ends in the same error', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'cut', afterTokens: 3, clean: true });
    const stream = await client.responses.create(typedQuestion);
    let text = '';
    const error = await errorOf<StreamInterruptedError>(
      (async () => {
        for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
      })(),
    );
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(text).not.toBe('');
    expect(error.partial.text).toBe(text);
  });

  test('by an error inside it throws what the official client makes of that, and counts against the target', async () => {
    const { client, seoul } = await start({ router: unrescued });
    seoul.fault({ kind: 'stream-error', afterTokens: 3, code: 'server_error', message: 'inside' });
    const events = eventsOf(client, ['attempt.succeeded', 'attempt.failed']);
    const stream = await client.chat.completions.create(streamedQuestion);
    const error = await errorOf(
      (async () => {
        for await (const _chunk of stream);
      })(),
    );
    expect(error).toMatchObject({ code: 'server_error' });
    await until(() => events.length > 0);
    expect(events.map(({ name }) => name)).toEqual(['attempt.failed']);
  });
});

describe('a stream that has all it needs', () => {
  test('is whole without [DONE] when it has a finish reason', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'no-done' });
    const events = eventsOf(client, ['attempt.succeeded', 'attempt.failed']);
    expect(await ask(client, true, `echo: ${TEXT}`)).toBe(TEXT);
    await until(() => events.length > 0);
    expect(events[0]?.name).toBe('attempt.succeeded');
  });

  test('counts for its target only when it has ended', async () => {
    const { client } = await start();
    const events = eventsOf(client, ['stream.committed', 'attempt.succeeded', 'request.succeeded']);
    const stream = await client.chat.completions.create(streamedQuestion);
    expect(events.map(({ name }) => name)).toEqual(['stream.committed', 'request.succeeded']);
    for await (const _chunk of stream);
    await until(() => events.length === 3);
    expect(events[2]?.name).toBe('attempt.succeeded');
  });

  test('counts as a success when its reader has had enough', async () => {
    const { client, simulator, seoul } = await start();
    // It goes silent on the way, so that it cannot have ended before its reader leaves.
    seoul.fault({ kind: 'stall' });
    const events = eventsOf(client, ['attempt.succeeded', 'attempt.failed', 'attempt.abandoned']);
    for await (const chunk of await client.chat.completions.create(streamedQuestion)) {
      if (chunk.choices[0]?.delta.content) break;
    }
    await until(() => events.length > 0 && simulator.log[0]?.ending === 'client-left');
    expect(events[0]?.name).toBe('attempt.succeeded');
  });

  // A stream that was handed over at its headers was a success only when it was read to its end.
  test('counts as a success as well where it was handed over at its headers', async () => {
    const { client, simulator, seoul } = await start({ router: { streams: { commit: 'headers' } } });
    // It goes silent on the way, so that it cannot have ended before its reader leaves.
    seoul.fault({ kind: 'stall' });
    const events = eventsOf(client, ['attempt.succeeded', 'attempt.failed', 'attempt.abandoned']);
    for await (const chunk of await client.chat.completions.create(streamedQuestion)) {
      if (chunk.choices[0]?.delta.content) break;
    }
    await until(() => events.length > 0 && simulator.log[0]?.ending === 'client-left');
    expect(events[0]?.name).toBe('attempt.succeeded');
  });

  test('counts for nobody when its caller aborts', async () => {
    const { client, seoul } = await start();
    seoul.set({ tokensPerSecond: 20 });
    const before = eventsOf(client, ['attempt.succeeded', 'attempt.failed', 'attempt.abandoned']);
    const leaving = new AbortController();
    const stream = await client.chat.completions.create(streamedQuestion, { signal: leaving.signal });
    let seen = 0;
    for await (const _chunk of stream) {
      seen += 1;
      if (seen === 2) leaving.abort();
    }
    expect(seen).toBe(2);
    await until(() => before.length === 1);
    expect(before[0]?.name).not.toBe('attempt.failed');
    expect(client.router.status().targets[0]?.breaker).toMatchObject({ stats: { failures: 0 } });
  });
});

describe('the bytes of a stream', () => {
  /** The same question over and over gives the same answer but for ids and times. */
  const plain = (text: string) => text.replace(/"(?:id|created|system_fingerprint)":("[^"]*"|\d+)/g, '"x":0');

  test('are the ones the provider sent, however they are read', async () => {
    const { client, seoul } = await start();
    const body = JSON.stringify({ ...streamedQuestion });
    const raw = plain(await (await fetch(`${seoul.baseURL}/chat/completions`, { method: 'POST', body })).text());
    const response = () => client.chat.completions.create(streamedQuestion).asResponse();
    expect(raw).toContain('data: [DONE]');

    expect(plain(await (await response()).text())).toBe(raw);

    const reader = (await response()).body?.getReader();
    let read = '';
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      read += Buffer.from(part.value).toString();
    }
    expect(plain(read)).toBe(raw);

    const [left, right] = (await response()).body?.tee() ?? [];
    expect(plain(await new Response(left).text())).toBe(raw);
    expect(plain(await new Response(right).text())).toBe(raw);

    const parts: Uint8Array[] = [];
    const sink = new WritableStream<Uint8Array>({ write: (part) => void parts.push(part) });
    await (await response()).body?.pipeTo(sink);
    expect(plain(Buffer.concat(parts).toString())).toBe(raw);

    const cloned = await response();
    expect(plain(await cloned.clone().text())).toBe(raw);
  });

  test('break with the same error, however they are read', async () => {
    const { client, seoul } = await start({ router: { ...unrescued, breaker: false } });
    seoul.fault({ kind: 'cut', afterTokens: 3, clean: true });
    const response = () => client.chat.completions.create(streamedQuestion).asResponse();
    expect(isStreamInterruptedError(await errorOf((await response()).text()))).toBe(true);
    const [left] = (await response()).body?.tee() ?? [];
    expect(isStreamInterruptedError(await errorOf(new Response(left).text()))).toBe(true);
    const sink = new WritableStream();
    expect(isStreamInterruptedError(await errorOf((await response()).body?.pipeTo(sink) as Promise<void>))).toBe(true);
  });
});

describe("the official client's own ways with streams", () => {
  test('.stream(), tee() and toReadableStream() work, and each knows its route', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'cut', afterTokens: 0, times: 4 });
    const helper = client.chat.completions.stream(question(`echo: ${TEXT}`));
    expect((await helper.finalChatCompletion()).choices[0]?.message.content).toBe(TEXT);

    const stream = await client.chat.completions.create(streamedQuestion);
    expect(routeOf(stream)).toMatchObject({ endpoint: 'tokyo', failover: true });
    const [left, right] = stream.tee();
    const texts: string[] = [];
    for (const half of [left, right]) {
      let text = '';
      for await (const chunk of half) text += chunk.choices[0]?.delta.content ?? '';
      texts.push(text);
    }
    expect(texts).toEqual([TEXT, TEXT]);

    const lines = await new Response(
      (await client.chat.completions.create(streamedQuestion)).toReadableStream(),
    ).text();
    expect(
      lines
        .trim()
        .split('\n')
        .every((line) => typeof JSON.parse(line) === 'object'),
    ).toBe(true);

    const typed = client.responses.stream({ model: 'gpt-4.1', input: `echo: ${TEXT}` });
    expect((await typed.finalResponse()).output_text).toBe(TEXT);
  });

  test('a stream may be bound to its target at the headers', async () => {
    const { client, seoul, trail } = await start({ router: { streams: { commit: 'headers', rescue: 'error' } } });
    seoul.fault({ kind: 'cut', afterTokens: 0 });
    const stream = await client.chat.completions.create(streamedQuestion);
    const error = await errorOf(
      (async () => {
        for await (const _chunk of stream);
      })(),
    );
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(trail()).toBe('seoul:200');
  });
});

// The official parser throws at such an event, and the rest of the answer is lost.
test('an event that cannot be read is left out and told of, and nothing else is lost', async () => {
  const { client, seoul, trail } = await start({ router: unrescued });
  seoul.fault({ kind: 'malformed-event', afterTokens: 3 });
  const events = eventsOf(client, ['stream.malformed', 'stream.broken', 'attempt.succeeded']);
  let text = '';
  for await (const chunk of await client.chat.completions.create(streamedQuestion))
    text += chunk.choices[0]?.delta.content ?? '';
  expect(text).toBe(TEXT);
  await until(() => events.length === 2);
  expect(events).toMatchObject([
    { name: 'stream.malformed', payload: { target: 'seoul/gpt-4.1', attempt: 1, count: 1 } },
    { name: 'attempt.succeeded' },
  ]);
  expect(trail()).toBe('seoul:200');
});
