import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../packages/core/src/base/clock.js';

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
