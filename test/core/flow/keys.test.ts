import { describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../../packages/core/src/flow/look-at.js';
import { World, type WorldOptions } from './world.js';

const worldOf = (script = '', options: WorldOptions = {}) => new World({ endpoints: 'a@k1+k2 b', script, ...options });

/** So many calls one after the other, and how often each key was used. */
async function shares(world: World, calls: number): Promise<Record<string, number>> {
  const used: Record<string, number> = {};
  for (let index = 0; index < calls; index += 1) {
    const { route } = await world.run();
    const key = route.attempts.at(-1)?.key ?? route.endpoint ?? '';
    used[key] = (used[key] ?? 0) + 1;
  }
  return used;
}

const keysOf = (world: World, id = 'a/m') =>
  world.engine
    .target(id)
    .status()
    .keys.map(({ key, state, readyInMs }) => `${key} ${state} ${readyInMs}`);

describe('keys of one endpoint', () => {
  test('are used in turn, and equal keys get equal shares', async () => {
    expect(await shares(worldOf('', { endpoints: 'a@k1+k2+k3' }), 30)).toEqual({ k1: 10, k2: 10, k3: 10 });
  });

  test('are used in turn by each model, however models are asked for in turn', async () => {
    const world = worldOf('', { endpoints: 'a@k1+k2' });
    const trails: string[] = [];
    for (let index = 0; index < 4; index += 1) trails.push(await world.trail({ model: index % 2 ? 'n' : 'm' }));
    expect(trails).toEqual(['a#k1:ok', 'a#k1/n:ok', 'a#k2:ok', 'a#k2/n:ok']);
  });

  test('are one target: its breaker, its failures and its rest for an overload hold for all of them', async () => {
    const world = worldOf('a:500 a:500 a:500 a:500 a:500 a:500', { endpoints: 'a@k1+k2 b' });
    for (let index = 0; index < 5; index += 1) await world.run();
    expect(world.engine.target('a/m').status().state).toBe('open');
    expect(world.engine.status().targets.map(({ target }) => target)).toEqual(['a/m', 'b/m']);
    const overloaded = worldOf('a:503;after=9000');
    expect(await overloaded.trail()).toBe('a#k1:overloaded b:ok');
    expect(overloaded.engine.target('a/m').status()).toMatchObject({ state: 'cooling', readyInMs: 9_900 });
  });

  test.each(['500', 'connect', 'reset', 'attempt_timeout', '503'])(
    'are not tried one after the other for %s',
    async (word) => {
      const trail = await worldOf(`a:${word}`).trail();
      expect(trail.split(' ').map((one) => one.replace(/:.*/, ''))).toEqual(['a#k1', 'b']);
    },
  );

  test('stay as they are for what is kept on a server: it belongs to the account of the first', async () => {
    const world = worldOf('a#k1:429', { endpoints: 'a@k1+k2' });
    expect(await world.trail({ movable: false, maxRetries: 0 })).toBe('a#k1:rate_limit');
    expect(await world.trail()).toBe('a#k2:ok');
  });

  test('give way to the one that a call brings', async () => {
    const world = worldOf('a:401');
    expect(await world.trail({ credentialOf: () => 'mine', maxRetries: 0 })).toBe('a:auth');
    expect(
      world.engine
        .target('a/m')
        .status()
        .keys.map(({ state }) => state),
    ).toEqual(['ready', 'ready']);
  });
});

describe('a key that is refused', () => {
  test.each(['401', '402'])(
    'with %s is quarantined alone, and the call goes on with another one at once',
    async (word) => {
      const world = worldOf(`a#k1:${word}`);
      expect(await world.trail()).toBe(`a#k1:${word === '401' ? 'auth' : 'quota'} a#k2:ok`);
      expect(world.sent.map(({ at }) => at)).toEqual([0, 0]);
      expect(keysOf(world)).toEqual(['k1 quarantined 300000', 'k2 ready 0']);
      expect(world.engine.target('a/m').status().state).toBe('ready');
      expect(await shares(world, 4)).toEqual({ k2: 4 });
      expect(world.of('quarantine.started')).toMatchObject([{ scope: 'credential', key: 'k1', forMs: 300_000 }]);
      expect(world.of('retry')).toMatchObject([{ target: 'a/m', key: 'k2', delayMs: 0 }]);
    },
  );

  test('is used again when its time is over, and that is announced', async () => {
    const world = worldOf('a#k1:401 a#k1:200');
    await world.run();
    await world.clock.advance(300_001);
    expect(await shares(world, 4)).toEqual({ k1: 2, k2: 2 });
    expect(world.of('quarantine.ended')).toMatchObject([{ scope: 'credential', key: 'k1' }]);
  });

  test('costs nothing of the retry budget, however many there are', async () => {
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5'];
    const script = keys
      .slice(0, 4)
      .map((key) => `a#${key}:401`)
      .join(' ');
    const world = worldOf(script, {
      endpoints: `a@${keys.join('+')}`,
      retries: { budget: { capacity: 1, perRequest: 0 } },
    });
    expect(await world.trail()).toBe('a#k1:auth a#k2:auth a#k3:auth a#k4:auth a#k5:ok');
    expect(world.clock.now()).toBe(0);
  });

  test('lets the call go elsewhere when it was the last', async () => {
    const world = worldOf('a:401');
    expect(await world.trail()).toBe('a#k1:auth a#k2:auth b:ok');
    expect(await world.trail()).toBe('b:ok');
    expect(world.of('target.skipped')).toMatchObject([{ target: 'a/m', reason: 'quarantine' }]);
  });

  test('leaves the provider’s own error to be seen when all of them were', async () => {
    const world = worldOf('a:401', { endpoints: 'a@k1+k2' });
    const { outcome, route } = await world.run();
    expect(outcome).toMatchObject({ kind: 'auth' });
    expect(route.attempts).toHaveLength(2);
  });

  test('is not asked with for another model either', async () => {
    const world = worldOf('a#k1:401', { endpoints: 'a@k1+k2' });
    await world.run();
    expect(await world.trail({ model: 'n' })).toBe('a#k2/n:ok');
  });

  // Keys of two accounts: one had been given the new model, and the 404 for the other kept calls away from it for ten minutes.
  test('for a model that its account was not given is passed over for that model alone', async () => {
    const world = worldOf('a#k1:404 a#k1:200');
    expect(await world.trail()).toBe('a#k1:not_found a#k2:ok');
    expect(await shares(world, 3)).toEqual({ k2: 3 });
    expect(await world.trail({ model: 'n' })).toBe('a#k1/n:ok');
  });
});

describe('a rate limit', () => {
  test('rests one key at one model, and the call goes on with another one at once', async () => {
    const world = worldOf('a#k1:429;after=20000 a#k1:200');
    expect(await world.trail()).toBe('a#k1:rate_limit a#k2:ok');
    expect(world.clock.now()).toBe(0);
    expect(keysOf(world)).toEqual(['k1 cooling 22000', 'k2 ready 0']);
    expect(world.of('cooldown.started')).toMatchObject([{ target: 'a/m', key: 'k1', forMs: 22_000 }]);
    expect(await world.trail({ model: 'n' })).toBe('a#k1/n:ok');
    expect(await shares(world, 3)).toEqual({ k2: 3 });
    await world.clock.advance(22_001);
    expect(await shares(world, 2)).toEqual({ k1: 1, k2: 1 });
    expect(world.early).toEqual([]);
  });

  test('of all keys is over with the first of them', async () => {
    const world = worldOf('a#k1:429;after=2000 a#k1:200 a#k2:429;after=20000', { endpoints: 'a@k1+k2' });
    expect(await world.trail()).toBe('a#k1:rate_limit a#k2:rate_limit a#k1:ok');
    expect(world.sent.map(({ at }) => at)).toEqual([0, 0, 2_200]);
    expect(world.early).toEqual([]);
  });

  test('of all keys sends the call elsewhere', async () => {
    const world = worldOf('a:429;after=20000');
    expect(await world.trail()).toBe('a#k1:rate_limit a#k2:rate_limit b:ok');
    expect(world.engine.target('a/m').status()).toMatchObject({ state: 'cooling', readyInMs: 22_000 });
  });

  test('is repeated as often as one of a single key would be, and no more', async () => {
    const world = worldOf('a:429;after=1000', { endpoints: 'a@k1+k2' });
    const { route } = await world.run({ maxRetries: 2 });
    // Each key once, and then the two repeats.
    expect(route.attempts).toHaveLength(4);
    expect(world.early).toEqual([]);
  });
});

describe('the limits of keys', () => {
  const perKey = (requestsPerMinute: number, endpoints = 'a@k1+k2'): WorldOptions => ({
    endpoints,
    limits: { learn: false, byEndpoint: { a: { perKey: { requestsPerMinute } } } },
  });

  test('are of each: with two of them twice as much leaves', async () => {
    const world = worldOf('', perKey(5, 'a@k1+k2 b'));
    expect(await shares(world, 12)).toEqual({ k1: 5, k2: 5, b: 2 });
    expect(world.engine.target('a/m').status()).toMatchObject({
      state: 'limited',
      limits: {},
      keys: [
        { key: 'k1', state: 'limited', limits: { 'a key of a': { requestsPerMinute: 0 } } },
        { key: 'k2', state: 'limited', limits: { 'a key of a': { requestsPerMinute: 0 } } },
      ],
    });
  });

  test('say whose turn it is: the key with the most left is used', async () => {
    const world = worldOf('', { ...perKey(10, 'a@k1+k2 c@k1'), routing: 'priority' });
    const held = await Promise.all([1, 2, 3, 4].map(() => world.start({ credentialOf: () => 'k1' })));
    expect(held).toHaveLength(4);
    expect(await shares(world, 4)).toEqual({ k2: 4 });
  });

  // With every key refused once, and full besides, the call looked around again and again, and hung.
  test('are waited for also when all keys were refused before, and end the call when that takes too long', async () => {
    const byEndpoint = { a: { perKey: { requestsPerMinute: 1 } } };
    const options = { endpoints: 'a@k1+k2', limits: { learn: false, maxWaitMs: 90_000, byEndpoint } };
    expect(await worldOf('a:429 a:429 a:200', options).trail({ timeoutMs: 300_000 })).toBe(
      'a#k1:rate_limit a#k2:rate_limit a#k1:ok',
    );
    expect(await worldOf('a:429', options).trail({ timeoutMs: 20_000 })).toBe('a#k1:rate_limit a#k2:rate_limit');
  });

  test('wake a call that waits for room as soon as any of them has some', async () => {
    const world = worldOf('a:200;takes=5000 a:200;takes=1000 a:200', {
      endpoints: 'a@k1+k2',
      limits: { learn: false, byEndpoint: { a: { perKey: { concurrency: 1 } } } },
    });
    const calls = [world.start(), world.start(), world.start()];
    await world.clock.runUntilIdle(60_000);
    await Promise.all(calls);
    expect(world.sent.map(({ at }) => at)).toEqual([0, 0, 1_000]);
  });
});

describe('validateKeys', () => {
  const found: Record<string, ProbeResult> = {
    k1: { verdict: 'good', status: 200 },
    k2: { verdict: 'refused', status: 401, kind: 'auth' },
    k3: { verdict: 'unclear', status: 429, kind: 'quota' },
    b: { verdict: 'bad', status: 503 },
  };
  const finds = async (id: string, key?: string) => found[key ?? id] ?? { verdict: 'unclear' as const };

  test('answers for every key of every endpoint, and quarantines those that are refused', async () => {
    const world = worldOf('', { endpoints: 'a@k1+k2+k3 b' });
    const readings = await world.engine.validateKeys(async ({ id }, _signal, key) => finds(id, key?.name()));
    expect(readings).toEqual([
      { endpoint: 'a', key: 'k1', verdict: 'ok', status: 200 },
      { endpoint: 'a', key: 'k2', verdict: 'refused', status: 401 },
      { endpoint: 'a', key: 'k3', verdict: 'no quota', status: 429 },
      { endpoint: 'b', key: 'b', verdict: 'unknown', status: 503 },
    ]);
    expect(await shares(world, 4)).toEqual({ k1: 2, k3: 2 });
    expect(world.of('quarantine.started')).toMatchObject([{ target: 'a/*', scope: 'credential', key: 'k2' }]);
  });

  test('releases a refused key that is good again, where the endpoint looks at keys when it is asked for its models', async () => {
    const world = worldOf('', { endpoints: 'a@k1+k2' });
    await world.engine.validateKeys(async ({ id }, _signal, key) => finds(id, key?.name()));
    await world.clock.advance(1);
    await world.engine.validateKeys(async () => ({ verdict: 'good', status: 200 }));
    expect(keysOf(world)).toEqual(['k1 ready 0', 'k2 ready 0']);
    expect(world.of('quarantine.ended')).toMatchObject([{ target: 'a/*', key: 'k2' }]);
  });

  // Some lists of models are public: there a dead key is as good as any.
  test.each(['401', '402'])(
    'does not release one that a call was refused with (%s) where no list was ever refused',
    async (word) => {
      const world = worldOf(`a#k1:${word}`);
      await world.run();
      await world.clock.advance(1);
      const readings = await world.engine.validateKeys(async () => ({ verdict: 'good', status: 200 }));
      expect(readings.map(({ verdict }) => verdict)).toEqual(['ok', 'ok', 'ok']);
      expect(keysOf(world)[0]).toBe('k1 quarantined 299999');
    },
  );

  test('does not believe that a key is dead with which a call was answered a moment ago', async () => {
    const world = worldOf('', { endpoints: 'a@k1+k2' });
    await world.run();
    await world.engine.validateKeys(async () => ({ verdict: 'refused', status: 401 }));
    expect(keysOf(world)).toEqual(['k1 ready 0', 'k2 quarantined 300000']);
  });

  test('asks two at a time, never rejects, and knows nothing of what it could not ask', async () => {
    const world = worldOf('', { endpoints: 'a@k1+k2+k3 b' });
    let most = 0;
    let underWay = 0;
    const readings = world.engine.validateKeys(async (_endpoint, _signal, key) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => world.clock.setTimeout(() => resolve(undefined), 10));
      underWay -= 1;
      if (key?.name() === 'k1') throw new Error('sk-canary');
      return { verdict: 'good' };
    });
    await world.clock.runUntilIdle(60_000);
    expect((await readings).map(({ verdict }) => verdict)).toEqual(['unknown', 'ok', 'ok', 'ok']);
    expect(most).toBe(2);
  });
});
