import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import type { Outcome } from '../../../packages/core/src/outcome/outcome.js';
import type { Target } from '../../../packages/core/src/targets/target.js';
import { Script } from './script.js';
import { World, type WorldOptions } from './world.js';

/** A world of targets that answer after so many milliseconds, by endpoint; the test changes them. */
function latencies(takes: Record<string, number>, options: WorldOptions = {}) {
  const world = new World({
    endpoints: Object.keys(takes).join(' '),
    routing: 'adaptive',
    random: seededRandom(3),
    ...options,
  });
  const asked: string[] = [];
  const attempt = ({ endpoint }: Target): Promise<Outcome<string>> => {
    asked.push(endpoint.id);
    return new Promise((resolve) => {
      world.clock.setTimeout(() => resolve({ kind: 'ok', reply: endpoint.id }), takes[endpoint.id] ?? 0);
    });
  };
  const ask = async (times: number) => {
    asked.length = 0;
    for (let count = 0; count < times; count += 1) await world.run({ attempt });
    return asked;
  };
  return { world, takes, ask };
}

const shareOf = (asked: readonly string[], id: string) => asked.filter((one) => one === id).length / asked.length;

describe('where calls go by themselves', () => {
  test('to the nearest soon, away from it when it turns slow, and back within a minute of its recovery', async () => {
    const { world, takes, ask } = latencies({ far: 120, near: 5, middle: 40 });
    await ask(20);
    expect(shareOf(await ask(30), 'near')).toBeGreaterThan(0.8);
    takes.near = 300;
    await ask(30);
    expect(shareOf(await ask(30), 'near')).toBeLessThan(0.2);
    takes.near = 5;
    const recoveredAt = world.clock.now();
    while (world.clock.now() < recoveredAt + 60_000) {
      await ask(1);
      await world.clock.advance(500);
    }
    expect(shareOf(await ask(20), 'near')).toBeGreaterThan(0.8);
  });

  test('past a breaker that is open without a word about those that nobody would have asked', async () => {
    const { world, ask } = latencies({ a: 10, b: 10, c: 10 }, { routing: 'round-robin' });
    world.engine.target('b/m').breaker.open();
    expect(new Set(await ask(6))).toEqual(new Set(['a', 'c']));
  });

  test('to another tier only when nobody in the first may be asked', async () => {
    const { world, ask } = latencies(
      { a: 50, b: 10 },
      { routing: { strategy: 'adaptive', spillRatio: false }, places: { b: { tier: 1 } } },
    );
    expect(shareOf(await ask(20), 'a')).toBe(1);
    world.engine.target('a/m').breaker.open();
    expect(shareOf(await ask(3), 'b')).toBe(1);
    expect(world.of('request.succeeded').at(-1)).toMatchObject({ target: 'b/m', rerouted: true });
  });

  test('to the region that is preferred, and by their key, where endpoints have an order too', async () => {
    const places = { b: { region: 'here' } };
    const world = new World({ endpoints: 'a b c', routing: { strategy: 'priority', preferRegion: 'here' }, places });
    expect(await world.trail()).toBe('b:ok');
    const sticky = new World({ endpoints: 'a b c', random: seededRandom(1) });
    const homes = new Set<string>();
    for (let key = 0; key < 20; key += 1) {
      await sticky.clock.advance(200);
      const [first, second] = [
        await sticky.trail({ stickyKey: `k${key}` }),
        await sticky.trail({ stickyKey: `k${key}` }),
      ];
      expect(second).toBe(first);
      homes.add(first);
    }
    expect(homes.size).toBe(3);
  });

  // A region that was probed during its outage was believed to be one round trip slower than its equal, and never asked again.
  test('to a region that comes back as to its equal, though only one of them has been probed', async () => {
    const { world, takes, ask } = latencies({ a: 100, b: 100 });
    await ask(40);
    takes.a = 5_000;
    await ask(20);
    takes.a = 100;
    world.engine.registry.roundTripOf('a').observe(100, world.clock.now());
    for (let second = 0; second < 120; second += 1) {
      await ask(1);
      await world.clock.advance(900);
    }
    expect(shareOf(await ask(60), 'a')).toBeGreaterThan(0.25);
  });

  test('to whoever may serve them, and not to whom they exclude', async () => {
    const world = new World({ endpoints: 'a b c', routing: 'random', random: seededRandom(1) });
    for (let count = 0; count < 10; count += 1) await world.run({ only: ['b', 'c'], exclude: ['c'] });
    expect(world.sent.every(({ target }) => target === 'b/m')).toBe(true);
  });

  test('that one was chosen among equals is no rerouting', async () => {
    const { world, ask } = latencies({ a: 10, b: 10 });
    await ask(20);
    expect(world.of('request.succeeded').filter(({ rerouted }) => rerouted)).toEqual([]);
  });
});

// The same seed must leave the same trail, whatever is turned on: a failure that cannot be played again cannot be mended.
test.each([
  'adaptive',
  'latency',
  'weighted-round-robin',
  'least-connections',
  'response-time',
  'random',
  'p2c',
] as const)('C12: the same seed writes the same events, byte for byte (%s)', async (routing) => {
  const day = async () => {
    const dice = seededRandom(11);
    const word = () =>
      ['200', '200;takes=30', '200;takes=900', '500;takes=5', '429;after=700', 'reset', 'hang'][Math.floor(dice() * 7)];
    const script = Array.from({ length: 400 }, () => `*:${word()}`).join(' ');
    const world = new World({
      endpoints: 'a b c',
      routing,
      hedging: { delayMs: 300 },
      breaker: {},
      whenExhausted: 'panic',
      random: seededRandom(5),
      script,
    });
    for (let count = 0; count < 60; count += 1) {
      void world.start({ hedgeable: true, timeoutMs: 8_000 });
      await world.clock.advance(50);
    }
    await world.clock.runUntilIdle(600_000);
    return JSON.stringify(world.heard);
  };
  expect(await day()).toBe(await day());
});

// With eight endpoints and more the asked model used up all attempts, and calls failed beside a healthy fallback model.
test.each([7, 8, 12])(
  'a fallback model is reached though %i endpoints fail, one call after the other',
  async (count) => {
    const endpoints = Array.from({ length: count }, (_, index) => `e${index}`).join(' ');
    const attempt = ({ model }: Target): Promise<Outcome<string>> =>
      Promise.resolve(
        model === 'm' ? { kind: 'server_error', status: 500, message: 'no' } : { kind: 'ok', reply: model },
      );
    const world = new World({
      endpoints,
      routing: 'adaptive',
      whenExhausted: 'panic',
      breaker: {},
      random: seededRandom(2),
    });
    for (let call = 0; call < 30; call += 1)
      expect((await world.run({ attempt, fallbacks: ['mini'] })).outcome, `call ${call}`).toMatchObject({ kind: 'ok' });
  },
);

// `/models` took 600 ms where answers took 50: the best region was never asked after a warm-up, and 40 calls took three times as long.
test('a slow probe keeps no calls away from a target that answers soon', async () => {
  const { world, ask } = latencies({ quick: 50, slow: 250 });
  world.engine.registry.roundTripOf('quick').observe(600, 0);
  world.engine.registry.roundTripOf('slow').observe(20, 0);
  await ask(10);
  expect(shareOf(await ask(40), 'quick')).toBeGreaterThan(0.8);
});

// Beside an equal, a region that had been down was asked again only when its failures had faded: half a minute after it was well.
test('a call tries a target whose breaker has waited long enough, and it is back as soon as that has closed', async () => {
  const breaker = { failureStreak: 3, openMs: 5_000, jitter: 0, closeAfter: 1, slowStartMs: 0 };
  const world = new World({ endpoints: 'a b', routing: 'adaptive', breaker, random: seededRandom(4) });
  let isDown = true;
  const attempt = ({ endpoint }: Target): Promise<Outcome<string>> =>
    Promise.resolve(
      endpoint.id === 'a' && isDown
        ? { kind: 'server_error', status: 500, message: 'no' }
        : { kind: 'ok', reply: endpoint.id },
    );
  for (let call = 0; call < 3; call += 1) await world.run({ attempt, only: ['a'], maxRetries: 0 });
  expect(world.of('breaker.opened')).toHaveLength(1);
  isDown = false;
  await world.clock.advance(5_000);
  await world.run({ attempt });
  expect(world.of('breaker.closed')).toHaveLength(1);
  let toA = 0;
  for (let call = 0; call < 40; call += 1) {
    await world.clock.advance(50);
    if ((await world.run({ attempt })).outcome.reply === 'a') toA += 1;
  }
  expect(toA).toBeGreaterThan(8);
});

// One that refused connections for a minute was asked once, and never in the minute after: one failure opens no breaker, and beside an
// equal it was enough to keep every call away.
test('a target that failed too seldom to open its breaker is tried every five seconds, and back with the first success', async () => {
  const world = new World({ endpoints: 'a b', routing: 'adaptive', breaker: {}, random: seededRandom(4) });
  let isDown = true;
  const asked: string[] = [];
  const attempt = ({ endpoint }: Target): Promise<Outcome<string>> => {
    asked.push(endpoint.id);
    const isLost = endpoint.id === 'a' && isDown;
    return Promise.resolve(isLost ? { kind: 'connect', message: 'refused' } : { kind: 'ok', reply: endpoint.id });
  };
  const ask = async (seconds: number) => {
    asked.length = 0;
    for (let call = 0; call < 10 * seconds; call += 1) {
      expect((await world.run({ attempt })).outcome.kind).toBe('ok');
      await world.clock.advance(100);
    }
    return asked.filter((id) => id === 'a').length;
  };
  const whileDown = await ask(18);
  expect([whileDown >= 3, whileDown <= 5]).toEqual([true, true]);
  isDown = false;
  await ask(6);
  expect(await ask(6)).toBeGreaterThan(15);
});

// What it had once kept silent about never faded to nothing, so that its level was never taken for too old to count: after two probes it
// was not asked for eleven minutes beside an equal.
test('a target that was silent for a while is asked again within minutes after it is well', async () => {
  const world = new World({ routing: 'adaptive', breaker: {}, random: seededRandom(17), script: '*:200;takes=300' });
  const ask = async (times: number, everyMs: number) => {
    for (let count = 0; count < times; count += 1) {
      void world.start({ timeoutMs: 30_000 });
      await world.clock.advance(everyMs);
    }
  };
  await ask(40, 500);
  world.script = new Script('a:hang b:200;takes=300');
  await ask(60, 100);
  world.script = new Script('*:200;takes=300');
  await world.clock.advance(35_000);
  const from = world.sent.length;
  await ask(600, 700);
  expect(world.sent.slice(from).filter(({ target }) => target === 'a/m').length).toBeGreaterThan(4);
});
