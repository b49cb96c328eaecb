import { durationText } from '../base/duration.js';
import type { HalfOpen, Lease } from './states.js';
import type { Judgement } from './trippers.js';

/** While dice decide about probes, one is let through whenever none was for so long. */
const LONGEST_IDLE_MS = 1_000;

/**
 * What a settled probe comes to where no rule judges the probes: one that failed, or was as slow as what opens the breaker, opens it
 * again. It is read from the counts, in which a slow probe is the only slow one.
 */
export function probeJudgement({ stats }: HalfOpen, slowProbeMs: number): Judgement {
  if (stats.failures > 0) return () => 'a probe failed';
  return stats.slow(slowProbeMs) > 0 ? () => `a probe took ${durationText(slowProbeMs)} or longer` : 'hold';
}

/** Whether one is let through whatever the dice say. */
export const isIdle = ({ admittedAt }: HalfOpen, now: number): boolean => now - admittedAt >= LONGEST_IDLE_MS;

/** Milliseconds until one is let through whatever the dice say. A clock that stepped back makes nobody wait for more than all of it. */
export const idleLeftMs = ({ admittedAt }: HalfOpen, now: number): number =>
  Math.min(LONGEST_IDLE_MS, Math.max(0, Math.ceil(admittedAt + LONGEST_IDLE_MS - now)));

/** Whether a probe has been under way for so long that it is given up. */
export const isOverdue = (lease: Lease, now: number, leaseMs: number): boolean => now - lease.issuedAt >= leaseMs;

/** Probes under way. Counts without dropping anything, so that whoever only looks changes nothing. */
export function probesOut({ leases }: HalfOpen, now: number, leaseMs: number): number {
  let out = 0;
  for (const lease of leases) if (!isOverdue(lease, now, leaseMs)) out += 1;
  return out;
}

/** Milliseconds until the oldest probe is given up. A clock that stepped back makes nobody wait longer than a whole lease. */
export function oldestLeftMs({ leases }: HalfOpen, now: number, leaseMs: number): number {
  let oldest = now;
  for (const lease of leases) oldest = Math.min(oldest, lease.issuedAt);
  return Math.max(0, Math.ceil(oldest + leaseMs - now));
}

/** Takes the places of overdue probes away; done when one of their places is lent. */
export function dropOverdue({ leases }: HalfOpen, now: number, leaseMs: number): void {
  for (let at = leases.length - 1; at >= 0; at -= 1) {
    if (isOverdue(leases[at] as Lease, now, leaseMs)) leases.splice(at, 1);
  }
}

/** Takes a probe's place away; false when it had none any more. */
export function dropFrom({ leases }: HalfOpen, lease: Lease): boolean {
  const place = leases.indexOf(lease);
  if (place >= 0) leases.splice(place, 1);
  return place >= 0;
}

/** Who has nowhere else to go waits so long for a probe that is under way, in milliseconds; then another may go beside it. */
const LONG_OUT_MS = 10_000;

/** Gives the places of probes back that have been under way for long. They keep their say: a slow answer is one. */
export function releaseOld({ leases }: HalfOpen, now: number): void {
  for (const lease of [...leases]) if (isOverdue(lease, now, LONG_OUT_MS)) lease.release();
}
