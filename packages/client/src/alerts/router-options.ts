import { type AlertOptions, alertChecks, check, type ResolvedAlerts, resolveAlerts } from '@breakwater/core';
import { type AlertSink, sinksCheck } from './sink.js';

/** What alerts are told of, and to whom. */
export interface RouterAlertOptions extends AlertOptions {
  /** Where alerts go besides the event `alert`. @default nowhere */
  sinks?: readonly AlertSink[];
}

/** Alert options with every default filled in. */
export interface ResolvedRouterAlerts {
  readonly rules: ResolvedAlerts;
  readonly sinks: readonly AlertSink[];
}

/** Checks `router.alerts`. */
export const alertOptions = check.either(
  'false or { openings, allDown, quota, budget, errorRate, firstToken, rules, sinks }',
  check.oneOf(false),
  check.shape({
    ...alertChecks,
    sinks: sinksCheck,
  } as const satisfies Readonly<Record<keyof RouterAlertOptions, check.Check>>),
);

/** Fills in the defaults; `false` is no rule and no sink. The options have been checked before. */
export function resolveRouterAlerts(given: RouterAlertOptions | false | undefined): ResolvedRouterAlerts {
  return { rules: resolveAlerts(given), sinks: (given ? given.sinks : undefined) ?? [] };
}
