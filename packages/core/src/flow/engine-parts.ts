import type { Clock } from '../base/clock.js';
import type { Random } from '../base/random.js';
import type { BreakerPlan } from '../breaker/scopes.js';
import type { Complaint } from '../events/hub.js';
import type { ResolvedHealthOptions } from '../health/options.js';
import type { ResolvedHedging } from '../hedging/options.js';
import type { ResolvedLimits } from '../limits/options.js';
import type { ResolvedRetryOptions } from '../retries/options.js';
import type { ResolvedRouting } from '../routing/options.js';
import type { ResolvedBudget } from '../spending/options.js';
import type { Endpoint } from '../targets/target.js';
import type { Probe } from './look-at.js';
import type { WhenExhausted } from './step.js';

/** What an engine is made from; the options are checked and resolved before. */
export interface EngineParts {
  /** In order of preference. */
  readonly endpoints: readonly Endpoint[];
  readonly breakers: BreakerPlan;
  /** The name under which breakers are shared with other engines of the process. @default breakers of its own */
  readonly shareAs?: string | undefined;
  readonly retries: ResolvedRetryOptions;
  /** How targets are chosen. @default 'adaptive' */
  readonly routing?: ResolvedRouting | undefined;
  /** How much may be sent. @default no limits but those that answers tell of */
  readonly limits?: ResolvedLimits | undefined;
  /** How much may be spent. @default anything */
  readonly budget?: ResolvedBudget | undefined;
  /** Whether, and when, a second target is asked beside a slow one. @default never */
  readonly hedging?: ResolvedHedging | undefined;
  /** @default 'panic' */
  readonly whenExhausted?: WhenExhausted | undefined;
  /** How endpoints are looked after, and what looks at one. @default nobody does */
  readonly health?: { readonly options: ResolvedHealthOptions; readonly probe: Probe } | undefined;
  /** @default the platform's */
  readonly clock?: Clock;
  /** @default the platform's */
  readonly random?: Random;
  /** Hears of listeners that throw when nobody listens to `listener.failed`, and of clients that share breakers and differ. @default silence */
  readonly complain?: Complaint;
}
