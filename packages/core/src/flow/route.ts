import type { TokenUsage } from '../outcome/usage.js';
import { toldUSD } from '../spending/cost.js';
import type { AttemptRecord, Route } from './call.js';

/** What a route is told from. */
export interface RouteParts {
  readonly attempts: readonly AttemptRecord[];
  readonly lastResort: boolean;
  readonly retryBudgetExhausted: boolean;
  readonly durationMs: number;
  readonly usage: TokenUsage | undefined;
  /** Not a number where a price is not known. */
  readonly costUSD: number;
}

/** A route that may still be added to: a stream tells what it used when its call is long over. */
export type OpenRoute = { -readonly [Key in keyof Route]: Route[Key] };

/** The routes of calls that went on with another one's answer, and the route of that. */
const extended = new WeakMap<Route, Route>();

/**
 * Adds the way of a call that went on with another one's answer to the way of that, which everybody who was given it sees; what it uses is
 * added when it tells.
 */
export function extendRoute(route: Route, more: Route): void {
  const attempts = [...route.attempts, ...more.attempts];
  const { target, endpoint, region, model } = more;
  const retryBudgetExhausted = route.retryBudgetExhausted || more.retryBudgetExhausted;
  const last = target === undefined ? {} : { target, endpoint, region, model };
  Object.assign(route, { ...last, attempts, failover: isFailover(attempts), retryBudgetExhausted });
  if (more.usage) addUse(route, more.usage, more.costUSD);
  extended.set(more, route);
}

/** Adds what an attempt used to the way of its call, which everybody has been given already, and to the way that it extends. */
export function addUse(route: OpenRoute, usage: TokenUsage, costUSD = Number.NaN): void {
  const beforeUSD = route.usage ? (route.costUSD ?? Number.NaN) : 0;
  route.usage = route.usage ? usedByBoth(route.usage, usage) : usage;
  route.costUSD = toldCost(route.usage, beforeUSD + costUSD);
  const whole = extended.get(route);
  if (whole) addUse(whole, usage, costUSD);
}

/** More would have been tried if the retry budget had allowed it. */
export function foundBudgetEmpty(route: OpenRoute): void {
  route.retryBudgetExhausted = true;
}

const isFailover = (attempts: readonly AttemptRecord[]): boolean =>
  attempts.some(({ target }) => target !== attempts[0]?.target);

/** The way a call went, as its caller is told. */
export function routeOf({
  attempts,
  lastResort,
  retryBudgetExhausted,
  durationMs,
  usage,
  costUSD,
}: RouteParts): OpenRoute {
  const last = attempts.at(-1);
  return {
    target: last?.target,
    endpoint: last?.endpoint,
    region: last?.region,
    model: last?.model,
    attempts,
    failover: isFailover(attempts),
    lastResort,
    retryBudgetExhausted,
    latencyMs: Math.ceil(durationMs),
    usage,
    costUSD: toldCost(usage, costUSD),
  };
}

/** What a call cost, as its caller is told. */
export function toldCost(usage: TokenUsage | undefined, costUSD: number): number | undefined {
  return usage && !Number.isNaN(costUSD) ? toldUSD(costUSD) : undefined;
}

/** What two attempts used together. */
export function usedByBoth(one: TokenUsage, other: TokenUsage): TokenUsage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    ...((one.estimated || other.estimated) && { estimated: true }),
  };
}
