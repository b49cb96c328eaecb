import { faultsOf, recordOf } from '../base/check.js';
import { type BreakerOptions, breakerOptions } from './options.js';

const POLICIES = {
  /** For what must not be asked in vain: three failures, or three in ten, and twenty seconds of rest. */
  strict: { failureStreak: 3, minRequests: 10, failureRate: 0.3, openMs: 20_000, maxOpenMs: 120_000, closeAfter: 3 },
  /** For what fails now and then and is better than nothing: ten failures in a row, or eight in ten of twenty. */
  lenient: { failureStreak: 10, minRequests: 20, failureRate: 0.8, openMs: 2_000, maxOpenMs: 15_000, closeAfter: 1 },
} as const satisfies Readonly<Record<string, BreakerOptions>>;

const policies = recordOf(breakerOptions);

/**
 * Breaker options by name: `strict`, `lenient` and your own, which may replace these two.
 * @throws TypeError listing everything that is wrong with yours; from the function that comes back, for a name that nobody has given
 */
export function breakerPolicies<Own extends Readonly<Record<string, BreakerOptions>> = Record<never, never>>(
  own: Own = {} as Own,
): (name: keyof Own | keyof typeof POLICIES) => BreakerOptions {
  const faults = faultsOf(policies, own, 'breakerPolicies');
  if (faults.length > 0) throw new TypeError(faults.join('\n'));
  const all: Readonly<Record<string, BreakerOptions>> = { ...POLICIES, ...own };
  return (name) => {
    const policy = Object.hasOwn(all, name) ? all[String(name)] : undefined;
    if (!policy)
      throw new TypeError(
        `there is no policy ${JSON.stringify(name)}; the policies are ${Object.keys(all).join(', ')}`,
      );
    return policy;
  };
}
