import type { BreakerStats, Stats } from '../events/stats.js';
import type { Target } from '../targets/target.js';
import type { FlowContext } from './context.js';

/** The counts so far, with what is not counted but read: how breakers stand, and budgets. */
export function statsOf({ counts, registry, spending, clock }: FlowContext): Stats {
  const now = clock.now();
  const breakers = new Map<string, BreakerStats>();
  for (const target of registry.all()) breakers.set(target.id, breakerOf(target, now));
  const stats = counts.read(now, (id) => breakers.get(id));
  return spending ? { ...stats, budget: spending.read(clock.wall()) } : stats;
}

function breakerOf({ breaker }: Target, now: number): BreakerStats {
  const { closed, open, halfOpen } = breaker.timeIn(now);
  const inMs = { closed: Math.round(closed), open: Math.round(open), halfOpen: Math.round(halfOpen) };
  return { state: breaker.snapshot(now).state, inMs };
}
