import { costOf } from './cost.js';
import type { ResolvedRouting } from './options.js';
import { homeOf, isFirstFor } from './sticky.js';
import type { Candidate, Occasion } from './strategy.js';

/** A preferred region is taken while its best cost is at most so many times that of the best anywhere. */
const PREFERENCE = 1.5;

/** What a choice needs of the routing options. */
export type Routing = Pick<ResolvedRouting, 'strategy' | 'preferRegion' | 'spillRatio'>;

/**
 * Whom to ask, among candidates that may all be asked now: the lowest tier, unless a later one is so much better that it is spilled
 * over to; of that the preferred region, while it is nearly as good; of those who wants to be tried, else where the key of the call is at
 * home; else by strategy.
 * @throws RangeError when there is no candidate
 */
export function choose<Kind extends Candidate>(
  routing: Routing,
  candidates: readonly Kind[],
  occasion: Occasion,
): Kind {
  const [first] = candidates;
  if (first === undefined) throw new RangeError('there is nobody to choose from');
  if (candidates.length === 1) return first;
  const { strategy, preferRegion } = routing;
  let left = ofOneTier(candidates) ? candidates : tierOf(routing, candidates, occasion);
  if (preferRegion !== undefined) left = regionOf(routing, left, occasion);
  const due = isAnybodyDue(candidates, occasion.now) ? dueOf(routing, candidates, { left, occasion }) : undefined;
  if (due) return due;
  if (left.length === 1) return left[0] as Kind;
  const home = occasion.stickyKey === undefined ? undefined : homeOf(occasion.stickyKey, left, occasion);
  return home ?? strategy.pick(left, occasion);
}

/** Of whom a choice is made, and for what. */
interface Choice<Kind> {
  /** Those that tier and region have left. */
  readonly left: readonly Kind[];
  readonly occasion: Occasion;
}

/**
 * One that wants a call to be tried with, if this call would go there were it well: only a call can find that out, and what it cost while it
 * was not would keep all of them away. So it stands no further back than those who are left; a tier that was spilled over from is well
 * again before it is cheap. Nobody where an order of preference decides, which no cost can hide anybody in, nor where all of them want it:
 * a breaker that they share is tried with whoever is best.
 */
export function dueOf<Kind extends Candidate>(
  { strategy }: Routing,
  candidates: readonly Kind[],
  { left, occasion: { now, stickyKey } }: Choice<Kind>,
): Kind | undefined {
  const due = candidates.filter((one) => one.isDue?.(now) === true);
  if (strategy.ordered || due.length === candidates.length) return undefined;
  const tier = left[0]?.tier ?? 0;
  return due.find((one) => {
    if (one.tier >= tier && !left.includes(one)) return false;
    const beside = one.tier < tier ? candidates.filter((other) => other.tier === one.tier) : left;
    return stickyKey === undefined || isFirstFor(stickyKey, one, beside);
  });
}

/** The usual choice allocates nothing. */
function isAnybodyDue(candidates: readonly Candidate[], now: number): boolean {
  for (const candidate of candidates) if (candidate.isDue?.(now) === true) return true;
  return false;
}

/** Whether all are of one tier. */
export function ofOneTier(candidates: readonly Candidate[]): boolean {
  const tier = candidates[0]?.tier;
  for (let i = 1; i < candidates.length; i += 1) if (candidates[i]?.tier !== tier) return false;
  return true;
}

/** Those of the first tier that no later one beats by more than the spill ratio. */
export function tierOf<Kind extends Candidate>(
  { strategy, spillRatio }: Routing,
  candidates: readonly Kind[],
  occasion: Occasion,
): readonly Kind[] {
  let chosen = Number.NaN;
  let best = Number.POSITIVE_INFINITY;
  let tier = tierBelow(Number.POSITIVE_INFINITY, candidates);
  // From the last on, so that each is compared with the best of all that come after it.
  while (tier > Number.NEGATIVE_INFINITY) {
    const cost = lowestCost(candidates, occasion, tier);
    if (strategy.ordered || !(cost > spillRatio * best)) chosen = tier;
    best = Math.min(best, cost);
    tier = tierBelow(tier, candidates);
  }
  return candidates.filter((candidate) => candidate.tier === chosen);
}

/** The next tier that is asked earlier than this one; minus infinity when there is none. */
function tierBelow(tier: number, candidates: readonly Candidate[]): number {
  let next = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) if (candidate.tier < tier) next = Math.max(next, candidate.tier);
  return next;
}

/** Those of the preferred region, where there are such and they are good enough; else all. */
export function regionOf<Kind extends Candidate>(
  { strategy, preferRegion }: Routing,
  candidates: readonly Kind[],
  occasion: Occasion,
): readonly Kind[] {
  const those = candidates.filter(({ region }) => region === preferRegion);
  if (those.length === 0 || those.length === candidates.length) return candidates;
  const isGood = strategy.ordered || lowestCost(those, occasion) <= PREFERENCE * lowestCost(candidates, occasion);
  return isGood ? those : candidates;
}

/** Of all, or of one tier. Without weights: they say how those who stand together share calls, not how good they are. */
function lowestCost(candidates: readonly Candidate[], { streamed, now }: Occasion, tier?: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (tier === undefined || candidate.tier === tier)
      lowest = Math.min(lowest, costOf(candidate.reading(streamed, now)));
  }
  return lowest;
}
