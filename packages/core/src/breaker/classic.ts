import { type Check, positiveInteger } from '../base/check.js';

/** The names of the classic breaker: a streak of failures, a fixed wait, no jitter. Not to be mixed with BreakerOptions. */
export interface ClassicBreakerOptions {
  /** Opens after this many failures in a row. @default 5 */
  failureThreshold?: number;
  /** Successful probes that close the breaker. @default 3 */
  successThreshold?: number;
  /** The wait in milliseconds, the same each time. @default 60_000 */
  timeout?: number;
  /** Calls let through at the same time while half-open. @default 3 */
  halfOpenMaxCalls?: number;
}

/** The textbook's numbers. */
export const CLASSIC_DEFAULTS: Readonly<Required<ClassicBreakerOptions>> = {
  failureThreshold: 5,
  successThreshold: 3,
  timeout: 60_000,
  halfOpenMaxCalls: 3,
};

/** The checks of the classic names. */
export const CLASSIC_CHECKS: Readonly<Record<keyof ClassicBreakerOptions, Check>> = {
  failureThreshold: positiveInteger,
  successThreshold: positiveInteger,
  timeout: positiveInteger,
  halfOpenMaxCalls: positiveInteger,
};
