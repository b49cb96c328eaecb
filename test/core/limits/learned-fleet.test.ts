import { describe, expect, test } from 'vitest';
import { type FleetOptions, type FleetResult, play } from './fleet.js';

/** The constants were chosen on other seeds than these. */
const SEEDS = [1, 2, 3, 4, 5];

const FOUR = { processes: 4, load: 0.95, minutes: 10, full: 1, hasHeaders: true };
const ONE = { ...FOUR, processes: 1 };

/** The worst that any seed made of it, in per cent. */
function worst(options: Omit<FleetOptions, 'seed'>): FleetResult {
  const results = SEEDS.map((seed) => play({ ...options, seed }));
  const most = (of: (result: FleetResult) => number) => Math.max(...results.map(of)) * 100;
  return {
    refused: most((result) => result.refused),
    refusedLater: most((result) => result.refusedLater),
    goodput: Math.min(...results.map((result) => result.goodput)) * 100,
  };
}

describe('four processes that share two endpoints without knowing of each other', () => {
  test('settle when nearly all is asked for that there is', () => {
    const { refused, goodput } = worst(FOUR);
    expect(refused).toBeLessThan(1);
    expect(goodput).toBeGreaterThan(97);
  });

  test('settle when the buckets are empty at first', () => {
    const { refused, goodput } = worst({ ...FOUR, full: 0 });
    expect(refused).toBeLessThan(5);
    expect(goodput).toBeGreaterThan(85);
  });

  test.each([1.3, 3])('settle when %s times as much is asked for as there is', (load) => {
    const { refused, goodput } = worst({ ...FOUR, load });
    expect(refused).toBeLessThan(5);
    expect(goodput).toBeGreaterThan(95);
  });

  test.each([true, false])(
    'settle where ten seconds are counted, of which no header tells (headers: %s)',
    (hasHeaders) => {
      const { refusedLater, goodput } = worst({ ...FOUR, shortMs: 10_000, hasHeaders });
      expect(refusedLater).toBeLessThan(6);
      expect(goodput).toBeGreaterThan(95);
    },
  );

  test('settle without headers too', () => {
    const { refused, goodput } = worst({ ...FOUR, load: 1.3, hasHeaders: false });
    expect(refused).toBeLessThan(6);
    expect(goodput).toBeGreaterThan(95);
  });
});

describe('one process', () => {
  test.each([0.95, 1.3])('is hardly ever refused and misses nothing when %s of what there is is asked for', (load) => {
    const { refusedLater, goodput } = worst({ ...ONE, load });
    expect(refusedLater).toBeLessThan(1);
    expect(goodput).toBeGreaterThan(97);
  });

  test('probes a limit that no header tells', () => {
    const { refusedLater, goodput } = worst({ ...ONE, load: 1.3, hasHeaders: false });
    expect(refusedLater).toBeLessThan(3);
    expect(goodput).toBeGreaterThan(95);
  });

  test.each([true, false])('finds a limit of ten seconds, of which no header tells (headers: %s)', (hasHeaders) => {
    const { refusedLater, goodput } = worst({ ...ONE, shortMs: 10_000, hasHeaders });
    expect(refusedLater).toBeLessThan(2);
    expect(goodput).toBeGreaterThan(95);
  });

  test('is never refused when its user has told the limits', () => {
    const { refused } = worst({ ...ONE, load: 1.3, isConfigured: true });
    expect(refused).toBe(0);
  });
});

test('sixteen processes share as well as four', () => {
  const { refused, goodput } = worst({ ...FOUR, processes: 16, load: 1.3 });
  expect(refused).toBeLessThan(8);
  expect(goodput).toBeGreaterThan(95);
});
