import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Need, Schedule } from '../../../packages/core/src/health/schedule.js';

const middle = () => 0.5;
const schedule = () => new Schedule({ intervalMs: 30_000, jitter: 0.2 });

describe('an endpoint that nobody else looks at', () => {
  test('is due at once, and then after an interval', () => {
    const one = schedule();
    expect(one.dueInMs('now', 0)).toBe(0);
    one.begin(0, middle);
    expect(one.dueInMs('now', 10_000)).toBe(20_000);
    expect(one.dueInMs('now', 30_000)).toBe(0);
  });

  test.each([
    [0, 24_000],
    [0.5, 30_000],
    [0.999999, 36_000],
  ])('with the dice at %d after %d ms', (dice, ms) => {
    const one = schedule();
    one.begin(0, () => dice);
    expect(one.dueInMs('now', 0)).toBeCloseTo(ms, 0);
  });
});

describe('an endpoint in trouble', () => {
  // The breaker of a fresh outage sends probes of its own after five seconds: one beside it would only be one request more.
  test('is due when the trouble has lasted for an interval', () => {
    const one = schedule();
    expect(one.dueInMs('soon', 1_000)).toBe(30_000);
    expect(one.dueInMs('soon', 20_000)).toBe(11_000);
    expect(one.dueInMs('soon', 31_000)).toBe(0);
  });

  test('begins to wait anew when the trouble was over in between', () => {
    const one = schedule();
    one.dueInMs('soon', 0);
    one.dueInMs('none', 20_000);
    expect(one.dueInMs('soon', 25_000)).toBe(30_000);
  });
});

test('an endpoint that needs nothing is never due', () => {
  expect(schedule().dueInMs('none', 1e9)).toBe(Number.POSITIVE_INFINITY);
});

test('a pause is kept to, whatever is needed', () => {
  const one = schedule();
  one.begin(0, middle);
  one.pause(3_600_000, 0);
  expect([one.dueInMs('now', 3_599_999), one.dueInMs('now', 3_600_000)]).toEqual([1, 0]);
});

test('two probes are never closer than the shortest interval, whatever is needed and whenever somebody asks', () => {
  const step = fc.record({
    ms: fc.nat(40_000),
    need: fc.constantFrom<Need>('none', 'soon', 'now'),
    dice: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 200 }), (steps) => {
      const one = schedule();
      let now = 0;
      let last = Number.NEGATIVE_INFINITY;
      for (const { ms, need, dice } of steps) {
        now += ms;
        if (one.dueInMs(need, now) > 0) continue;
        if (now - last < 24_000) return false;
        one.begin(now, () => dice);
        last = now;
      }
      return true;
    }),
  );
});
