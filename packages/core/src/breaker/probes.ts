import type { HalfOpen, Lease } from './states.js';

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
  for (const lease of leases) if (!isOverdue(lease, now, leaseMs)) oldest = Math.min(oldest, lease.issuedAt);
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
