import { afterEach, describe, expect, test, vi } from 'vitest';
import { quietly, systemClock } from '../../../packages/core/src/base/clock.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the platform’s clock', () => {
  // Node drops what is behind the point, and counts from the beginning of the millisecond that is under way: a timer for 20.5 ms was
  // seen to fire after 18.7, before the time to which a provider had asked to be left alone.
  test.each([
    [20.5, 22],
    [20, 21],
    [0.2, 2],
  ])('gives the platform so much more than %d ms that a timer is never early', (ms, given) => {
    const platform = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(undefined as never);
    systemClock.setTimeout(() => undefined, ms);
    expect(platform.mock.lastCall?.[1]).toBe(given);
  });

  test('holds a delay that the platform would take for none', () => {
    const platform = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(undefined as never);
    for (const ms of [2 ** 31 - 1, 2 ** 40, Number.POSITIVE_INFINITY]) {
      systemClock.setTimeout(() => undefined, ms);
      expect(platform.mock.lastCall?.[1]).toBe(2 ** 31 - 1);
    }
  });
});

describe('a quiet clock', () => {
  test('gives timers that keep no process alive, and that are the clock’s own', () => {
    const quiet = quietly(systemClock);
    const timer = quiet.setTimeout(() => undefined, 60_000) as ReturnType<typeof setTimeout>;
    expect(timer.hasRef()).toBe(false);
    quiet.clearTimeout(timer);
    expect(systemClock.unref?.(7)).toBeUndefined();
  });

  test('does with a clock whose timers keep nothing alive', () => {
    const { now, wall, clearTimeout } = systemClock;
    const given: number[] = [];
    const plain = { now, wall, clearTimeout, setTimeout: (_run: () => void, ms: number) => given.push(ms) };
    expect([quietly(plain).setTimeout(() => undefined, 5), given]).toEqual([1, [5]]);
    expect(quietly(plain).now()).toBeGreaterThan(0);
  });
});
