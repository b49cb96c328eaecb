import type { Random } from '../base/random.js';
import type { Breaker } from './contract.js';
import { StateMachine } from './machine.js';
import { type ResolvedBreakerOptions, resolveBreakerOptions } from './options.js';
import { rulesOf } from './rules.js';

export type {
  Breaker,
  BreakerMemory,
  BreakerMode,
  BreakerSnapshot,
  BreakerState,
  Mark,
  Permit,
  Result,
  Transition,
} from './contract.js';

/** Makes breakers of the same options; the options are turned into parts once. `false` makes breakers that begin disabled. */
export function breakerMaker(options: ResolvedBreakerOptions, random: Random): () => Breaker {
  const resolved = options === false ? resolveBreakerOptions({ mode: 'disabled' }) : options;
  const rules = rulesOf(resolved as Exclude<ResolvedBreakerOptions, false>);
  return () => new StateMachine(rules, random);
}

/** One breaker. The dice are thrown once per opening and never while the breaker is made. */
export const createBreaker = (options: ResolvedBreakerOptions, random: Random): Breaker =>
  breakerMaker(options, random)();
