import type { BreakerMode } from './contract.js';
import type { ResolvedBreakerOptions } from './options.js';
import { type Permits, permits } from './permits.js';
import { type Recovery, recovery } from './recovery.js';
import type { Tracker } from './trackers.js';
import { type Tripper, trippers } from './trippers.js';
import { timeWindow, type WindowKind } from './windows.js';

/** The parts that a breaker works with, made once for all breakers of the same options. */
export interface BreakerRules {
  readonly mode: BreakerMode;
  readonly window: WindowKind;
  /** Which failures count; undefined for those that the outcome table blames on the target. */
  readonly tracker: Tracker | undefined;
  readonly tripper: Tripper;
  /** A probe that takes so long has failed, where no rule judges the probes; in milliseconds, `Infinity` where nothing is slow. */
  readonly slowProbeMs: number;
  readonly recovery: Recovery;
  readonly permits: Permits;
  readonly closeAfter: number;
  readonly leaseMs: number;
  readonly levelDecayMs: number;
  /** How long a target is eased in after its breaker has closed, in milliseconds; 0 for not at all. */
  readonly slowStartMs: number;
  /** When to look again, in milliseconds, while probes are out. */
  readonly lookAgainMs: number;
}

/** Turns options into parts: what a user has made replaces what the numbers would make. */
export function rulesOf(options: Exclude<ResolvedBreakerOptions, false>): BreakerRules {
  const { mode, closeAfter, leaseMs, levelDecayMs, slowStartMs, openMs, openMultiplier, maxOpenMs, jitter, tracker } =
    options;
  const waits = { initialMs: openMs, multiplier: openMultiplier, maxMs: maxOpenMs, jitter };
  const tripper = options.tripper ?? tripperOf(options);
  return Object.freeze({
    mode,
    window: options.window ?? timeWindow({ seconds: options.windowMs / 1_000 }),
    tracker,
    tripper,
    // With several thresholds a healthy target may well be slow by the smaller ones.
    slowProbeMs: tripper.thresholdsMs.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...tripper.thresholdsMs),
    recovery: options.recovery ?? recovery.backoff(waits),
    permits: options.permits ?? permits.limit(options.probes),
    closeAfter,
    leaseMs,
    levelDecayMs,
    slowStartMs,
    lookAgainMs: openMs,
  });
}

/** A streak, or a share of failures among enough calls, or a share of slow ones; what is switched off is left out. */
function tripperOf(options: Exclude<ResolvedBreakerOptions, false>): Tripper {
  const { failureStreak, minRequests, failureRate, slowMs, slowRate } = options;
  const enough = trippers.minRequests(minRequests);
  const parts: Tripper[] = [];
  if (failureStreak !== false) parts.push(trippers.failureStreak(failureStreak));
  if (failureRate !== false) parts.push(enough.and(trippers.failureRate(failureRate)));
  if (slowMs !== undefined) parts.push(enough.and(trippers.slowRate(slowRate, { thresholdMs: slowMs })));
  const [first, ...others] = parts;
  return first ? others.reduce((all, one) => all.or(one), first) : trippers.custom(() => 'hold');
}
