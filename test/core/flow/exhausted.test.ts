import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import type { Conclusion } from '../../../packages/core/src/flow/call.js';
import type { Outcome } from '../../../packages/core/src/outcome/outcome.js';
import { World, type WorldOptions } from './world.js';

const PANIC = { endpoints: 'a', whenExhausted: 'panic' } as const;
const failed: Outcome<string> = { kind: 'server_error', status: 500, message: 'no' };

/** Calls every 30 ms for `forMs` at endpoints that fail until `wellAt` and answer within `takesMs` from then on. */
async function blip(options: WorldOptions, { wellAt = 600, takesMs = 5, forMs = 3_000 } = {}) {
  const world = new World({ ...PANIC, ...options });
  const asked: number[] = [];
  const attempt = (): Promise<Outcome<string>> => {
    const now = world.clock.now();
    asked.push(now);
    if (now < wellAt) return Promise.resolve(failed);
    return new Promise((resolve) => {
      world.clock.setTimeout(() => resolve({ kind: 'ok', reply: 'hello' }), takesMs);
    });
  };
  const calls: Promise<Conclusion<string>>[] = [];
  for (let at = 0; at < forMs; at += 30) {
    calls.push(world.start({ attempt }));
    await world.clock.advance(30);
  }
  await world.clock.runUntilIdle(600_000);
  const kinds = (await Promise.all(calls)).map(({ outcome }) => outcome.kind);
  return { world, asked, lost: kinds.filter((kind) => kind !== 'ok') };
}

// Half a second of 500s at the only endpoint: the plain client lost nothing, while a router refused every call for five seconds.
describe('a short outage with nowhere else to go', () => {
  test.each(['a', 'a b'])('loses no call, at %s', async (endpoints) => {
    const { lost } = await blip({ endpoints });
    expect(lost).toEqual([]);
  });

  test('is waited out where the probes then take long: whoever is coming back is worth it', async () => {
    const { lost } = await blip({}, { takesMs: 1_500 });
    expect(lost).toEqual([]);
  });

  test("is lost where the options say 'fail'", async () => {
    const { lost } = await blip({ whenExhausted: 'fail' });
    expect(lost.filter((kind) => kind === 'no_target').length).toBeGreaterThan(80);
  });
});

test('a long outage is asked once a second, and no call waits for longer than it may', async () => {
  const { world, asked, lost } = await blip({}, { wellAt: Number.POSITIVE_INFINITY, forMs: 30_000 });
  const late = asked.filter((at) => at > 2_000);
  expect(late.length).toBeGreaterThan(20);
  for (const [index, at] of late.entries())
    if (index > 0) expect(at - (late[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
  expect(lost).toHaveLength(1_000);
  for (const { durationMs } of world.of('request.failed')) expect(durationMs).toBeLessThan(6_000);
  expect(world.clock.pending).toBe(0);
});

describe('not even in panic is a target asked', () => {
  const breaker = { failureStreak: 1, jitter: 0 };

  test('that somebody opened by hand', async () => {
    for (const open of ['open', 'openFor'] as const) {
      const world = new World({ ...PANIC, breaker });
      world.target();
      world.engine.target('a/m').breaker[open](60_000);
      expect(await world.run()).toMatchObject({ outcome: { kind: 'no_target' } });
      expect(world.sent).toEqual([]);
    }
  });

  test('that never comes back by itself, as its options say', async () => {
    const world = new World({ ...PANIC, breaker: { failureStreak: 1, recovery: recovery.never() }, script: 'a:500' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(60_000);
    await world.run();
    expect(world.sent).toHaveLength(1);
  });

  test('before the time that the provider named', async () => {
    const world = new World({ ...PANIC, breaker, script: 'a:503;after=2000 a:200' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(1_100);
    expect(await world.trail()).toBe('a:ok');
    expect(world.sent[1]?.at).toBeGreaterThanOrEqual(2_000);
    expect(world.early).toEqual([]);
  });

  test('by a call that has used up its repeats there', async () => {
    const world = new World({ ...PANIC, breaker, script: 'a:500' });
    expect(await world.trail({ maxRetries: 1 })).toBe('a:server_error a:server_error');
    expect(world.sent.map(({ at }) => at)).toEqual([0, 437.5]);
  });
});

// With one endpoint the second call read the provider's own 401 as well, with two it read ours for five minutes, key mended or not.
describe('keys and models that were refused everywhere', () => {
  test("are asked again where nothing else is left: the provider's own error says more", async () => {
    const world = new World({ ...PANIC, endpoints: 'a b', script: 'a:401 b:401' });
    for (let call = 0; call < 2; call += 1) expect(await world.trail()).toBe('a:auth b:auth');
    expect(await world.run()).toMatchObject({ outcome: { kind: 'auth' } });
  });

  test('rest no more when one of them is served again', async () => {
    const world = new World({ ...PANIC, endpoints: 'a b', script: 'a:401 a:401 a:200 b:401' });
    for (let call = 0; call < 2; call += 1) await world.run();
    expect(await world.trail()).toBe('a:ok');
    expect(world.engine.status().targets.map(({ state }) => state)).toEqual(['ready', 'quarantined']);
  });

  test('are left alone while somebody else only needs a moment', async () => {
    const breaker = { failureStreak: 1, jitter: 0 };
    const world = new World({ ...PANIC, endpoints: 'a b', breaker, script: 'a:401 b:500 b:200' });
    await world.run({ maxRetries: 0 });
    expect(await world.trail()).toBe('b:ok');
  });
});

// A key that was refused for another model hid what else was in the way of this one: it was asked before its time, or waited for without end.
describe('a target whose key was refused and that rests besides is not asked', () => {
  const lone = { ...PANIC, endpoints: 'a@k b@k' } as const;

  test('before the time that its provider named', async () => {
    const world = new World({ ...lone, script: 'a/m:429;after=60000 b/m:429;after=60000 a/n:401 b/n:401' });
    await world.run({ maxRetries: 0 });
    await world.run({ model: 'n', maxRetries: 0 });
    await world.run();
    expect(world.early).toEqual([]);
  });

  test('where somebody opened its breaker by hand, and the call ends at once', async () => {
    const world = new World({ ...lone, script: 'a/n:401 b/n:401' });
    for (const id of ['a', 'b']) {
      world.target(id);
      world.engine.target(`${id}/m`).breaker.open();
    }
    await world.run({ model: 'n', maxRetries: 0 });
    const [before, asked] = [world.clock.now(), world.sent.length];
    expect(await world.run()).toMatchObject({ outcome: { kind: 'no_target' } });
    expect([world.clock.now() - before, world.sent.length - asked]).toEqual([0, 0]);
  });
});

// The wait of the breaker was longer than the provider's own, or as long, and was taken for ours alone.
test.each([4_000, 5_000, 6_000])('a Retry-After of %i ms with a 500 is kept to in panic too', async (after) => {
  const world = new World({ ...PANIC, breaker: { failureStreak: 1, jitter: 0 }, script: `a:500;after=${after} a:200` });
  await world.run({ maxRetries: 0 });
  await world.clock.advance(1_500);
  await world.run();
  expect(world.early).toEqual([]);
});

// Whoever is coming back is waited for, but not through a rest: a call waited forty seconds for its second probe's Retry-After.
test('a rest is not waited for longer than allowed because a probe was answered before', async () => {
  const breaker = { failureStreak: 1, openMs: 1_000, jitter: 0 };
  const script = 'a:500 a:200 a:429;after=40000 a:200';
  const world = new World({ ...PANIC, breaker, script, retries: { maxWaitMs: 3_000 } });
  for (let call = 0; call < 2; call += 1) await world.run({ maxRetries: 0 });
  const before = world.clock.now();
  expect(await world.run()).toMatchObject({ outcome: { kind: 'rate_limit' } });
  expect(world.clock.now() - before).toBeLessThan(3_100);
});

describe('a call that only waits', () => {
  const breaker = { failureStreak: 1, openMs: 20_000, jitter: 0 };
  const options = { endpoints: 'a', whenExhausted: 'wait', breaker, script: 'a:500 a:200' } as const;

  test('asks the first that comes back by itself, and not before', async () => {
    const world = new World(options);
    await world.run({ maxRetries: 0 });
    expect(await world.trail()).toBe('a:ok');
    expect(world.sent[1]?.at).toBe(20_000);
  });

  test('goes on at once when somebody brings a target back', async () => {
    const world = new World(options);
    await world.run({ maxRetries: 0 });
    const call = world.start();
    await world.clock.advance(4_500);
    world.engine.target('a/m').breaker.close();
    await world.clock.advance(1_000);
    expect((await call).outcome.kind).toBe('ok');
  });

  test('ends when its time does not reach as far', async () => {
    const world = new World(options);
    await world.run({ maxRetries: 0 });
    expect(await world.run({ timeoutMs: 5_000 })).toMatchObject({ outcome: { kind: 'no_target' } });
    expect(world.clock.now()).toBeLessThanOrEqual(5_000);
  });

  test.each(['wait', 'panic'] as const)('leaves nothing behind when its caller leaves (%s)', async (whenExhausted) => {
    const script = `${'a:500 '.repeat(14)}a:200`;
    const world = new World({ ...options, breaker: { ...breaker, failureStreak: 14 }, whenExhausted, script });
    for (let call = 0; call < 14; call += 1) await world.run({ maxRetries: 0 });
    const controller = new AbortController();
    const call = world.start({ signal: controller.signal });
    await world.clock.advance(400);
    controller.abort();
    expect((await call).outcome.kind).toBe('caller_abort');
    expect(world.clock.pending).toBe(0);
    expect(world.sent).toHaveLength(14);
  });

  // It asked at once, several times in a row, whoever had just said when to come back.
  test.each(['a', 'a b'])('keeps to the time that the provider named, at %s', async (endpoints) => {
    const script = 'a:500;after=10000 b:500;after=20000 a:200';
    const world = new World({ endpoints, whenExhausted: 'wait', script });
    expect((await world.run()).outcome.kind).toBe('ok');
    expect(world.early).toEqual([]);
    expect(world.clock.now()).toBeGreaterThanOrEqual(10_000);
  });
});

// With one endpoint that failed three calls in ten the breaker opened again and again and let one call a second past: half of them were
// lost, where the plain client with its repeats lost three in a hundred.
describe('a target that fails now and then, with nowhere else to go', () => {
  /** 300 calls, 30 a second, at a target whose every failing word comes with this likelihood. */
  async function lostOf(word: string, likelihood: number, endpoints = 'a'): Promise<number> {
    const random = seededRandom(5);
    const dice = seededRandom(6);
    const script = Array.from({ length: 1_500 }, () => `*:${dice() < likelihood ? word : '200;takes=20'}`).join(' ');
    const world = new World({ ...PANIC, endpoints, breaker: {}, random, script });
    const calls: Promise<Conclusion<string>>[] = [];
    for (let count = 0; count < 300; count += 1) {
      calls.push(world.start());
      await world.clock.advance(33);
    }
    await world.clock.runUntilIdle(600_000);
    return (await Promise.all(calls)).filter(({ outcome }) => outcome.kind !== 'ok').length;
  }

  test.each(['500', '503', '429', 'reset'])('loses no more than three attempts can explain (%s)', async (word) => {
    expect(await lostOf(word, 0.3)).toBeLessThan(300 * 0.3 ** 3 + 3 * Math.sqrt(300 * 0.3 ** 3));
  });

  test('two 429s that ask for nothing cost a call two official pauses, and no other call anything', async () => {
    const world = new World({ ...PANIC, breaker: {}, script: 'a:429 a:429 a:200' });
    expect(await world.trail()).toBe('a:rate_limit a:rate_limit a:ok');
    expect(world.clock.now()).toBeLessThan(1_500);
    const before = world.clock.now();
    expect(await world.trail()).toBe('a:ok');
    expect(world.clock.now()).toBe(before);
  });
});

// Half a second of 500s at two endpoints, met by one call at a time: no breaker opens by that, and short random waits kept all attempts
// inside of it. The more endpoints there were the more calls were lost.
test.each(['a b', 'a b c', 'a b c d'])(
  'a blip everywhere is survived by the repeats of a single call, at %s',
  async (endpoints) => {
    for (let seed = 0; seed < 50; seed += 1) {
      const world = new World({ endpoints, whenExhausted: 'panic', breaker: {}, random: seededRandom(seed) });
      const attempt = (): Promise<Outcome<string>> =>
        Promise.resolve(world.clock.now() < 500 ? failed : { kind: 'ok', reply: 'hello' });
      expect((await world.run({ attempt })).outcome.kind, `seed ${seed}`).toBe('ok');
    }
  },
);

// A key that had been refused was tried in every call for which the other endpoint had merely failed, hanging for all of its time.
test('what was refused is left alone when something else has merely failed', async () => {
  const world = new World({ ...PANIC, endpoints: 'a b', breaker: false, script: 'a:500 b:402' });
  await world.run();
  expect(await world.trail({ maxRetries: 0 })).toBe('a:server_error');
  expect(await world.trail({ maxRetries: 2 })).toBe('a:server_error a:server_error a:server_error');
});

// Whether a rest is short enough was decided by what dice had added to it.
test.each([0, 0.99])('dice do not decide whether a rest is waited for (%d)', async (dice) => {
  const breaker = { failureStreak: 1, jitter: 0 };
  const world = new World({
    endpoints: 'a b',
    whenExhausted: 'panic',
    breaker,
    script: '*:503;after=2900 *:503;after=2900 *:200',
    random: () => dice,
  });
  expect((await world.run()).outcome.kind).toBe('ok');
});
