import { type Simulator, startSimulator } from '@breakwater/simulator';
import OpenAI, { type RouterOptions } from 'breakwater';
import { describe, expect, onTestFinished, test } from 'vitest';
import { endpointAt, question } from './setup.js';

/** Three regions that do the same work, or `isApart` 5, 40 and 120 milliseconds away, given in the order that a guess would not take them in. */
async function world(router: Partial<RouterOptions> = {}, isApart = false) {
  const apart = { far: { latencyMs: 120 }, near: { latencyMs: 5 }, middle: { latencyMs: 40 } };
  const regions = isApart ? apart : { far: {}, near: {}, middle: {} };
  const simulator = await startSimulator({ regions });
  onTestFinished(() => simulator.close());
  const endpoints = simulator.regions.map((region) => endpointAt(region));
  const client = new OpenAI({ apiKey: 'sk-primary', logLevel: 'off', router: { endpoints, ...router } });
  return { simulator, client, ask: () => client.chat.completions.create(question()) };
}

/** Which share of the requests since `from` went to a region. */
function shareOf({ log }: Simulator, name: string, from = 0): number {
  const since = log.slice(from);
  return since.filter(({ region }) => region === name).length / since.length;
}

async function inSuccession(times: number, ask: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < times; count += 1) await ask();
}

describe('regions that are not equally far', () => {
  test('the nearest gets more than four fifths of the requests after the first twenty, and loses them when it turns slow', async () => {
    const { simulator, ask } = await world({}, true);
    await inSuccession(20, ask);
    await inSuccession(30, ask);
    expect(shareOf(simulator, 'near', 20)).toBeGreaterThan(0.8);
    simulator.region('near').set({ latencyMs: 300 });
    const turned = simulator.log.length;
    await inSuccession(30, ask);
    const moved = simulator.log.length;
    await inSuccession(30, ask);
    expect(shareOf(simulator, 'near', moved)).toBeLessThan(0.2);
    expect(shareOf(simulator, 'near', turned)).toBeLessThan(0.4);
  });

  test('a region that falls silent gets less than a tenth of the hundred requests that follow', async () => {
    const { simulator, ask } = await world({ timeouts: { attemptMs: 1_000 } }, true);
    await inSuccession(20, ask);
    simulator.region('near').fault({ kind: 'silence' });
    const silent = simulator.log.length;
    const asked: Promise<unknown>[] = [];
    for (let count = 0; count < 100; count += 1) {
      asked.push(ask());
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await Promise.all(asked);
    const first = simulator.log.slice(silent, silent + 100);
    expect(first.filter(({ region }) => region === 'near').length).toBeLessThan(10);
  });
});

describe('a request chooses for itself', () => {
  const where = async (router: object, options: Partial<RouterOptions> = {}) => {
    const { simulator, client } = await world(options);
    for (let count = 0; count < 6; count += 1) await client.chat.completions.create(question(), { router } as object);
    return [...new Set(simulator.log.map(({ region }) => region))].sort().join(' ');
  };

  test('by what may serve it, and what may not', async () => {
    expect(await where({ only: ['far'] })).toBe('far');
    expect(await where({ exclude: ['near', 'far'] })).toBe('middle');
    expect(await where({ endpoint: 'far', exclude: [] })).toBe('far');
  });

  test('by a key that keeps it where it was', async () => {
    expect((await where({ stickyKey: 'conversation 7' })).split(' ')).toHaveLength(1);
  });

  test('and is told what is wrong with that', async () => {
    const { client } = await world();
    const ask = (router: object) => client.chat.completions.create(question(), { router } as object);
    await expect(ask({ only: ['nowhere'] })).rejects.toThrow('router.only[0] must be one of far, near, middle');
    await expect(ask({ exclude: ['far', 'near', 'middle'] })).rejects.toThrow('leave no endpoint to ask');
    await expect(ask({ only: [] })).rejects.toThrow('leave no endpoint to ask');
  });
});

test('a key is made of the request, and one that cannot be told is none', async () => {
  const seen: unknown[] = [];
  const { client, simulator } = await world({
    routing: {
      stickyKey: (request) => {
        seen.push(request);
        throw new Error('no key');
      },
    },
  });
  await client.chat.completions.create(question('echo: hi'));
  expect(seen).toMatchObject([
    { resource: 'chat.completions', model: 'gpt-4.1', streamed: false, params: question('echo: hi') },
  ]);
  expect(simulator.log).toHaveLength(1);
});

test('a strategy of one’s own chooses among what may be asked', async () => {
  const { client, simulator } = await world({
    routing: (candidates) => candidates.find(({ id }) => id.startsWith('far/')) ?? 'none',
  });
  for (let count = 0; count < 3; count += 1) await client.chat.completions.create(question());
  expect(simulator.log.map(({ region }) => region)).toEqual(['far', 'far', 'far']);
});

test('tiers and weights are endpoints’ own', async () => {
  const { simulator } = await world();
  const tiers: Record<string, number> = { far: 0, middle: 1, near: 1 };
  const endpoints = simulator.regions.map((region) => ({ ...endpointAt(region), tier: tiers[region.name] as number }));
  const client = new OpenAI({ apiKey: 'sk', logLevel: 'off', router: { endpoints, routing: 'round-robin' } });
  for (let count = 0; count < 3; count += 1) await client.chat.completions.create(question());
  expect(shareOf(simulator, 'far')).toBe(1);
  simulator.region('far').fault({ kind: 'status', status: 503 });
  await client.chat.completions.create(question());
  expect(simulator.log.at(-1)?.region).not.toBe('far');
});

test('what is wrong with the options is told all at once', () => {
  const endpoints = [
    { id: 'a', baseURL: 'http://a.test', apiKey: 'k', weight: 0, tier: -1, location: [91, 0] as const },
  ];
  const make = () =>
    new OpenAI({ apiKey: 'k', router: { endpoints, routing: { strategy: 'adaptve' as never, spillRatio: 0.5 } } });
  expect(make).toThrow(
    /location\[0\] must be[\s\S]*weight must be[\s\S]*tier must be[\s\S]*did you mean "adaptive"[\s\S]*spillRatio/,
  );
});

test('a preferred region that no endpoint has is refused', () => {
  const endpoints = [{ id: 'a', baseURL: 'http://a.test', apiKey: 'k', region: 'eu-west-1' }];
  const make = () => new OpenAI({ apiKey: 'k', router: { endpoints, routing: { preferRegion: 'eu-west1' } } });
  expect(make).toThrow(
    'router.routing.preferRegion "eu-west1" is the region of no endpoint; did you mean "eu-west-1"?',
  );
});
