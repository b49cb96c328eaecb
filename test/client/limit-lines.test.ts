import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LimitExceededError } from 'breakwater';
import { expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, routed, start, until } from './setup.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

type Client = Awaited<ReturnType<typeof start>>['client'];

/** How many more calls may be under way. */
const places = (client: Client) =>
  client.router.status().targets.find(({ target }) => target === 'seoul/gpt-4.1')?.limits['the client']?.concurrency;

/** What a call asks, when it is known by its words. */
const echoes = (simulator: { log: readonly { body?: unknown }[] }) =>
  simulator.log.map(({ body }) => /echo: (\w+)/.exec(JSON.stringify(body))?.[1]);

test('a key whose quota is used up is not asked again, for no model', async () => {
  const regions = { seoul: { limits: { quotaTokens: 1 } }, tokyo: {} };
  const { client, simulator, trail } = await start({ simulator: { regions } });
  const quarantines = eventsOf(client, ['quarantine.started']);
  for (let call = 0; call < 10; call += 1) await ask(client, call % 2 === 1);
  await client.chat.completions.create({ ...question(), model: 'gpt-4o' });
  expect(trail()).toBe(`seoul:429 ${Array(11).fill('tokyo:200').join(' ')}`);
  expect(quarantines).toMatchObject([{ payload: { scope: 'credential', reason: 'quota' } }]);
  expect(simulator.log).toHaveLength(12);
});

test('where bought capacity is full only that call goes elsewhere: the next is sent to the first choice again', async () => {
  const limits = { tokensPerMinute: 600, headers: 'azure-provisioned' as const };
  const { client, trail } = await start({ simulator: { regions: { seoul: { limits }, tokyo: {} } } });
  const large = { ...question(), max_tokens: 500 };
  await client.chat.completions.create(large);
  await client.chat.completions.create(large);
  await client.chat.completions.create({ ...question(), max_tokens: 10 });
  expect(trail()).toBe('seoul:200 seoul:429 tokyo:200 seoul:200');
});

test('of the calls that wait the highest priority goes first, and then the first to come', async () => {
  const { client, simulator, seoul } = await start({ router: { limits: { concurrency: 1 } } });
  seoul.set({ latencyMs: 500 });
  const waiting = eventsOf(client, ['limit.waiting']);
  const call = (word: string, priority: number) =>
    client.chat.completions.create(question(`echo: ${word}`), routed({ priority }));
  const calls = [call('first', 0)];
  await until(() => simulator.log.length === 1);
  for (const [word, priority] of [
    ['low', -1],
    ['a', 0],
    ['b', 0],
    ['high', 5],
  ] as const) {
    const known = waiting.length;
    calls.push(call(word, priority));
    await until(() => waiting.length > known);
  }
  seoul.set({ latencyMs: 10 });
  await Promise.all(calls);
  expect(echoes(simulator)).toEqual(['first', 'high', 'a', 'b', 'low']);
});

test('who gives up while waiting leaves the line: nothing is sent, and nothing is taken', async () => {
  const { client, simulator, seoul } = await start({ router: { limits: { concurrency: 1, maxWaiting: 2 } } });
  seoul.set({ latencyMs: 150 });
  const waiting = eventsOf(client, ['limit.waiting']);
  const first = client.chat.completions.create(question('echo: first'));
  await until(() => places(client) === 0);
  const caller = new AbortController();
  const two = [1, 2].map(() => errorOf(client.chat.completions.create(question(), { signal: caller.signal })));
  await until(() => waiting.length === 2);
  expect(await errorOf(client.chat.completions.create(question()))).toBeInstanceOf(LimitExceededError);
  caller.abort();
  expect((await Promise.all(two)).map((error) => error.constructor.name)).toEqual(Array(2).fill('APIUserAbortError'));
  // There is a place in the line again.
  const next = client.chat.completions.create(question('echo: next'));
  await Promise.all([first, next]);
  expect(echoes(simulator)).toEqual(['first', 'next']);
  expect(places(client)).toBe(1);
});

test('three hundred calls that are aborted, time out, fail or are never read leave every counter at zero', async () => {
  const limits = { concurrency: 100, maxWaiting: 300, tokensPerMinute: 1e9 };
  const { client, simulator, seoul, tokyo } = await start({ router: { limits } });
  seoul.set({ latencyMs: 5, jitterMs: 20, tokensPerSecond: 1_000 });
  tokyo.set({ latencyMs: 5, jitterMs: 20, tokensPerSecond: 1_000 });
  seoul.fault({ kind: 'status', status: 500, probability: 0.2 });
  tokyo.fault({ kind: 'cut', afterEvents: 2, probability: 0.2 });
  const call = async (index: number) => {
    const words = `echo: ${'wave '.repeat(10 + (index % 40))}`;
    switch (index % 6) {
      case 0:
        return client.chat.completions.create(question(words), { signal: AbortSignal.timeout(10 * (index % 60)) });
      case 1:
        return client.chat.completions.create(question(words), { timeout: 10 + 5 * (index % 60), maxRetries: 0 });
      case 2:
        // Nobody reads it, and nobody holds it.
        return void (await client.chat.completions.create({ ...question(words), stream: true }));
      case 3: {
        for await (const _ of await client.chat.completions.create({ ...question(words), stream: true })) break;
        return;
      }
      case 4:
        return ask(client, true, words);
      default:
        return ask(client, false, words);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: 300 }, (_, index) => call(index)));
  expect(new Set(ends.map(({ status }) => status)).size).toBe(2);
  // Streams that nobody holds end when they are collected.
  for (let left = 30; left > 0 && places(client) !== 100; left -= 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(places(client)).toBe(100);
  expect(client.router.status().targets.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
  await until(() => simulator.log.every(({ ending }) => ending !== 'open'));
  // Nobody is left in a line: whoever comes now does not wait.
  simulator.heal();
  const waiting = eventsOf(client, ['limit.waiting', 'limit.rejected']);
  await ask(client, false);
  expect(waiting).toEqual([]);
});
