import { describe, expect, test } from 'vitest';
import { CONTESTANTS, type Contestant, ORACLE } from './contestants.ts';
import { play } from './play.ts';
import { plot } from './report/plot.ts';
import { overview, table } from './report/table.ts';
import { Tally } from './report/tally.ts';
import { planOf, SCENARIOS, type Scenario } from './scenarios.ts';
import type { Call } from './world/world.ts';

const named = <Named extends { readonly name: string }>(all: readonly Named[], name: string): Named =>
  all.find((one) => one.name === name) as Named;

const match = (scenario: string, contestant: Contestant, changes: { minutes?: number; streamed?: boolean } = {}) =>
  play({
    scenario: named<Scenario>(SCENARIOS, scenario),
    contestant,
    seeds: [1],
    minutes: 1,
    clients: 4,
    streamed: false,
    ...changes,
  });

const call = (askedAt: number, attempts: number): Call => ({ askedAt, attempts, workMs: 1, end: () => {} });

describe('a run', () => {
  test.each(CONTESTANTS.map(({ name }) => name))('of %s is the same for the same seed, to the byte', async (name) => {
    const scenario = named(SCENARIOS, 'twoDown');
    const terms = { minutes: 0.5, clients: 4, streamed: false };
    const pages = [];
    for (let time = 0; time < 2; time += 1) {
      const contestant = named(CONTESTANTS, name);
      const results = [{ contestant: name, tally: await play({ scenario, contestant, seeds: [7], ...terms }) }];
      pages.push(table(results) + plot({ scenario, plan: planOf(scenario, { ...terms, seed: 7 }), results }));
    }
    expect(pages[1]).toBe(pages[0]);
    expect(pages[0]).not.toContain('NaN');
  });

  test('brings the same calls to everybody: where nobody waits, only the way makes a difference', async () => {
    const [one, other] = [
      await match('flatRegions', ORACLE),
      await match('flatRegions', named(CONTESTANTS, 'round-robin')),
    ];
    expect(other.calls).toBe(one.calls);
    expect(Math.abs(other.quantileMs(0.99) - one.quantileMs(0.99))).toBeLessThan(60);
  });

  test('of an oracle in fine weather takes the work and the way next door: 800 and 23 ms in the median', async () => {
    const tally = await match('steady', ORACLE, { minutes: 4 });
    expect(tally.availability).toBe(1);
    expect(tally.attemptsPerCall).toBe(1);
    expect(Math.abs(tally.quantileMs(0.5) - 823)).toBeLessThan(25);
    expect(tally.shares[0]).toBeCloseTo(0.5, 1);
  });

  test('of streams is measured until the first token', async () => {
    const tally = await match('steady', named(CONTESTANTS, 'priority'), { streamed: true });
    expect(Math.abs(tally.quantileMs(0.5) - 263)).toBeLessThan(25);
  });

  test.each(['hetero', 'serverRL', 'overload', 'allDown30s', 'lowTraffic'])(
    'through %s leaves no call unended',
    async (name) => {
      const tally = await match(name, named(CONTESTANTS, 'round-robin'), { minutes: 0.5 });
      expect(tally.calls).toBeGreaterThan(50);
    },
  );
});

describe('a tally', () => {
  test('counts a call that failed as one that takes for ever', () => {
    const tally = new Tally(60_000, 0);
    for (let count = 1; count <= 98; count += 1) tally.ended(call(0, 1), true, count * 100);
    for (let count = 0; count < 2; count += 1) tally.ended(call(0, 3), false, 50);
    expect([0.5, 0.98, 0.99].map((share) => tally.quantileMs(share))).toEqual([5_000, 9_800, Number.POSITIVE_INFINITY]);
    expect([tally.availability, tally.soon, tally.attemptsPerCall]).toEqual([0.98, 0.3, 1.04]);
    const page = table([{ contestant: 'x', tally }]);
    expect(page).toContain('| x          | 98.000     | 5000 | fail | fail     |');
    const all = overview([{ scenario: 'a day', results: [{ contestant: 'x', tally }] }]);
    expect(all).toContain('| a day | 98.00/5000/fail/fail/1.04 |');
  });

  test('does not count what comes while it warms up', () => {
    const tally = new Tally(72_000, 10_000);
    tally.sent(0, 500);
    tally.ended(call(500, 2), false, 600);
    tally.sent(1, 10_500);
    tally.ended(call(10_500, 1), true, 11_000);
    expect([tally.calls, tally.availability]).toEqual([1, 1]);
    expect(tally.shares).toEqual([0, 1, 0, 0, 0]);
    expect([tally.sharesOverTime[0]?.[0], tally.sharesOverTime[10]?.[1]]).toEqual([1, 1]);
  });
});
