import {
  type BreakerPlan,
  check,
  type HealthOptions,
  type HedgingOptions,
  healthOptions,
  hedgingOptions,
  planBreakers,
  type ResolvedHedging,
  type ResolvedRetryOptions,
  type RetryOptions,
  type RouterBreakerInput,
  type RoutingOptions,
  resolveHedging,
  resolveRetryOptions,
  retryOptions,
  routerBreakerOptions,
  routingOptions,
  type WhenExhausted,
} from '@breakwater/core';
import { OptionsError } from './errors.js';
import type { LastResort } from './last-resort.js';
import { OWN_ID } from './providers/endpoint.js';
import { type EndpointOptions, endpointOptions } from './providers/options.js';
import type { RequestView } from './request/read.js';

/** Everything of breakwater's, under the one key `router` of the official options. `{}` is enough to turn it on. */
export interface RouterOptions {
  /** Where requests may go; `routing` chooses among them, and `routing: 'priority'` takes them in this order. @default one, made of the official options */
  endpoints?: readonly EndpointOptions[];
  /** How one of several targets that may all be asked is chosen: the name of a strategy, a function of your own, or more. @default 'adaptive' */
  routing?: RoutingOptions<RequestView>;
  /** The models that may answer instead, in order: by model, or one list for every text model. */
  fallbacks?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Other models for what no other endpoint can mend. */
  fallbacksFor?: {
    /** For a prompt that is too long for the model. @default `fallbacks` */
    contextWindow?: Readonly<Record<string, readonly string[]>>;
    /** For a prompt that a content policy refused. @default none: the refusal is thrown */
    contentPolicy?: Readonly<Record<string, readonly string[]>>;
  };
  /** The circuit breaker of every target; `false` for none. With `models` and `targets` in it, their own; `scope` says what has one. */
  breaker?: RouterBreakerInput;
  /** Clients of one process that name the same here share their breakers, by the ids and base URLs of endpoints and by models. @default none */
  shareAs?: string;
  /** How much is tried again; the number of repeats on one target stays the official `maxRetries`. */
  retries?: RetryOptions;
  /** How long one attempt may take; the official `timeout` is for the whole call. */
  timeouts?: TimeoutOptions;
  /** How streamed answers are handed over. */
  streams?: StreamOptions;
  /** The answer when everything has failed: a text, or a whole answer of the resource. */
  lastResort?: LastResort;
  /**
   * What a call does when every target that could serve it is resting. `fail`: it ends at once. `wait`: it waits, as long as it has
   * time, for the first that comes back by itself. `panic`: it waits for at most `retries.maxWaitMs`, and one call a second asks a
   * resting target all the same. Breakers that were opened by hand, and rests that a provider asked for, are left alone. @default 'panic'
   */
  whenExhausted?: WhenExhausted;
  /**
   * Asks a second target while the first keeps a call waiting for unusually long; `{}` is enough to turn it on. Such calls are billed twice.
   * Only chat completions, completions, embeddings and moderations that keep nothing on a server. @default no call is
   */
  hedging?: HedgingOptions | false;
  /** Who looks after the endpoints besides the calls, and how; `false` for nobody. */
  health?: HealthOptions | false;
}

/** Limits of one attempt, in milliseconds from its start. */
export interface TimeoutOptions {
  /** Until the response headers of a streamed request. @default 10000 while there is another target, else none */
  connectMs?: number;
  /** Until the first content of a stream. @default half of what is left of the call while there is another target, else none */
  firstTokenMs?: number;
  /** Until the whole answer, or the first content of a stream. @default as `firstTokenMs` */
  attemptMs?: number;
}

/** How streamed answers are handed over. */
export interface StreamOptions {
  /**
   * When an answer is bound to its target: at its first content, before which a failure moves on unseen, or as soon as the response
   * headers are there. @default 'first-content'
   */
  commit?: 'first-content' | 'headers';
}

/** The part of the options that makes sense for one request: `create(params, { router: { … } })`. */
export interface RequestRouterOptions {
  /** The id of the only endpoint that may serve this request. */
  endpoint?: string;
  /** The ids of the only endpoints that may serve it. @default all */
  only?: readonly string[];
  /** The ids of endpoints that may not serve it. @default none */
  exclude?: readonly string[];
  /** What it has in common with requests that should meet at one target, in place of `routing.stickyKey`. */
  stickyKey?: string;
  /** Whether a second target may be asked for it, where the client hedges at all; `false` for none. */
  hedging?: boolean;
  /** Other models for this request, instead of the client's; `false` for none. */
  fallbacks?: readonly string[] | false;
  /** Limits of one attempt, over the client's. */
  timeouts?: TimeoutOptions;
}

/** Router options with every default filled in. */
export interface ResolvedOptions {
  readonly endpoints: readonly EndpointOptions[] | undefined;
  readonly fallbacks: RouterOptions['fallbacks'];
  readonly fallbacksFor: NonNullable<RouterOptions['fallbacksFor']>;
  readonly breakers: BreakerPlan;
  readonly routing: RoutingOptions<RequestView>;
  readonly shareAs: string | undefined;
  readonly retries: ResolvedRetryOptions;
  readonly timeouts: TimeoutOptions;
  readonly commit: 'first-content' | 'headers';
  readonly lastResort: LastResort | undefined;
  readonly whenExhausted: WhenExhausted;
  readonly hedging: ResolvedHedging | undefined;
  /** As it was given: how many endpoints there are decides about what was not. */
  readonly health: HealthOptions | false | undefined;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  connectMs: 10_000,
  commit: 'first-content' as const,
  whenExhausted: 'panic' as const,
  routing: 'adaptive' as const,
});

const models = check.listOf(check.text, 'a list of models');
const modelsByModel = check.recordOf(models);
const timeouts = check.shape({
  connectMs: check.positiveInteger,
  firstTokenMs: check.positiveInteger,
  attemptMs: check.positiveInteger,
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
  timeouts,
  streams: check.shape({ commit: check.oneOf('first-content', 'headers') }),
  lastResort: check.functionOf('(error, request) => answer'),
  whenExhausted: check.oneOf('fail', 'wait', 'panic'),
  health: healthOptions,
  hedging: hedgingOptions,
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
] as const satisfies readonly (keyof RouterOptions)[];

/** All names of ours, none of which an official client has: beside a `router` each of them was meant for it. */
export const ALL_OURS = Object.keys(routerChecks) as readonly (keyof RouterOptions)[];

const routerOptions = check.shape(routerChecks);

const endpointIds = check.listOf(check.text, 'a list of endpoint ids');

const requestOptions = check.shape({
  endpoint: check.text,
  only: endpointIds,
  exclude: endpointIds,
  stickyKey: check.text,
  hedging: check.boolean,
  fallbacks: check.either('a list of models, or false', check.oneOf(false), models),
  timeouts,
});

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
    commit: given.streams?.commit ?? DEFAULTS.commit,
    lastResort: given.lastResort,
    whenExhausted: given.whenExhausted ?? DEFAULTS.whenExhausted,
    health: given.health,
    hedging: resolveHedging(given.hedging),
  };
}

/** The layers of options show faults of their own, which no single one of them has. */
function breakersOf({ breaker, endpoints = [{ id: OWN_ID }] }: RouterOptions, leastLeaseMs: number): BreakerPlan {
  try {
    return planBreakers(breaker, { endpoints, leastLeaseMs });
  } catch (error) {
    throw new OptionsError((error as Error).message.split('\n'));
  }
}

const NOTHING: RequestRouterOptions = Object.freeze({});

/** The `router` option of one request, or the error that says what is wrong with it. */
export function readRequestOptions(
  given: unknown,
  endpointIds: readonly string[],
): RequestRouterOptions | OptionsError {
  if (given === undefined) return NOTHING;
  const faults = check.faultsOf(requestOptions, given, 'router');
  if (faults.length === 0) faults.push(...unknownEndpoints(given as RequestRouterOptions, endpointIds));
  return faults.length > 0 ? new OptionsError(faults) : (given as RequestRouterOptions);
}

function unknownEndpoints({ endpoint, only, exclude }: RequestRouterOptions, known: readonly string[]): string[] {
  const faults: string[] = [];
  const look = (id: string | undefined, path: string) => {
    if (id !== undefined && !known.includes(id))
      faults.push(`${path} must be one of ${known.join(', ')}, but is ${JSON.stringify(id)}`);
  };
  look(endpoint, 'router.endpoint');
  for (const [index, id] of (only ?? []).entries()) look(id, `router.only[${index}]`);
  for (const [index, id] of (exclude ?? []).entries()) look(id, `router.exclude[${index}]`);
  // A typo apart, that is a list that was put together by a program and came out empty: nobody could be asked.
  const isEmpty = known.every((id) => (only && !only.includes(id)) || exclude?.includes(id));
  if (faults.length === 0 && isEmpty) faults.push('router.only and router.exclude leave no endpoint to ask');
  return faults;
}
