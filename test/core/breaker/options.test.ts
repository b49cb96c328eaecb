import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { faultsOf } from '../../../packages/core/src/base/check.js';
import {
  type BreakerInput,
  breakerOptions,
  resolveBreakerOptions,
} from '../../../packages/core/src/breaker/options.js';
import { permits } from '../../../packages/core/src/breaker/permits.js';
import { recovery } from '../../../packages/core/src/breaker/recovery.js';
import { trippers } from '../../../packages/core/src/breaker/trippers.js';
import { countWindow } from '../../../packages/core/src/breaker/windows.js';

const faults = (value: unknown) => faultsOf(breakerOptions, value, 'router.breaker');

describe('resolving', () => {
  test('nothing given means the documented defaults', () => {
    const defaults = {
      mode: 'auto',
      failureStreak: 5,
      minRequests: 10,
      failureRate: 0.5,
      slowRate: 0.5,
      windowMs: 60_000,
      openMs: 5_000,
      openMultiplier: 2,
      maxOpenMs: 30_000,
      jitter: 0.2,
      probes: 1,
      closeAfter: 2,
      leaseMs: 60_000,
      levelDecayMs: 60_000,
      slowStartMs: 10_000,
    };
    expect(resolveBreakerOptions(undefined)).toEqual(defaults);
    expect(resolveBreakerOptions({})).toEqual(defaults);
  });

  test('given values replace defaults, zero included, and undefined does not', () => {
    expect(resolveBreakerOptions({ jitter: 0, openMs: 7_000 })).toMatchObject({ jitter: 0, openMs: 7_000, probes: 1 });
    expect(resolveBreakerOptions(JSON.parse('{}'))).toEqual(
      resolveBreakerOptions({ ...{ probes: undefined } } as BreakerInput),
    );
  });

  test('false stays false', () => {
    expect(resolveBreakerOptions(false)).toBe(false);
  });

  test('the result is frozen', () => {
    expect(
      [{}, 'classic' as const, 'fluxgate' as const, { timeout: 1 }, undefined].map((one) =>
        Object.isFrozen(resolveBreakerOptions(one)),
      ),
    ).toEqual([true, true, true, true, true]);
  });

  test('a longer first wait lifts the limit that was not given', () => {
    expect(resolveBreakerOptions({ openMs: 90_000 })).toMatchObject({ openMs: 90_000, maxOpenMs: 90_000 });
  });

  test('classic has the numbers of the classic breaker', () => {
    expect(resolveBreakerOptions('classic')).toMatchObject({
      failureStreak: 5,
      failureRate: false,
      openMs: 60_000,
      openMultiplier: 1,
      maxOpenMs: 60_000,
      jitter: 0,
      probes: 3,
      closeAfter: 3,
      slowStartMs: 0,
    });
  });

  test('the names of the classic breaker are taken and complete themselves from it', () => {
    expect(resolveBreakerOptions({ failureThreshold: 2, timeout: 1_000 })).toEqual({
      ...(resolveBreakerOptions('classic') as object),
      failureStreak: 2,
      openMs: 1_000,
      maxOpenMs: 1_000,
    });
    expect(resolveBreakerOptions({ successThreshold: 1, halfOpenMaxCalls: 2 })).toMatchObject({
      closeAfter: 1,
      probes: 2,
      failureStreak: 5,
    });
  });

  test('bad options are refused with every fault', () => {
    expect(() => resolveBreakerOptions({ openMs: -1, jitter: 2 })).toThrow(
      'router.breaker.openMs must be a positive integer, but is -1\nrouter.breaker.jitter must be a number from 0 to 1, but is 2',
    );
  });
});

describe('checking', () => {
  test('what the documentation shows passes', () => {
    for (const good of [
      {},
      false,
      'classic',
      { openMs: 1 },
      { failureRate: false, failureStreak: 3 },
      { timeout: 1 },
    ]) {
      expect(faults(good)).toEqual([]);
    }
  });

  test.each<[name: string, value: unknown, wanted: string]>([
    ['mode', 'off', '"auto", "observe-only", "disabled" or "forced-open", but is "off"'],
    ['failureStreak', 0, 'a positive integer or false, but is 0'],
    ['failureStreak', 2.5, 'a positive integer or false, but is 2.5'],
    ['failureStreak', true, 'a positive integer or false, but is true'],
    ['minRequests', 0, 'a positive integer, but is 0'],
    ['failureRate', 0, 'a number above 0 and up to 1, or false, but is 0'],
    ['failureRate', 1.1, 'a number above 0 and up to 1, or false, but is 1.1'],
    ['failureRate', '0.5', 'a number above 0 and up to 1, or false, but is "0.5"'],
    ['slowRate', 0, 'a number above 0 and up to 1, but is 0'],
    ['slowRate', false, 'a number above 0 and up to 1, but is false'],
    ['windowMs', '60000', 'a positive integer, but is "60000"'],
    ['openMs', -1, 'a positive integer, but is -1'],
    ['openMultiplier', 0.5, 'a number of 1 or more, but is 0.5'],
    ['openMultiplier', '2', 'a number of 1 or more, but is "2"'],
    ['maxOpenMs', 4_999, 'at least openMs (5000), but is 4999'],
    ['jitter', -0.1, 'a number from 0 to 1, but is -0.1'],
    ['probes', 0, 'a positive integer, but is 0'],
    ['closeAfter', null, 'a positive integer, but is null'],
    ['leaseMs', Number.NaN, 'a number above 0, but is NaN'],
    ['levelDecayMs', 0, 'a number above 0, but is 0'],
    ['slowStartMs', -1, 'a number of 0 or more, but is -1'],
    ['slowMs', 0, 'a number above 0, but is 0'],
    ['failureThreshold', 0, 'a positive integer, but is 0'],
    ['successThreshold', 1.5, 'a positive integer, but is 1.5'],
    ['timeout', Number.POSITIVE_INFINITY, 'a positive integer, but is Infinity'],
    ['halfOpenMaxCalls', true, 'a positive integer, but is true'],
  ])('%s: %s is one fault that names the option and says what it may be', (name, value, wanted) => {
    expect(faults({ [name]: value })).toEqual([`router.breaker.${name} must be ${wanted}`]);
  });

  test.each<[string, object]>([
    ['a streak of one and shares of all', { failureStreak: 1, failureRate: 1, slowRate: 1 }],
    ['waits that stay the same', { openMultiplier: 1 }],
    ['a limit that is the first wait', { openMs: 70, maxOpenMs: 70 }],
    ['no slow start', { slowStartMs: 0 }],
    ['a part of a millisecond', { leaseMs: 0.5, levelDecayMs: 0.5 }],
  ])('the ends of what an option may be are part of it: %s', (_, given) => {
    expect(faults(given)).toEqual([]);
  });

  test.each<[unknown, string]>([
    [true, 'true'],
    ['clasic', '"clasic"'],
    [5, '5'],
    [null, 'null'],
    [() => {}, 'a function'],
  ])('%s in place of the options is one fault that says what there is', (value, shown) => {
    expect(faults(value)).toEqual([
      `router.breaker must be false, "adaptive", "classic", "fluxgate" or an object, but is ${shown}`,
    ]);
  });

  test('a list in place of the options is one fault', () => {
    expect(faults([])).toEqual(['router.breaker must be an object, but is a list']);
  });

  test('mixing both vocabularies says so', () => {
    expect(faults({ openMs: 5, probes: 1, timeout: 5, failureThreshold: 3 })).toEqual([
      'router.breaker mixes the names of the classic breaker (failureThreshold, timeout) with ours (openMs, probes); use one set',
    ]);
  });

  test('an option that cannot be read is one that was given', () => {
    const throwing = {
      openMs: 5,
      get timeout(): number {
        throw new Error('no');
      },
    };
    expect(faults(throwing)).toEqual([
      'router.breaker.timeout cannot be read: its getter throws',
      'router.breaker mixes the names of the classic breaker (timeout) with ours (openMs); use one set',
    ]);
  });

  // Sixty seconds, whatever `openMs` said.
  test('a wait beside the recovery that replaces it says so', () => {
    expect(faults({ recovery: recovery.cooldown({ ms: 60_000 }), openMs: 100 })).toEqual([
      'router.breaker.openMs means nothing beside router.breaker.recovery; leave one of them out',
    ]);
  });

  // To leave the wait out would be the wrong advice: it is the part that has to go or to be mended.
  test('what is no part replaces nothing', () => {
    expect(faults({ recovery: 5, openMs: 100 })).toEqual([
      'router.breaker.recovery must be made with recovery, but is 5',
    ]);
  });

  test('a part says so of every number that it replaces', () => {
    const given = {
      ...{ window: countWindow(5), windowMs: 1 },
      ...{
        tripper: trippers.failureStreak(1),
        failureStreak: 1,
        minRequests: 1,
        failureRate: 1,
        slowMs: 1,
        slowRate: 1,
      },
      ...{ recovery: recovery.always(), openMs: 1, openMultiplier: 1, maxOpenMs: 1, jitter: 1 },
      ...{ permits: permits.single(), probes: 1 },
    };
    const replaced = faults(given).map((fault) =>
      /^router\.breaker\.(\w+) means .* router\.breaker\.(\w+);/.exec(fault),
    );
    expect(replaced.map((found) => `${found?.[2]}: ${found?.[1]}`)).toEqual([
      'window: windowMs',
      'tripper: failureStreak',
      'tripper: minRequests',
      'tripper: failureRate',
      'tripper: slowMs',
      'tripper: slowRate',
      'recovery: openMs',
      'recovery: openMultiplier',
      'recovery: maxOpenMs',
      'recovery: jitter',
      'permits: probes',
    ]);
  });

  // Both rules were switched off to try one at a time; the breaker counted the failures of a day and never opened.
  test('with every rule switched off it says that nothing would open it, and what to do', () => {
    const off = { failureStreak: false, failureRate: false } as const;
    for (const never of [off, { ...off, minRequests: 5 }, { ...off, mode: 'auto' }, { ...off, mode: 'observe-only' }])
      expect(faults(never)).toEqual([
        'router.breaker has failureStreak: false and failureRate: false, so nothing would ever open it; name slowMs or a tripper, or switch it off with false or mode: "disabled"',
      ]);
  });

  test('with every rule switched off it passes where something else decides', () => {
    const off = { failureStreak: false, failureRate: false } as const;
    for (const good of [
      { ...off, slowMs: 5 },
      { ...off, mode: 'disabled' },
      { ...off, mode: 'forced-open' },
    ])
      expect(faults(good)).toEqual([]);
    expect(faults({ tripper: trippers.custom(() => false) })).toEqual([]);
  });

  // A program may have the package twice, its config as CommonJS and itself as ESM: the parts of the one were none for the other.
  test('parts that another copy of the package has made are parts', async () => {
    vi.resetModules();
    const other = {
      ...(await import('../../../packages/core/src/breaker/trackers.js')),
      ...(await import('../../../packages/core/src/breaker/trippers.js')),
      ...(await import('../../../packages/core/src/breaker/recovery.js')),
      ...(await import('../../../packages/core/src/breaker/permits.js')),
      ...(await import('../../../packages/core/src/breaker/windows.js')),
    };
    expect(other.recovery).not.toBe(recovery);
    const parts = {
      tracker: other.trackers.all(),
      tripper: other.trippers.failureStreak(1),
      recovery: other.recovery.always(),
      permits: other.permits.single(),
      window: other.countWindow(5),
    };
    expect(faults(parts)).toEqual([]);
  });

  test('what only looks like a part is none', () => {
    const fakes = {
      tracker: { counts: () => true },
      tripper: { ask: () => 'hold' },
      recovery: { openForMs: () => 1, next: () => 1 },
      permits: { most: 1, admits: () => true },
      window: { create: () => ({}) },
    };
    expect(faults(fakes)).toEqual([
      'router.breaker.tracker must be made with trackers, but is an object',
      'router.breaker.window must be countWindow(…) or timeWindow(…), but is an object',
      'router.breaker.tripper must be made with trippers, but is an object',
      'router.breaker.recovery must be made with recovery, but is an object',
      'router.breaker.permits must be made with permits, but is an object',
    ]);
  });

  test('a typing error is met with the name from the right vocabulary', () => {
    expect(faults({ failureTreshold: 3 })).toEqual([
      'router.breaker.failureTreshold is not an option; did you mean router.breaker.failureThreshold?',
    ]);
    expect(faults({ openMs: 5, halfOpenCalls: 3 })[0]).toContain('the options are mode, ');
  });

  test('whatever passes the check can be resolved, and whatever does not cannot', () => {
    const value = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.double(), fc.constantFrom(false, null, undefined, '5'));
    const names = [
      'failureStreak',
      'failureRate',
      'openMs',
      'maxOpenMs',
      'jitter',
      'probes',
      'timeout',
      'failureThreshold',
      'other',
    ];
    const options = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }));
    fc.assert(
      fc.property(options, (input) => {
        fc.pre(input !== undefined);
        const good = faults(input).length === 0;
        const resolve = () => resolveBreakerOptions(input as BreakerInput);
        if (good) expect(resolve).not.toThrow();
        else expect(resolve).toThrow(TypeError);
      }),
    );
  });
});
