import { certainly } from './chances.js';
import type { Strategy } from './strategy.js';

/** The order in which endpoints were given is the order of preference: the first that may be asked is asked. Nothing is measured. */
export function priority(): Strategy {
  return {
    name: 'priority',
    ordered: true,
    chances: (candidates) => certainly(0, candidates.length),
    pick: (candidates) => candidates[0] as (typeof candidates)[number],
  };
}
