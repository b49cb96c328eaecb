import { expect, test } from 'vitest';
import { Capacity } from '../../../packages/core/src/latency/capacity.js';

const USUAL = { offBy: 0, expectedMs: 800 };
const LATE = { offBy: 0.3, expectedMs: 800 };

function told(times: number, inFlight: number, pace = USUAL, capacity = new Capacity()): Capacity {
  for (let count = 0; count < times; count += 1) capacity.answered(inFlight, pace, count * 1_000);
  return capacity;
}

test('answers that come as usual while half of it is under way make it grow, until what is under way is less than half', () => {
  expect(told(1, 4).calls).toBeGreaterThan(8);
  const { calls } = told(5_000, 20);
  expect(calls).toBeGreaterThan(40);
  expect(calls).toBeLessThan(41);
});

test('what is not used is not known to be there', () => {
  expect(told(1_000, 3).calls).toBe(8);
});

test('late answers cut it by a tenth, once in the time of an answer, and never below four', () => {
  const capacity = new Capacity();
  for (let count = 0; count < 10; count += 1) capacity.answered(8, LATE, 5_000 + count);
  expect(capacity.calls).toBeCloseTo(7.2);
  expect(told(100, 8, LATE, capacity).calls).toBe(4);
});

test('what it has grown to in busier times does not delay the cut', () => {
  const capacity = told(50_000, 100);
  expect(capacity.calls).toBeGreaterThan(190);
  capacity.answered(10, LATE, 1e9);
  expect(capacity.calls).toBeCloseTo(18);
});

test('an answer a tenth later than usual is not late', () => {
  expect(told(1, 8, { offBy: 0.1, expectedMs: 800 }).calls).toBeGreaterThan(8);
});
