import { expect, test } from 'vitest';
import { weightedRoundRobin } from '../../../packages/core/src/routing/weighted-round-robin.js';
import { picks, tally, town } from './town.js';

test('the turns of a heavy target are spread among those of the light ones', () => {
  expect(picks(weightedRoundRobin(), town({ a: { weight: 5 }, b: {}, c: {} }), 14).join('')).toBe('aaabcaaaaabcaa');
  expect(picks(weightedRoundRobin(), town({ a: { weight: 2 }, b: { weight: 3 } }), 10).join('')).toBe('bababbabab');
});

test('equal weights are plain turns', () => {
  expect(picks(weightedRoundRobin(), town({ a: { weight: 100 }, b: { weight: 100 } }), 6).join('')).toBe('ababab');
});

test('weights below one, and such as are no whole numbers, are shares all the same', () => {
  const candidates = town({ a: { weight: 0.3 }, b: { weight: 0.1 } });
  expect(tally(picks(weightedRoundRobin(), candidates, 400))).toEqual({ a: 300, b: 100 });
});
