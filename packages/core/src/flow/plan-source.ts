import type { Random } from '../base/random.js';
import type { ResolvedLimits } from '../limits/options.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import type { TargetRegistry } from '../targets/registry.js';
import type { Target } from '../targets/target.js';
import type { Call } from './call.js';
import type { Leg, WhenExhausted } from './step.js';

/** What plans are made from; the engine is one. */
export interface PlanSource {
  readonly registry: TargetRegistry;
  readonly random: Random;
  readonly retries: ResolvedRetryOptions;
  readonly whenExhausted: WhenExhausted;
  readonly limits: ResolvedLimits;
  /** Whether only the cheapest are to be asked now, because the budget is spent. */
  readonly isSaving: boolean;
  /** Whether a call asks targets in the order in which they stand in their leg. */
  isOrdered(call: Call<unknown>): boolean;
  /** Chooses among two targets or more that may all be asked now. */
  choose(call: Call<unknown>, open: readonly Target[], now: number): Target;
  /** The targets of these models that may serve a call, a leg for each model. */
  legsOf(call: Call<unknown>, models: readonly string[], now: number): readonly Leg[];
}
