import { boolean, type Check, either, oneOf, positiveInteger, positiveNumber, recordOf, shape } from '../base/check.js';
import type { LimitNumbers } from './limit.js';

/** What a call does when the user's limits, or what is known of the provider's, leave no room for it. */
export type OnLimit = 'reroute' | 'wait' | 'reject';

/** The same, and whether a target finds out by itself how much it bears. */
export interface ScopeLimits extends Omit<LimitNumbers, 'concurrency'> {
  /**
   * The most requests under way at a time. `adaptive`: as many as each target turns out to bear, from 8 on; a tenth less when it refuses a
   * call, leaves it without an answer, or takes four times as long as usual three times in a row.
   */
  concurrency?: number | 'adaptive';
}

/** How much may be sent. A limit holds for its scope as a whole: for everything that this client sends, or for one model at all endpoints. */
export interface LimitOptions extends ScopeLimits {
  /** Limits of single models, over all endpoints. */
  models?: Readonly<Record<string, ScopeLimits>>;
  /**
   * `reroute`: the call goes to another endpoint that has room, and waits when there is none. `wait`: it waits for the target that it
   * would have been sent to. `reject`: it fails at once with a `LimitExceededError`. @default 'reroute'
   */
  onLimit?: OnLimit;
  /**
   * How long a call waits for room in all, in milliseconds; never longer than it has time, and while another model may answer no longer than
   * `retries.maxWaitMs`. @default 30000
   */
  maxWaitMs?: number;
  /** How many calls may wait for room in one limit; the next one goes elsewhere, or fails. @default 100 */
  maxWaiting?: number;
  /** Whether limits are learned from the headers of answers and from 429s. @default true */
  learn?: boolean;
  /**
   * What is charged for an answer. `refund`: what it used, as soon as that is known. `charge-max`: what was set aside for it, as providers
   * do that count `max_tokens`. @default 'refund'
   */
  settle?: 'refund' | 'charge-max';
  /**
   * Whether calls of a model are held back, by chance, while more than half of what is sent for it is refused everywhere: a call that is
   * held back fails with a `LimitExceededError`. @default false
   */
  throttle?: boolean;
}

/** Limits of one endpoint. */
export interface EndpointLimitOptions extends ScopeLimits {
  /** Limits of single models at this endpoint. */
  models?: Readonly<Record<string, ScopeLimits>>;
  /** Limits of each of its keys. */
  perKey?: LimitNumbers;
}

/** Limit options with every default filled in. */
export interface ResolvedLimits {
  readonly client: ScopeLimits;
  readonly models: Readonly<Record<string, ScopeLimits>>;
  /** By the ids of endpoints. */
  readonly endpoints: Readonly<Record<string, EndpointLimitOptions>>;
  readonly onLimit: OnLimit;
  readonly maxWaitMs: number;
  readonly maxWaiting: number;
  readonly learn: boolean;
  readonly settle: 'refund' | 'charge-max';
  readonly throttle: boolean;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  onLimit: 'reroute' as const,
  maxWaitMs: 30_000,
  maxWaiting: 100,
  learn: true,
  settle: 'refund' as const,
  throttle: false,
});

const rates = {
  requestsPerMinute: positiveNumber,
  tokensPerMinute: positiveNumber,
  requestsPerDay: positiveNumber,
  tokensPerDay: positiveNumber,
} as const;

const RATES = Object.keys(rates) as readonly (keyof typeof rates)[];

const numbers = {
  ...rates,
  concurrency: either('a positive integer, or "adaptive"', oneOf('adaptive'), positiveInteger),
  burst: shape(rates),
} as const satisfies Readonly<Record<keyof LimitNumbers, unknown>>;

/** A burst belongs to a rate: without one, or above it, it would limit nothing, and nobody would see. */
function withBursts(check: Check): Check {
  return (value, path, faults) => {
    const before = faults.length;
    check(value, path, faults);
    if (faults.length > before) return;
    const { burst = {}, ...given } = value as ScopeLimits;
    for (const name of RATES) {
      const [most, rate] = [burst[name], given[name]];
      if (most === undefined || (rate !== undefined && most <= rate)) continue;
      const wrong = rate === undefined ? 'needs a' : 'must not be larger than its';
      faults.push(`${path}.burst.${name} ${wrong} ${path}.${name}`);
    }
  };
}

const models = recordOf(withBursts(shape(numbers)));
/** What a key bears is not found out by itself: a target is what is tried. */
const perKey = withBursts(shape({ ...numbers, concurrency: positiveInteger }));

const limitChecks = {
  ...numbers,
  models,
  onLimit: oneOf('reroute', 'wait', 'reject'),
  maxWaitMs: positiveNumber,
  maxWaiting: positiveInteger,
  learn: boolean,
  settle: oneOf('refund', 'charge-max'),
  throttle: boolean,
} as const satisfies Readonly<Record<keyof LimitOptions, unknown>>;

/** Checks `router.limits`, in which there may be more than what is known here. */
export const limitOptions = (more: Readonly<Record<string, Check>> = {}): Check =>
  withBursts(shape({ ...limitChecks, ...more }));

/** Checks `limits` of an endpoint. */
export const endpointLimitOptions = withBursts(shape({ ...numbers, models, perKey }));

/** Fills in the defaults; the options have been checked before. */
export function resolveLimits(
  given: LimitOptions = {},
  endpoints: Readonly<Record<string, EndpointLimitOptions>> = {},
): ResolvedLimits {
  const { models: byModel = {}, ...client } = given;
  return Object.freeze({
    client,
    models: byModel,
    endpoints,
    onLimit: given.onLimit ?? DEFAULTS.onLimit,
    maxWaitMs: given.maxWaitMs ?? DEFAULTS.maxWaitMs,
    maxWaiting: given.maxWaiting ?? DEFAULTS.maxWaiting,
    learn: given.learn ?? DEFAULTS.learn,
    settle: given.settle ?? DEFAULTS.settle,
    throttle: given.throttle ?? DEFAULTS.throttle,
  });
}
