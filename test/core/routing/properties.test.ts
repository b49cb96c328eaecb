import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { choose } from '../../../packages/core/src/routing/choose.js';
import {
  type RoutingOptions,
  resolveRouting,
  type StrategyName,
  strategies,
} from '../../../packages/core/src/routing/options.js';
import { type Known, known, noDice, occasion, type Told } from './town.js';

const NAMES = Object.keys(strategies) as StrategyName[];
const ROTATING: readonly string[] = ['round-robin', 'weighted-round-robin'];

/** Times are multiples of four, and what they are multiplied by is a power of two, so that rounding is the same on both sides. */
const told: fc.Arbitrary<Told> = fc.record({
  expectedMs: fc.integer({ min: 1, max: 4_000 }).map((ms) => ms * 4),
  averageMs: fc.integer({ min: 1, max: 4_000 }).map((ms) => ms * 4),
  successRate: fc.constantFrom(1, 1, 0.9, 0.5, 0.05),
  inFlight: fc.nat(9),
  capacity: fc.constantFrom(Number.POSITIVE_INFINITY, 8, 1),
  samples: fc.constantFrom(0, 9, 40),
  weight: fc.constantFrom(1, 1, 2, 5),
  tier: fc.constantFrom(0, 0, 1, 2),
  region: fc.constantFrom('asia', 'europe'),
});
const tolds = (minLength: number, maxLength = 7) => fc.array(told, { minLength, maxLength });
const seed = fc.integer();
const stickyKey = fc.option(fc.string(), { nil: undefined });
const settings = fc.record({ preferRegion: fc.constantFrom(undefined, 'asia'), spillRatio: fc.constantFrom(1, 3, 10) });

const townOf = (all: readonly Told[]) => all.map((one, index) => known(`${index}`, one));

/** The names of eight choices in a row with dice of one seed. */
function run(
  name: StrategyName,
  more: object,
  { candidates, dice, key }: { candidates: Known[]; dice: number; key?: string | undefined },
) {
  const routing = resolveRouting({ ...JSON.parse(JSON.stringify(more)), strategy: name } as RoutingOptions);
  const at = occasion(seededRandom(dice), { stickyKey: key });
  return Array.from({ length: 8 }, () => choose(routing, candidates, at).id);
}

describe.each(NAMES)('%s', (name) => {
  test('chooses alike when all times are multiplied by the same', () => {
    fc.assert(
      fc.property(
        tolds(1),
        settings,
        seed,
        stickyKey,
        fc.constantFrom(0.25, 2, 1_024),
        (all, more, dice, key, factor) => {
          const times = ({ expectedMs = 0, averageMs = 0, ...rest }: Told): Told => {
            return { ...rest, expectedMs: expectedMs * factor, averageMs: averageMs * factor };
          };
          const before = run(name, more, { candidates: townOf(all), dice, key });
          expect(run(name, more, { candidates: townOf(all.map(times)), dice, key })).toEqual(before);
        },
      ),
    );
  });

  test('the same seed leads to the same choices, whoever else is never allowed to be asked', () => {
    fc.assert(
      fc.property(tolds(1), told, settings, seed, stickyKey, (all, closed, more, dice, key) => {
        const candidates = townOf(all);
        const open = [known('closed', closed), ...candidates].filter(({ id }) => id !== 'closed');
        expect(run(name, more, { candidates: open, dice, key })).toEqual(run(name, more, { candidates, dice, key }));
      }),
    );
  });

  test('somebody is chosen of one or two about whom nothing, or nothing good, is known', () => {
    const values = fc.constantFrom(0, 0.05, 1, Number.POSITIVE_INFINITY);
    const blank: fc.Arbitrary<Told> = fc.record({
      ...{ rttMs: values, expectedMs: values, averageMs: values, capacity: values },
      ...{ successRate: fc.constantFrom(0, 0.05, 1), inFlight: fc.constantFrom(0, 1), samples: fc.constantFrom(0, 1) },
      tier: fc.constantFrom(0, 1),
    });
    const count = { minLength: 1, maxLength: 2 };
    fc.assert(
      fc.property(fc.array(blank, count), fc.constantFrom(0, 0.5, 1), stickyKey, (all, dice, key) => {
        const candidates = townOf(all);
        const at = occasion(() => dice, { stickyKey: key });
        const routing = resolveRouting({ strategy: name, preferRegion: 'asia' });
        for (const candidate of candidates) expect(routing.strategy.cost?.(candidate, at)).not.toBeNaN();
        expect(candidates).toContain(choose(routing, candidates, at));
      }),
    );
  });
});

/** How many of 840 evenly spaced dice lead to each candidate; 840 can be divided by all numbers up to eight. */
function chancesOf(name: StrategyName, candidates: Known[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let step = 0; step < 840; step += 1) {
    const chosen = choose(
      resolveRouting(name),
      candidates,
      occasion(() => (step + 0.5) / 840),
    );
    counts[chosen.id] = (counts[chosen.id] ?? 0) + 1;
  }
  return counts;
}

/** Candidates, and the same ones in another order. */
const shuffled = tolds(2).chain((all) => {
  const order = fc.shuffledSubarray(
    all.map((_, index) => index),
    { minLength: all.length, maxLength: all.length },
  );
  return order.map((indices) => {
    const candidates = townOf(all);
    return { candidates, permuted: indices.map((index) => candidates[index] as Known) };
  });
});

describe('in another order', () => {
  test.each(['adaptive', 'least-connections'] as const)('%s has the same dice for each', (name) => {
    fc.assert(
      fc.property(shuffled, ({ candidates, permuted }) => {
        expect(chancesOf(name, permuted)).toEqual(chancesOf(name, candidates));
      }),
      { numRuns: 50 },
    );
  });

  test.each(['random', 'response-time'] as const)(
    '%s has as many dice for each, but for those at the edges',
    (name) => {
      fc.assert(
        fc.property(shuffled, ({ candidates, permuted }) => {
          const [before, after] = [chancesOf(name, candidates), chancesOf(name, permuted)];
          for (const { id } of candidates)
            expect(Math.abs((before[id] ?? 0) - (after[id] ?? 0))).toBeLessThanOrEqual(2);
        }),
        { numRuns: 50 },
      );
    },
  );

  test('the best average is the best average', () => {
    fc.assert(
      fc.property(shuffled, ({ candidates, permuted }) => {
        const { strategy } = resolveRouting('latency');
        const at = occasion(noDice);
        const costs = candidates.map((candidate) => strategy.cost?.(candidate, at));
        fc.pre(new Set(costs).size === costs.length);
        expect(strategy.pick(permuted, at)).toBe(strategy.pick(candidates, at));
      }),
    );
  });

  test.each(NAMES.filter((name) => !ROTATING.includes(name) && name !== 'priority'))(
    '%s has the same home for a key',
    (name) => {
      fc.assert(
        fc.property(shuffled, fc.string(), ({ candidates, permuted }, key) => {
          for (const candidate of candidates)
            Object.assign(candidate.known, { expectedMs: 800, inFlight: 0, successRate: 1 });
          const at = occasion(noDice, { stickyKey: key });
          const routing = resolveRouting(name);
          expect(choose(routing, permuted, at)).toBe(choose(routing, candidates, at));
        }),
      );
    },
  );
});
