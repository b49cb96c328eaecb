import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choose } from '../../../packages/core/src/routing/choose.js';
import { resolveRouting, type StrategyName, strategies } from '../../../packages/core/src/routing/options.js';
import { weigh } from '../../../packages/core/src/routing/weigh.js';
import { known, noDice, occasion, type Told, tally, town } from './town.js';

const NAMES = Object.keys(strategies) as StrategyName[];

const told: fc.Arbitrary<Told> = fc.record({
  expectedMs: fc.integer({ min: 1, max: 4_000 }),
  successRate: fc.constantFrom(1, 1, 0.9, 0.05),
  inFlight: fc.nat(9),
  samples: fc.constantFrom(0, 9),
  weight: fc.constantFrom(1, 1, 2, 5),
  tier: fc.constantFrom(0, 0, 1, 2),
  region: fc.constantFrom('asia', 'europe'),
  isDue: fc.constantFrom(false, false, false, true),
});
const settings = fc.record({ preferRegion: fc.constantFrom(undefined, 'asia'), spillRatio: fc.constantFrom(1, 3, 10) });
const stickyKey = fc.option(fc.string(), { nil: undefined });

describe.each(NAMES)('the choice of %s, weighed instead of made,', (strategy) => {
  test('gives chances that come to one, and one of them to whoever is chosen then', () => {
    fc.assert(
      fc.property(
        fc.array(told, { minLength: 1, maxLength: 7 }),
        settings,
        stickyKey,
        fc.integer(),
        (all, more, key, seed) => {
          const routing = resolveRouting({ ...(JSON.parse(JSON.stringify(more)) as typeof more), strategy } as never);
          const candidates = all.map((one, index) => known(`${index}`, one));
          for (let turn = 0; turn < 5; turn += 1) {
            const { chances = [] } = weigh(routing, candidates, occasion(noDice, { stickyKey: key }));
            expect(chances.reduce((sum, chance) => sum + chance)).toBeCloseTo(1, 9);
            const chosen = choose(routing, candidates, occasion(seed + turn, { stickyKey: key }));
            expect(chances[candidates.indexOf(chosen)]).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  test('tells how often each is chosen', () => {
    const routing = resolveRouting({ strategy });
    const candidates = town({ a: { weight: 3 }, b: { expectedMs: 810 }, c: { expectedMs: 1_600, inFlight: 1 }, d: {} });
    const at = occasion(11);
    const expected = new Map(candidates.map(({ id }) => [id, 0]));
    const names: string[] = [];
    for (let round = 0; round < 4_000; round += 1) {
      const { chances = [] } = weigh(routing, candidates, occasion(noDice));
      for (const [index, { id }] of candidates.entries())
        expected.set(id, (expected.get(id) ?? 0) + (chances[index] ?? 0));
      names.push(choose(routing, candidates, at).id);
    }
    const counts = tally(names);
    for (const [id, count] of expected) expect(Math.abs((counts[id] ?? 0) - count), id).toBeLessThan(150);
  });
});

describe('what is told of a choice', () => {
  const decisions = (more: object, all: Readonly<Record<string, Told>>, key?: string) =>
    weigh(resolveRouting(more), town(all), occasion(noDice, { stickyKey: key })).decisions;

  test('is nothing where only the strategy decides', () => {
    expect(decisions({}, { a: {}, b: {} })).toEqual([]);
    expect(decisions({ preferRegion: 'mars' }, { a: {}, b: {} })).toEqual([]);
  });

  test('is the tier that goes first, or the one that is spilled over to', () => {
    expect(decisions({}, { a: {}, b: { tier: 1 } })).toEqual([{ by: 'tier', tier: 0 }]);
    const spilled = decisions({}, { a: { expectedMs: 9_000 }, b: { tier: 1 } });
    expect(spilled).toEqual([{ by: 'spill', tier: 1, from: 0 }]);
  });

  test('is the preferred region, taken or too dear', () => {
    const all = (expectedMs: number) => ({ a: { region: 'asia', expectedMs }, b: { region: 'us' } });
    const asia = { by: 'region', region: 'asia' };
    expect(decisions({ preferRegion: 'asia' }, all(900))).toEqual([{ ...asia, isTaken: true }]);
    expect(decisions({ preferRegion: 'asia' }, all(1_900))).toEqual([{ ...asia, isTaken: false }]);
  });

  test('is where calls with the same key meet, if anywhere', () => {
    const [home] = decisions({}, { a: {}, b: {}, c: {} }, 'a key');
    expect(home).toEqual({ by: 'sticky', home: expect.stringMatching(/^[abc]$/) });
  });

  test('is the one that gets the call to be tried with', () => {
    expect(decisions({}, { a: {}, b: { isDue: true }, c: { tier: 1 } })).toEqual([
      { by: 'tier', tier: 0 },
      { by: 'probe', target: 'b' },
    ]);
  });
});
