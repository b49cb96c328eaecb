import { expect, test } from 'vitest';
import { KEPT_SECONDS, SecondCounts } from '../../../packages/dashboard/src/state/series.js';

const T0 = 1_700_000_000_000;

test('attempts and failures are counted by target and second', () => {
  const counts = new SecondCounts(T0);
  for (const at of [0, 10, 1_500]) counts.asked('a', T0 + at);
  counts.failed('a', T0 + 1_700);
  counts.asked('b', T0 + 2_000);
  expect(counts.read(T0 + 2_000)).toEqual({
    end: T0 / 1_000 + 2,
    seconds: 3,
    targets: { a: { asked: [2, 1, 0], failed: [0, 1, 0] }, b: { asked: [0, 0, 1], failed: [0, 0, 0] } },
  });
});

test('a quarter of an hour is kept, and a place in the ring is clean when its second comes again', () => {
  const counts = new SecondCounts(T0);
  counts.asked('a', T0);
  const later = T0 + KEPT_SECONDS * 1_000;
  expect(counts.read(later).seconds).toBe(900);
  expect(counts.read(later).targets.a?.asked.some((count) => count > 0)).toBe(false);
  // A day without a call clears the ring once and not a hundred times over.
  counts.asked('a', T0 + 86_400_000);
  expect(counts.read(T0 + 86_400_000).targets.a?.asked.filter((count) => count > 0)).toEqual([1]);
});

test('changes are told once, also of a second that is not over yet', () => {
  const counts = new SecondCounts(T0);
  const second = T0 / 1_000;
  counts.asked('a', T0);
  expect(counts.changes(T0 + 100)).toEqual([[second, { a: [1, 0] }]]);
  expect(counts.changes(T0 + 200)).toEqual([]);
  counts.asked('a', T0 + 300);
  counts.failed('a', T0 + 1_100);
  expect(counts.changes(T0 + 1_200)).toEqual([
    [second, { a: [2, 0] }],
    [second + 1, { a: [0, 1] }],
  ]);
});

test('an event from before the ring is left out, and a clock that was set back forgets nothing', () => {
  const counts = new SecondCounts(T0);
  counts.asked('a', T0 + 5_000);
  counts.asked('a', T0 - KEPT_SECONDS * 1_000);
  counts.asked('a', T0 + 4_000);
  expect(counts.read(T0 + 5_000).targets.a?.asked).toEqual([0, 0, 0, 0, 1, 1]);
});

test('names that callers make up fill no more than so many rings', () => {
  const counts = new SecondCounts(T0);
  for (let index = 0; index < 1_000; index += 1) counts.asked(`made-up-${index}`, T0);
  expect(Object.keys(counts.read(T0).targets)).toHaveLength(100);
});
