import type { Admitted } from './admitted.js';
import type { AttemptClocks } from './call.js';
import { hasMoreThan, wellBeside } from './others.js';
import { patienceFor } from './patience.js';
import type { Run } from './run.js';

/** A shorter half is none: cutting a call that is in such a hurry would rather lose an answer than save one. */
const SHORTEST_HALF_MS = 250;
/** Whoever finds out whether a target is well gives it at least so long, in milliseconds … */
const LEAST_PROBE_MS = 2_000;
/** … and so many times as long as its answers have usually taken, or nearly all of those of the fastest that would be asked instead. */
const OF_USUAL = 8;
const OF_NEARLY_ALL = 4;
const NEARLY_ALL = 0.95;
/** One in so many gives it half all the same: it may be slower than it ever was, and well. */
const ONE_IN = 8;

/**
 * The clocks of an attempt. Without a limit of its own an attempt may take half of what is left of the call while it could go on
 * somewhere else then, so that a target that says nothing cannot use up the whole call; otherwise it may take all of it. A stream may
 * take less, where its target is known to be quicker.
 */
export function clocksFor<Reply>(run: Run<Reply>, admitted: Admitted): AttemptClocks {
  const { target } = admitted;
  const { clocks, timeoutMs, signalKeepsTime, connectMsIfElsewhere } = run.call;
  const now = run.now();
  const leftMs = run.startedAt + timeoutMs - now;
  const halfMs = leftMs / 2;
  const mayGoOn = halfMs >= SHORTEST_HALF_MS && hasMoreThan(run, target, now + halfMs);
  const attemptMs = clocks.attemptMs ?? (mayGoOn ? Math.min(halfMs, probeMs(run, admitted)) : leftMs);
  const isConnectLimited =
    clocks.connectMs === undefined &&
    connectMsIfElsewhere !== undefined &&
    hasMoreThan(run, target, now + connectMsIfElsewhere);
  const connectMs = isConnectLimited ? connectMsIfElsewhere : clocks.connectMs;
  const isKept = signalKeepsTime && (clocks.attemptMs !== undefined || !mayGoOn);
  if (isKept) return isConnectLimited ? { ...clocks, connectMs } : clocks;
  const firstTokenMs = clocks.firstTokenMs ?? (mayGoOn ? patienceFor(run, target, now) : undefined);
  return { connectMs, firstTokenMs, attemptMs: Math.min(attemptMs, leftMs) };
}

/**
 * How long a call at a target that is to be tried may take while another one of its model is well: a silent one would cost half of the
 * call's time for each try, where the other has long answered. Infinite for other calls, and where nobody knows how long answers take.
 */
function probeMs<Reply>(run: Run<Reply>, { target, permit, transport, flight }: Admitted): number {
  if (!permit.probe && !transport.probe && !target.meter.isTrial(flight)) return Number.POSITIVE_INFINITY;
  const { streamed } = run.call;
  const now = run.now();
  const ownMs = target.meter.usualMs(streamed);
  let othersMs = Number.POSITIVE_INFINITY;
  for (const { meter } of wellBeside(run.plan, target, now)) {
    const nearlyAllMs = meter.slowMs(streamed, NEARLY_ALL, now);
    const usualMs = meter.usualMs(streamed) ?? Number.POSITIVE_INFINITY;
    othersMs = Math.min(othersMs, nearlyAllMs === undefined ? OF_USUAL * usualMs : OF_NEARLY_ALL * nearlyAllMs);
  }
  if (ownMs === undefined || othersMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (run.engine.random() < 1 / ONE_IN) return Number.POSITIVE_INFINITY;
  return Math.max(LEAST_PROBE_MS, OF_USUAL * ownMs, othersMs);
}
