import { describe, expect, test } from 'vitest';
import { isPart, type PartKind } from '../../../packages/core/src/breaker/brand.js';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { trackers } from '../../../packages/core/src/breaker/trackers.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';
import { countWindow, timeWindow } from '../../../packages/core/src/breaker/windows.js';

const MADE: Readonly<Record<PartKind, readonly object[]>> = {
  tracker: [trackers.all(), trackers.status(500).and(trackers.typeOf(Error)).not()],
  window: [countWindow(5), timeWindow()],
  tripper: [
    trippers.failureStreak(5),
    trippers
      .closed()
      .and(trippers.minRequests(5))
      .or(trippers.custom(() => 'hold')),
  ],
  recovery: [recovery.never(), recovery.always(), recovery.cooldown({ ms: 5 }), recovery.custom(() => 5)],
  permits: [permits.single(), permits.limit(5), permits.random(0.5), permits.rampUp({ durationMs: 5 })],
};
const KINDS = Object.keys(MADE) as readonly PartKind[];

describe('a part', () => {
  test.each(KINDS)('that is made here is known as what it is, and as nothing else: %s', (kind) => {
    for (const part of MADE[kind]) {
      expect(KINDS.filter((one) => isPart(one)(part))).toEqual([kind]);
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  // `permits: { admits: () => true }` has no limit: fifty of fifty callers were probes.
  test.each(KINDS)('that only looks like one is none: %s', (kind) => {
    const [part = {}] = MADE[kind];
    for (const odd of [{ ...part }, { admits: () => true, openForMs: () => 5 }, null, undefined, 'tracker', () => part])
      expect(isPart(kind)(odd)).toBe(false);
  });

  // `instanceof` refused what the CommonJS copy of the package had made in a program of ES modules.
  test('of another copy of the package is known by a symbol that all copies share', () => {
    const made = Object.defineProperty({}, Symbol.for('breakwater.breaker.part.1'), { value: 'tracker' });
    expect(isPart('tracker')(made)).toBe(true);
  });
});
