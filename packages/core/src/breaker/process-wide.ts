import type { Breaker } from './contract.js';
import type { ResolvedBreakerOptions } from './options.js';

/** A breaker, and the options that it was made with. */
export interface KeptBreaker {
  readonly breaker: Breaker;
  readonly options: ResolvedBreakerOptions;
}

/**
 * Breakers that several clients of one process have in common, by the name that they were given. Kept on the global object, because
 * a program may have this package twice, as ESM and as CommonJS.
 */
const SHARED = Symbol.for('breakwater.breakers.1');

type Groups = Map<string, Map<string, KeptBreaker>>;

/** The breakers of a name; the same map for everybody who names it. Lives as long as the process. */
export function sharedBreakers(name: string): Map<string, KeptBreaker> {
  const place = globalThis as { [SHARED]?: Groups };
  place[SHARED] ??= new Map();
  const groups = place[SHARED];
  const known = groups.get(name) ?? new Map<string, KeptBreaker>();
  groups.set(name, known);
  return known;
}

/**
 * The names of the options in which two breakers differ. Of parts only whether there is one: two that do the same need not be the same
 * object. Leases are left out, because they follow the timeouts of calls.
 */
export function differences(one: ResolvedBreakerOptions, other: ResolvedBreakerOptions): readonly string[] {
  if (one === false || other === false) return [];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof typeof one>;
  return [...names].filter((name) => {
    const areParts = typeof one[name] === 'object' && typeof other[name] === 'object';
    return name !== 'leaseMs' && !areParts && one[name] !== other[name];
  });
}
