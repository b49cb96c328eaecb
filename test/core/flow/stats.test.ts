import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimeStats } from '../../../packages/core/src/events/time-stats.js';
import { quantile, Recount } from './recount.js';
import { play, type Scenario, scenarios, worldOf } from './scenario.js';
import { World } from './world.js';

const check = (numRuns: number, property: (scenario: Scenario) => Promise<void>) =>
  fc.assert(fc.asyncProperty(scenarios, property), { numRuns });

/** Whether a spread is that of these times, as far as its buckets tell them apart; nothing is below a millisecond. */
function expectSpread(told: TimeStats, times: readonly number[]): void {
  expect(told.count).toBe(times.length);
  for (const [share, ms] of [
    [0.5, told.p50Ms],
    [0.95, told.p95Ms],
    [0.99, told.p99Ms],
  ] as const) {
    if (times.length === 0) expect(ms).toBeUndefined();
    // Events tell durations as whole milliseconds, rounded up.
    else
      expect(Math.abs((ms ?? 0) - Math.max(1, quantile(times, share)))).toBeLessThan(
        1.05 + quantile(times, share) / 39,
      );
  }
}

describe('whatever happens', () => {
  test('the stats are what counting the events by hand gives', () =>
    check(80, async (scenario) => {
      const world = worldOf(scenario);
      const made = await play(world, scenario);
      const [stats, recount] = [world.engine.stats(), new Recount(world)];
      expect(stats.requests).toEqual(recount.requests(() => true));
      expect(stats.requests).toMatchObject({ started: made.length, inFlight: 0 });
      const all = recount.group(() => true);
      expect(stats).toMatchObject({ attempts: all.attempts, retries: all.retries, allTargets: all, spent: all.spent });
      expect([stats.failovers, stats.rescues]).toEqual([
        recount.of('failover').length,
        recount.of('stream.rescued').length,
      ]);
      // An attempt that the caller takes back before it was sent counts as abandoned.
      expect(stats.attempts).toBeGreaterThanOrEqual(world.sent.length);
      const asked = new Set(recount.of('attempt.started').map(({ target }) => target));
      expect(Object.keys(stats.targets).sort()).toEqual([...asked].sort());
      for (const [id, target] of Object.entries(stats.targets)) {
        expect(target, id).toMatchObject(recount.group((one) => one === id));
        expect(id).toBe(`${target.endpoint}/${target.model}`);
      }
      for (const [id, endpoint] of Object.entries(stats.endpoints))
        expect(endpoint, id).toEqual(recount.group((one) => one.startsWith(`${id}/`)));
      for (const [id, { requests, ...model }] of Object.entries(stats.models)) {
        expect(requests, id).toEqual(recount.requests((one) => one === id));
        expect(model, id).toEqual(recount.group((one) => one.endsWith(`/${id}`)));
      }
    }));

  test('a breaker was in its states for as long as its events say', () =>
    check(60, async (scenario) => {
      const world = worldOf(scenario);
      const [origin, zero] = [world.clock.wall(), world.clock.now()];
      // Made known before anything happens, so that all begin at the same time.
      for (const model of ['m', 'big', 'bigger', 'long', 'mild']) world.engine.registry.of(model, zero);
      await play(world, scenario);
      const [stats, recount, now] = [world.engine.stats(), new Recount(world), world.clock.wall()];
      for (const [id, { breaker }] of Object.entries(stats.targets)) {
        const expected = recount.breakerTimes(id, { madeAt: origin, now });
        for (const state of ['closed', 'open', 'halfOpen'] as const)
          expect(Math.abs((breaker?.inMs[state] ?? Number.NaN) - expected[state]), `${id} ${state}`).toBeLessThan(20);
        const { closed = 0, open = 0, halfOpen = 0 } = breaker?.inMs ?? {};
        expect(Math.abs(closed + open + halfOpen - (now - origin))).toBeLessThan(3);
      }
    }));

  test('each rest ends at most once, when it is over and not before', () =>
    check(60, async (scenario) => {
      const world = worldOf(scenario);
      await play(world, scenario);
      await world.clock.advance(24 * 60 * 60_000);
      world.engine.status();
      const open = new Map<string, number>();
      for (const { name, event } of world.heard) {
        if (name === 'cooldown.started')
          open.set(event.target, Math.max(open.get(event.target) ?? 0, event.at + event.forMs));
        else if (name === 'cooldown.ended') {
          expect(event.at + 1).toBeGreaterThanOrEqual(open.get(event.target) ?? Number.POSITIVE_INFINITY);
          open.delete(event.target);
        }
      }
      expect([...open.keys()]).toEqual([]);
    }));

  test('a panic is entered and left in turn, for each model by itself', () =>
    check(60, async (scenario) => {
      const { endpoints, words, seed } = scenario;
      const world = new World({
        endpoints,
        script: words.map((text) => `*:${text}`).join(' '),
        breaker: { failureStreak: 1, closeAfter: 1, openMs: 20_000 },
        whenExhausted: 'panic',
        random: () => (seed % 100) / 100,
      });
      await play(world, scenario);
      let isOn = false;
      for (const { name } of world.heard) {
        if (name !== 'panic.entered' && name !== 'panic.left') continue;
        expect(name).toBe(isOn ? 'panic.left' : 'panic.entered');
        isOn = name === 'panic.entered';
      }
    }));
});

test('times of first tokens and of whole answers are told apart, in the last minutes', async () => {
  const world = new World({ endpoints: 'a', breaker: false, script: 'a:200;takes=30' });
  for (let ms = 1; ms <= 60; ms += 1) {
    world.script = new World({ script: `a:200;takes=${ms * 10}` }).script;
    await world.run();
  }
  world.script = new World({ script: 'a:stream;takes=40' }).script;
  void world.start({ streamed: true });
  await world.clock.advance(1_000);
  world.streams[0]?.end();
  await world.clock.advance(0);
  const recount = new Recount(world);
  const told = world.engine.stats().targets['a/m'];
  if (!told) throw new Error('nothing was counted');
  expectSpread(told.total, recount.times('a/m').total);
  expectSpread(told.firstToken, recount.times('a/m').firstToken);
  expect(recount.times('a/m').firstToken).toEqual([40]);
  expect(recount.times('a/m').total.at(-1)).toBe(1_000);
  await world.clock.advance(300_000);
  expect(world.engine.stats().targets['a/m']).toMatchObject({ succeeded: 61, total: { count: 0, p50Ms: undefined } });
});
