import type { Target } from '../targets/target.js';
import { hasMoreThan } from './others.js';
import type { Run } from './run.js';

/** Of its streams that began lately, this share had begun by the time that counts. */
const NEARLY_ALL = 0.99;
/** So many times that long is no stream that is only slow, … */
const TIMES = 4;
/** … but nobody is given less, in milliseconds: a prompt may be longer than all that were measured. */
const LEAST_MS = 5_000;

/**
 * How long the first content of a stream is waited for, in milliseconds, by what its target took lately. Undefined where too little is
 * known of that, where nobody else could be asked then, and where the caller has set a limit of an attempt.
 */
export function patienceFor<Reply>(run: Run<Reply>, target: Target, now: number): number | undefined {
  const { plan, call } = run;
  if (!call.streamed || call.clocks.attemptMs !== undefined || plan.isAlone) return undefined;
  const usualMs = target.meter.slowMs(true, NEARLY_ALL, now);
  if (usualMs === undefined) return undefined;
  const patienceMs = Math.max(LEAST_MS, TIMES * usualMs);
  return hasMoreThan(run, target, now + patienceMs) ? patienceMs : undefined;
}
