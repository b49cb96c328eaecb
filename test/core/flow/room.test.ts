import { describe, expect, test } from 'vitest';
import type { Call } from '../../../packages/core/src/flow/call.js';
import { trailOf, World, type WorldOptions } from './world.js';

/** A world with limits, where nothing is learned. */
const worldOf = (options: WorldOptions) => new World({ ...options, limits: { learn: false, ...options.limits } });

/** Sends calls at the same time; answers with the trail of each, how it ended, and when. */
async function endsOf(world: World, calls: readonly Partial<Call<string>>[]) {
  const all = calls.map(async (call) => {
    const conclusion = await world.start(call);
    return { trail: trailOf(conclusion), kind: conclusion.outcome.kind, at: Math.floor(world.clock.now()), conclusion };
  });
  await world.clock.runUntilIdle(300_000);
  return Promise.all(all);
}

const times = <One>(count: number, one: One): One[] => Array.from({ length: count }, () => one);

describe('a call with a fallback model', () => {
  // Fifty calls at one a second: each would have had to wait for a second if it were alone, so all of them waited, and nineteen of them
  // failed after half a minute without that the idle second model had ever been asked.
  test('waits in a long line for no longer than for any short rest, and is then answered by the other model', async () => {
    const limits = { models: { m: { requestsPerMinute: 60, burst: { requestsPerMinute: 1 } } } };
    const ends = await endsOf(worldOf({ endpoints: 'a', limits }), times(50, { fallbacks: ['mini'] }));
    expect(ends.map(({ trail }) => trail).sort()).toEqual([...times(46, 'a/mini:ok'), ...times(4, 'a:ok')]);
    expect(Math.max(...ends.map(({ at }) => at))).toBe(3_000);
  });

  // Nobody knows when a long answer ends. It was taken for a second, and waited for until the call failed.
  test('waits so long, too, for the end of a call of which nobody knows how long it takes', async () => {
    const limits = { models: { m: { concurrency: 1 } } };
    const world = worldOf({ endpoints: 'a', limits, script: 'a/m:200;takes=50000 a/mini:200' });
    const [, second] = await endsOf(world, times(2, { fallbacks: ['mini'] }));
    expect(second).toMatchObject({ trail: 'a/mini:ok', at: 3_000 });
  });

  // A full line was the end of the call, whoever else could have answered it.
  test('goes on at once when the line of the asked one is full', async () => {
    const limits = { maxWaiting: 1, models: { m: { concurrency: 1 } } };
    const world = worldOf({ endpoints: 'a', limits, script: 'a/m:200;takes=500 a/mini:200' });
    const ends = await endsOf(world, times(3, { fallbacks: ['mini'] }));
    expect(ends.map(({ trail, at }) => `${trail} ${at}`)).toEqual(['a:ok 500', 'a:ok 1000', 'a/mini:ok 0']);
  });

  test('waits in the lines of both when both are full, for as long as one without', async () => {
    const script = 'a/m:200;takes=20000 a/mini:200;takes=10000';
    const world = worldOf({
      endpoints: 'a',
      limits: { models: { m: { concurrency: 1 }, mini: { concurrency: 1 } } },
      script,
    });
    const others = [{}, { model: 'mini' }];
    const [, , third] = await endsOf(world, [...others, { fallbacks: ['mini'] }]);
    expect(third).toMatchObject({ trail: 'a/mini:ok', at: 20_000 });
  });
});

describe('a call whose fallback has failed once', () => {
  // It stood in the line of the full model for half a minute, looked around ten times a second, and never asked the other one again.
  test('asks it once more before it waits for long in the line of the asked one', async () => {
    const limits = { models: { m: { concurrency: 1 } } };
    const script = 'a/m:200;takes=20000 a/mini:500 a/mini:200';
    const world = worldOf({ endpoints: 'a', limits, random: () => 0, script });
    const [, second] = await endsOf(world, [{}, { fallbacks: ['mini'] }]);
    expect(second?.trail).toBe('a/mini:server_error a/mini:ok');
    expect(second?.at).toBeLessThan(5_000);
  });
});

describe('a wait for room', () => {
  // One target rested for five seconds, the other was busy for forty: the call stood in the line of the busy one for forty.
  test('ends when another target is back from its rest', async () => {
    const limits = { maxWaitMs: 60_000, byEndpoint: { b: { concurrency: 1 } } };
    const world = worldOf({ limits, random: () => 0, script: 'a:429;after=5000 a:200 b:200;takes=40000' });
    const first = world.start();
    await world.clock.advance(10);
    const [second] = await endsOf(world, [{}]);
    expect([trailOf(await first), second?.trail]).toEqual(['a:rate_limit b:ok', 'a:ok']);
    expect(second?.at).toBeLessThan(5_100);
  });

  test('keeps its place in line when it looks around in vain', async () => {
    const limits = { byEndpoint: { b: { concurrency: 1 } } };
    const script = 'a:429;after=2000 a:429;after=60000 b:200;takes=9000 b:200;takes=100';
    const world = worldOf({ limits, random: () => 0, script });
    const first = world.start();
    await world.clock.advance(10);
    const second = world.start();
    await world.clock.advance(1_000);
    const third = world.start();
    const all = Promise.all([first, second, third]);
    await world.clock.runUntilIdle(100_000);
    expect((await all).map(trailOf)).toEqual(['a:rate_limit b:ok', 'a:rate_limit b:ok', 'b:ok']);
    expect((await second).route.latencyMs).toBe(9_090);
  });

  // Thirty seconds of waiting were over thirty seconds after the first wait had begun, though fifteen of them went to an attempt.
  test('is counted without the attempts that lie between two waits', async () => {
    const byEndpoint = { a: { concurrency: 1 }, b: { concurrency: 1 } };
    const script = 'a:200;takes=1000 a:connect;takes=15000 b:200;takes=2000 b:200;takes=16000';
    const world = worldOf({ limits: { maxWaitMs: 10_000, byEndpoint }, script });
    const time = { timeoutMs: 100_000 };
    const three = [world.start({ ...time, only: ['a'] }), world.start({ ...time, only: ['b'] }), world.start(time)];
    // It takes the other target at the second 2, and has it until the second 18.
    await world.clock.advance(1_500);
    const fourth = world.start({ ...time, only: ['b'] });
    await world.clock.runUntilIdle(100_000);
    expect(trailOf((await Promise.all(three))[2] as never)).toBe('a:connect b:ok');
    await fourth;
  });

  // A wait of which nobody knows how long it is was taken for a second, which is longer than less than a second.
  test('of less than a second is one for calls under way, too', async () => {
    const world = worldOf({ endpoints: 'a', limits: { concurrency: 1, maxWaitMs: 900 }, script: 'a:200;takes=100' });
    expect((await endsOf(world, [{}, {}])).map(({ kind, at }) => `${kind} ${at}`)).toEqual(['ok 100', 'ok 200']);
  });

  test('ends while there is still time for an attempt', async () => {
    const world = worldOf({ endpoints: 'a', limits: { concurrency: 1 }, script: 'a:200;takes=50000' });
    const [, second] = await endsOf(world, [{}, { timeoutMs: 10_000 }]);
    expect(second).toMatchObject({ kind: 'limit_exceeded', at: 9_500 });
  });
});

describe('a call that is turned away', () => {
  // The other endpoint merely cooled, and the error said that everybody rested: no LimitExceededError, and no event.
  test.each(['reject', 'wait'] as const)(
    'is told of the limit, whatever keeps others away (onLimit: %s)',
    async (onLimit) => {
      const limits = { onLimit, maxWaitMs: 1_000, byEndpoint: { b: { requestsPerMinute: 1 } } };
      const world = worldOf({ limits, script: 'a:429;after=40000 b:200' });
      await world.run();
      expect((await world.run()).outcome).toMatchObject({
        kind: 'limit_exceeded',
        message: expect.stringContaining('b'),
      });
      expect(world.of('limit.rejected')).toMatchObject([{ target: 'b/m', dimension: 'requestsPerMinute' }]);
    },
  );

  // After seventy seconds in line it was told the wait as it had been at its beginning.
  test('is told how long it would have to wait from then on', async () => {
    const limits = { requestsPerMinute: 1, maxWaitMs: 70_000 };
    const world = worldOf({ endpoints: 'a', limits });
    const [, , third] = await endsOf(world, times(3, { timeoutMs: 200_000 }));
    // The second took the room that came free after a minute.
    const { outcome } = third?.conclusion ?? {};
    expect(outcome).toMatchObject({ kind: 'limit_exceeded' });
    expect((outcome as { retryAfterMs?: number }).retryAfterMs).toBeLessThan(53_000);
  });

  test('does not keep its place while the answer of its caller is made', async () => {
    const limits = { concurrency: 1, maxWaitMs: 1_000 };
    const world = worldOf({ endpoints: 'a', limits, script: 'a:200;takes=1500 a:200;takes=100' });
    const lastResort = () =>
      new Promise<string>((resolve) => void world.clock.setTimeout(() => resolve('mine'), 20_000));
    const early = [world.start(), world.start({ lastResort })];
    await world.clock.advance(1_200);
    const late = world.start();
    await world.clock.runUntilIdle(100_000);
    await Promise.all([...early, late]);
    expect(world.sent.map(({ at }) => at)).toEqual([0, 1_500]);
  });
});
