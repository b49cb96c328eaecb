import type { ResolvedBreakerOptions } from './options.js';
import type { WindowStats } from './windows.js';

/** Why a closed breaker opens, in words, or undefined when it stays closed. */
export type Tripper = (stats: WindowStats, streak: number) => string | undefined;

/**
 * The rule that is asked after every recorded call, successes included: a success can be the tenth call that makes five failures
 * count. It opens on a streak of failures, or on a share of failures among enough calls; either part may be switched off.
 */
export function createTripper(options: Exclude<ResolvedBreakerOptions, false>): Tripper {
  const longestStreak = options.failureStreak === false ? Number.POSITIVE_INFINITY : options.failureStreak;
  const highestRate = options.failureRate === false ? Number.POSITIVE_INFINITY : options.failureRate;
  const { minRequests, windowMs } = options;
  return (stats, streak) => {
    if (streak >= longestStreak) return `${streak} failures in a row`;
    const { total, failures } = stats;
    if (total < minRequests || failures < highestRate * total) return undefined;
    return `${failures} of ${total} calls failed within ${windowMs} ms`;
  };
}
