import type { Admitted } from './admitted.js';
import type { AttemptClocks } from './call.js';
import { hasMoreThan } from './others.js';
import type { Run } from './run.js';

/** A shorter half is none: cutting a call that is in such a hurry would rather lose an answer than save one. */
const SHORTEST_HALF_MS = 250;

/**
 * The clocks of an attempt. Without a limit of its own an attempt may take half of what is left of the call while it could go on
 * somewhere else then, so that a target that says nothing cannot use up the whole call; otherwise it may take all of it.
 */
export function clocksFor<Reply>(run: Run<Reply>, { target }: Admitted): AttemptClocks {
  const { clocks, timeoutMs, signalKeepsTime, connectMsIfElsewhere } = run.call;
  const now = run.now();
  const leftMs = run.startedAt + timeoutMs - now;
  const halfMs = leftMs / 2;
  const mayGoOn = halfMs >= SHORTEST_HALF_MS && hasMoreThan(run, target, now + halfMs);
  const attemptMs = clocks.attemptMs ?? (mayGoOn ? halfMs : leftMs);
  const isConnectLimited =
    clocks.connectMs === undefined &&
    connectMsIfElsewhere !== undefined &&
    hasMoreThan(run, target, now + connectMsIfElsewhere);
  const connectMs = isConnectLimited ? connectMsIfElsewhere : clocks.connectMs;
  const isKept = signalKeepsTime && (clocks.attemptMs !== undefined || !mayGoOn);
  if (isKept) return isConnectLimited ? { ...clocks, connectMs } : clocks;
  return { connectMs, firstTokenMs: clocks.firstTokenMs, attemptMs: Math.min(attemptMs, leftMs) };
}
