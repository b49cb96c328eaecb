import { expect, test } from 'vitest';
import { random } from '../../../packages/core/src/routing/random.js';
import { picks, tally, town } from './town.js';

test('calls fall to each by its weight, whatever is known of it', () => {
  const candidates = town({ a: { weight: 3, expectedMs: 9_000 }, b: { weight: 1, expectedMs: 1 } });
  const { a = 0, b = 0 } = tally(picks(random(), candidates, 40_000));
  expect(a / b).toBeCloseTo(3, 0.7);
});
