import type { Breaker } from './contract.js';

/**
 * Breakers that several clients of one process have in common, by the name that they were given. Kept on the global object, because
 * a program may have this package twice, as ESM and as CommonJS.
 */
const SHARED = Symbol.for('breakwater.breakers.1');

type Groups = Map<string, Map<string, Breaker>>;

/** The breakers of a name; the same map for everybody who names it. Lives as long as the process. */
export function sharedBreakers(name: string): Map<string, Breaker> {
  const place = globalThis as { [SHARED]?: Groups };
  place[SHARED] ??= new Map();
  const groups = place[SHARED];
  const known = groups.get(name) ?? new Map<string, Breaker>();
  groups.set(name, known);
  return known;
}
