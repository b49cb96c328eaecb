import {
  type BreakerPlan,
  type BudgetOptions,
  budgetOptions,
  check,
  type EndpointLimitOptions,
  type HealthOptions,
  type HedgingOptions,
  healthOptions,
  hedgingOptions,
  type LimitOptions,
  limitOptions,
  type PriceTable,
  planBreakers,
  priceTable,
  type ResolvedBudget,
  type ResolvedHedging,
  type ResolvedLimits,
  type ResolvedRetryOptions,
  type RetryOptions,
  type RouterBreakerInput,
  type RoutingOptions,
  resolveBudget,
  resolveHedging,
  resolveLimits,
  resolveRetryOptions,
  retryOptions,
  routerBreakerOptions,
  routingOptions,
  type WhenExhausted,
} from '@breakwater/core';
import {
  alertOptions,
  type ResolvedRouterAlerts,
  type RouterAlertOptions,
  resolveRouterAlerts,
} from './alerts/router-options.js';
import { OptionsError } from './errors.js';
import type { LastResort } from './last-resort.js';
import { OWN_ID } from './providers/endpoint.js';
import { type EndpointOptions, endpointOptions } from './providers/options.js';
import type { RequestView } from './request/read.js';
import { resolveStreams, type StreamOptions, streamOptions } from './stream/options.js';

/** Everything of breakwater's, under the one key `router` of the official options. `{}` is enough to turn it on. */
export interface RouterOptions {
  /** Where requests may go; `routing` chooses among them, and `routing: 'priority'` takes them in this order. @default one, made of the official options */
  endpoints?: readonly EndpointOptions[];
  /** How one of several targets is chosen: the name of a strategy, a function of your own, or more; see docs/routing.md. @default 'adaptive' */
  routing?: RoutingOptions<RequestView>;
  /** The models that may answer instead, in order: by model, `{ 'gpt-4.1': ['…'] }`, or one list for every text model. @default none */
  fallbacks?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Other models for what no other endpoint can mend. */
  fallbacksFor?: {
    /** By model, for a prompt that is too long for it. @default `fallbacks` */
    contextWindow?: Readonly<Record<string, readonly string[]>>;
    /** By model, for a prompt that a content policy refused. @default none: the refusal is thrown */
    contentPolicy?: Readonly<Record<string, readonly string[]>>;
  };
  /**
   * The circuit breaker of every target: numbers, parts, the name of a preset, or `false` for none. With `models` and `targets` in it,
   * their own; `scope` says what has one. See docs/breaker.md. @default on
   */
  breaker?: RouterBreakerInput;
  /** Clients of one process that name the same here share their breakers, by the ids and base URLs of endpoints and by models; see docs/breaker.md. @default none */
  shareAs?: string;
  /** How much is tried again; the number of repeats on one target stays the official `maxRetries`. */
  retries?: RetryOptions;
  /** How long one attempt may take; the official `timeout` is for the whole call. */
  timeouts?: TimeoutOptions;
  /** How streamed answers are handed over. */
  streams?: StreamOptions;
  /** `(error, request) => …`, the answer when everything has failed: a text, or a whole answer of the resource. @default none */
  lastResort?: LastResort;
  /**
   * What a call does when every target that could serve it is resting. `fail`: it ends at once. `wait`: it waits, as long as it has
   * time, for the first that comes back by itself. `panic`: it waits for at most `retries.maxWaitMs`, and one call a second asks a
   * resting target all the same. Breakers that were opened by hand, and rests that a provider asked for, are left alone. @default 'panic'
   */
  whenExhausted?: WhenExhausted;
  /**
   * Asks a second target while the first keeps a call waiting for unusually long; `{}` is enough to turn it on. Such calls are billed twice.
   * Only chat completions, completions, embeddings and moderations that keep nothing on a server. See docs/hedging.md. @default off
   */
  hedging?: HedgingOptions | false;
  /**
   * How much may be sent: requests and tokens a minute and a day, calls at a time; and what a call does for which there is no room. See
   * docs/limits.md. @default what answers tell of the provider's own limits
   */
  limits?: RouterLimitOptions;
  /** What models cost, before the list prices; where some endpoint charges otherwise, that is for `endpoints`. See docs/spending.md. @default list prices */
  prices?: PriceTable;
  /** How much may be spent in a day or a month, and what happens then; see docs/spending.md. @default anything */
  budget?: BudgetOptions;
  /** Who looks after the endpoints besides the calls, and how; `false` for nobody. See docs/health.md. @default on demand; with one endpoint, nobody */
  health?: HealthOptions | false;
  /** Rules for the event `alert`, and sinks that alerts are sent to; `false` for none. See docs/alerts.md. @default the rules, and no sinks */
  alerts?: RouterAlertOptions | false;
}

/** How much may be sent. */
export interface RouterLimitOptions extends LimitOptions {
  /** Counts the tokens of a text. @default about, by the kinds of its characters; what answers tell corrects it */
  estimateTokens?: (text: string) => number;
}

/** Limits of one attempt, in milliseconds from its start where nothing else is said. */
export interface TimeoutOptions {
  /** Until the response headers of a streamed request. @default 10000 while there is another target, else none */
  connectMs?: number;
  /**
   * Until the first content of a stream. @default while there is another target, four times what 99 in a hundred of its target's streams
   * took lately, 5000 at least; half of what is left of the call while fewer than 50 are known, or `attemptMs` is set; else none
   */
  firstTokenMs?: number;
  /** Until the whole answer, or the first content of a stream. @default as `firstTokenMs` */
  attemptMs?: number;
  /**
   * The longest silence of a stream behind its first content, while somebody waits for it; comments and pings are silence.
   * @default 60000 for chat completions and completions, else none
   */
  idleMs?: number;
  /**
   * The fewest tokens a second of a stream behind its first content, over each five seconds that somebody waits for it. What is slower has
   * broken off, and is rescued like that. Each event is parsed once more for it. @default none
   */
  minimumTokensPerSecond?: number;
}

/** Router options with every default filled in. */
export interface ResolvedOptions extends Required<StreamOptions> {
  readonly endpoints: readonly EndpointOptions[] | undefined;
  readonly fallbacks: RouterOptions['fallbacks'];
  readonly fallbacksFor: NonNullable<RouterOptions['fallbacksFor']>;
  readonly breakers: BreakerPlan;
  readonly routing: RoutingOptions<RequestView>;
  readonly shareAs: string | undefined;
  readonly retries: ResolvedRetryOptions;
  readonly timeouts: TimeoutOptions;
  readonly lastResort: LastResort | undefined;
  readonly whenExhausted: WhenExhausted;
  readonly hedging: ResolvedHedging | undefined;
  readonly limits: ResolvedLimits;
  readonly prices: PriceTable | undefined;
  readonly budget: ResolvedBudget | undefined;
  readonly estimateTokens: ((text: string) => number) | undefined;
  /** As it was given: how many endpoints there are decides about what was not. */
  readonly health: HealthOptions | false | undefined;
  readonly alerts: ResolvedRouterAlerts;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  connectMs: 10_000,
  idleMs: 60_000,
  whenExhausted: 'panic' as const,
  routing: 'adaptive' as const,
});

const models = check.listOf(check.text, 'a list of models');
const modelsByModel = check.recordOf(models);
/** Checks `timeouts`. */
export const timeoutChecks = check.shape({
  connectMs: check.positiveInteger,
  firstTokenMs: check.positiveInteger,
  attemptMs: check.positiveInteger,
  idleMs: check.positiveInteger,
  minimumTokensPerSecond: check.positiveNumber,
});

/** A check for every router option, by its name. */
export const routerChecks = {
  endpoints: endpointOptions,
  routing: routingOptions,
  fallbacks: check.either('a list of models, or lists of models by model', models, modelsByModel),
  fallbacksFor: check.shape({ contextWindow: modelsByModel, contentPolicy: modelsByModel }),
  breaker: routerBreakerOptions,
  shareAs: check.text,
  retries: retryOptions,
  timeouts: timeoutChecks,
  streams: streamOptions,
  lastResort: check.functionOf('(error, request) => answer'),
  whenExhausted: check.oneOf('fail', 'wait', 'panic'),
  health: healthOptions,
  alerts: alertOptions,
  hedging: hedgingOptions,
  prices: priceTable,
  budget: budgetOptions,
  limits: limitOptions({ estimateTokens: check.functionOf('(text) => number') }),
} as const satisfies Readonly<Record<keyof RouterOptions, check.Check>>;

/** Names so much our own that beside the official options they can only have been meant for `router`, also where there is none. */
export const ONLY_OURS = [
  'endpoints',
  'routing',
  'fallbacks',
  'fallbacksFor',
  'lastResort',
  'whenExhausted',
  'shareAs',
  'breaker',
  'health',
  'hedging',
  'limits',
] as const satisfies readonly (keyof RouterOptions)[];

/** All names of ours, none of which an official client has: beside a `router` each of them was meant for it. */
export const ALL_OURS = Object.keys(routerChecks) as readonly (keyof RouterOptions)[];

const routerOptions = check.shape(routerChecks);

/** Checks and completes the `router` option of a client with this `timeout`. @throws OptionsError with every fault at once */
export function resolveOptions(given: RouterOptions, timeoutMs: number): ResolvedOptions {
  const faults = check.faultsOf(routerOptions, given, 'router');
  if (faults.length > 0) throw new OptionsError(faults);
  return {
    endpoints: given.endpoints,
    routing: given.routing ?? DEFAULTS.routing,
    fallbacks: given.fallbacks,
    fallbacksFor: given.fallbacksFor ?? {},
    breakers: breakersOf(given, given.timeouts?.attemptMs ?? timeoutMs),
    shareAs: given.shareAs,
    retries: resolveRetryOptions(given.retries),
    timeouts: given.timeouts ?? {},
    ...resolveStreams(given.streams),
    lastResort: given.lastResort,
    whenExhausted: given.whenExhausted ?? DEFAULTS.whenExhausted,
    health: given.health,
    alerts: resolveRouterAlerts(given.alerts),
    hedging: resolveHedging(given.hedging),
    limits: resolveLimits(given.limits, limitsByEndpoint(given.endpoints)),
    prices: given.prices,
    budget: resolveBudget(given.budget),
    estimateTokens: given.limits?.estimateTokens,
  };
}

function limitsByEndpoint(endpoints: readonly EndpointOptions[] = []): Readonly<Record<string, EndpointLimitOptions>> {
  return Object.fromEntries(endpoints.flatMap(({ id, limits }) => (limits ? [[id, limits]] : [])));
}

/** The layers of options show faults of their own, which no single one of them has. */
function breakersOf({ breaker, endpoints = [{ id: OWN_ID }] }: RouterOptions, leastLeaseMs: number): BreakerPlan {
  try {
    return planBreakers(breaker, { endpoints, leastLeaseMs });
  } catch (error) {
    throw new OptionsError((error as Error).message.split('\n'));
  }
}
