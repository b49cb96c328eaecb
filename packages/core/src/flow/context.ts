import type { Clock } from '../base/clock.js';
import type { Complaint, EventHub } from '../events/hub.js';
import type { StatsFold } from '../events/stats-fold.js';
import type { ResolvedHedging } from '../hedging/options.js';
import type { Throttle } from '../limits/throttle.js';
import type { RetryBudget } from '../retries/budget.js';
import type { SpendingBudget } from '../spending/budget.js';
import type { Checkup } from './checkup.js';
import type { PlanSource } from './plan-source.js';
import type { Untold } from './untold.js';

/** What a call finds when it begins, and what outlives it; the engine is one. */
export interface FlowContext extends PlanSource {
  readonly clock: Clock;
  readonly hub: EventHub;
  readonly counts: StatsFold;
  readonly untold: Untold;
  /** Hears of the user's own functions that throw. */
  readonly complain: Complaint;
  readonly budget: RetryBudget;
  /** What holds calls of a model back; undefined when nothing is to. */
  throttleOf(model: string): Throttle | undefined;
  /** What may be spent; undefined for anything. */
  readonly spending: SpendingBudget | undefined;
  /** A number for a call that begins to wait for room in a limit, counting up. */
  nextArrival(): number;
  /** Undefined where no call is hedged. */
  readonly hedging: { readonly options: ResolvedHedging; readonly budget: RetryBudget } | undefined;
  /** Looks after the endpoints; told when a call begins. */
  readonly checkup: Checkup;
  /** An id that is unique in this process, and unlikely to be met in another. */
  nextRequestId(): string;
}
