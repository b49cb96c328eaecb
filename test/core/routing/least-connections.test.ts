import { expect, test } from 'vitest';
import { leastConnections } from '../../../packages/core/src/routing/least-connections.js';
import { noDice, occasion, picks, tally, town } from './town.js';

const once = (all: Parameters<typeof town>[0]) => leastConnections().pick(town(all), occasion(noDice)).id;

test('the fewest calls under way win, however slow', () => {
  expect(once({ a: { inFlight: 2 }, b: { inFlight: 1, expectedMs: 9_000 }, c: { inFlight: 3 } })).toBe('b');
});

test('three calls at a weight of four are fewer than one at a weight of one', () => {
  expect(once({ light: { inFlight: 1 }, heavy: { inFlight: 3, weight: 4 } })).toBe('heavy');
});

test('idle targets are asked alike', () => {
  const counts = tally(picks(leastConnections(), town({ a: {}, b: {}, c: { inFlight: 1 } }), 10_000));
  expect(Object.keys(counts).sort()).toEqual(['a', 'b']);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(4_800);
});
