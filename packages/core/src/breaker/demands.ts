import { type Check, faultsOf } from '../base/check.js';

/**
 * Refuses what a part cannot work with, where the part is made: a limit of `NaN` or 0 would show itself as a breaker that never closes.
 * Options that are wrong are a TypeError everywhere, parts as well as numbers.
 * @throws TypeError with one line per fault
 */
export function demand(check: Check, value: unknown, path: string): void {
  const faults = faultsOf(check, value, path);
  if (faults.length > 0) throw new TypeError(faults.join('\n'));
}
