import { expect, test } from 'vitest';
import { adaptive } from '../../../packages/core/src/routing/adaptive.js';
import { noDice, occasion, picks, tally, town } from './town.js';

const once = (all: Parameters<typeof town>[0]) => adaptive().pick(town(all), occasion(noDice)).id;

test('the soonest expected answer wins, by more than three in a hundred without any dice', () => {
  expect(once({ tokyo: { expectedMs: 840 }, seoul: { expectedMs: 800 }, frankfurt: { expectedMs: 920 } })).toBe(
    'seoul',
  );
});

test('equals share calls by chance, and what is dearer by more than three in a hundred gets none', () => {
  const candidates = town({ a: { expectedMs: 800 }, b: { expectedMs: 823 }, c: { expectedMs: 825 } });
  const { a = 0, b = 0, c = 0 } = tally(picks(adaptive(), candidates, 10_000));
  expect([a + b, c]).toEqual([10_000, 0]);
  expect(Math.abs(a - b)).toBeLessThan(300);
});

test('a target that fails at once does not look fast', () => {
  expect(once({ failing: { expectedMs: 100, successRate: 0.2 }, slow: { expectedMs: 1_500 } })).toBe('slow');
});

test('a target that is full by its own limit gives way to one that is a little slower', () => {
  const full = { expectedMs: 800, capacity: 10, inFlight: 10 };
  expect(once({ full, slower: { expectedMs: 1_100 } })).toBe('slower');
  expect(once({ full: { ...full, capacity: 100 }, slower: { expectedMs: 1_100 } })).toBe('full');
});

test('a weight of two is worth an answer in twice the time; equal weights change nothing', () => {
  expect(once({ light: { expectedMs: 800 }, heavy: { expectedMs: 1_500, weight: 2 } })).toBe('heavy');
  expect(once({ light: { expectedMs: 800, weight: 70 }, same: { expectedMs: 1_500, weight: 70 } })).toBe('light');
});

test('what a choice cost is what explain shows', () => {
  const [one] = town({ a: { expectedMs: 800, successRate: 0.5, weight: 2 } });
  expect(one && adaptive().cost?.(one, occasion())).toBe(1_600);
});
