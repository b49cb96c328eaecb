import { blendedUSD } from '../spending/cost.js';
import type { Target } from '../targets/target.js';
import type { Call } from './call.js';
import type { Leg } from './step.js';

/** Why an endpoint that serves a model may not serve a call, by the wish of the call itself. */
export type LeftOut = 'other-endpoint' | 'not-included' | 'excluded';

type Restrictions = Pick<Call<unknown>, 'endpoint' | 'only' | 'exclude' | 'movable'>;

/** Why a call keeps away from an endpoint; undefined when it does not. */
export function leftOutBy({ endpoint, only, exclude }: Restrictions, id: string): LeftOut | undefined {
  if (endpoint !== undefined) return endpoint === id ? undefined : 'other-endpoint';
  if (only?.includes(id) === false) return 'not-included';
  return exclude?.includes(id) ? 'excluded' : undefined;
}

/** Those of a model's targets that may serve a call, in the same order. */
export function legOf(call: Restrictions, targets: readonly Target[]): Leg {
  const { endpoint, only, exclude, movable } = call;
  const isRestricted = endpoint !== undefined || only !== undefined || exclude !== undefined;
  const leg = isRestricted ? targets.filter((one) => leftOutBy(call, one.endpoint.id) === undefined) : targets;
  // What cannot move has its place.
  return movable || leg.length < 2 ? leg : leg.slice(0, 1);
}

/**
 * Of all legs the targets that are cheapest, which may be several; all of them where no price is known. What has no price is not among
 * the cheapest: nobody knows what it is.
 */
export function cheapestOf(legs: readonly Leg[]): readonly Leg[] {
  const least = Math.min(...legs.flat().map(dearness));
  if (least === Number.POSITIVE_INFINITY) return legs;
  return legs.map((leg) => leg.filter((target) => dearness(target) === least)).filter((leg) => leg.length > 0);
}

const dearness = ({ price }: Target): number => (price ? blendedUSD(price) : Number.POSITIVE_INFINITY);
