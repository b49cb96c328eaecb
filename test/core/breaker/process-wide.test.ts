import { describe, expect, test } from 'vitest';
import { createBreaker } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerInput, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { differences, sharedBreakers } from '../../../packages/core/src/breaker/process-wide.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';

test('whoever names the same gets the same breakers, and others get others', () => {
  const mine = sharedBreakers('process-wide.test one');
  mine.set('target a/m', { breaker: createBreaker(false, () => 0), options: false });
  expect(sharedBreakers('process-wide.test one')).toBe(mine);
  expect(sharedBreakers('process-wide.test two').size).toBe(0);
});

// A program that has the package twice, as ESM and as CommonJS, must not have two of each breaker.
test('they are found by a symbol that every copy of the package knows', () => {
  const groups = (globalThis as Record<symbol, unknown>)[Symbol.for('breakwater.breakers.1')] as Map<string, unknown>;
  expect(groups.get('process-wide.test three')).toBeUndefined();
  expect(groups.get('process-wide.test one')).toBe(sharedBreakers('process-wide.test one'));
});

describe('the options in which two breakers differ', () => {
  const between = (one: BreakerInput, other: BreakerInput) =>
    differences(resolveBreakerOptions(one), resolveBreakerOptions(other));

  test('are named, whichever of the two has them', () => {
    expect(between({ openMs: 1, slowMs: 5 }, { openMs: 2 })).toEqual(['openMs', 'slowMs']);
    expect(between({ openMs: 2 }, { openMs: 1, slowMs: 5 })).toEqual(['openMs', 'slowMs']);
    expect(between('classic', { failureThreshold: 5 })).toEqual([]);
    expect(between(false, { mode: 'disabled', openMs: 1 })).toEqual([]);
    expect(between({ mode: 'disabled', openMs: 1 }, false)).toEqual([]);
  });

  // Two clients that make their options with one function have parts that do the same and are not the same object.
  test('are of parts only whether there is one', () => {
    expect(between({ tripper: trippers.failureStreak(1) }, { tripper: trippers.failureStreak(1) })).toEqual([]);
    expect(between({ tripper: trippers.failureStreak(1) }, {})).toEqual(['tripper']);
    expect(between({}, { tripper: trippers.failureStreak(1) })).toEqual(['tripper']);
  });

  test('are not leases, which follow the timeouts of a client', () => {
    expect(between({ leaseMs: 1 }, { leaseMs: 2 })).toEqual([]);
  });
});
