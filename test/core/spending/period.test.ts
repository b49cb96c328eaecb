import { describe, expect, test } from 'vitest';
import { dayOf, monthOf } from '../../../packages/core/src/base/calendar.js';
import { Period } from '../../../packages/core/src/spending/period.js';

const at = (iso: string) => Date.parse(`${iso}Z`);

describe('a period', () => {
  test('is a day, or a month, of UTC', () => {
    const noon = at('2028-02-10T12:00');
    expect(dayOf(noon)).toEqual({ from: at('2028-02-10T00:00'), until: at('2028-02-11T00:00') });
    expect(monthOf(noon)).toEqual({ from: at('2028-02-01T00:00'), until: at('2028-03-01T00:00') });
    expect(monthOf(at('2026-12-31T23:59')).until).toBe(at('2027-01-01T00:00'));
    expect(monthOf(at('2027-01-01T00:00')).from).toBe(at('2027-01-01T00:00'));
  });

  test('is spent from the limit on, which is news once', () => {
    const day = new Period('day', 1);
    const noon = at('2026-11-21T12:00');
    expect(day.add(0.6, noon)).toBe(false);
    expect(day.leftMs(noon)).toBe(0);
    expect(day.add(0.4, noon)).toBe(true);
    expect(day.add(0.4, noon)).toBe(false);
    expect(day.spentUSD(noon)).toBe(1.4);
    expect(day.leftMs(noon)).toBe(12 * 3_600_000);
  });

  test('begins anew at midnight, or on the first', () => {
    for (const [name, next] of [
      ['day', '2026-11-22T00:00'],
      ['month', '2026-12-01T00:00'],
    ] as const) {
      const period = new Period(name, 1);
      expect(period.add(1, at('2026-11-21T12:00'))).toBe(true);
      expect(period.leftMs(at(next) - 1)).toBe(1);
      expect(period.leftMs(at(next))).toBe(0);
      expect(period.spentUSD(at(next))).toBe(0);
      expect(period.add(1, at(next))).toBe(true);
    }
  });

  test('of which nothing may be spent is spent', () => {
    expect(new Period('day', 0).leftMs(at('2026-11-21T23:00'))).toBe(3_600_000);
  });
});

describe('a clock that is set', () => {
  test('back over midnight gives nobody a second budget', () => {
    const day = new Period('day', 1);
    day.add(1, at('2026-11-21T23:59'));
    day.add(0.8, at('2026-11-22T00:01'));
    expect(day.spentUSD(at('2026-11-21T23:58'))).toBe(0.8);
    expect(day.spentUSD(at('2026-11-22T00:02'))).toBe(0.8);
  });

  // A machine that came up in the year 2030 and was put right an hour later would reject calls until then.
  test('forward by years and back again does not keep a spent budget for years', () => {
    const day = new Period('day', 1);
    day.add(1, at('2030-01-01T12:00'));
    const right = at('2026-11-21T12:00');
    expect(day.leftMs(right)).toBe(12 * 3_600_000);
    expect(day.spentUSD(at('2026-11-22T00:00'))).toBe(0);
  });
});

describe('over a restart', () => {
  const noon = at('2026-11-21T12:00');
  const remembered = () => {
    const before = new Period('day', 1);
    before.add(1.5, noon);
    return before.remembered(noon);
  };

  test('what was spent is put back, once, and is no news', () => {
    const after = new Period('day', 1);
    after.restore(remembered(), noon + 1_000);
    after.restore(remembered(), noon + 1_000);
    expect(after.spentUSD(noon + 1_000)).toBe(1.5);
    expect(after.add(0.1, noon + 1_000)).toBe(false);
  });

  test('what was spent on another day is not', () => {
    const after = new Period('day', 1);
    after.restore(remembered(), noon + 86_400_000);
    expect(after.spentUSD(noon + 86_400_000)).toBe(0);
  });

  test('what has been spent since is not forgotten', () => {
    const after = new Period('day', 5);
    after.add(2, noon);
    after.restore(remembered(), noon);
    expect(after.spentUSD(noon)).toBe(2);
  });
});
