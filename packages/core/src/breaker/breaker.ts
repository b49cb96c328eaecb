import type { Random } from '../base/random.js';
import type { Breaker } from './contract.js';
import { disabledBreaker } from './disabled.js';
import { StateMachine } from './machine.js';
import type { ResolvedBreakerOptions } from './options.js';

export type { Breaker, BreakerSnapshot, BreakerState, Mark, Permit, Transition } from './contract.js';

/** A closed breaker for one target. The dice are thrown once per opening and never while the breaker is made. */
export function createBreaker(options: ResolvedBreakerOptions, random: Random): Breaker {
  return options === false ? disabledBreaker : new StateMachine(options, random);
}
