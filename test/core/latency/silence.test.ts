import { expect, test } from 'vitest';
import { overdueFrom, Silence } from '../../../packages/core/src/latency/silence.js';

test('the oldest of many has to be later than one alone', () => {
  expect(overdueFrom(0.6, 1)).toBeCloseTo(1.2);
  expect(overdueFrom(0.6, 12)).toBeGreaterThan(2.4);
  expect(overdueFrom(0.6, 0)).toBe(overdueFrom(0.6, 1));
});

test('what was given up is remembered for a minute or so, and the worst of it', () => {
  const silence = new Silence();
  silence.gaveUp(1.5, 0);
  silence.gaveUp(0.5, 0);
  silence.gaveUp(-1, 0);
  expect(silence.read(0)).toBe(1.5);
  expect(silence.read(60_000)).toBeCloseTo(1.5 / Math.E);
  expect(silence.read(-60_000)).toBe(1.5);
});

// What fades is never quite nothing: a target that had been silent once was taken for silent for ever, and its level for no older than it was.
test('what is left of it is nothing when it makes no difference any more', () => {
  const silence = new Silence();
  silence.gaveUp(1.5, 0);
  expect([silence.read(230_000) > 0, silence.read(240_000)]).toEqual([true, 0]);
});

test('each answer halves it', () => {
  const silence = new Silence();
  silence.gaveUp(2, 0);
  silence.answered(0);
  silence.answered(0);
  expect(silence.read(0)).toBe(0.5);
});
