import { isStreamInterruptedError, routeOf } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { answerOf, asked, readOut, SIXTY, startBroken } from './rescue-setup.js';
import { errorOf, eventsOf, until } from './setup.js';

const CUT = { kind: 'cut', afterTokens: 40 } as const;

describe('an answer from two targets', () => {
  test('has the id, the model and one role, as if it came from one', async () => {
    const { client, seoul } = await startBroken({
      router: { fallbacks: ['gpt-4.1-mini'] },
      tokyo: { models: ['gpt-4.1-mini'] },
    });
    seoul.fault(CUT);
    const { chunks, text } = await answerOf(client);
    expect(text).toBe(SIXTY);
    for (const name of ['id', 'model', 'created', 'object'] as const)
      expect(new Set(chunks.map((chunk) => chunk[name])).size).toBe(1);
    expect(chunks.filter(({ choices }) => choices[0]?.delta.role !== undefined).length).toBe(1);
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['stop']);
  });

  test('ends for want of tokens where it would have, and is asked for no more than is left', async () => {
    const { client, seoul, simulator } = await startBroken({ tokyo: { continues: 'prefill' }, prefill: 'plain' });
    seoul.fault({ kind: 'cut', afterTokens: 20 });
    const { text, chunks } = await answerOf(client, { max_tokens: 50 });
    expect(text.split(' ').length).toBe(50);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('length');
    expect(simulator.log.map(({ body }) => (body as { max_tokens: number }).max_tokens)).toEqual([50, 30]);
  });

  test('tells what both have used, once, where it was asked for', async () => {
    const { client, seoul } = await startBroken({ tokyo: { continues: 'prefill' }, prefill: 'plain' });
    const { chunks: whole } = await answerOf(client, { stream_options: { include_usage: true } });
    const ofOne = whole.at(-1)?.usage;
    seoul.fault(CUT);
    const { chunks, text } = await answerOf(client, { stream_options: { include_usage: true } });
    expect(text).toBe(SIXTY);
    expect(chunks.flatMap(({ usage }) => usage ?? []).length).toBe(1);
    const prompt = ofOne?.prompt_tokens ?? 0;
    // The second was given the question and what had been delivered, in a message of its own.
    expect(chunks.at(-1)?.usage).toMatchObject({ completion_tokens: 60, total_tokens: 2 * prompt + 46 + 60 });
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBe(2 * prompt + 46);
    expect((await answerOf(client)).chunks.some(({ usage }) => usage)).toBe(false);
  });

  test('is one request, with the attempts of both', async () => {
    const { client, seoul } = await startBroken();
    seoul.fault(CUT);
    const events = eventsOf(client);
    const stream = await client.chat.completions.create(asked);
    expect(routeOf(stream)).toMatchObject({ target: 'seoul/gpt-4.1', failover: false, attempts: [{ kind: 'ok' }] });
    await readOut(stream);
    await until(() => events.some(({ name, payload }) => name === 'attempt.succeeded' && payload.attempt === 2));
    await until(() => events.some(({ name }) => name === 'stream.ended'));
    const told = events.filter(({ payload }) => payload.requestId !== undefined);
    expect(
      told.map(({ name, payload: { endpoint = '', attempt = '' } }) => `${name} ${endpoint} ${attempt}`.trim()),
    ).toEqual([
      'request.started',
      'attempt.started seoul 1',
      'stream.committed seoul 1',
      'request.succeeded',
      'stream.broken seoul 1',
      'attempt.failed seoul 1',
      'attempt.started tokyo 2',
      'stream.committed tokyo 2',
      'stream.rescued',
      'attempt.succeeded tokyo 2',
      'stream.ended',
    ]);
    expect(new Set(told.map(({ payload }) => payload.requestId)).size).toBe(1);
    expect(events.find(({ name }) => name === 'stream.rescued')?.payload).toMatchObject({
      ...{ from: 'seoul/gpt-4.1', to: 'tokyo/gpt-4.1', how: 'continue', form: 'instruction' },
    });
    expect(client.router.stats()).toMatchObject({ requests: { started: 1, succeeded: 1, failed: 0 }, rescues: 1 });
  });

  test('has a route that tells of every attempt, also that of its response', async () => {
    const { client, seoul, tokyo } = await startBroken();
    seoul.fault(CUT);
    tokyo.fault({ kind: 'status', status: 503, times: 1, models: ['gpt-4.1'] });
    const { data, response } = await client.chat.completions.create(asked, { maxRetries: 3 }).withResponse();
    const early = routeOf(data);
    await readOut(data);
    for (const route of [early, routeOf(data), routeOf(response)]) {
      expect(route).toMatchObject({ failover: true, model: 'gpt-4.1' });
      expect(route?.attempts.map(({ endpoint, kind }) => `${endpoint} ${kind}`).slice(0, 2)).toEqual([
        'seoul stream_error_late',
        'tokyo overloaded',
      ]);
      expect(route?.attempts.at(-1)?.endpoint).toBe(route?.endpoint);
    }
  });

  test('counts against the first target, and for the second', async () => {
    const { client, seoul } = await startBroken();
    seoul.fault(CUT);
    await answerOf(client);
    const breakers = () => client.router.status().targets.map(({ breaker }) => breaker);
    await until(() => (breakers()[1] as { stats: { total: number } }).stats.total === 1);
    expect(breakers()).toMatchObject([{ stats: { total: 1, failures: 1 } }, { stats: { total: 1, failures: 0 } }]);
  });

  test('is charged to the limits of both', async () => {
    const { client, seoul } = await startBroken({
      router: { limits: { concurrency: 9 } },
      limits: { tokensPerMinute: 1_000 },
    });
    seoul.fault(CUT);
    await answerOf(client);
    const left = () =>
      client.router
        .status()
        .targets.map(({ endpoint, limits }) => limits[`the endpoint ${endpoint}`]?.tokensPerMinute ?? 1_000);
    // The question has 65 tokens: the first wrote 40 of the answer, the second was given those besides the question.
    await until(() => left().every((tokens) => tokens < 950));
    expect(left().every((tokens) => tokens > 600)).toBe(true);
    await until(() => client.router.status().targets.every(({ limits }) => limits['the client']?.concurrency === 9));
  });

  test('shows each endpoint its own key alone', async () => {
    const { client, seoul, simulator } = await startBroken({ prefill: 'plain', tokyo: { continues: 'refuse' } });
    seoul.fault(CUT);
    const events = eventsOf(client);
    await answerOf(client);
    expect(simulator.log.map(({ headers }) => headers.authorization)).toEqual([
      ...['Bearer sk-seoul', 'Bearer sk-tokyo', 'Bearer sk-tokyo'],
    ]);
    expect(JSON.stringify(events)).not.toMatch(/sk-|word1/);
  });
});

describe('restart', () => {
  const restarting = { router: { streams: { rescue: 'restart' as const } } };

  test('begins anew, and says so before the first new chunk', async () => {
    const { client, seoul, simulator } = await startBroken(restarting);
    seoul.fault(CUT);
    let shown = '';
    client.on('stream.restarted', ({ from, to }) => {
      expect(`${from} ${to}`).toBe('seoul/gpt-4.1 tokyo/gpt-4.1');
      shown = '';
    });
    for await (const chunk of await client.chat.completions.create(asked))
      shown += chunk.choices[0]?.delta.content ?? '';
    expect(shown).toBe(SIXTY);
    expect(simulator.log[1]?.body).toEqual(simulator.log[0]?.body);
  });

  // What had been thrown away stood in front of it.
  test('that breaks off as well has only its own text in its error', async () => {
    const { client, seoul, tokyo } = await startBroken({ router: { streams: { rescue: 'restart', maxRescues: 1 } } });
    seoul.fault(CUT);
    tokyo.fault({ kind: 'cut', afterTokens: 2 });
    const { error } = await answerOf(client);
    expect(isStreamInterruptedError(error)).toBe(true);
    expect(error).toMatchObject({ partial: { text: 'word1 word2' } });
  });

  test('may be asked for by a single request, and does for several choices and for tools', async () => {
    const { client, seoul, trail } = await startBroken();
    seoul.fault(CUT);
    const { error } = await answerOf(client, { n: 2 }, { router: { rescue: 'restart' } });
    expect(error).toBeUndefined();
    expect(trail()).toBe('seoul:200 tokyo:200');
  });
});

describe('a caller who leaves while another target is asked', () => {
  const waiting = async () => {
    const world = await startBroken();
    world.seoul.fault({ kind: 'cut', afterTokens: 3 });
    world.tokyo.fault({ kind: 'headers-only' });
    const isAsked = () => until(() => world.simulator.requests({ region: 'tokyo' }).length === 1);
    const nothingIsLeft = async () => {
      await until(() => world.simulator.requests({ region: 'tokyo' })[0]?.ending === 'client-left');
      await until(() => world.client.router.status().targets.every(({ inFlight }) => inFlight === 0));
      expect(world.simulator.log.length).toBe(2);
    };
    return { ...world, isAsked, nothingIsLeft };
  };

  test('by a signal ends the stream as the official client does, and leaves nothing behind', async () => {
    const { client, isAsked, nothingIsLeft } = await waiting();
    const leaving = new AbortController();
    const stream = await client.chat.completions.create(asked, { signal: leaving.signal });
    const reading = readOut(stream);
    await isAsked();
    leaving.abort();
    expect(await reading).toMatchObject({ text: 'word1 word2 word3', error: undefined });
    await nothingIsLeft();
  });

  test("by the stream's own controller leaves nothing behind", async () => {
    const { client, isAsked, nothingIsLeft } = await waiting();
    const stream = await client.chat.completions.create(asked);
    const reading = readOut(stream);
    await isAsked();
    stream.controller.abort();
    expect((await reading).error).toBeUndefined();
    await nothingIsLeft();
  });

  test('by letting go of the body leaves nothing behind', async () => {
    const { client, isAsked, nothingIsLeft } = await waiting();
    const reader = (await client.chat.completions.create(asked).asResponse()).body?.getReader();
    const reading = (async () => {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read());
    })();
    await isAsked();
    await reader?.cancel();
    await reading.catch(() => undefined);
    await nothingIsLeft();
  });

  test('by a break behind the seam leaves nothing behind', async () => {
    const { client, seoul, tokyo, simulator } = await startBroken();
    seoul.fault({ kind: 'cut', afterTokens: 3 });
    tokyo.fault({ kind: 'stall', afterTokens: 20 });
    let count = 0;
    for await (const chunk of await client.chat.completions.create(asked)) {
      count += chunk.choices[0]?.delta.content ? 1 : 0;
      if (count === 10) break;
    }
    await until(() => simulator.requests({ region: 'tokyo' })[0]?.ending === 'client-left');
    await until(() => client.router.status().targets.every(({ inFlight }) => inFlight === 0));
  });

  test('by a signal behind the seam leaves nothing behind', async () => {
    const { client, seoul, tokyo, simulator } = await startBroken();
    seoul.fault({ kind: 'cut', afterTokens: 3 });
    tokyo.fault({ kind: 'stall', afterTokens: 20 });
    const leaving = new AbortController();
    const response = await client.chat.completions.create(asked, { signal: leaving.signal }).asResponse();
    const reading = errorOf(response.text());
    await until(() => simulator.log.length === 2);
    setTimeout(() => leaving.abort(), 50);
    expect((await reading).name).toBe('AbortError');
    await until(() => simulator.requests({ region: 'tokyo' })[0]?.ending === 'client-left');
    await until(() => client.router.status().targets.every(({ inFlight }) => inFlight === 0));
  });
});
