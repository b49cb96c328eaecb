import type { AttemptRecord, Route } from './call.js';

/** What a route is told from. */
export interface RouteParts {
  readonly attempts: readonly AttemptRecord[];
  readonly lastResort: boolean;
  readonly retryBudgetExhausted: boolean;
  readonly durationMs: number;
}

/** The way a call went, as its caller is told. */
export function routeOf({ attempts, lastResort, retryBudgetExhausted, durationMs }: RouteParts): Route {
  const last = attempts.at(-1);
  return {
    target: last?.target,
    endpoint: last?.endpoint,
    region: last?.region,
    model: last?.model,
    attempts,
    failover: attempts.some(({ target }) => target !== attempts[0]?.target),
    lastResort,
    retryBudgetExhausted,
    latencyMs: Math.ceil(durationMs),
  };
}
