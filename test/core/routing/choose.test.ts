import { describe, expect, test } from 'vitest';
import { choose } from '../../../packages/core/src/routing/choose.js';
import { type RoutingOptions, resolveRouting } from '../../../packages/core/src/routing/options.js';
import type { Candidate } from '../../../packages/core/src/routing/strategy.js';
import { noDice, occasion, tally, town } from './town.js';

type Town = Parameters<typeof town>[0];

const once = (routing: RoutingOptions, all: Town, stickyKey?: string) =>
  choose(resolveRouting(routing), town(all), occasion(noDice, { stickyKey })).id;

test('one candidate is the choice, nobody is an error', () => {
  expect(once('adaptive', { only: { expectedMs: 1e9 } })).toBe('only');
  expect(() => once('adaptive', {})).toThrow(RangeError);
});

test('without tiers, regions and keys the strategy is handed the very list', () => {
  const lists: unknown[] = [];
  const strategy = {
    name: 'spy',
    pick: <Kind extends Candidate>(candidates: readonly Kind[]) => {
      lists.push(candidates);
      return candidates[0] as Kind;
    },
  };
  const candidates = town({ a: {}, b: {} });
  choose({ strategy, preferRegion: undefined, spillRatio: 3 }, candidates, occasion());
  expect(lists[0]).toBe(candidates);
});

describe('tiers', () => {
  test('the lowest that has anybody is asked, though a later one is better', () => {
    expect(once('adaptive', { first: { expectedMs: 2_000 }, second: { expectedMs: 800, tier: 1 } })).toBe('first');
    const later = { 'late but good': { expectedMs: 800, tier: 7 }, early: { expectedMs: 2_000, tier: 3 } };
    expect(once('adaptive', later)).toBe('early');
  });

  test('a later one is asked when the best of this one is more than three times as dear', () => {
    const at = (expectedMs: number) =>
      once({}, { first: { expectedMs }, worse: { expectedMs: 9_000 }, second: { expectedMs: 800, tier: 1 } });
    expect([at(2_400), at(2_401)]).toEqual(['first', 'second']);
  });

  test('the ratio is an option, and false is never', () => {
    const all = { first: { expectedMs: 2_000 }, second: { expectedMs: 100, tier: 1 } };
    expect(once({ spillRatio: 19 }, all)).toBe('second');
    expect(once({ spillRatio: 20 }, all)).toBe('first');
    expect(once({ spillRatio: false }, all)).toBe('first');
  });

  test('weights say nothing across tiers', () => {
    const all = { first: { expectedMs: 800, weight: 1 }, second: { expectedMs: 800, weight: 100, tier: 1 } };
    expect(once({}, all)).toBe('first');
  });

  test('the last tier is spilled to over one in between that is no better than the first', () => {
    const all = {
      first: { expectedMs: 9_000 },
      second: { expectedMs: 8_000, tier: 1 },
      third: { expectedMs: 800, tier: 2 },
    };
    expect(once({}, all)).toBe('third');
  });

  test('an order of preference is kept, whatever is measured', () => {
    const all = { first: { expectedMs: 90_000 }, other: {}, second: { expectedMs: 8, tier: 1 } };
    expect(once('priority', all)).toBe('first');
    expect(once('priority', { second: { tier: 1 }, first: {} })).toBe('first');
  });

  test('within the tier that is asked the strategy chooses', () => {
    const candidates = town({ a: {}, b: {}, later: { tier: 1 } });
    const routing = resolveRouting('round-robin');
    expect(Array.from({ length: 4 }, () => choose(routing, candidates, occasion()).id).join('')).toBe('abab');
  });
});

describe('a preferred region', () => {
  const asia = { region: 'asia' };

  test('is taken while its best is at most half as dear again as the best of all', () => {
    const at = (expectedMs: number) =>
      once({ preferRegion: 'asia' }, { seoul: { ...asia, expectedMs }, virginia: { region: 'us', expectedMs: 800 } });
    expect([at(1_200), at(1_201)]).toEqual(['seoul', 'virginia']);
  });

  test('has its own choice among several', () => {
    const all = {
      slow: { ...asia, expectedMs: 900 },
      fast: { ...asia, expectedMs: 850 },
      virginia: { expectedMs: 800 },
    };
    expect(once({ preferRegion: 'asia' }, all)).toBe('fast');
  });

  test('that nobody is in changes nothing', () => {
    expect(once({ preferRegion: 'mars' }, { a: { expectedMs: 900 }, b: { expectedMs: 800 } })).toBe('b');
  });

  test('comes first in an order of preference, however slow', () => {
    const all = { virginia: {}, seoul: { ...asia, expectedMs: 9_000 } };
    expect(once({ strategy: 'priority', preferRegion: 'asia' }, all)).toBe('seoul');
  });
});

describe('a sticky key', () => {
  test('meets at one target, and different keys at different ones', () => {
    const all = { a: {}, b: {}, c: {} };
    const homes = Array.from({ length: 300 }, (_, key) => once('random', all, `${key}`));
    expect(homes).toEqual(Array.from({ length: 300 }, (_, key) => once('random', all, `${key}`)));
    expect(Object.keys(tally(homes))).toHaveLength(3);
  });

  test('has its home in the preferred region, and in the tier that is asked', () => {
    const all = { seoul: { region: 'asia' }, tokyo: { region: 'asia' }, virginia: {}, later: { tier: 1 } };
    const homes = Array.from({ length: 100 }, (_, key) => once({ preferRegion: 'asia' }, all, `${key}`));
    expect(Object.keys(tally(homes)).sort()).toEqual(['seoul', 'tokyo']);
  });

  test('without a home that is fit the strategy chooses', () => {
    const all = { full: { inFlight: 10 }, dear: { expectedMs: 5_000 } };
    expect(once('adaptive', all, 'a key')).toBe('full');
  });
});

// A silent standby got a call whenever its breaker had waited long enough: each of them lost half of its time, for nothing.
describe('who wants to be tried', () => {
  const dear = { isDue: true, expectedMs: 90_000 };

  test.each([
    ['has the call, however dear it is', {}, { well: {}, due: dear }, 'due'],
    ['has it before a later tier that it would be spilled over to', {}, { due: dear, spare: { tier: 1 } }, 'due'],
    ['has it not in a later tier', {}, { well: {}, due: { ...dear, tier: 1 } }, 'well'],
    [
      'has it not outside of the preferred region',
      { preferRegion: 'here' },
      { well: { region: 'here' }, due: { ...dear, region: 'there' } },
      'well',
    ],
    [
      'has it in the preferred region, which is too dear for that very reason',
      { preferRegion: 'here' },
      { well: { region: 'there' }, due: { ...dear, region: 'here' } },
      'due',
    ],
    [
      'has it not behind another in an order of preference',
      { strategy: 'priority', preferRegion: 'here' },
      { well: { region: 'here' }, due: { ...dear, region: 'here' } },
      'well',
    ],
    ['is whoever is best when all of them want it', {}, { due: dear, better: { ...dear, expectedMs: 300 } }, 'better'],
  ])('%s', (_what, routing, all, chosen) => {
    expect(once(routing as RoutingOptions, all as Town)).toBe(chosen);
  });

  test('has calls whose sticky key is at home there, and no others', () => {
    const keys = Array.from({ length: 60 }, (_, index) => `key ${index}`);
    const at = (isDue: boolean) => keys.map((key) => once({}, { a: {}, b: {}, c: { isDue } }, key));
    expect(at(true)).toEqual(at(false));
    const dearOnes = keys.map((key) => once({}, { a: {}, b: {}, c: dear }, key));
    expect(dearOnes).toEqual(at(false));
  });
});
