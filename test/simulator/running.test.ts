import { once } from 'node:events';
import { request } from 'node:http';
import { type LogEntry, startSimulator } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { clientOf, failureOf, question, start } from './setup.js';

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

describe('pace', () => {
  test('latency comes before the answer, and may change while running', async () => {
    const { client, region } = await start({ latencyMs: 150 });
    expect(await timed(() => client.models.list())).toBeGreaterThan(148);
    region.set({ latencyMs: 0 });
    expect(await timed(() => client.models.list())).toBeLessThan(120);
  });

  test('tokens are paced, streamed or not, and slowed down by a factor', async () => {
    const { client, region } = await start({ tokensPerSecond: 200 });
    const asked = question(`echo: ${'sea '.repeat(30)}`);
    const stream = async () => {
      let first = 0;
      const startedAt = performance.now();
      for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
        if (first === 0 && chunk.choices[0]?.delta.content) first = performance.now() - startedAt;
      }
      return first;
    };
    expect(await timed(() => client.chat.completions.create(asked))).toBeGreaterThan(145);
    expect(await timed(async () => expect(await stream()).toBeLessThan(120))).toBeGreaterThan(145);
    region.fault({ kind: 'slow', factor: 2 });
    expect(await timed(stream)).toBeGreaterThan(290);
  });

  test('jitter is drawn from the seed', async () => {
    const latencies = async (seed: number) => {
      const { simulator, client } = await start({ seed, jitterMs: 80 });
      for (let count = 0; count < 4; count += 1) await client.models.list();
      return simulator.log.map(({ durationMs = 0 }) => durationMs);
    };
    const [one, same, other] = [await latencies(1), await latencies(1), await latencies(2)];
    const distance = (left: number[], right: number[]) =>
      Math.max(...left.map((value, index) => Math.abs(value - (right[index] ?? 0))));
    // The seeds 1 and 2 draw latencies that lie up to 47 ms apart.
    expect(distance(one, same)).toBeLessThan(distance(one, other));
    expect(distance(one, other)).toBeGreaterThan(35);
  });
});

describe('the log', () => {
  test('tells what came and what was done', async () => {
    const { simulator, client } = await start();
    await client.chat.completions.create(question('hi'));
    expect(simulator.log).toEqual([
      {
        ...{
          number: 1,
          at: expect.any(Number),
          region: 'local',
          method: 'POST',
          path: '/v1/chat/completions',
          query: '',
        },
        ...{
          model: 'gpt-4.1',
          streamed: false,
          body: question('hi'),
          status: 200,
          ending: 'answered',
          durationMs: expect.any(Number),
        },
        headers: expect.objectContaining({ authorization: 'Bearer sk-test', 'content-type': 'application/json' }),
      },
    ]);
  });

  test('is filtered by region, model and path, and cleared', async () => {
    const { simulator } = await start({ regions: { seoul: {}, tokyo: {} } });
    const [seoul, tokyo] = [clientOf(simulator, 'seoul'), clientOf(simulator, 'tokyo')];
    await seoul.chat.completions.create(question('hi'));
    await tokyo.chat.completions.create({ ...question('hi'), model: 'gpt-4o' });
    await tokyo.models.retrieve('gpt-4o');
    const numbers = (entries: readonly LogEntry[]) => entries.map(({ number }) => number);
    expect(numbers(simulator.requests())).toEqual([1, 2, 3]);
    expect(numbers(simulator.requests({ region: 'tokyo' }))).toEqual([2, 3]);
    expect(numbers(simulator.requests({ model: 'gpt-4.1' }))).toEqual([1]);
    expect(numbers(simulator.requests({ path: '/chat/completions' }))).toEqual([1, 2]);
    expect(numbers(simulator.requests({ path: '/v1/models', region: 'tokyo' }))).toEqual([3]);
    const { log } = simulator;
    simulator.clearLog();
    expect(log).toEqual([]);
    await seoul.models.list();
    expect(numbers(log)).toEqual([4]);
  });

  test('keeps no more than its size', async () => {
    const { simulator, client } = await start({ logSize: 2 });
    for (let count = 0; count < 3; count += 1) await client.models.list();
    expect(simulator.log.map(({ number }) => number)).toEqual([2, 3]);
  });

  test('announces each request when it has ended', async () => {
    const ended: string[] = [];
    const { client } = await start({ onRequest: ({ path, ending }) => ended.push(`${path} ${ending}`) });
    await client.models.list();
    await expect.poll(() => ended).toEqual(['/v1/models answered']);
  });

  test('tells of a client that leaves, whose answer is then no longer paced', async () => {
    // Two and a half seconds of tokens: a machine that stands still for one of them does not make it look whole.
    const { simulator, client } = await start({ tokensPerSecond: 4 });
    const stream = await client.chat.completions.create({ ...question('echo: a b c d e f g h i j'), stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect.poll(() => simulator.log[0]?.ending).toBe('client-left');
    expect(simulator.log[0]?.durationMs).toBeLessThan(2000);
  });

  test('holds no socket of a client that left', async () => {
    // Not with fetch: most versions of Node open a spare connection when an answer is aborted, and keep it for the next request.
    const { simulator, region } = await start({ tokensPerSecond: 4 });
    const asked = request(`${region.baseURL}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
    });
    asked.end(JSON.stringify({ ...question('echo: a b c d e f g h i j'), stream: true }));
    const [answer] = await once(asked, 'response');
    await once(answer, 'data');
    expect(simulator.openSockets()).toBe(1);
    answer.destroy();
    await expect.poll(() => simulator.openSockets()).toBe(0);
    expect(simulator.log[0]).toMatchObject({ status: 200, ending: 'client-left' });
  });

  test('leaves no timer behind for clients that left', async () => {
    const { simulator, client } = await start({ latencyMs: 60_000 });
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    const before = timers();
    const leave = new AbortController();
    const calls = Array.from({ length: 20 }, () => failureOf(client.models.list({ signal: leave.signal })));
    await expect.poll(() => simulator.log.length).toBe(20);
    expect(timers()).toBeGreaterThanOrEqual(before + 20);
    leave.abort();
    await Promise.all(calls);
    await expect.poll(() => simulator.log.every(({ ending }) => ending === 'client-left')).toBe(true);
    // The poll, the client and the sockets have a few of their own; twenty would be ours.
    expect(timers()).toBeLessThan(before + 10);
  });

  test('keeps a silent request open until its client leaves', async () => {
    const { simulator, region, client } = await start();
    region.fault({ kind: 'silence' });
    const call = failureOf(client.models.list({ timeout: 60 }));
    await expect.poll(() => simulator.log[0]).toMatchObject({ fault: 'silence', ending: 'open' });
    await call;
    await expect.poll(() => simulator.log[0]?.ending).toBe('client-left');
  });
});

describe('a script', () => {
  test('lets faults and settings come and go', async () => {
    const { simulator, region } = await start({ latencyMs: 1 });
    const script = simulator.script([
      { atMs: 0, forMs: 60, region: 'local', fault: { kind: 'status', status: 500 } },
      { atMs: 30, forMs: 60, region: 'local', set: { latencyMs: 7 } },
    ]);
    const status = async () => (await fetch(`${region.baseURL}/models`)).status;
    expect(await status()).toBe(500);
    await expect.poll(() => region.settings.latencyMs).toBe(7);
    await script.done;
    expect(region.settings.latencyMs).toBe(1);
    expect(await status()).toBe(200);
  });

  test('stops, taking back what has an end and leaving what has none', async () => {
    const { simulator, region } = await start();
    const script = simulator.script([
      { atMs: 0, forMs: 60_000, region: 'local', model: 'gpt-4.1', fault: { kind: 'quota' } },
      { atMs: 0, region: 'local', set: { latencyMs: 3 } },
      { atMs: 60_000, region: 'local', fault: { kind: 'refuse' } },
    ]);
    script.stop();
    await script.done;
    expect(region.settings.latencyMs).toBe(3);
    expect((await clientOf(simulator, 'local').chat.completions.create(question('hi'))).choices).toHaveLength(1);
  });

  test('is turned down as a whole if a step is wrong', async () => {
    const { simulator } = await start();
    const step = { atMs: 0, region: 'local' };
    expect(() => simulator.script([{ ...step, region: 'paris', fault: { kind: 'quota' } }])).toThrow(
      'no region "paris"; there are local',
    );
    expect(() => simulator.script([step])).toThrow('Step 0 of the script needs a fault or a set');
    expect(() => simulator.script([{ ...step, atMs: -1, fault: { kind: 'quota' } }])).toThrow('needs atMs');
    expect(() => simulator.script([{ ...step, model: 'gpt-4.1', fault: { kind: 'refuse' } }])).toThrow(
      'which only a whole region can',
    );
    expect(() => simulator.script([{ ...step, set: { latencyMs: -1 } }])).toThrow('regions.local.latencyMs must be');
  });
});

describe('the simulator', () => {
  test('lists every wrong option at once', async () => {
    const wrong = {
      seeds: 1,
      latencyMs: -1,
      limits: { requestsPerMinute: 0 },
      regions: { seoul: { port: 70_000, model: 'x' } },
    };
    const message = await startSimulator(wrong as never).catch((error: Error) => error.message);
    expect(message).toContain('seeds is not an option; there are latencyMs, jitterMs');
    expect(message).toContain('latencyMs must be a number of 0 or more, but is -1');
    expect(message).toContain('limits.requestsPerMinute must be a number above 0, but is 0');
    expect(message).toContain('regions.seoul.port must be a port from 0 to 65535, but is 70000');
    expect(message).toContain('regions.seoul.model is not an option');
  });

  test('rejects if a port is taken, and leaves none open', async () => {
    const { region } = await start();
    const started = startSimulator({ regions: { free: {}, taken: { port: region.port } } });
    expect(await started.catch((error: { code: string }) => error.code)).toBe('EADDRINUSE');
  });

  test('gives regions their own models, keys and files', async () => {
    const { simulator } = await start({ regions: { seoul: { models: ['gpt-4o'], apiKeys: ['sk-seoul'] }, tokyo: {} } });
    expect((await clientOf(simulator, 'seoul', 'sk-seoul').models.list()).data.map(({ id }) => id)).toEqual(['gpt-4o']);
    expect(await failureOf(clientOf(simulator, 'seoul').models.list())).toBe('AuthenticationError 401 invalid_api_key');
    const tokyo = clientOf(simulator, 'tokyo');
    const { id } = await tokyo.responses.create({ model: 'gpt-4.1', input: 'hi' });
    expect(await failureOf(clientOf(simulator, 'seoul', 'sk-seoul').responses.retrieve(id))).toBe('NotFoundError 404');
    expect(() => simulator.region('paris')).toThrow('there are seoul, tokyo');
  });

  test('closes at once whatever is under way, and stays closed', async () => {
    const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
    simulator.region('seoul').fault({ kind: 'silence' });
    const undo = simulator.region('tokyo').fault({ kind: 'refuse' });
    const call = failureOf(clientOf(simulator, 'seoul').models.list());
    await expect.poll(() => simulator.openSockets()).toBe(1);
    expect(await timed(() => simulator.close())).toBeLessThan(1000);
    expect(simulator.openSockets()).toBe(0);
    expect(await call).toBe('APIConnectionError');
    undo();
    simulator.heal();
    await simulator.region('tokyo').ready();
    expect(await failureOf(clientOf(simulator, 'tokyo').models.list())).toBe('APIConnectionError');
    await simulator.close();
  });
});
