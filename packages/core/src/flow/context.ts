import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import type { Complaint, EventHub } from '../events/hub.js';
import type { StatsFold } from '../events/stats.js';
import type { RetryBudget } from '../retries/budget.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Call } from './call.js';
import type { Plan } from './plan.js';

/** What a call finds when it begins, and what outlives it; the engine is one. */
export interface FlowContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly hub: EventHub;
  readonly counts: StatsFold;
  /** Hears of the user's own functions that throw. */
  readonly complain: Complaint;
  readonly budget: RetryBudget;
  readonly registry: TargetRegistry;
  /** An id that is unique in this process, and unlikely to be met in another. */
  nextRequestId(): string;
  /** The plan of a call that begins now. */
  plan(call: Call<unknown>, now: number): Plan;
}
