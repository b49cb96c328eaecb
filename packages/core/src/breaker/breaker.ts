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
  TimeInStates,
  Transition,
} from './contract.js';

/**
 * Makes breakers of the same options; the options are turned into parts once. `false` makes breakers that begin disabled. Each is told
 * when it begins, 0 unless somebody says so.
 */
export function breakerMaker(options: ResolvedBreakerOptions, random: Random): (now?: number) => Breaker {
  const resolved = options === false ? resolveBreakerOptions({ mode: 'disabled' }) : options;
  const rules = rulesOf(resolved as Exclude<ResolvedBreakerOptions, false>);
  return (now = 0) => new StateMachine(rules, random, now);
}

/** One breaker, that begins now. The dice are thrown once per opening and never while the breaker is made. */
export const createBreaker = (options: ResolvedBreakerOptions, random: Random, now?: number): Breaker =>
  breakerMaker(options, random)(now);
