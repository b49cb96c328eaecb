import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker, type Mark } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerOptions, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { breakerPolicies } from '../../../packages/core/src/breaker/policies.js';

const breakerOf = (input: BreakerOptions) => createBreaker(resolveBreakerOptions({ ...input, jitter: 0 }), () => 0);
const call = (breaker: Breaker, mark: Mark, now: number) => breaker.tryAcquire(now)?.settle(mark, now);

/** Makes so many calls of a kind; the last thing that came of them. */
function calls(breaker: Breaker, times: number, mark: Mark, now = 0) {
  return Array.from({ length: times }, () => call(breaker, mark, now)).findLast((one) => one !== undefined);
}

describe('policies', () => {
  test('strict opens after three failures for twenty seconds and wants three good probes', () => {
    const breaker = breakerOf(breakerPolicies()('strict'));
    expect(calls(breaker, 2, 'failure')).toBeUndefined();
    expect(call(breaker, 'failure', 0)).toMatchObject({ to: 'open', openForMs: 20_000 });
    expect(calls(breaker, 2, 'success', 20_000)).toBeUndefined();
    expect(call(breaker, 'success', 20_000)).toMatchObject({ from: 'half-open', to: 'closed' });
  });

  test('lenient bears nine failures in a row, and one good probe is enough', () => {
    const breaker = breakerOf(breakerPolicies()('lenient'));
    expect(calls(breaker, 9, 'failure')).toBeUndefined();
    expect(call(breaker, 'failure', 0)).toMatchObject({ to: 'open', openForMs: 2_000 });
    expect(call(breaker, 'success', 2_000)).toMatchObject({ to: 'closed' });
  });

  test('of your own stand beside them and may replace them', () => {
    const policyOf = breakerPolicies({ batch: { openMs: 9 }, strict: { openMs: 7 } });
    expect([policyOf('batch'), policyOf('strict'), policyOf('lenient').closeAfter]).toEqual([
      { openMs: 9 },
      { openMs: 7 },
      1,
    ]);
  });

  test.each(['lax', 'toString', '__proto__', 'constructor'])(
    '%s, which nobody has given, is met with the names',
    (name) => {
      expect(() => breakerPolicies({ batch: {} })(name as 'batch')).toThrow(
        new TypeError(`there is no policy "${name}"; the policies are strict, lenient, batch`),
      );
    },
  );

  // The typing error showed up when the first payment was made, or never.
  test('are checked when they are given, all at once', () => {
    const own = { payment: { openMs: -1 }, stock: { openms: 1 } as object, batch: { probes: 2 } };
    expect(() => breakerPolicies(own)).toThrow(
      new TypeError(
        'breakerPolicies.payment.openMs must be a positive integer, but is -1\n' +
          'breakerPolicies.stock.openms is not an option; did you mean breakerPolicies.stock.openMs?',
      ),
    );
  });

  test('all of them pass the check of the options', () => {
    for (const name of ['strict', 'lenient'] as const)
      expect(() => resolveBreakerOptions(breakerPolicies()(name))).not.toThrow();
  });
});
