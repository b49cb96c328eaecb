import { certainly } from './chances.js';
import { dueOf, ofOneTier, type Routing, regionOf, tierOf } from './choose.js';
import { homeOf } from './sticky.js';
import type { Candidate, Occasion } from './strategy.js';

/**
 * What, besides the strategy, decides whom of several a call asks. `tier`: the lowest goes first. `spill`: a later tier goes first,
 * because the best of the one before is too dear. `region`: the preferred one is taken, or is too dear. `probe`: `target` gets the call,
 * because only a call can tell whether it is well again. `sticky`: calls with this key meet at `home`, or nowhere, where their home is too
 * dear or too full.
 */
export type Decision =
  | { readonly by: 'tier'; readonly tier: number }
  | { readonly by: 'spill'; readonly tier: number; readonly from: number }
  | { readonly by: 'region'; readonly region: string; readonly isTaken: boolean }
  | { readonly by: 'probe'; readonly target: string }
  | { readonly by: 'sticky'; readonly home: string | undefined };

/** A choice that is told instead of made. */
export interface Weighed {
  readonly decisions: readonly Decision[];
  /** How likely each candidate would be chosen, 0 to 1, in their order; undefined where a function of the user's decides. */
  readonly chances: readonly number[] | undefined;
  /** The first of those among whom the strategy decides. */
  readonly first: number;
}

/** How `choose` would decide among one candidate or more, by the same steps. Chooses nobody, rolls no dice, and moves nothing. */
export function weigh(routing: Routing, candidates: readonly Candidate[], occasion: Occasion): Weighed {
  const decisions: Decision[] = [];
  const ofTier = ofOneTier(candidates) ? candidates : tierOf(routing, candidates, occasion);
  if (ofTier !== candidates) decisions.push(tierDecision(candidates, ofTier));
  const left = routing.preferRegion === undefined ? ofTier : regionOf(routing, ofTier, occasion);
  decisions.push(...regionDecisions(routing, ofTier, left));
  const due = dueOf(routing, candidates, { left, occasion });
  if (due) return { ...certainAt(candidates, due), decisions: [...decisions, { by: 'probe', target: due.id }] };
  const first = candidates.indexOf(left[0] as Candidate);
  const chances = left.length === 1 ? certainly(0, 1) : chancesOf(routing, left, { decisions, occasion });
  const byCandidate = new Map(left.map((candidate, index) => [candidate, chances?.[index] ?? 0]));
  return { decisions, first, chances: chances && candidates.map((candidate) => byCandidate.get(candidate) ?? 0) };
}

function certainAt(candidates: readonly Candidate[], one: Candidate): Pick<Weighed, 'chances' | 'first'> {
  const first = candidates.indexOf(one);
  return { first, chances: certainly(first, candidates.length) };
}

function tierDecision(candidates: readonly Candidate[], [chosen]: readonly Candidate[]): Decision {
  const lowest = Math.min(...candidates.map(({ tier }) => tier));
  const tier = chosen?.tier ?? lowest;
  return tier === lowest ? { by: 'tier', tier } : { by: 'spill', tier, from: lowest };
}

/** Says nothing where all are in that region, or nobody is. */
function regionDecisions({ preferRegion }: Routing, all: readonly Candidate[], left: readonly Candidate[]): Decision[] {
  const there = all.filter(({ region }) => region === preferRegion).length;
  if (preferRegion === undefined || there === 0 || there === all.length) return [];
  return [{ by: 'region', region: preferRegion, isTaken: left !== all }];
}

function chancesOf(
  { strategy }: Routing,
  left: readonly Candidate[],
  { decisions, occasion }: { decisions: Decision[]; occasion: Occasion },
): readonly number[] | undefined {
  const { stickyKey } = occasion;
  const home = stickyKey === undefined ? undefined : homeOf(stickyKey, left, occasion);
  if (stickyKey !== undefined) decisions.push({ by: 'sticky', home: home?.id });
  return home ? certainly(left.indexOf(home), left.length) : strategy.chances?.(left, occasion);
}
