import { describe, expect, test } from 'vitest';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { Script } from './script.js';
import { World } from './world.js';

const stateOf = (world: World) =>
  world.engine.status().targets.map(({ target, state, readyInMs }) => `${target} ${state} ${readyInMs}`);

test('nothing is known before the first call', () => {
  expect(new World().engine.status()).toEqual({ targets: [] });
});

test('each target is told with its state and when it may be asked again', async () => {
  const world = new World({
    endpoints: 'a b c d',
    script: 'a:500 b:429;after=20000 c:401',
    breaker: { failureStreak: 1, jitter: 0 },
  });
  await world.run();
  expect(stateOf(world)).toEqual(['a/m open 5000', 'b/m cooling 22000', 'c/m quarantined 300000', 'd/m ready 0']);
  await world.clock.advance(5_000);
  expect(stateOf(world)[0]).toBe('a/m probing 0');
});

test('why a target rests is told, and for how long', async () => {
  const world = new World({
    endpoints: 'a@k1+k2 b c d',
    script: 'a#k1:429;after=20000 a#k2:401 b:503;after=5000 c:404 d:200',
  });
  await world.run();
  const [a, b, c, d] = world.engine.status().targets;
  const none = { cooldown: undefined, quarantine: undefined };
  expect(a).toMatchObject({
    ...none,
    keys: [
      { key: 'k1', cooldown: { kind: 'rate_limit', leftMs: 22_000 }, quarantine: undefined },
      { key: 'k2', cooldown: undefined, quarantine: { scope: 'credential', reason: 'auth', leftMs: 300_000 } },
    ],
  });
  expect(b).toMatchObject({ cooldown: { kind: 'overloaded', leftMs: 5_500 }, quarantine: undefined });
  expect(c).toMatchObject({
    cooldown: undefined,
    quarantine: { scope: 'target', reason: 'not_found', leftMs: 600_000 },
  });
  expect(d).toMatchObject({ ...none, breaker: { state: 'closed', sinceMs: 0 }, keys: [{ key: 'd', ...none }] });
  await world.clock.advance(6_000);
  expect(world.engine.status().targets[1]).toMatchObject(none);
});

test('a probe that is out keeps the target open for others', async () => {
  const world = new World({ endpoints: 'a', script: 'a:500 a:hang', breaker: { failureStreak: 1, jitter: 0 } });
  await world.run({ maxRetries: 0 });
  await world.clock.advance(5_000);
  void world.start();
  await world.clock.advance(10);
  // The probe may be back any moment: nobody should be told to come again when its whole lease of a minute is over.
  expect(stateOf(world)).toEqual(['a/m open 5000']);
});

describe('a target that is open until somebody closes it', () => {
  const byHand = (world: World) => world.engine.target('a/m').breaker.open();
  const forEver = { failureStreak: 1, recovery: recovery.never() } as const;

  // Nine thousand billion milliseconds stood in the error, in its `retryAfterMs` and in the status; timers take that for none at all.
  test.each([
    ['by hand', 'opened by hand', { jitter: 0 }, byHand],
    ['because its recovery is never', '1 failure in a row', forEver, (world: World) => world.run({ maxRetries: 0 })],
  ])('is told without a time: %s', async (_how, because, breaker, open) => {
    const world = new World({ endpoints: 'a', breaker, script: 'a:500' });
    await open(world);
    await world.clock.advance(3_600_000);
    const { outcome, skipped } = await world.run();
    expect(outcome).toEqual({
      kind: 'no_target',
      message: `every target is resting: a/m (breaker: ${because}, until somebody closes it)`,
    });
    expect(skipped).toEqual([{ target: 'a/m', reason: 'breaker', because, leftMs: undefined }]);
    expect(stateOf(world)).toEqual(['a/m open undefined']);
    expect(world.of('target.skipped', 'breaker.rejected').map((event) => 'leftMs' in event && event.leftMs)).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('does not keep the others from telling theirs', async () => {
    const world = new World({ script: 'b:429;after=20000' });
    byHand(world);
    await world.run({ maxRetries: 0 });
    expect((await world.run()).outcome).toMatchObject({
      message:
        'every target is resting: a/m (breaker: opened by hand, until somebody closes it), b/m (cooldown, 22 s left)',
      retryAfterMs: 22_000,
    });
  });
});

test('a status is plain data, and reading it changes nothing', async () => {
  const world = new World({ script: 'a:500', breaker: { failureStreak: 1, jitter: 0 } });
  await world.run();
  const status = world.engine.status();
  expect(JSON.parse(JSON.stringify(status))).toEqual(status);
  expect(world.engine.status()).toEqual(status);
  expect(status.targets[0]).toMatchObject({
    endpoint: 'a',
    region: 'a-region',
    model: 'm',
    breaker: { state: 'open' },
  });
});

// Dice and a fine clock make long fractions, which stood in every event and in the status as they were.
test('durations are told in whole milliseconds, in events and routes too', async () => {
  const world = new World({
    script: 'a:429;after=1000.3 b:500',
    breaker: { failureStreak: 1 },
    random: () => 0.123_456,
  });
  await world.clock.advance(0.4);
  const { route } = await world.run({ maxRetries: 0 });
  await world.run({ maxRetries: 0 });
  const told = JSON.stringify([world.heard.map(({ event }) => event), route, stateOf(world)]);
  expect(told.match(/"(?:forMs|leftMs|latencyMs|durationMs|openForMs|elapsedMs)":\d+/g)).not.toHaveLength(0);
  expect(told.match(/"(?:forMs|leftMs|latencyMs|durationMs|openForMs|elapsedMs)":\d+\.\d+/g)).toBeNull();
  expect(world.engine.status().targets.every(({ readyInMs }) => Number.isInteger(readyInMs))).toBe(true);
});

describe('what was measured of a target', () => {
  const latencyOf = (world: World) => world.engine.target('a/m').status().latency;

  test('is nothing before anybody has asked, and a guess of how far it is is none', () => {
    const world = new World({
      endpoints: 'a',
      places: { a: { location: { lat: 37, lon: 127 } } },
      routing: { userLocation: 'us-east-1' },
    });
    expect(world.target('a').reading(false, 0).rttMs).toBeGreaterThan(100);
    expect(Object.values(latencyOf(world))).toEqual(Array(6).fill(undefined));
    expect(world.engine.target('a/m').status()).toMatchObject({ inFlight: 0, successRate: 1 });
  });

  test('is told with where it is, if that is known', async () => {
    const world = new World({ endpoints: 'a b', places: { a: { location: { lat: 37, lon: 127 } } } });
    await world.run();
    expect(world.engine.status().targets.map(({ location }) => location)).toEqual([{ lat: 37, lon: 127 }, undefined]);
  });

  test('is how long it takes, apart for streams and whole answers, and how often it succeeds', async () => {
    const world = new World({ script: 'a:200;takes=300 a:stream;takes=40', breaker: false });
    await world.run();
    const streams = [];
    for (let call = 0; call < 3; call += 1) {
      streams.push(world.start({ streamed: true }));
      await world.clock.advance(40);
    }
    expect(world.engine.target('a/m').status().inFlight).toBe(3);
    expect(latencyOf(world)).toMatchObject({ rttMs: undefined, wholeMs: 300, firstTokenMs: 40 });
    // Of the streams, because there were more of them; a quantile is off by 2.5 % at most.
    for (const quantile of ['p50Ms', 'p95Ms', 'p99Ms'] as const) expect(latencyOf(world)[quantile]).toBeCloseTo(40, -1);
    for (const stream of world.streams) stream.end();
    await Promise.all(streams);
    world.script = new Script('a:500');
    await world.run({ maxRetries: 0 });
    const { inFlight, successRate } = world.engine.target('a/m').status();
    expect([inFlight, successRate < 1, successRate > 0.5]).toEqual([0, true, true]);
  });

  test('of the way there is what a probe took', async () => {
    const finds = async () => ({ verdict: 'good', roundTripMs: 45 }) as const;
    const world = new World({ health: { mode: 'passive', finds } });
    await world.engine.checkup.check();
    expect(latencyOf(world).rttMs).toBe(45);
  });

  test('of the way there is what a connection took, and the shortest counts', () => {
    const world = new World();
    for (const ms of [80, 45, 60]) world.engine.connected('a', ms);
    expect(latencyOf(world).rttMs).toBe(45);
  });
});
