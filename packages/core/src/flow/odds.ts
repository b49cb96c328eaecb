import { certainly } from '../routing/chances.js';
import type { ResolvedRouting } from '../routing/options.js';
import type { Candidate, Occasion } from '../routing/strategy.js';
import { type Weighed, weigh } from '../routing/weigh.js';
import type { Target } from '../targets/target.js';

/** So many targets that are eased in are reckoned with exactly; more of them at a time are taken for well. */
const MOST_EASED = 8;

/** Among whom a choice is told, and for what. */
export interface Chooser {
  readonly routing: ResolvedRouting;
  readonly occasion: Occasion;
}

/**
 * How a call would choose among targets that may all be asked now, those among them that are eased in after an outage taking part in a
 * share of the choices. Rolls no dice, and changes nothing.
 */
export function oddsOf(open: readonly Target[], chooser: Chooser): Weighed {
  const { now } = chooser.occasion;
  const eased = open.filter(({ breaker }) => breaker.share(now) < 1);
  const usual = weighed(open, chooser);
  if (eased.length === 0 || eased.length === open.length || usual.chances === undefined) return usual;
  const sums = open.map(() => 0);
  const dice = eased.slice(0, MOST_EASED);
  // One by one all the ways in which the dice may fall.
  for (let fall = 0; fall < 2 ** dice.length; fall += 1) {
    const asleep = new Set(dice.filter((_, index) => (fall >> index) % 2 === 1));
    const share = ({ breaker }: Target) => breaker.share(now);
    const likely = dice.reduce((all, one) => all * (asleep.has(one) ? 1 - share(one) : share(one)), 1);
    const awake = open.filter((one) => !asleep.has(one));
    const chances = weighed(awake, chooser).chances ?? [];
    for (const [index, chance] of chances.entries()) {
      const at = open.indexOf(awake[index] as Target);
      sums[at] = (sums[at] ?? 0) + likely * chance;
    }
  }
  return { ...usual, chances: sums };
}

/** Where only the order that was given counts, nothing else is looked at. */
function weighed(open: readonly Candidate[], { routing, occasion }: Chooser): Weighed {
  const { strategy, preferRegion } = routing;
  const isOrderAll = strategy.ordered && preferRegion === undefined && occasion.stickyKey === undefined;
  return isOrderAll ? { decisions: [], chances: certainly(0, open.length), first: 0 } : weigh(routing, open, occasion);
}
