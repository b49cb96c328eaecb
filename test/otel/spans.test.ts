import { expect, test } from 'vitest';
import { answerOf, asked, readOut, SIXTY, startBroken } from '../client/rescue-setup.js';
import { errorOf, question, start, until } from '../client/setup.js';
import { millisOf, watched, within } from './setup.js';

test('a call that failed over, was rescued in the middle of its stream and ended', async () => {
  const { client, seoul, tokyo, simulator } = await start({
    simulator: { regions: { seoul: {}, tokyo: {}, osaka: {} } },
  });
  const { tracer, tree, spans } = watched(client);
  seoul.fault({ kind: 'status', status: 500 });
  tokyo.fault({ kind: 'cut', afterTokens: 40 });
  const { text } = await within(tracer, () =>
    answerOf(client, { stream_options: { include_usage: true } }, { router: { tags: ['team-a'] } }),
  );
  expect(text).toBe(SIXTY);
  await until(() => spans().length === 6);
  expect(tree()).toEqual([
    'caller INTERNAL',
    '  chat gpt-4.1 CLIENT [failover, stream.committed, failover, stream.committed, stream.rescued]',
    '    attempt seoul/gpt-4.1 INTERNAL !server_error ERROR',
    '    attempt tokyo/gpt-4.1 INTERNAL !stream_error_late ERROR',
    '    attempt seoul/gpt-4.1 INTERNAL !server_error ERROR',
    '    attempt osaka/gpt-4.1 INTERNAL',
  ]);
  const [call, first, second, third] = ['chat', 'attempt seoul', 'attempt tokyo', 'attempt osaka'].map((name) =>
    spans().find((span) => span.name.startsWith(name)),
  );
  const portOf = (region: number) => Number(new URL(simulator.regions[region]?.baseURL ?? '').port);
  const server = (region: number) => ({
    ...{ 'gen_ai.provider.name': 'openai', 'server.address': '127.0.0.1', 'server.port': portOf(region) },
  });
  expect(call?.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4.1',
    'gen_ai.request.stream': true,
    'gen_ai.response.model': 'gpt-4.1',
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'gen_ai.usage.input_tokens': expect.any(Number),
    'gen_ai.usage.output_tokens': expect.any(Number),
    ...server(2),
    'breakwater.request.id': expect.any(String),
    'breakwater.resource': 'chat.completions',
    'breakwater.attempts': 4,
    'breakwater.target': 'osaka/gpt-4.1',
    'breakwater.rerouted': true,
    'breakwater.cost.usd': expect.any(Number),
  });
  const attempt = (number: number, endpoint: string, region: number) => ({
    'breakwater.attempt.number': number,
    'breakwater.target': `${endpoint}/gpt-4.1`,
    'breakwater.endpoint': endpoint,
    'gen_ai.request.model': 'gpt-4.1',
    ...server(region),
  });
  expect(first?.attributes).toEqual({
    ...attempt(1, 'seoul', 0),
    'error.type': 'server_error',
    'http.response.status_code': 500,
  });
  expect(second?.attributes).toEqual({
    ...attempt(2, 'tokyo', 1),
    'error.type': 'stream_error_late',
    'http.response.status_code': 200,
  });
  expect(third?.attributes).toMatchObject({ ...attempt(4, 'osaka', 2), 'http.response.status_code': 200 });
  const failover = (from: string, to: string, number: number) => [
    'breakwater.failover',
    {
      ...{ 'breakwater.from': `${from}/gpt-4.1`, 'breakwater.to': `${to}/gpt-4.1`, 'error.type': 'server_error' },
      ...{ 'breakwater.attempt.number': number, 'http.response.status_code': 500 },
    },
  ];
  const committed = (target: string, number: number) => [
    'breakwater.stream.committed',
    { 'breakwater.target': `${target}/gpt-4.1`, 'breakwater.attempt.number': number },
  ];
  expect(call?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    failover('seoul', 'tokyo', 2),
    committed('tokyo', 2),
    failover('seoul', 'osaka', 4),
    committed('osaka', 4),
    [
      'breakwater.stream.rescued',
      {
        ...{ 'breakwater.from': 'tokyo/gpt-4.1', 'breakwater.to': 'osaka/gpt-4.1', 'breakwater.how': 'continue' },
        ...{ 'breakwater.form': 'instruction', 'breakwater.after_ms': expect.any(Number) },
      },
    ],
  ]);
  for (const one of [first, second, third]) {
    expect(millisOf(one?.startTime ?? [0, 0])).toBeGreaterThanOrEqual(millisOf(call?.startTime ?? [0, 0]));
    expect(millisOf(one?.endTime ?? [9e9, 0])).toBeLessThanOrEqual(millisOf(call?.endTime ?? [0, 0]));
  }
});

test('a whole answer: one attempt, and its tokens once', async () => {
  const { client } = await start();
  const { tree, spans } = watched(client, { tags: ['team-a'], name: 'shop' });
  await client.chat.completions.create(question(), { router: { tags: ['team-a', 'secret'] } } as object);
  expect(tree()).toEqual(['chat gpt-4.1 CLIENT', '  attempt seoul/gpt-4.1 INTERNAL']);
  const [attempt, call] = spans();
  expect(call?.attributes).toMatchObject({ 'breakwater.tags': ['team-a'], 'breakwater.client': 'shop' });
  expect(attempt?.attributes).not.toHaveProperty('gen_ai.usage.input_tokens');
  expect(call?.attributes['gen_ai.usage.output_tokens']).toBe(attempt?.attributes['breakwater.usage.output_tokens']);
});

test('a failure: repeats and failovers within, and its kind', async () => {
  const { client, seoul, tokyo } = await start({ router: { breaker: { failureStreak: 2 } } });
  const { tree, spans } = watched(client);
  for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 500 });
  await errorOf(client.chat.completions.create(question(), { maxRetries: 1 }));
  expect(tree()[0]).toMatch(/^chat gpt-4\.1 CLIENT !server_error ERROR \[failover, /);
  expect(tree().length).toBe(spans().length);
  expect(spans().at(-1)?.attributes).toMatchObject({ 'breakwater.attempts': spans().length - 1 });
  expect(spans().at(-1)?.attributes).not.toHaveProperty('gen_ai.response.model');
});

test('a caller who leaves is not failed', async () => {
  const { client, seoul } = await start();
  const { tree } = watched(client);
  seoul.set({ latencyMs: 5_000 });
  await errorOf(client.chat.completions.create(question(), { signal: AbortSignal.timeout(30) }));
  expect(tree()).toEqual(['chat gpt-4.1 CLIENT !caller_abort', '  attempt seoul/gpt-4.1 INTERNAL !caller_abort']);
});

test('a stream is under way until it is read, or left', async () => {
  const { client } = await start();
  const { tree, spans } = watched(client);
  const stream = await client.chat.completions.create(asked);
  expect(spans()).toEqual([]);
  await readOut(stream);
  await until(() => spans().length === 2);
  for await (const _chunk of await client.chat.completions.create(asked)) break;
  await until(() => spans().length === 4);
  const one = ['chat gpt-4.1 CLIENT [stream.committed]', '  attempt seoul/gpt-4.1 INTERNAL'];
  expect(tree()).toEqual([...one, ...one]);
});

test('a stream that breaks off for good has failed, though it was answered', async () => {
  const { client, seoul } = await startBroken({ router: { streams: { rescue: 'error' } } });
  const { tree, spans } = watched(client);
  seoul.fault({ kind: 'cut', afterTokens: 40 });
  await answerOf(client);
  await until(() => spans().length === 2);
  expect(tree()).toEqual([
    'chat gpt-4.1 CLIENT !stream_error_late ERROR [stream.committed]',
    '  attempt seoul/gpt-4.1 INTERNAL !stream_error_late ERROR',
  ]);
});

test('of two targets in a race both are told, and who answered', async () => {
  const { client, seoul } = await start({ router: { hedging: { delayMs: 60, minDelayMs: 10 } } });
  const { tree, spans } = watched(client);
  seoul.set({ latencyMs: 2_000 });
  await client.chat.completions.create(question());
  expect(tree()).toEqual([
    'chat gpt-4.1 CLIENT [hedge.sent, hedge.won]',
    '  attempt seoul/gpt-4.1 INTERNAL !attempt_timeout ERROR',
    '  attempt tokyo/gpt-4.1 INTERNAL',
  ]);
  expect(spans().at(-1)?.attributes).toMatchObject({ 'breakwater.target': 'tokyo/gpt-4.1' });
});

test('a user’s own answer is no target’s', async () => {
  const { client, seoul, tokyo } = await start({ router: { lastResort: () => 'closed' as never } });
  const { tree, spans } = watched(client);
  for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 503 });
  await client.chat.completions.create(question(), { maxRetries: 0 }).catch(() => undefined);
  expect(tree()[0]).toContain('lastresort.used');
  expect(spans().at(-1)?.attributes).toMatchObject({ 'breakwater.last_resort': true });
});

test('a breaker that a call has opened is told in its span', async () => {
  const { client, seoul } = await start({ router: { breaker: { failureStreak: 1 } } });
  const { tree } = watched(client);
  seoul.fault({ kind: 'status', status: 500 });
  await client.chat.completions.create(question());
  expect(tree()[0]).toBe('chat gpt-4.1 CLIENT [breaker.opened, failover]');
});

test('a stream that nobody reads does not keep its span for ever', async () => {
  const { client } = await start();
  const { tree, undo } = watched(client, { maxOpenCalls: 2 });
  const held = [];
  for (let i = 0; i < 3; i += 1) held.push(await client.chat.completions.create(asked));
  const [first] = tree();
  expect(first).toBe('chat gpt-4.1 CLIENT unfinished [stream.committed]');
  expect(tree().length).toBe(2);
  undo();
  expect(tree().length).toBe(6);
  expect(held.length).toBe(3);
});

test('a call that is too old is ended by the next one', async () => {
  const { client } = await start();
  const { tree } = watched(client, { maxCallMs: 20 });
  const held = await client.chat.completions.create(asked);
  await new Promise((resolve) => setTimeout(resolve, 30));
  await client.chat.completions.create(question());
  expect(tree()[0]).toBe('chat gpt-4.1 CLIENT unfinished [stream.committed]');
  expect(await readOut(held)).toMatchObject({ text: asked.messages[0]?.content.slice('echo: '.length) });
});

test('after the undo nothing is told', async () => {
  const { client } = await start();
  const { spans, undo, points } = watched(client);
  undo();
  await client.chat.completions.create(question());
  expect(spans()).toEqual([]);
  expect(await points()).toEqual([]);
});
