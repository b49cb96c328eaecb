import { routeOf } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, question, routed, start } from './setup.js';

const BOTH_503 = { kind: 'status', status: 503, models: ['gpt-4.1'], retryAfter: 30 } as const;

describe('fallbacks', () => {
  test.each([
    ['a list for every model', ['gpt-4o', 'gpt-4.1-mini']],
    ['a list by model', { 'gpt-4.1': ['gpt-4o'], other: ['gpt-4.1-mini'] }],
  ])('as %s are asked at all their endpoints when the model is nowhere to be had', async (_form, fallbacks) => {
    const { client, simulator, seoul, tokyo } = await start({ router: { fallbacks } });
    for (const region of [seoul, tokyo]) region.fault(BOTH_503);
    seoul.model('gpt-4o').fault({ kind: 'reset' });
    const answer = await client.chat.completions.create(question());
    expect(answer.model).toBe('gpt-4o');
    expect(answer.choices[0]?.message.content).toBe('hello');
    expect(simulator.log.map(({ region, model }) => `${region}/${model}`)).toEqual([
      'seoul/gpt-4.1',
      'tokyo/gpt-4.1',
      'seoul/gpt-4o',
      'tokyo/gpt-4o',
    ]);
    expect(routeOf(answer)).toMatchObject({ target: 'tokyo/gpt-4o', model: 'gpt-4o', failover: true });
  });

  test('of one request replace those of the client', async () => {
    const { client, simulator, seoul, tokyo } = await start({ router: { fallbacks: ['gpt-4o'] } });
    for (const region of [seoul, tokyo]) region.fault(BOTH_503);
    const answer = await client.chat.completions.create(question(), routed({ fallbacks: ['gpt-4.1-mini'] }));
    expect(answer.model).toBe('gpt-4.1-mini');
    expect(simulator.requests({ model: 'gpt-4o' })).toEqual([]);
  });

  test('can be switched off for one request', async () => {
    const { client, trail, seoul, tokyo } = await start({ router: { fallbacks: ['gpt-4o'] } });
    for (const region of [seoul, tokyo]) region.fault(BOTH_503);
    expect(await errorOf(client.chat.completions.create(question(), routed({ fallbacks: false })))).toMatchObject({
      status: 503,
    });
    expect(trail()).toBe('seoul:503 tokyo:503');
  });

  test('reach a model that only one endpoint serves', async () => {
    const { client, trail, seoul } = await start({
      simulator: { regions: { seoul: { models: ['gpt-4.1'] }, tokyo: { models: ['claude-sonnet-4-5'] } } },
      endpoint: ({ models }) => ({ models }),
      router: { fallbacks: { 'gpt-4.1': ['claude-sonnet-4-5'] } },
    });
    seoul.fault({ kind: 'refuse' });
    expect(await ask(client, true)).toBe('hello there');
    expect(trail()).toBe('tokyo:200');
  });

  test('are preferred to a wait only when the wait is long', async () => {
    const { client, simulator, seoul } = await start({
      simulator: { regions: { seoul: {} } },
      router: { fallbacks: ['gpt-4o'], retries: { maxWaitMs: 1 } },
    });
    seoul.model('gpt-4.1').fault({ kind: 'rate-limit', retryAfterSeconds: 1 });
    await ask(client, false);
    expect(simulator.log.map(({ model }) => model)).toEqual(['gpt-4.1', 'gpt-4o']);
  });
});

describe('what no other endpoint can mend', () => {
  test('a prompt that is too long goes to another model, never to the same one elsewhere', async () => {
    const { client, simulator, seoul } = await start({ router: { fallbacks: ['gpt-4o'] } });
    seoul.model('gpt-4.1').fault({ kind: 'context-length' });
    expect((await client.chat.completions.create(question())).model).toBe('gpt-4o');
    expect(simulator.log.map(({ region, model }) => `${region}/${model}`)).toEqual(['seoul/gpt-4.1', 'seoul/gpt-4o']);
  });

  test('a prompt that is too long goes to the model named for that', async () => {
    const fallbacksFor = { contextWindow: { 'gpt-4.1': ['gpt-4.1-mini'] } };
    const { client, simulator, seoul } = await start({ router: { fallbacks: ['gpt-4o'], fallbacksFor } });
    seoul.model('gpt-4.1').fault({ kind: 'context-length' });
    expect((await client.chat.completions.create(question())).model).toBe('gpt-4.1-mini');
    expect(simulator.log.length).toBe(2);
  });

  test('a refused prompt is refused at once', async () => {
    const { client, trail, seoul } = await start({ router: { fallbacks: ['gpt-4o'] } });
    seoul.fault({ kind: 'content-filter' });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toMatchObject({ status: 400, code: 'content_filter' });
    expect(trail()).toBe('seoul:400');
  });

  test('a refused prompt goes to a model that was named for that', async () => {
    const fallbacksFor = { contentPolicy: { 'gpt-4.1': ['gpt-4o'] } };
    const { client, seoul } = await start({ router: { fallbacksFor } });
    seoul.model('gpt-4.1').fault({ kind: 'content-filter', code: 'content_policy_violation' });
    expect((await client.chat.completions.create(question())).model).toBe('gpt-4o');
  });
});

describe('embeddings', () => {
  const vectors = { model: 'text-embedding-3-small', input: 'a' };

  test('move to the same model elsewhere, and to no other by a list for every model', async () => {
    const { client, simulator, seoul, tokyo } = await start({ router: { fallbacks: ['gpt-4o'] } });
    seoul.fault({ kind: 'status', status: 503, retryAfter: 30 });
    expect((await client.embeddings.create(vectors)).data.length).toBe(1);
    tokyo.fault({ kind: 'status', status: 503, retryAfter: 30 });
    await errorOf(client.embeddings.create(vectors));
    expect(simulator.requests({ model: 'gpt-4o' })).toEqual([]);
  });

  test('move to another model that is named for theirs', async () => {
    const fallbacks = { 'text-embedding-3-small': ['text-embedding-3-large'] };
    const { client, seoul, tokyo } = await start({ router: { fallbacks } });
    for (const region of [seoul, tokyo]) region.fault({ ...BOTH_503, models: ['text-embedding-3-small'] });
    expect((await client.embeddings.create(vectors)).model).toBe('text-embedding-3-large');
  });
});

test('every resource that any server can answer moves on', async () => {
  const { client, simulator, seoul } = await start({ router: { breaker: false } });
  seoul.fault({ kind: 'reset' });
  const calls = [
    () => client.responses.create({ model: 'gpt-4.1', input: 'hi' }),
    () => client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'hi' }),
    () => client.moderations.create({ input: 'hi' }),
    () => client.images.generate({ model: 'gpt-image-1', prompt: 'hi' }),
    () => client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'hi' }),
  ];
  for (const call of calls) {
    simulator.clearLog();
    await call();
    expect(simulator.log.map(({ region, status }) => `${region} ${status ?? '-'}`)).toEqual(['seoul -', 'tokyo 200']);
  }
});
